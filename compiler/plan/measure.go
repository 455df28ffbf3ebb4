package plan

import (
	"slices"

	"assay/compiler/rel"
)

// A column is a quantity as estimators read it: after caps, or what is left of a numerator once its ratio is taken out.
type column struct {
	name   string
	of     *quantity // nil for a residual
	rule   *capRule  // nil: no caps
	centre *centre   // of a residual
}

// A capRule caps a quantity at two numbers, or at two quantiles of all units that count.
type capRule struct {
	fixed        bool
	lower, upper *float64 // numbers, or fractions of units
	ignoreZeros  bool
}

// A centre is the ratio over all units of an experiment about which a residual is taken.
type centre struct {
	name     string
	num, den *column
}

// capped is a quantity after the caps of the builder's use.
func (b *builder) capped(q *quantity) *column {
	s := b.use.Metric.Settings
	switch {
	case s.Winsorize != nil:
		return b.measured(q, &capRule{lower: s.Winsorize.Lower, upper: s.Winsorize.Upper, ignoreZeros: s.Winsorize.IgnoreZeros})
	case s.Cap != nil:
		return b.measured(q, &capRule{fixed: true, lower: s.Cap.Lower, upper: s.Cap.Upper})
	default:
		return b.plain(q)
	}
}

func (c *cohort) plain(q *quantity) *column { return c.measured(q, nil) }

// measured is the column of a quantity under a rule, made once.
func (c *cohort) measured(q *quantity, rule *capRule) *column {
	for _, m := range c.measures {
		if m.of == q && m.rule.same(rule) {
			return m
		}
	}
	m := &column{name: q.name, of: q, rule: rule}
	if rule != nil {
		m.name = c.columns.give(q.name + "_capped")
	}
	c.measures = append(c.measures, m)
	return m
}

func (r *capRule) same(o *capRule) bool {
	if r == nil || o == nil {
		return r == o
	}
	return r.fixed == o.fixed && r.ignoreZeros == o.ignoreZeros && sameNumber(r.lower, o.lower) && sameNumber(r.upper, o.upper)
}

