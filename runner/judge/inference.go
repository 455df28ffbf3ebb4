package judge

import (
	"math"
	"slices"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/stats"
)

// inference is how the protocol draws conclusions on a metric at a level.
func (e evidence) inference(use *model.MetricUse, sides stats.Sides, alpha float64) stats.Inference {
	p := e.Observed.Experiment.Protocol
	in := stats.Inference{
		Method: stats.Method(p.Method), Alpha: alpha, Sides: sides, Sequence: tuned(p, sides), Final: e.complete(use),
		Prior: stats.NormalPrior(p.Prior), Good: goodSide(use),
	}
	if in.Method == stats.GroupSequential {
		in.Groups = stats.GroupSequentialTest{Boundary: spendings[p.Spending], Alpha: alpha, Sides: sides}
		in.Bounds = e.bounds(use, in.Groups)
	}
	return in
}

// oneSided is what a protocol says whose intervals have one end.
const oneSided = "one"

// sidesOf an interval: the side that is desired where the protocol tests one. Every metric of such a protocol has one.
func sidesOf(p *model.Protocol, use *model.MetricUse) stats.Sides {
	switch {
	case p.Sides != oneSided:
		return stats.TwoSided
	case desired(use) == project.Decrease:
		return stats.Less
	default:
		return stats.Greater
	}
}

// decidingSides are those of what decides on a metric: its interval, or where a correction is stepwise its p-value, which has both.
func (e evidence) decidingSides(use *model.MetricUse) stats.Sides {
	if method, _ := e.correction(); !method.SingleStep() && slices.Contains(e.familyMetrics(), use) {
		return stats.TwoSided
	}
	return sidesOf(e.Observed.Experiment.Protocol, use)
}

// goodSide is up where neither is desired: nothing is then told of it.
func goodSide(use *model.MetricUse) stats.Direction {
	if desired(use) == project.Decrease {
		return stats.LowerIsBetter
	}
	return stats.HigherIsBetter
}

// tuned is a part of the protocol: a correction moves the level of an interval and not the sequence. A protocol that no sequence
// can serve has one that refuses every question.
func tuned(p *model.Protocol, sides stats.Sides) stats.ConfidenceSequence {
	sequence, err := stats.Tuned(float64(p.Tuning), alphaOf(p.Confidence), sides)
	if err != nil {
		return stats.ConfidenceSequence{}
	}
	return sequence
}

// alphaOf a confidence is free of the subtraction's rounding, which would show in tables.
func alphaOf(confidence float64) float64 { return math.Round((1-confidence)*1e12) / 1e12 }
