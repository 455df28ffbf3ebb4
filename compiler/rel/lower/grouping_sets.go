package lower

import (
	"slices"

	"assay/compiler/rel"
)

// groupingSets is a as one aggregation a set, each lowered by inner, put together by a union. The input is written once a set:
// where that costs, it wants to be a staged step.
func groupingSets(a *rel.Aggregate, inner func(*rel.Aggregate) *rel.Aggregate) rel.Relation {
	var parts []rel.Relation
	for id, set := range a.Sets {
		var groups []rel.Named
		for i, g := range a.Groups {
			if slices.Contains(set, i) {
				groups = append(groups, g)
			}
		}
		one := inner(rel.NewAggregate(a.In, groups, a.Aggs))
		parts = append(parts, rel.NewProject(one, oneSet(a, one.Schema(), int64(id))...))
	}
	union := rel.NewUnion(parts...)
	return rel.NewProject(union, identity(union.Schema())...).Claiming(a.Schema().Keys[0])
}

// oneSet are the columns of a where one, the aggregation by a single set, has them; groups that are not in the set are NULL.
func oneSet(a *rel.Aggregate, one rel.Schema, id int64) []rel.Named {
	var cols []rel.Named
	for _, c := range a.Schema().Columns {
		var x rel.Expr = rel.Null(c.Type)
		if c.Name == a.GroupingID {
			x = rel.Int(id)
		} else if has, ok := one.Column(c.Name); ok {
			x = rel.NewCol(has)
		}
		cols = append(cols, rel.Named{Name: c.Name, X: x})
	}
	return cols
}

func identity(s rel.Schema) []rel.Named {
	var cols []rel.Named
	for _, c := range s.Columns {
		cols = append(cols, rel.Named{Name: c.Name, X: rel.NewCol(c)})
	}
	return cols
}
