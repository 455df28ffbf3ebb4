package judge

import (
	"time"

	"assay/compiler/model"
	"assay/stats"
)

// spendings are the names of a protocol's. That of Kim and DeMets is between the others.
var spendings = map[string]stats.Spending{
	"obrien_fleming": stats.OBrienFlemingSpending,
	"pocock":         stats.PocockSpending,
	"kim_demets":     stats.KimDeMetsSpending(2),
}

// plannedEnd is when a metric's data will be complete: as people wrote it, else when the window of the last unit closes; zero
// where no end is planned.
func (e evidence) plannedEnd(use *model.MetricUse) time.Time {
	x := e.Observed.Experiment
	switch window := use.Settings.WindowEnd; {
	case x.End.IsZero():
		return time.Time{}
	case x.Decl.ObserveUntil.IsSet():
		return x.ObserveUntil
	case window != nil:
		return x.End.Add(*window)
	default:
		return x.End
	}
}

// complete reports whether nothing more is to come for a metric.
func (e evidence) complete(use *model.MetricUse) bool {
	end := e.plannedEnd(use)
	return !end.IsZero() && !e.AsOf.Before(end)
}

// information is the share of what a metric will know at its planned end, by time, which is all that a plan says of it.
func (e evidence) information(use *model.MetricUse) float64 {
	if e.complete(use) {
		return 1
	}
	start := e.Observed.Experiment.Start
	return float64(e.AsOf.Sub(start)) / float64(e.plannedEnd(use).Sub(start))
}

// sameLook is the difference in information at which a look is the planned one.
const sameLook = 1e-3

// looks are the information fractions of the looks planned before the present one, and that of the present one.
func (e evidence) looks(use *model.MetricUse) (before []float64, now float64) {
	now = e.information(use)
	for _, planned := range stats.EqualLooks(int(e.Observed.Experiment.Protocol.Looks)) {
		if planned < now-sameLook {
			before = append(before, planned)
		}
	}
	return before, now
}

// bounds of the looks planned before do not move with the present one, which has what is left to spend by now. Where there is no
// information yet there are no bounds, and the test says so.
func (e evidence) bounds(use *model.MetricUse, test stats.GroupSequentialTest) stats.Bounds {
	before, now := e.looks(use)
	bounds, err := test.Bounds(append(before, now), nil)
	if err != nil {
		return stats.Bounds{}
	}
	return bounds
}

// betweenLooks warns of a look that nobody planned: the bounds allow for those planned, and for one more.
func (e evidence) betweenLooks(use *model.MetricUse) []stats.Warning {
	p := e.Observed.Experiment.Protocol
	if stats.Method(p.Method) != stats.GroupSequential {
		return nil
	}
	_, now := e.looks(use)
	for _, planned := range stats.EqualLooks(int(p.Looks)) {
		if now > planned-sameLook && now < planned+sameLook {
			return nil
		}
	}
	return []stats.Warning{{Code: "between_looks", Text: "intervals hold at the looks that were planned, and not at one more " +
		"every day: decide at the next planned one"}}
}
