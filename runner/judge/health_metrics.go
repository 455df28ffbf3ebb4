package judge

import (
	"math"
	"slices"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/stats"
)

// forEachMetric gathers a check's rows over the metrics that the warehouse answered.
func (e evidence) forEachMetric(check func(m *plan.ObservedMetric) []HealthRow) []HealthRow {
	var rows []HealthRow
	for _, m := range e.Metrics {
		if m.Failed != nil || len(m.Slices) == 0 {
			continue
		}
		for _, row := range check(m) {
			row.Metric = &m.Use.Name
			rows = append(rows, row)
		}
	}
	return rows
}

func (e evidence) metricWithoutData() []HealthRow {
	if _, total := e.assigned(); total == 0 {
		return nil
	}
	return e.forEachMetric(func(m *plan.ObservedMetric) []HealthRow {
		row := HealthRow{CheckName: "metric_without_data", Status: Warn}
		for _, arm := range m.Slices[0].Arms {
			if hasData(m.Shape, arm.Moments) {
				row.Status = Pass
			}
		}
		return []HealthRow{row.advise("No unit has anything to count for %s. Unless the experiment has just begun, look at the "+
			"metric's filter and window, and at how its model reaches the units.", m.Use.Name)}
	})
}

// hasData tells units with something to count from units whose every value is the 0 of having nothing.
func hasData(shape stats.Shape, moments stats.Moments) bool {
	if moments.N == 0 {
		return false
	}
	outcomes := 1
	switch shape.Kind {
	case stats.KindQuantile:
		return true
	case stats.KindRatio:
		outcomes = 2
	case stats.KindFunction:
		outcomes = shape.Arguments
	}
	for _, mean := range moments.Mean[:outcomes] {
		if mean != 0 {
			return true
		}
	}
	return moments.N > 1 && moments.Var(outcomes-1) > 0
}

// metricSampleRatio tests the units that a metric counts where they are not all: those whose window has passed, or with a value.
func (e evidence) metricSampleRatio() []HealthRow {
	return e.forEachMetric(func(m *plan.ObservedMetric) []HealthRow {
		var counts []int64
		all := true
		for _, arm := range m.Slices[0].Arms {
			counts = append(counts, arm.Moments.Randomised())
			all = all && arm.Moments.N == arm.Units
		}
		if all {
			return nil
		}
		rows := e.split(HealthRow{CheckName: "metric_sample_ratio"}, counts, e.Observed.Experiment.Protocol.SRMThreshold)
		for i := range rows {
			rows[i] = rows[i].advise("%s that %s counts are split %s, unlike the units of the experiment. The variant has "+
				"changed who has a value, so that the two sides of this metric are not comparable: choose a metric that every unit has.",
				e.inWords("The units", "Clusters of units"), m.Use.Name, e.describeSplit(counts, e.weights()))
		}
		return rows
	})
}

// reconciled is the largest relative difference at which two sums of the same rows in different orders are the same number.
const reconciled = 1e-9

// reconciliation compares the primary metrics with what their definitions give as plain queries over the same rows. Capped values
// cannot be compared: a plain query has no caps.
func (e evidence) reconciliation() []HealthRow {
	return e.forEachMetric(func(m *plan.ObservedMetric) []HealthRow {
		largest, compared := 0.0, false
		for _, slice := range m.Slices {
			for _, arm := range slice.Arms {
				if reading, ok := reading(m, arm); ok {
					largest, compared = max(largest, relativeDifference(reading, *arm.Total)), true
				}
			}
		}
		if !compared || m.Use.Role != model.Primary {
			return nil
		}
		row := measured("reconciliation", passIf(largest <= reconciled, Fail), largest, reconciled)
		return []HealthRow{row.advise("%s as a plain query over the same rows gives another number than the experiment does. Do not "+
			"use either before the reason is known; `assay query --experiment %s` shows the plain one.",
			m.Use.Name, e.Observed.Experiment.Name)}
	})
}

// reading is the metric's plain-query answer as the arm's moments give it.
func reading(m *plan.ObservedMetric, arm plan.Arm) (float64, bool) {
	capped := m.CapLower != nil || m.CapUpper != nil
	if arm.Total == nil || capped || arm.Moments.N == 0 {
		return 0, false
	}
	switch m.Shape.Kind {
	case stats.KindMean:
		return float64(arm.Moments.N) * arm.Moments.Mean[0], true
	case stats.KindRatio:
		return arm.Moments.Mean[0] / arm.Moments.Mean[1], arm.Moments.Mean[1] != 0
	case stats.KindQuantile:
		return arm.Ranks.Point, true
	default:
		return 0, false
	}
}

