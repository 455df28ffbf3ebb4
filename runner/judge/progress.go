package judge

import (
	"math"
	"time"

	"assay/compiler/plan"
)

// writeProgress says how far a comparison is: the lift that its data would detect today and, where people said which lift
// matters, the share of the information that detecting it takes.
func (e evidence) writeProgress(r *ruling, row *ResultRow) {
	if r.comparison.NoLift != nil {
		return
	}
	lift, power := r.comparison.Lift, e.Observed.Experiment.Protocol.Power
	row.MDENow = known((normalQuantile(1-r.alpha/2) + normalQuantile(power)) * lift.SE)
	if row.MDE == nil {
		return
	}
	row.PowerProgress = known(math.Pow(*row.MDE/lift.HalfWidth(), 2))
	if row.PowerProgress != nil && r.slice.Dimension == plan.Overall && e.status() == Running {
		row.DaysLeft = e.daysLeft(r, *row.PowerProgress)
	}
}

// normalQuantile is the standard normal's.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// daysLeft until the information is complete, if units of the two arms keep coming as they did; nil where none came.
func (e evidence) daysLeft(r *ruling, progress float64) *float64 {
	if progress >= 1 {
		return ptr(0.0)
	}
	missing := float64(r.arms[r.control].N+r.arms[r.variant].N) * (1/progress - 1)
	return known(missing / e.dailyUnits(r.slice.Arms[r.control].Variant, r.slice.Arms[r.variant].Variant))
}

// recentDays is the stretch over which the pace of new units is taken: each day of the week once.
const recentDays = 7

// dailyUnits is the pace of new units in the given variants over the last whole days, or since the start where that is later.
func (e evidence) dailyUnits(variants ...string) float64 {
	today := DateOf(e.AsOf, e.run.Zone)
	since := today.AddDate(0, 0, -recentDays)
	if start := e.Observed.Experiment.Start; start.After(since) {
		since = DateOf(start, e.run.Zone).Time
	}
	var units int64
	for _, d := range e.Exposures.Daily {
		for _, v := range variants {
			if d.Variant == v && !d.Day.Before(since) && d.Day.Before(today.Time) {
				units += d.Units
			}
		}
	}
	return float64(units) / max(1, float64(today.Sub(since)/(24*time.Hour)))
}
