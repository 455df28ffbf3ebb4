package judge

import (
	"fmt"
	"math"
	"slices"

	"assay/compiler/model"
)

// lacking is what the experiment has less of than its protocol asks for.
func (d deliberation) lacking() []string {
	var reasons []string
	for _, row := range d.health {
		switch {
		case row.Status == Pass:
		case row.CheckName == "minimum_runtime":
			reasons = append(reasons, fmt.Sprintf("it has run for %.0f of the %.0f days asked for", *row.Value, *row.Threshold))
		case row.CheckName == "minimum_units":
			reasons = append(reasons, fmt.Sprintf("its smallest variant has %.0f of the %.0f units asked for",
				*row.Value, *row.Threshold))
		}
	}
	return reasons
}

// bounds are the comparisons of a rule with a share of the information.
var bounds = map[string]func(share, bound float64) bool{
	"<":  func(share, bound float64) bool { return share < bound },
	"<=": func(share, bound float64) bool { return share <= bound },
	">":  func(share, bound float64) bool { return share > bound },
	">=": func(share, bound float64) bool { return share >= bound },
}

func (d deliberation) progress(c model.Progress) (holds bool, reasons []string) {
	share, reasons := d.share()
	return bounds[c.Comparison](share, c.Share), reasons
}

// share of the information that is in: all, where more would change nothing; by the primary metric that is furthest behind; by time,
// where none says which effect matters; nothing, where no end is planned either.
func (d deliberation) share() (share float64, reasons []string) {
	if d.settled() {
		return 1, d.standings()
	}
	if last := d.furthestBehind(); last != nil {
		return *last.Progress, d.outlook(*last)
	}
	x := d.Observed.Experiment
	if x.Start.IsZero() || x.ObserveUntil.IsZero() {
		return 0, []string{"its progress is not known: no primary metric has an `mde`, and no end is planned"}
	}
	share = math.Min(1, float64(d.AsOf.Sub(x.Start))/float64(x.ObserveUntil.Sub(x.Start)))
	return share, []string{whole(share) + " of the planned time has passed"}
}

// settled reports whether every primary metric is worse, neutral or changed: nothing is left to be found that would speak for the
// variant.
func (d deliberation) settled() bool {
	rows := d.of(model.Primary)
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(r ResultRow) bool {
		return r.Verdict == nil || setOf(*r.Verdict)&undecidedOrBetter != 0
	})
}

func (d deliberation) furthestBehind() *ResultRow {
	var last *ResultRow
	for _, row := range d.of(model.Primary) {
		if row.Progress != nil && (last == nil || *row.Progress < *last.Progress) {
			last = &row
		}
	}
	return last
}

// outlook of a metric that says which effect matters: how far it is, and how long it takes.
func (d deliberation) outlook(row ResultRow) []string {
	power := d.Observed.Experiment.Protocol.Power
	reasons := []string{fmt.Sprintf("%s with %s has %s of what finding a lift of %s with a power of %s takes",
		d.labels.metrics[row.Metric], d.labels.variants[row.Variant], whole(*row.Progress), percent(*row.MDE), percent(power))}
	if row.DaysLeft != nil && *row.DaysLeft > 0 {
		reasons = append(reasons, fmt.Sprintf("at the pace of the last days that takes %.0f more days", math.Ceil(*row.DaysLeft)))
	}
	return reasons
}

// whole is a share in whole percents, which reaches 100% when all is there and not before.
func whole(share float64) string { return fmt.Sprintf("%.0f%%", math.Floor(100*math.Min(share, 1))) }
