package plan

import (
	"fmt"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// mostCategories is how many of a categorical attribute's values are covariates.
const mostCategories = 10

// An attribute of units at assignment, as covariates read it: a number, or a category whose values have places by size.
type attribute struct {
	of      *model.UnitDimension
	numeric bool
	column  string   // of units
	logged  rel.Expr // where the logs have it: as carried from the first exposure
	place   string   // of a category: its place among the largest, NULL beyond them
}

// attribute is a column of units, made once.
func (c *cohort) attribute(cov ask.Covariate) *attribute {
	for _, known := range c.traits {
		if known.numeric == cov.Numeric && known.of.Name == cov.Attribute.Name && (known.of.Ref == nil) == (cov.Attribute.Ref == nil) {
			return known
		}
	}
	a := &attribute{of: cov.Attribute, numeric: cov.Numeric, column: c.columns.give(cov.Name + "_covariate")}
	if a.of.Ref == nil {
		typ := rel.Text
		if a.numeric {
			typ = rel.Float
		}
		logged := c.columns.give(cov.Name + "_logged")
		c.carryDimension(a.of.Name, logged, typ)
		a.logged = &rel.Col{Name: logged, T: typ}
	}
	if !a.numeric {
		a.place = c.columns.give(cov.Name + "_place")
	}
	c.traits = append(c.traits, a)
	return a
}

// traitColumns are the attributes as columns of units.
func (c *cohort) traitColumns(rows *rowset) []rel.Named {
	var cols []rel.Named
	for _, a := range c.traits {
		x := a.logged
		if x == nil {
			x = rows.ref(a.of.Ref)
		}
		if a.numeric {
			x = rel.ToType(x, rel.Float)
		} else {
			x = asText(x)
		}
		cols = append(cols, rel.Named{Name: a.column, X: x})
	}
	return cols
}

// withPlaces joins the places of categories.
func (c *cohort) withPlaces(in rel.Relation) rel.Relation {
	for _, a := range c.traits {
		if a.numeric {
			continue
		}
		placed := c.placed(c.units, a.column, a.place)
		s := placed.Schema()
		top := rel.NewFilter(placed, rel.NewCall(rel.Le, s.Col(a.place), rel.Int(mostCategories)))
		step := c.program.add(rel.Inline, "largest_"+a.column, fmt.Sprintf("The largest values of %s, which are covariates", a.of.Name),
			rel.NewProject(top, passed(s, s.Columns[0].Name, s.Columns[1].Name, a.place)...))
		in = rel.NewJoin(rel.Left, in, rel.NewRef(step), []rel.Equal{
			{Left: experiment, Right: s.Columns[0].Name}, {Left: &rel.Col{Name: a.column, T: rel.Text}, Right: s.Columns[1].Name},
		}, nil)
	}
	return in
}

// adjust adds a use's covariates to an estimator of a mean; counted is a covariate for the units that the metric counts. A unit
// without a value has 0, and an indicator that it has none is one more covariate.
func (b *builder) adjust(e *estimator, counted func(rel.Expr) rel.Expr) {
	add := func(label string, q *column) {
		e.labels, e.quantities = append(e.labels, label), append(e.quantities, q)
		e.shape.Covariates++
	}
	value := func(name string, x rel.Expr) *quantity { return b.quantity(name, counted(x)) }
	for _, cov := range b.use.Covariates {
		before := part{term: cov.Term, unit: cov.Unit}
		switch {
		case cov.Own:
			name := b.use.Metric.Name
			add("pre:"+name, b.capped(value(name+"_before", b.valueBefore(before))))
			add("missing:"+name, b.plain(value(name+"_missing", b.missing(before))))
		case cov.Term != nil:
			add("pre:"+cov.Name, b.plain(value(cov.Name+"_before", b.valueBefore(before))))
			add("missing:"+cov.Name, b.plain(value(cov.Name+"_missing", b.missing(before))))
		case cov.Numeric:
			x := &rel.Col{Name: b.attribute(cov).column, T: rel.Float}
			add("attribute:"+cov.Name, b.plain(value(cov.Name+"_at_assignment", orZero(x))))
			add("missing:"+cov.Name, b.plain(value(cov.Name+"_missing", indicator(rel.NewCall(rel.IsNull, x)))))
		default:
			place := integer(b.attribute(cov).place)
			for k := 1; k <= mostCategories; k++ {
				is := indicator(rel.NewCall(rel.Eq, place, rel.Int(int64(k))))
				add(fmt.Sprintf("attribute:%s:%d", cov.Name, k), b.plain(value(fmt.Sprintf("%s_%d", cov.Name, k), is)))
			}
		}
	}
}

// valueBefore is a part's value before assignment, 0 of a unit that has none.
func (b *builder) valueBefore(p part) rel.Expr {
	x := b.unitValue(p, b.before)
	if mayLack(p.term) {
		return orZero(x)
	}
	return x
}

func orZero(x rel.Expr) rel.Expr { return rel.NewCall(rel.Coalesce, x, rel.Float64(0)) }

// indicator is 1 where a condition holds, else 0.
func indicator(cond rel.Expr) rel.Expr {
	return rel.NewCase(rel.Float64(0), rel.When{Cond: cond, Then: rel.Float64(1)})
}
