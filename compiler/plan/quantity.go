package plan

import (
	"cmp"
	"slices"

	"assay/compiler/ask"
	"assay/compiler/project"
	"assay/compiler/rel"
)

// A quantity is a number per unit that an estimator reads: a column of `unit_values`, NULL for a unit that the metric does not count.
type quantity struct {
	name string
	x    rel.Expr // over units and the values of all sources
	idle float64  // what x is for a unit that the metric counts and that has no facts, of a sum or of what a sum reaches
}

// factColumn is the aggregate behind a part over a stretch.
func (b *builder) factColumn(p part, st *stretch) *factColumn {
	in := ask.Inputs(p.term)[0]
	agg := unitAggregates[in.Agg]
	if p.count {
		agg = counted
	}
	col := b.column(in, cmp.Or(p.unit, b.use.Metric.Unit), agg, st)
	b.reads(col)
	return col
}

// reads records that the use needs the scan of a column.
func (b *builder) reads(col *factColumn) {
	if !slices.Contains(b.facts, col) {
		b.facts = append(b.facts, col)
	}
}

// unitAggregates is what each aggregation is per unit. An average is a sum here, and a count beside it.
var unitAggregates = map[project.Aggregation]*aggregation{
	project.Sum: summed, project.SumBoolean: summed, project.Count: summed, project.Average: summed,
	project.CountDistinct: distinct, project.ApproxCountDistinct: roughly, project.Min: lowest, project.Max: highest,
	project.FirstValue: earliest, project.LastValue: latest, project.Percentile: counted, project.Median: counted,
}

// measure is a part's value per unit over a stretch.
func (b *builder) measure(suffix string, p part, st *stretch) *quantity {
	q := b.quantity(b.use.Metric.Name+suffix, b.counted(b.unitValue(p, st)))
	if reach, ok := p.term.(*ask.Reaches); ok && reach.Holds(0) {
		q.idle = 1
	}
	return q
}

// unitValue is zero for a unit without facts, unless the aggregate has then no value.
func (b *builder) unitValue(p part, st *stretch) rel.Expr {
	col := b.factColumn(p, st)
	x := rel.Expr(&rel.Col{Name: col.name})
	if !mayLack(p.term) {
		x = rel.NewCall(rel.Coalesce, x, rel.Int(0))
	}
	if reach, ok := p.term.(*ask.Reaches); ok {
		return rel.NewCase(rel.Float64(0), rel.When{Cond: rel.NewCall(reach.Op, x, rel.Float64(reach.Value)), Then: rel.Float64(1)})
	}
	return rel.ToType(x, rel.Float)
}

// counted is x for the units that the metric counts.
func (b *builder) counted(x rel.Expr) rel.Expr {
	if !b.since.matures() {
		return x
	}
	return rel.NewCase(nil, rel.When{Cond: &rel.Col{Name: b.since.completeColumn(), T: rel.Boolean}, Then: x})
}

// missing is 1 for a unit without any value before assignment.
func (b *builder) missing(p part) rel.Expr {
	in := ask.Inputs(p.term)[0]
	col := rel.Expr(&rel.Col{Name: b.factColumn(p, b.before).name})
	if in.Agg == project.Count || in.Agg == project.CountDistinct || in.Agg == project.ApproxCountDistinct {
		col = rel.NewCall(rel.NullIf, col, rel.Int(0))
	}
	return indicator(rel.NewCall(rel.IsNull, col))
}

// wherePresent is x for the units the metric counts: where an aggregate may have no value, those that have one.
func (b *builder) wherePresent(t ask.Term, value *quantity, x rel.Expr) rel.Expr {
	if mayLack(t) {
		return rel.NewCase(nil, rel.When{Cond: rel.NewCall(rel.IsNotNull, value.x), Then: x})
	}
	return b.counted(x)
}

// mayLack reports whether a unit may be without a value of a term.
func mayLack(t ask.Term) bool {
	agg, ok := t.(*ask.Aggregate)
	return ok && picks(agg.Input.Agg)
}

// quantity is the column with this meaning, made once.
func (c *cohort) quantity(name string, x rel.Expr) *quantity {
	key := rel.Format(x)
	if q, ok := c.quantityByKey[key]; ok {
		return q
	}
	q := &quantity{name: c.columns.give(name), x: x}
	c.quantityByKey[key] = q
	c.quantities = append(c.quantities, q)
	return q
}
