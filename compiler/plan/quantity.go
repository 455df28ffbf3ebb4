package plan

import (
	"cmp"
	"slices"

	"assay/compiler/ask"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/stats"
)

// A quantity is a number per unit that an estimator reads: a column of `unit_values`, NULL for a unit that the metric does not count.
type quantity struct {
	name string
	x    rel.Expr // over units and the values of all sources
	idle float64  // what x is for a unit that the metric counts and that has no facts, of a sum or of what a sum reaches
}

// An estimator is a use as statistics see it: a shape, and the quantities that fill it.
type estimator struct {
	use        *ask.Use
	shape      stats.Shape
	labels     []string
	quantities []*column // in the shape's order; of a quantile, what it is a quantile of
	formula    rel.Expr
	facts      []*factColumn // all that its quantities read
	quantile   *quantile     // nil for other kinds
	steps      []*estimator  // of a funnel; nil for other kinds
	step       string        // a step's name
	additive   []*factColumn // what reconciles with a KPI query: the value, or numerator and denominator; nil where nothing does
	countedBy  string        // the column that tells which units count; "" where all do
}

// A builder makes the quantities of one use.
type builder struct {
	*cohort
	use    *ask.Use
	since  *stretch
	before *stretch
	facts  []*factColumn
}

// estimate turns a use into an estimator.
func (c *cohort) estimate(use *ask.Use) *estimator {
	b := &builder{cohort: c, use: use, since: c.sinceStretch(use)}
	if use.Before != nil {
		b.before = c.beforeStretch(use)
	}
	e := b.estimator(use.Term)
	for _, part := range append(e.steps, e) {
		part.use, part.facts = use, b.facts
	}
	if b.since.matures() && e.countedBy == "" {
		e.countedBy = b.since.completeColumn()
	}
	return e
}

// estimator is what each kind of metric is to statistics.
func (b *builder) estimator(t ask.Term) *estimator {
	switch t := t.(type) {
	case *ask.Aggregate:
		if t.Input.Agg == project.Average {
			return b.ratio(meanParts(t.Input))
		}
		if t.Input.Agg == project.Percentile || t.Input.Agg == project.Median {
			return b.eventQuantile(t.Input)
		}
		return b.mean(t)
	case *ask.Reaches:
		return b.mean(t)
	case *ask.Quotient:
		if additive(t.Numerator) && additive(t.Denominator) {
			return b.ratio(part{term: t.Numerator}, part{term: t.Denominator})
		}
		return b.function(t)
	case *ask.Formula:
		return b.function(t)
	case *ask.Quantile:
		return b.unitQuantile(t)
	case *ask.Funnel:
		return b.funnel(t)
	case *ask.Conversion:
		return b.conversion(t)
	case *ask.Started:
		panic("an experiment starts its units' clocks itself")
	case *ask.Shifted:
		panic("an offset has no meaning for a unit: the model has refused it")
	default:
		panic(t)
	}
}

// A part is a term whose units' values add up, or the count that turns a sum into an average.
type part struct {
	term  ask.Term
	count bool
	unit  string // the entity or role that leads to units, where it is not the use's
}

func meanParts(in *ask.Input) (sum, count part) {
	return part{term: &ask.Aggregate{Input: in}}, part{term: &ask.Aggregate{Input: in}, count: true}
}

// additive reports whether a term is one number per unit that adds over units.
func additive(t ask.Term) bool {
	switch t := t.(type) {
	case *ask.Aggregate:
		return t.Input.Agg != project.Average && !picks(t.Input.Agg)
	case *ask.Reaches:
		return true
	default:
		return false
	}
}

// picks reports whether an aggregate is the value of one row, and so has none for a unit without facts.
func picks(a project.Aggregation) bool {
	return a == project.Min || a == project.Max || a == project.FirstValue || a == project.LastValue
}

