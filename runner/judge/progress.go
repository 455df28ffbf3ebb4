package judge

import (
	"errors"
	"math"
	"time"

	"assay/compiler/model"
	"assay/stats"
)

// writeProgress says how far a comparison is: the lift that its data would detect today and, where people said which lift
// matters, how narrow its interval is beside it, and of a whole that decides what share there is of the data that finding it takes.
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
	if !r.isWhole() || !row.Decides {
		return
	}
	if enough, err := e.sufficiency(r, *row.MDE, p.Power); err == nil {
		row.Progress = ptr(enough.share())
		row.DaysLeft = e.daysLeft(r, enough)
	}
}

// A sufficiency is how much there is of what finding a lift takes.
type sufficiency struct {
	units float64 // the share of the units, or of the clusters where those vary
	plan  float64 // the share of the plan that has passed, for methods that leave most of their error rate to its end; else 1
}

func (s sufficiency) share() float64 { return min(s.units, s.plan) }

// sufficiency of a comparison's data for finding a lift with a power, as `assay power` plans it: by the protocol's method at its
// last look, after correction.
func (e evidence) sufficiency(r *ruling, lift, power float64) (sufficiency, error) {
	control, variant, err := r.pair(r.control, r.variant)
	if err != nil {
		return sufficiency{}, err
	}
	se, err := e.alikeSE(r.metric.Shape.Kind, control, variant)
	if err != nil {
		return sufficiency{}, err
	}
	alpha, _ := e.level(r.metric.Use)
	test, err := e.plannedTest(r.metric.Use, alpha)
	if err != nil {
		return sufficiency{}, err
	}
	units, err := knowing(control.N, variant.N, se).shareOf(test, lift, power)
	return sufficiency{units: units, plan: e.planned(r.metric.Use)}, err
}

// alikeSE is the standard error of one look's lift between arms that spread as these do and whose values are the same: the value of
// both together. The control's alone, and with it the lift that was found, would make of the same data a progress that varies by
// chance four times as much.
func (e evidence) alikeSE(kind stats.Kind, control, variant stats.Arm) (float64, error) {
	compared, err := stats.Inference{Method: stats.Fixed, Alpha: alphaOf(e.Observed.Experiment.Protocol.Confidence)}.
		Compare(kind, control, variant)
	both := (float64(control.N)*control.Value + float64(variant.N)*variant.Value) / float64(control.N+variant.N)
	return compared.Effect.SE / math.Abs(both), errors.Join(err, compared.NoLift)
}

// planned is the share of a metric's plan that has passed, where the method's last look is the one that was planned.
func (e evidence) planned(use *model.MetricUse) float64 {
	switch stats.Method(e.Observed.Experiment.Protocol.Method) {
	case stats.GroupSequential, stats.Hybrid:
		return max(0, e.information(use))
	default:
		return 1
	}
}

// daysLeft until the data suffice, if units of the two arms keep coming as they did, or clusters where those vary, and until the plan's
// end where that counts; nil where none came, and where none are to come.
func (e evidence) daysLeft(r *ruling, enough sufficiency) *float64 {
	if e.status() != Running {
		return nil
	}
	days := 0.0
	if enough.units < 1 {
		control, variant := r.arms[r.control], r.arms[r.variant]
		missing := float64(e.either(control.N+variant.N, control.Clusters+variant.Clusters)) * (1/enough.units - 1)
		days = missing / e.dailyUnits(r.slice.Arms[r.control].Variant, r.slice.Arms[r.variant].Variant)
	}
	if enough.plan < 1 {
		days = max(days, e.plannedEnd(r.metric.Use).Sub(e.AsOf).Hours()/24)
	}
	return known(days)
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