func sameNumber(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// withResidual is a numerator, a denominator, and what is left of the first once the ratio of all units is taken out.
func (c *cohort) withResidual(num, den *column) []*column {
	for _, m := range c.measures {
		if m.centre != nil && m.centre.num == num && m.centre.den == den {
			return []*column{num, den, m}
		}
	}
	ratio := &centre{name: c.columns.give(num.name + "_centre"), num: num, den: den}
	left := &column{name: c.columns.give(num.name + "_residual"), centre: ratio}
	c.centres, c.measures = append(c.centres, ratio), append(c.measures, left)
	return []*column{num, den, left}
}

// Columns of the step `caps`, and of the flag that a cap changed a unit's value.
func (m *column) upperColumn() string { return m.name + "_upper" }
func (m *column) lowerColumn() string { return m.name + "_lower" }
func (m *column) flagColumn() string  { return m.name + "_changed" }

// upper and lower are the caps' values: a number, or a column of the step `caps`; nil where there is none.
func (m *column) upper() rel.Expr { return m.capAt(m.rule.upper, m.upperColumn()) }
func (m *column) lower() rel.Expr { return m.capAt(m.rule.lower, m.lowerColumn()) }

func (m *column) capAt(at *float64, column string) rel.Expr {
	switch {
	case at == nil:
		return nil
	case m.rule.fixed:
		return rel.Float64(*at)
	default:
		return &rel.Col{Name: column, T: rel.Float}
	}
}

// value is the quantity after caps. A NULL stays NULL, for it is beyond no cap.
func (m *column) value() rel.Expr {
	x := m.raw()
	if m.rule == nil {
		return x
	}
	var whens []rel.When
	if upper := m.upper(); upper != nil {
		whens = append(whens, rel.When{Cond: rel.NewCall(rel.Gt, x, upper), Then: upper})
	}
	if lower := m.lower(); lower != nil {
		whens = append(whens, rel.When{Cond: rel.NewCall(rel.Lt, x, lower), Then: lower})
	}
	if whens == nil {
		return x
	}
	return rel.NewCase(x, whens...)
}

func (m *column) raw() rel.Expr { return &rel.Col{Name: m.of.name, T: rel.Float} }

// combine adds the steps `unit_facts`, which holds what quantities are made of, and `unit_values`: every quantity of a unit side by side.
// It is the former that is stored: a metric is several quantities of the same few aggregates.
func (c *cohort) combine() {
	in, buckets := c.bucket(c.withPlaces(c.sideBySide()), c.units)
	kept := slices.Concat([]string{"experiment", "unit_id", "variant"}, c.strata(), c.clusters(), c.dayColumnNames())
	cols := append(passed(in.Schema(), kept...), buckets...)
	whole := columnsNamed(cols)
	c.unitFacts = c.program.add(rel.Staged, "unit_facts", "Units with all that their facts come to, NULL without facts",
		rel.NewProject(in, append(cols, passed(in.Schema(), c.madeOf(whole)...)...)...))
	facts := rel.NewRef(c.unitFacts)
	values := passed(facts.Schema(), whole...)
	for _, q := range c.quantities {
		values = append(values, rel.Named{Name: q.name, X: q.x})
	}
	c.unitValues = c.program.add(rel.Inline, "unit_values", "Every value of a unit side by side; zero without facts, NULL where it does not count",
		rel.NewProject(facts, values...))
}

// madeOf are the columns, but for those that are there, that quantities are made of and that tell what was found.
func (c *cohort) madeOf(there []string) []string {
	var exprs []rel.Expr
	for _, q := range c.quantities {
		exprs = append(exprs, q.x)
	}
	names := rel.FreeColumns(exprs...)
	for _, s := range c.sources {
		names = append(names, s.found, s.oldest)
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" || slices.Contains(there, name) })
}

// sideBySide is the units with all that was read of their facts.
func (c *cohort) sideBySide() rel.Relation {
	in := rel.Relation(rel.NewRef(c.units))
	for _, s := range c.sources {
		in = c.withStep(in, s.step, s.key)
	}
	for _, s := range c.sequences {
		in = c.withStep(in, s.step, s.key)
	}
	return in
}

// withStep joins what a step holds of each unit; nil adds nothing.
func (c *cohort) withStep(in rel.Relation, step *rel.Step, key sourceKey) rel.Relation {
	if step == nil {
		return in
	}
	return rel.NewJoin(rel.Left, in, rel.NewRef(step), []rel.Equal{
		{Left: experiment, Right: key.experiment}, {Left: c.unitID(), Right: key.unit},
	}, nil)
}

// bucket replaces each dimension's values beyond the largest among units by Other, and NULL by NoValue. It joins what is beyond, not the
// largest: that is most often nothing.
func (c *cohort) bucket(in rel.Relation, units *rel.Step) (rel.Relation, []rel.Named) {
	var cols []rel.Named
	for _, d := range c.dimensions {
		rest := c.rest(d, units)
		s := rest.Relation.Schema()
		x := &rel.Col{Name: d.column, T: rel.Text}
		in = rel.NewJoin(rel.Left, in, rel.NewRef(rest), []rel.Equal{
			{Left: experiment, Right: s.Columns[0].Name}, {Left: x, Right: s.Columns[1].Name},
		}, nil)
		cols = append(cols, rel.Named{Name: d.column, X: rel.NewCase(x,
			rel.When{Cond: rel.NewCall(rel.IsNull, x), Then: rel.String(NoValue)},
			rel.When{Cond: rel.NewCall(rel.IsNotNull, rel.NewCol(s.Columns[1])), Then: rel.String(Other)})})
	}
	return in, cols
}

// rest is a dimension's values but for those with the most units over all variants of an experiment, ties by name.
func (c *cohort) rest(d *dimension, units *rel.Step) *rel.Step {
	placed := c.placed(units, d.column, "place")
	s := placed.Schema()
	beyond := rel.NewFilter(placed, rel.NewCall(rel.Gt, s.Col("place"), rel.Int(largestSlices)))
	return c.program.add(rel.Inline, "other_"+d.column, "Values of "+d.name+" that are (other): all but those with the most units",
		rel.NewProject(beyond, passed(s, s.Columns[0].Name, s.Columns[1].Name)...))
}

// placed is an experiment, a value of a column of units, and its place by the number of units over all variants, the most first, ties
// by name.
func (c *cohort) placed(units *rel.Step, column, place string) rel.Relation {
	in := rel.NewRef(units)
	x := in.Schema().Col(column)
	experimentName, valueName := c.columns.give(column+"_experiment"), c.columns.give(column+"_value")
	counted := rel.NewAggregate(rel.NewFilter(in, rel.NewCall(rel.IsNotNull, x)),
		[]rel.Named{{Name: experimentName, X: experiment}, {Name: valueName, X: x}},
		[]rel.Named{{Name: "units", X: rel.NewAgg(rel.CountRows)}})
	s := counted.Schema()
	return rel.NewWindow(counted, rel.Named{Name: place, X: rel.NewOver(rel.RowNumber, nil,
		[]rel.Expr{s.Col(experimentName)}, []rel.SortKey{{X: s.Col("units"), Desc: true}, {X: s.Col(valueName)}}, nil)})
}

// cap adds the step `caps`, one row for each experiment; nil where nothing is capped at a quantile.
func (c *cohort) cap() *rel.Step {
	in := rel.NewRef(c.unitValues)
	var aggs []rel.Named
	for _, m := range c.measures {
		if m.rule == nil || m.rule.fixed {
			continue
		}
		for _, side := range []struct {
			at     *float64
			column string
		}{{m.rule.lower, m.lowerColumn()}, {m.rule.upper, m.upperColumn()}} {
			if side.at != nil {
				aggs = append(aggs, rel.Named{Name: side.column, X: m.quantile(*side.at)})
			}
		}
	}
	if aggs == nil {
		return nil
	}
	return c.program.add(rel.Staged, "caps", "Quantiles of units' values over all variants together",
		rel.NewAggregate(in, []rel.Named{{Name: "caps_experiment", X: experiment}}, aggs))
}

func (m *column) quantile(at float64) rel.Expr {
	agg := rel.NewAgg(rel.PercentileDisc, m.raw(), rel.Float64(at))
	if m.rule.ignoreZeros {
		return agg.Filtered(rel.NewCall(rel.Ne, m.raw(), rel.Float64(0)))
	}
	return agg
}

// measure is the rows of units as estimators read them: capped, sliced, residuals taken. It adds the steps this needs.
func (c *cohort) measure() rel.Relation {
	kept := append(c.arms(), c.clusters()...)
	for _, d := range c.dimensions {
		kept = append(kept, d.column)
	}
	c.capStep = c.cap()
	in := c.applyCaps(rel.NewRef(c.unitValues), kept, c.measures)
	if len(c.centres) == 0 {
		return in
	}
	capped := c.program.add(rel.Inline, "capped_values", "Units' values after caps", in)
	c.centreStep = c.program.add(rel.Staged, "centres", "Ratios over all units, about which variances are taken", c.centreRows(capped))
	return c.withResiduals(rel.NewRef(capped), c.measures)
}

// applyCaps is values after caps, with a flag where a cap changed one, beside the columns that are kept.
func (c *cohort) applyCaps(in rel.Relation, kept []string, measures []*column) rel.Relation {
	if c.capStep != nil {
		in = rel.NewJoin(rel.Left, in, rel.NewRef(c.capStep), []rel.Equal{{Left: experiment, Right: "caps_experiment"}}, nil)
	}
	cols := passed(in.Schema(), kept...)
	for _, m := range measures {
		if m.centre != nil {
			continue
		}
		cols = append(cols, rel.Named{Name: m.name, X: m.value()})
		if m.rule != nil {
			cols = append(cols, rel.Named{Name: m.flagColumn(), X: rel.NewCall(rel.Ne, m.value(), m.raw())})
		}
	}
	return rel.NewProject(in, cols...)
}

// withResiduals adds what is left of numerators once the ratio of all units is taken out.
func (c *cohort) withResiduals(in rel.Relation, measures []*column) rel.Relation {
	joined := rel.NewJoin(rel.Left, in, rel.NewRef(c.centreStep), []rel.Equal{{Left: experiment, Right: "centres_experiment"}}, nil)
	cols := passed(joined.Schema(), columnsOf(in.Schema())...)
	for _, m := range measures {
		if m.centre != nil {
			cols = append(cols, rel.Named{Name: m.name, X: m.centre.residual()})
		}
	}
	return rel.NewProject(joined, cols...)
}

func (c *cohort) centreRows(capped *rel.Step) rel.Relation {
	in := rel.NewRef(capped)
	var aggs []rel.Named
	for _, r := range c.centres {
		total := func(m *column) rel.Expr { return rel.NewAgg(rel.Sum, in.Schema().Col(m.name)) }
		aggs = append(aggs, rel.Named{Name: r.name, X: rel.NewCall(rel.Coalesce, rel.NewCall(rel.Div, total(r.num), total(r.den)), rel.Float64(0))})
	}
	return rel.NewAggregate(in, []rel.Named{{Name: "centres_experiment", X: experiment}}, aggs)
}

func (r *centre) residual() rel.Expr {
	value := func(name string) rel.Expr { return &rel.Col{Name: name, T: rel.Float} }
	return rel.NewCall(rel.Sub, value(r.num.name), rel.NewCall(rel.Mul, value(r.name), value(r.den.name)))
}
