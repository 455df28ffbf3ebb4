package judge

import (
	"math"
	"slices"

	"assay/compiler/plan"
	"assay/stats"
)

// A study is of the slices of a dimension: how a metric's effects differ over them.
type study struct {
	metric    *plan.ObservedMetric
	variant   string
	dimension string
	slices    []string // those that have an effect
	stats.Heterogeneity
	undefined error
}

// studies are one for each metric, variant and dimension.
func (e evidence) studies() []*study {
	var all []*study
	for _, m := range e.Metrics {
		for _, variant := range e.variants() {
			for _, dimension := range dimensionsOf(m) {
				all = append(all, e.study(m, variant.Name, dimension))
			}
		}
	}
	return all
}

// study compares slices by the fixed method, whatever the protocol's: a prior would pull them together.
func (e evidence) study(m *plan.ObservedMetric, variant, dimension string) *study {
	alpha := alphaOf(e.Observed.Experiment.Protocol.Confidence)
	fixed := stats.Inference{Method: stats.Fixed, Alpha: alpha}
	s := &study{metric: m, variant: variant, dimension: dimension}
	var effects []stats.Effect
	for _, c := range e.contests {
		if c.metric != m || c.slice.Dimension != dimension {
			continue
		}
		if comparison, err := c.compare(fixed, e.Observed.Experiment.Control, c.arm(variant)); err == nil {
			s.slices = append(s.slices, c.slice.Value)
			effects = append(effects, stats.Effect{Value: comparison.Effect.Value, SE: comparison.Effect.SE})
		}
	}
	s.Heterogeneity, s.undefined = stats.Heterogeneous(effects, alpha)
	return s
}

// heterogeneityRows test whether effects differ over the slices of a dimension. They are exploration: p-values are adjusted over all
// of them by Benjamini and Hochberg.
func (e evidence) heterogeneityRows(studies []*study) []HeterogeneityRow {
	var rows []HeterogeneityRow
	var tests []stats.Test
	for _, s := range studies {
		row := HeterogeneityRow{RunID: e.run.ID, AsOf: e.AsOf, Experiment: e.Observed.Experiment.Name, Metric: s.metric.Use.Name,
			Variant: s.variant, Dimension: s.dimension, DF: int64(max(len(s.slices)-1, 0))}
		if s.compares() {
			row.Q, row.PValue, row.I2, row.Tau2 = &s.Q.Statistic, &s.Q.P, &s.I2, &s.Tau2DL
			tests = append(tests, s.Q)
		} else {
			tests = append(tests, stats.Test{})
		}
		rows = append(rows, row)
	}
	corrected, err := stats.BenjaminiHochberg.Adjust(tests, nil, alphaOf(e.Observed.Experiment.Protocol.Confidence))
	if err != nil {
		return rows
	}
	for i := range rows {
		if corrected[i].Defined {
			rows[i].PAdjusted = &corrected[i].P
		}
	}
	return rows
}

// compares reports whether there are two slices or more.
func (s *study) compares() bool { return s.undefined == nil && s.Q.Defined }

// writeShrunken tells a slice's effect pulled towards that of all slices, by as much as its own is uncertain.
func (r *ruling) writeShrunken(row *ResultRow, studies []*study) {
	for _, s := range studies {
		if s.metric != r.metric || s.variant != r.name() || s.dimension != r.slice.Dimension || !s.compares() {
			continue
		}
		i := slices.Index(s.slices, r.slice.Value)
		if i < 0 {
			return
		}
		shrunk := s.Slices[i].Shrunk
		row.ShrunkenEffect = &shrunk.Value
		interval, err := stats.FixedTest{Alpha: alphaOf(r.confidence)}.Estimate(shrunk, math.Inf(1))
		if err == nil {
			row.ShrunkenLow, row.ShrunkenHigh = &interval.Interval.Low, &interval.Interval.High
		}
	}
}

// dimensionsOf a metric's slices, in their order.
func dimensionsOf(m *plan.ObservedMetric) []string {
	var dimensions []string
	for _, slice := range m.Slices {
		if slice.Dimension != plan.Overall && !slices.Contains(dimensions, slice.Dimension) {
			dimensions = append(dimensions, slice.Dimension)
		}
	}
	return dimensions
}
