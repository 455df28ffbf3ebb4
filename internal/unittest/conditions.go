package unittest

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// conditions are the columns of a table that some expression takes for conditions by themselves: is_test in `not is_test`.
type conditions map[string]bool

func conditionsOf(m *model.Model, t *model.Table) conditions {
	c := conditions{}
	for _, d := range t.Dimensions {
		c.within(d.Expr)
	}
	c.filter(t.Filter)
	for _, metric := range m.Metrics {
		if simple, ok := metric.Spec.(*model.Simple); ok && simple.Table == t {
			for _, p := range simple.Filters {
				c.filter(p)
			}
			if simple.Expr != nil {
				c.within(simple.Expr)
			}
		}
	}
	return c
}

func (c conditions) filter(p *model.Predicate) {
	if p != nil {
		c.add(p.Expr)
		c.within(p.Expr)
	}
}

// within looks for conditions inside an expression.
func (c conditions) within(x rel.Expr) {
	rel.Walk(x, func(x rel.Expr) bool {
		switch x := x.(type) {
		case *rel.Call:
			if slices.Contains([]rel.Func{rel.And, rel.Or, rel.Not}, x.Func) {
				for _, arg := range x.Args {
					c.add(arg)
				}
			}
		case *rel.Case:
			for _, when := range x.Whens {
				c.add(when.Cond)
			}
		case *rel.Col, *rel.Lit, *rel.Param, *rel.Verbatim, *rel.Cast, *rel.Agg, *rel.Over:
		}
		return true
	})
}

func (c conditions) add(x rel.Expr) {
	if column, alone := x.(*rel.Col); alone {
		c[column.Name] = true
	}
}
