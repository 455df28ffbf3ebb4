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
		strata = append(strata, c.stratum(s, control, variant))
	}
	var pairs []stats.ArmPair
	for _, s := range stats.MergeThinStrata(strata, thinnest) {
		arms, _ := metricOf(c.metric).Arms(nil, append([]stats.Moments{s.Control, s.Variant}, s.Others...))
		pairs = append(pairs, stats.ArmPair{Control: arms[0], Variant: arms[1]})
	}
	weighted, err := stats.PostStratify(pairs, nil)
	return weighted.Control, weighted.Variant, err
}

// stratum has the other variants beside the two that are compared: slopes of covariates are those of all.
func (c contest) stratum(s plan.Stratum, control, variant int) stats.Stratum {
	pair := stats.Stratum{Control: armMoments(c.metric, s.Arms[control]), Variant: armMoments(c.metric, s.Arms[variant])}
	for i, arm := range s.Arms {
		if i != control && i != variant {
			pair.Others = append(pair.Others, armMoments(c.metric, arm))
		}
	}
	return pair
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

// A phase with the shares that it asked for.
type phase struct {
	name   string
	shares []float64
}

// phases are those in which units were counted; none where no unit was assigned at all.
func (e evidence) phases() []phase {
	var all []phase
	for _, p := range e.Observed.Experiment.Phases[:len(e.Exposures.Phases)] {
		one := phase{name: p.Name}
		for _, v := range p.Variants {
			one.shares = append(one.shares, v.Share)
		}
		all = append(all, one)
	}
	return all
}

// row is of the phase.
func (p phase) row() HealthRow {
	dimension := "phase"
	return HealthRow{Dimension: &dimension, Slice: &p.name}
}

// phaseRatios judge the split of each phase by the shares it asked for.
func (e evidence) phaseRatios() []HealthRow {
	var all []HealthRow
	for i, phase := range e.phases() {
		counts, row := e.Exposures.Phases[i].Assigned, phase.row()
		row.CheckName = "sample_ratio"
		rows := splitBy(row, counts, phase.shares, e.Observed.Experiment.Protocol.SRMThreshold)
		all = append(all, e.adviseOnSplit(rows, counts, phase.shares)...)
	}
	return all
}