func (b *builder) mean(t ask.Term) *estimator {
	value := b.measure("", part{term: t}, b.since)
	e := &estimator{shape: stats.Shape{Kind: stats.KindMean}, labels: []string{"value"}}
	e.quantities = []*column{b.capped(value)}
	if agg, ok := t.(*ask.Aggregate); ok && sums(agg.Input.Agg) {
		e.additive = []*factColumn{b.factColumn(part{term: t}, b.since)}
	}
	if mayLack(t) {
		e.countedBy = value.name
	}
	b.adjust(e, func(x rel.Expr) rel.Expr { return b.wherePresent(t, value, x) })
	return e
}

func (b *builder) ratio(num, den part) *estimator {
	e := &estimator{shape: stats.Shape{Kind: stats.KindRatio}, labels: []string{"numerator", "denominator", "residual"}}
	e.quantities = b.withResidual(
		b.capped(b.measure("_numerator", num, b.since)), b.capped(b.measure("_denominator", den, b.since)))
	if sumsPart(num) && sumsPart(den) {
		e.additive = []*factColumn{b.factColumn(num, b.since), b.factColumn(den, b.since)}
	}
	if b.before != nil {
		e.shape.Covariates = 1
		e.labels = append(e.labels, "pre:numerator", "pre:denominator", "pre:residual")
		e.quantities = append(e.quantities, b.withResidual(
			b.capped(b.measure("_numerator_before", num, b.before)), b.capped(b.measure("_denominator_before", den, b.before)))...)
	}
	return e
}

// sums reports whether a KPI query's answer is the sum of units' values.
func sums(a project.Aggregation) bool {
	return a == project.Sum || a == project.SumBoolean || a == project.Count || a == project.Average
}

func sumsPart(p part) bool {
	agg, ok := p.term.(*ask.Aggregate)
	return ok && sums(agg.Input.Agg)
}

// function is an estimate computed from several means: each argument one quantity.
func (b *builder) function(t ask.Term) *estimator {
	e := &estimator{shape: stats.Shape{Kind: stats.KindFunction}}
	e.formula = b.argument(e, t)
	e.shape.Arguments = len(e.quantities)
	return e
}

// argument is a term as an expression over the means of quantities, which it adds to the estimator.
func (b *builder) argument(e *estimator, t ask.Term) rel.Expr {
	switch t := t.(type) {
	case *ask.Aggregate:
		if t.Input.Agg == project.Average {
			sum, count := meanParts(t.Input)
			return rel.NewCall(rel.Div, b.meanOf(e, sum), b.meanOf(e, count))
		}
		return b.meanOf(e, part{term: t})
	case *ask.Reaches:
		return b.meanOf(e, part{term: t})
	case *ask.Quotient:
		return rel.NewCall(rel.Div, b.argument(e, t.Numerator), b.argument(e, t.Denominator))
	case *ask.Formula:
		columns := map[string]rel.Expr{}
		for _, a := range t.Args {
			columns[a.Name] = b.argument(e, a.Term)
		}
		return substitute(t.Expr, columns)
	case *ask.Quantile, *ask.Funnel, *ask.Conversion, *ask.Shifted, *ask.Started:
		panic("this kind of metric is no argument of a formula: the model has refused it")
	default:
		panic(t)
	}
}

// meanOf is the mean of a part's quantity, by its label.
func (b *builder) meanOf(e *estimator, p part) rel.Expr {
	q := b.capped(b.measure("_"+partName(p), p, b.since))
	for i, known := range e.quantities {
		if known == q {
			return &rel.Col{Name: e.labels[i], T: rel.Float}
		}
	}
	label := newNames(e.labels...).give(partName(p))
	e.labels, e.quantities = append(e.labels, label), append(e.quantities, q)
	return &rel.Col{Name: label, T: rel.Float}
}

func partName(p part) string {
	name := ask.Inputs(p.term)[0].Name
	if p.count {
		return name + "_count"
	}
	return name
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
