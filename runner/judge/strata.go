package judge

import (
	"assay/compiler/plan"
	"assay/stats"
)

// thinnest is the fewest units that each arm of a stratum has; thinner ones are merged with the next, by counts alone.
const thinnest = 2

// pair is the two arms that a comparison reads: the slice's, or where units were assigned in phases or strata, those of each
// stratum weighted to one mix. A quantile has no mean to weight.
func (c contest) pair(control, variant int) (stats.Arm, stats.Arm, error) {
	if c.slice.Strata == nil || c.metric.Shape.Kind == stats.KindQuantile {
		return c.arms[control], c.arms[variant], nil
	}
	var strata []stats.Stratum
	for _, s := range c.slice.Strata {
		strata = append(strata, stats.Stratum{Control: armMoments(c.metric, s.Arms[control]), Variant: armMoments(c.metric, s.Arms[variant])})
	}
	var pairs []stats.ArmPair
	for _, s := range stats.MergeThinStrata(strata, thinnest) {
		arms, _ := metricOf(c.metric).Arms(nil, []stats.Moments{s.Control, s.Variant})
		pairs = append(pairs, stats.ArmPair{Control: arms[0], Variant: arms[1]})
	}
	weighted, err := stats.PostStratify(pairs, nil)
	return weighted.Control, weighted.Variant, err
}

// armMoments are an arm's; an absent one has no means either.
func armMoments(m *plan.ObservedMetric, arm plan.Arm) stats.Moments {
	if arm.Moments.N == 0 {
		return stats.NewMoments(0, m.Shape.Quantities())
	}
	return arm.Moments
}

// metricOf is how statistics see a metric.
func metricOf(m *plan.ObservedMetric) stats.Metric {
	return stats.Metric{Shape: m.Shape, Function: func(means []float64) (float64, []float64, error) {
		return linearise(m.Formula, m.Labels, means)
	}}
}

// phaseRatios judge the split of each phase by the shares it asked for.
func (e evidence) phaseRatios() []HealthRow {
	var all []HealthRow
	dimension := "phase"
	for i, phase := range e.Observed.Experiment.Phases {
		if i >= len(e.Exposures.Phases) {
			break // no unit was assigned at all
		}
		var shares []float64
		for _, v := range phase.Variants {
			shares = append(shares, v.Share)
		}
		counts := e.Exposures.Phases[i].Assigned
		row := HealthRow{CheckName: "sample_ratio", Dimension: &dimension, Slice: &phase.Name}
		rows := splitBy(row, counts, shares, e.Observed.Experiment.Protocol.SRMThreshold)
		all = append(all, e.adviseOnSplit(rows, counts, shares)...)
	}
	return all
}