func relativeDifference(a, b float64) float64 {
	if a == b {
		return 0
	}
	return math.Abs(a-b) / math.Max(math.Abs(a), math.Abs(b))
}

// cappedUnits is the share of units above which capping no longer trims outliers but changes what is measured.
const cappedUnits = 0.05

func (e evidence) cappedShare() []HealthRow {
	return e.forEachMetric(func(m *plan.ObservedMetric) []HealthRow {
		if m.CapLower == nil && m.CapUpper == nil {
			return nil
		}
		share := shareCapped(m.Slices[0].Arms...)
		if share == nil {
			return nil
		}
		row := measured("capped_share", passIf(*share <= cappedUnits, Warn), *share, cappedUnits)
		return []HealthRow{row.advise("%s of the units are capped, so that %s no longer measures what its name says. Choose a wider "+
			"cap.", percent(*share), m.Use.Name)}
	})
}

// shareCapped is the share of the arms' units whose value a cap changed; nil without units.
func shareCapped(arms ...plan.Arm) *float64 {
	var capped, units int64
	for _, arm := range arms {
		capped, units = capped+arm.Capped, units+arm.Moments.N
	}
	if units == 0 {
		return nil
	}
	return ptr(float64(capped) / float64(units))
}

// dayGrain notes the metrics that count from the day of exposure and not from its hour.
func (e evidence) dayGrain() []HealthRow {
	byDay := false
	for _, log := range e.Observed.Experiment.Logs {
		byDay = byDay || log.ByDay()
	}
	return e.forEachMetric(func(m *plan.ObservedMetric) []HealthRow {
		reason := "its rows are known by day alone"
		if byDay {
			reason = "exposures are known by day alone"
		} else if !hasDayGrain(m.Use.Metric) {
			return nil
		}
		row := HealthRow{CheckName: "day_grain", Status: Warn}
		return []HealthRow{row.advise("%s counts from the day of exposure, because %s: what happened earlier on that day is in it and "+
			"hides a little of the effect. A time of day in the data would mend it.", m.Use.Name, reason)}
	})
}

func hasDayGrain(metric *model.Metric) bool {
	return slices.ContainsFunc(model.Leaves(metric), func(leaf model.Leaf) bool {
		return leaf.Simple.Time != nil && leaf.Simple.Time.Granularity >= rel.Day
	})
}

// attributeToday warns of properties that are known as they are now and not as they were at assignment.
func (e evidence) attributeToday() []HealthRow {
	var rows []HealthRow
	warned := make(map[string]bool)
	for _, ref := range e.properties() {
		if warned[ref.Name] || isKnownThen(ref) {
			continue
		}
		warned[ref.Name] = true
		row := HealthRow{CheckName: "attribute_today", Dimension: &ref.Name, Status: Warn}
		rows = append(rows, row.advise("%s is each unit's value of today, which the variant may have changed: units may have moved "+
			"between slices, or in and out of the population, or a covariate has taken a part of the effect away. Use a property "+
			"recorded with the assignment, or give its model `validity_params`.", ref.Name))
	}
	return rows
}

// properties are those that units are sliced or chosen by, or metrics are adjusted by.
func (e evidence) properties() []*model.Ref {
	var refs []*model.Ref
	for _, d := range e.Observed.Experiment.Dimensions {
		if d.Ref != nil {
			refs = append(refs, d.Ref)
		}
	}
	for _, use := range e.Observed.Experiment.Metrics {
		if cuped := use.Settings.CUPED; cuped != nil {
			for _, c := range cuped.Covariates {
				if c.Attribute != nil && c.Attribute.Ref != nil {
					refs = append(refs, c.Attribute.Ref)
				}
			}
		}
	}
	if population := e.Observed.Experiment.Population; population != nil {
		refs = append(refs, population.Refs...)
	}
	return refs
}

// isKnownThen reports whether every table on the way to a property keeps its history.
func isKnownThen(ref *model.Ref) bool {
	for _, hop := range ref.Path {
		if hop.To.Table.Validity == nil {
			return false
		}
	}
	return true
}
