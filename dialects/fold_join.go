package dialects

import (
	"slices"
	"time"

	"assay/compiler/rel"
)

func foldJoin(r *rel.Join) query {
	q, right := joinSides(r.Left, r.Right)
	column := func(name string) rel.Expr { return right.resolve(right.outputColumn(name)) }
	var on []rel.Expr
	for _, e := range r.On {
		on = append(on, rel.NewCall(rel.Eq, q.resolve(e.Left), column(e.Right)))
	}
	if r.Moment != nil {
		v := r.RightKey().Validity
		moment, from, to := q.resolve(r.Moment), column(v.From), column(v.To)
		on = append(on, rel.NewCall(rel.Ge, moment, from), before(moment, to))
	}
	return q.join(r.Kind, right, on)
}

// farAway stands for the end of what has none: the last day that every engine has.
var farAway = time.Date(2299, 12, 31, 0, 0, 0, 0, time.UTC)

// before is that a moment lies before an end, which may be none. With OR, DuckDB's left joins would compare each row with each.
func before(moment, end rel.Expr) rel.Expr {
	switch end.Type() {
	case rel.Date:
		return rel.NewCall(rel.Lt, moment, rel.NewCall(rel.Coalesce, end, rel.DateLit(farAway)))
	case rel.Timestamp:
		return rel.NewCall(rel.Lt, moment, rel.NewCall(rel.Coalesce, end, rel.TimestampLit(farAway)))
	default:
		return rel.NewCall(rel.Or, rel.NewCall(rel.Lt, moment, end), rel.NewCall(rel.IsNull, end))
	}
}

func foldExpand(r *rel.Expand) query {
	q, right := joinSides(r.Left, r.Right)
	both := &selection{columns: slices.Concat(q.columns, right.columns)}
	return q.join(r.Kind, right, rel.Conjuncts(both.resolve(r.On)))
}

// joinSides are both sides of a join, the right one of a single source. A side is joined as it is where its rows can be told by
// conditions, and its columns are what the source has: what is computed on the right would not be NULL where a left join finds
// nothing, and a user's own SQL might name a column that the other side has too.
func joinSides(l, r rel.Relation) (left, right *selection) {
	left = input(l, func(q *selection) bool { return q.rows() && !q.hasVerbatim() })
	right = input(r, func(q *selection) bool {
		return q.rows() && !q.hasVerbatim() && len(q.sources) == 1 && !slices.ContainsFunc(q.columns, func(c rel.Named) bool {
			return !isColumn(c.X)
		})
	})
	return left, right
}

func (q *selection) hasVerbatim() bool {
	return anyContains[*rel.Verbatim](q.columns) || slices.ContainsFunc(q.where, rel.Contains[*rel.Verbatim])
}

// join adds the source of right; its conditions decide which of its rows match, and not which rows there are.
func (q *selection) join(kind rel.JoinKind, right *selection, on []rel.Expr) query {
	from := right.sources[0]
	from.kind, from.on = kind, append(on, right.where...)
	q.sources = append(q.sources, from)
	q.columns = append(q.columns, right.columns...)
	return q
}

func (q *selection) outputColumn(name string) *rel.Col {
	i := slices.IndexFunc(q.columns, func(c rel.Named) bool { return c.Name == name })
	return rel.NewCol(rel.Column{Name: name, Type: q.columns[i].X.Type()})
}
