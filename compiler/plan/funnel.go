package plan

import (
	"slices"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/stats"
)

// funnel is the share of units that get through all steps, and for each step the share that get at least there.
func (b *builder) funnel(t *ask.Funnel) *estimator {
	var steps []*estimator
	for i, reached := range b.reached(t) {
		step := t.Spec.Steps[i].Name
		q := b.plain(b.quantity(b.use.Metric.Name+"_"+step, b.counted(indicator(reached))))
		e := b.oneValue(step, q)
		e.step = step
		steps = append(steps, e)
	}
	whole := b.oneValue("value", steps[len(steps)-1].quantities[0])
	whole.steps = steps
	return whole
}

// oneValue is the mean of a quantity that every counted unit has.
func (b *builder) oneValue(label string, q *column) *estimator {
	e := &estimator{shape: stats.Shape{Kind: stats.KindMean}, labels: []string{label}, quantities: []*column{q}}
	b.adjust(e, b.counted)
	return e
}

// reached is whether a unit gets at least to each step.
func (b *builder) reached(t *ask.Funnel) []rel.Expr {
	if t.Spec.Order == model.AnyOrder {
		return b.happened(t)
	}
	furthest := integer(b.furthest(t).result)
	var all []rel.Expr
	for i := range t.Steps {
		all = append(all, rel.NewCall(rel.Ge, furthest, rel.Int(int64(i+1))))
	}
	return all
}

// happened is, for each step, whether it and those before it happened, the last of them within the funnel's time of the first.
func (b *builder) happened(t *ask.Funnel) []rel.Expr {
	var conds, times, all []rel.Expr
	for _, rows := range t.Steps {
		col := b.column(rows.Input, b.use.Metric.Unit, firstTime, b.since)
		b.reads(col)
		conds = append(conds, rel.NewCall(rel.IsNotNull, &rel.Col{Name: col.name}))
		grain := col.source.grain()
		times = append(times, b.atCommonGrain(&rel.Col{Name: col.name, T: timeType(grain)}, grain, t.Spec.Grain()))
		within := conds
		if w := t.Spec.Within; w != nil && len(times) > 1 {
			first, last := rel.NewCall(rel.Least, times...), rel.NewCall(rel.Greatest, times...)
			within = append(slices.Clone(conds), rel.NewCall(rel.Lt, last, later(first, *w)))
		}
		all = append(all, rel.AndAll(within...))
	}
	return all
}

// firstTime is when a unit's first row was.
var firstTime = &aggregation{"_first_at", func(x, at rel.Expr) *rel.Agg {
	first := rel.NewAgg(rel.Min, at)
	if _, one := x.(*rel.Lit); one {
		return first
	}
	return first.Filtered(rel.NewCall(rel.IsNotNull, x))
}}
