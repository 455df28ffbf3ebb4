package judge

import (
	"slices"

	"assay/compiler/plan"
	"assay/stats"
)

// heterogeneityRows test whether a metric's effects differ over the slices of a dimension, a row for each metric, variant and
// dimension. They are exploration: p-values are adjusted over all of them by Benjamini and Hochberg.
func (e evidence) heterogeneityRows() []HeterogeneityRow {
	var rows []HeterogeneityRow
	var tests []stats.Test
	for _, m := range e.Metrics {
		for _, variant := range e.variants() {
			for _, dimension := range dimensionsOf(m) {
				row, test := e.heterogeneity(m, variant.Name, dimension)
				rows, tests = append(rows, row), append(tests, test)
			}
		}
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

func (e evidence) heterogeneity(m *plan.ObservedMetric, variant, dimension string) (HeterogeneityRow, stats.Test) {
	effects := e.sliceEffects(m, variant, dimension)
	row := HeterogeneityRow{RunID: e.run.ID, AsOf: e.AsOf, Experiment: e.Observed.Experiment.Name, Metric: m.Use.Name,
		Variant: variant, Dimension: dimension, DF: int64(max(len(effects)-1, 0))}
	h, err := stats.Heterogeneous(effects, alphaOf(e.Observed.Experiment.Protocol.Confidence))
	if err != nil || !h.Q.Defined {
		return row, stats.Test{}
	}
	row.Q, row.PValue, row.I2, row.Tau2 = &h.Q.Statistic, &h.Q.P, &h.I2, &h.Tau2DL
	return row, h.Q
}

// sliceEffects are those of the slices that have one, whatever the protocol's method: a prior would pull them together.
func (e evidence) sliceEffects(m *plan.ObservedMetric, variant, dimension string) []stats.Effect {
	fixed := stats.Inference{Method: stats.Fixed, Alpha: alphaOf(e.Observed.Experiment.Protocol.Confidence)}
	var effects []stats.Effect
	for _, c := range e.contests {
		if c.metric != m || c.slice.Dimension != dimension {
			continue
		}
		comparison, err := fixed.Compare(m.Shape.Kind, c.arms[c.arm(e.Observed.Experiment.Control)], c.arms[c.arm(variant)])
		if err == nil {
			effects = append(effects, stats.Effect{Value: comparison.Effect.Value, SE: comparison.Effect.SE})
		}
	}
	return effects
}
