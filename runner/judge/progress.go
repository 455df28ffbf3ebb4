package judge

import (
	"time"

	"assay/stats"
)

// writeProgress says how far a comparison is: the lift that its data would detect today and, where people said which lift
// matters, the share of the information that detecting it takes.
func (e evidence) writeProgress(r *ruling, row *ResultRow) {
	if r.comparison.NoLift != nil {
		return
	}
	lift, p := r.comparison.Lift, e.Observed.Experiment.Protocol
	if smallest, err := stats.DetectableEffect(lift.SE, r.alpha, p.Power, sidesOf(p, r.metric.Use)); err == nil {
		row.MDENow = &smallest
	}
	if row.MDE == nil {
		return
	}
	progress, err := stats.Progress(*row.MDE, lift)
	if err != nil {
		return
	}
	row.PowerProgress = &progress
	if r.isWhole() && e.status() == Running {
		row.DaysLeft = e.daysLeft(r, progress)
	}
}

// daysLeft until the information is complete, if units of the two arms keep coming as they did, or clusters where those vary; nil
// where none came.
func (e evidence) daysLeft(r *ruling, progress float64) *float64 {
	if progress >= 1 {
		return ptr(0.0)
	}
	control, variant := r.arms[r.control], r.arms[r.variant]
	missing := float64(e.either(control.N+variant.N, control.Clusters+variant.Clusters)) * (1/progress - 1)
	return known(missing / e.dailyUnits(r.slice.Arms[r.control].Variant, r.slice.Arms[r.variant].Variant))
}

// recentDays is the stretch over which the pace of new units is taken: each day of the week once.
const recentDays = 7

// dailyUnits is the pace of new units, or clusters, in the given variants over the last whole days, or since the start where that is later.
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
				units += e.either(d.Units, d.Clusters)
			}
		}
	}
	return float64(units) / max(1, float64(today.Sub(since)/(24*time.Hour)))
}
