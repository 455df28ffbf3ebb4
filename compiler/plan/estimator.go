package plan

import (
	"assay/compiler/ask"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/stats"
)

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
