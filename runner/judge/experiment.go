package judge

import (
	"slices"
	"strings"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
)

func (e evidence) experimentRow() ExperimentRow {
	x := e.Observed.Experiment
	row := ExperimentRow{
		RunID: e.run.ID, AsOf: e.AsOf,
		Experiment: x.Name,
		Hypothesis: written(x.Decl.Hypothesis), Owner: written(x.Decl.Owner), Tags: names(x.Decl.Tags), Epic: written(x.Decl.Epic),
		Protocol: x.Protocol.Name, Layer: written(x.Decl.Layer),
		Status:  e.status(),
		StartAt: instant(x.Start), EndAt: instant(x.End), ObserveUntil: instant(x.ObserveUntil), DaysRunning: e.daysRunning(),
		Units: e.units(), Control: x.Control, Variants: e.shares(),
		DefinitionHash: e.run.DefinitionHash,
	}
	if d := x.Decl.Decision; d != nil {
		row.Decision = written(d.Status)
		if d.Date.IsSet() {
			row.DecidedOn = ptr(DateOf(d.Date.V.Time, e.run.Zone))
		}
	}
	return row
}

func (e evidence) status() Status {
	x := e.Observed.Experiment
	switch {
	case x.Decl.Decision != nil:
		return Decided
	case x.Start.After(e.AsOf):
		return Draft
	case x.End.IsZero() || e.AsOf.Before(x.End):
		return Running
	case e.AsOf.Before(x.ObserveUntil):
		return Observing
	default:
		return Ended
	}
}

// daysRunning counts whole days by the calendar of the reporting zone, where a day may have 23 or 25 hours; nil without a start.
func (e evidence) daysRunning() *int64 {
	x := e.Observed.Experiment
	if x.Start.IsZero() {
		return nil
	}
	until := e.AsOf
	if !x.End.IsZero() && x.End.Before(until) {
		until = x.End
	}
	start := x.Start.In(e.run.Zone)
	days := max(0, int(DateOf(until, e.run.Zone).Sub(DateOf(start, e.run.Zone).Time)/(24*time.Hour)))
	if days > 0 && start.AddDate(0, 0, days).After(until) {
		days--
	}
	return ptr(int64(days))
}

// randomised is what the logs hold of what was randomised: of clusters, or of units each by itself.
func (e evidence) randomised() []plan.VariantCount {
	if e.Exposures.Clusters != nil {
		return e.Exposures.Clusters
	}
	return e.Exposures.Variants
}

// either is the number of what was randomised.
func (e evidence) either(units, clusters int64) int64 {
	if e.Exposures.Clusters != nil {
		return clusters
	}
	return units
}

// units counts those analysed, in declared variants.
func (e evidence) units() int64 {
	var n int64
	for _, v := range e.Observed.Experiment.Variants {
		n += e.count(v.Name).Analysed
	}
	return n
}

func (e evidence) shares() []VariantShare {
	var shares []VariantShare
	for _, v := range e.Observed.Experiment.Variants {
		share := VariantShare{Variant: v.Name, Weight: v.Share, Units: e.count(v.Name).Analysed,
			Control: e.isControl(v.Name)}
		if e.Exposures.Clusters != nil {
			share.Clusters = countIn(e.Exposures.Clusters, v.Name).Analysed
		}
		for _, p := range e.Observed.Experiment.Phases {
			share.Phases = append(share.Phases, PhaseShare{From: p.Name, Weight: shareIn(p.Variants, v.Name)})
		}
		if v.Label != v.Name {
			share.Label = v.Label
		}
		shares = append(shares, share)
	}
	return shares
}

// count is what the logs hold of a declared variant's units.
func (e evidence) count(variant string) plan.VariantCount {
	return countIn(e.Exposures.Variants, variant)
}

// countIn is what the logs hold of a declared variant; nothing where it was never seen.
func countIn(counts []plan.VariantCount, variant string) plan.VariantCount {
	i := slices.IndexFunc(counts, func(c plan.VariantCount) bool { return c.Declared && c.Variant == variant })
	if i < 0 {
		return plan.VariantCount{Variant: variant, Declared: true}
	}
	return counts[i]
}

// exposureRows are in the order of variants, then days.
func (e evidence) exposureRows() []ExposureRow {
	var rows []ExposureRow
	for _, v := range e.Observed.Experiment.Variants {
		var cumulative int64
		for _, d := range e.daily(v) {
			cumulative += d.Units
			rows = append(rows, ExposureRow{
				RunID: e.run.ID, AsOf: e.AsOf, Experiment: e.Observed.Experiment.Name, Variant: v.Name,
				Day: Date{d.Day}, Units: d.Units, CumulativeUnits: cumulative,
			})
		}
	}
	return rows
}

// daily are a variant's days in their order.
func (e evidence) daily(v model.Variant) []plan.DailyUnits {
	var days []plan.DailyUnits
	for _, d := range e.Exposures.Daily {
		if d.Variant == v.Name {
			days = append(days, d)
		}
	}
	slices.SortFunc(days, func(a, b plan.DailyUnits) int { return a.Day.Compare(b.Day) })
	return days
}

func ptr[T any](v T) *T { return &v }

// instant is NULL for the zero time.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// written is NULL for what nobody wrote.
func written(v project.Value[string]) *string {
	if !v.IsSet() {
		return nil
	}
	return ptr(strings.TrimSpace(v.V))
}

// names is an empty list, not NULL, where there are none.
func names(values []project.Name) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = v.V
	}
	return list
}
