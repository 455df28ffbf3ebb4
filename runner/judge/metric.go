package judge

import (
	"math"
	"strconv"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/stats"
)

func (e evidence) metricRow(use *model.MetricUse) MetricRow {
	decl := use.Metric.Decl
	return MetricRow{
		RunID: e.run.ID, AsOf: e.AsOf,
		Metric: use.Name, Label: written(decl.Label), Description: written(decl.Description),
		Type: string(decl.Type.V), Unit: written(decl.Unit), DesiredChange: string(desired(use)),
		Owner: written(decl.Owner), Tags: names(decl.Tags),
		DefinitionHash: e.run.Metrics[use.Name].DefinitionHash,
		File:           decl.Span.File, Line: int64(decl.Span.Start.Line),
	}
}

// desired is the way a metric should move; neither where nobody says.
func desired(use *model.MetricUse) project.DesiredChange {
	if change := use.Metric.Decl.DesiredChange; change.IsSet() {
		return change.V
	}
	return project.None
}

func (e evidence) momentRows() []MomentRow {
	var rows []MomentRow
	for _, m := range withSteps(e.Metrics) {
		for _, slice := range m.Slices {
			for _, arm := range slice.Arms {
				rows = append(rows, e.momentsOf(m, slice, plan.Stratum{}, arm)...)
			}
			if m.Quantile != nil {
				continue // it is of all units at once, and of none by stratum
			}
			for _, stratum := range slice.Strata {
				for _, arm := range stratum.Arms {
					rows = append(rows, e.momentsOf(m, slice, stratum, arm)...)
				}
			}
		}
	}
	return rows
}

// momentsOf an arm: its n, then what the metric's shape reads. An arm without units has n alone. The steps of a funnel share its n
// and its covariates.
func (e evidence) momentsOf(m *plan.ObservedMetric, slice plan.Slice, at plan.Stratum, arm plan.Arm) []MomentRow {
	row := func(stat string, a, b *string, value float64) MomentRow {
		return MomentRow{
			RunID: e.run.ID, AsOf: e.AsOf, Experiment: e.Observed.Experiment.Name, Metric: m.Use.Name,
			Phase: filled(at.Phase), Stratum: filled(at.Stratum), Variant: arm.Variant, Dimension: slice.Dimension, Slice: slice.Value,
			Stat: stat, A: a, B: b, Value: known(value), SQLHash: e.run.Metrics[m.Use.Name].SQLHash,
		}
	}
	var rows []MomentRow
	if !isStep(m) {
		rows = append(rows, row("n", nil, nil, float64(arm.Moments.N)))
	}
	if arm.Moments.N == 0 {
		return rows
	}
	shared := func(i int) bool { return isStep(m) && i > 0 }
	for i, mean := range arm.Moments.Mean {
		if !shared(i) {
			rows = append(rows, row("mean", &m.Labels[i], nil, mean))
		}
	}
	if arm.Ranks != nil {
		rows = append(rows, rankRows(m.Quantile, arm.Ranks, row)...)
	}
	for _, p := range pairs(m) {
		if shared(p.I) {
			continue
		}
		rows = append(rows, row("cov", &m.Labels[p.I], &m.Labels[p.J], arm.Moments.Covar(p.I, p.J)))
	}
	for _, g := range arm.Moments.Clusters {
		rows = append(rows, clusterRows(m, g, row)...)
	}
	return rows
}

// clusterRows are those of a histogram: the clusters of a size, the mean of their totals and the sum of squares about it. Where
// the metric has more than one value per unit, or is a step, each is named.
func clusterRows(
	m *plan.ObservedMetric, g stats.ClusterGroup, row func(stat string, a, b *string, value float64) MomentRow,
) []MomentRow {
	size := strconv.FormatFloat(g.Size, 'g', -1, 64)
	outcomes := stats.Shape{Kind: m.Shape.Kind, Arguments: m.Shape.Arguments}
	name := func(what string, of ...int) *string {
		for _, i := range of {
			if outcomes.Quantities() > 1 || isStep(m) {
				what += ":" + m.Labels[i]
			}
		}
		return &what
	}
	var rows []MomentRow
	if !isStep(m) {
		rows = append(rows, row("size", &size, ptr("clusters"), float64(g.Sums.N)))
	}
	for i := range outcomes.Quantities() {
		rows = append(rows, row("size", &size, name("mean", i), g.Sums.Mean[i]))
	}
	for _, p := range outcomes.Pairs() {
		rows = append(rows, row("size", &size, name("m2", p.I, p.J), g.Squares(p.I, p.J)))
	}
	return rows
}

// filled is NULL for an empty text.
func filled(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// known is NULL for what is not a number, such as the variance of one unit.
func known(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
