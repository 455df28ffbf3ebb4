package dialects

import (
	"slices"

	"assay/compiler/rel"
)

// foldValues makes no rows of a row that gives the columns their types.
func foldValues(r *rel.Values) query {
	if len(r.Rows) > 0 {
		return selectFrom(newSource(r, nil, r.Schema().Columns))
	}
	var nulls []rel.Expr
	for _, c := range r.Schema().Columns {
		nulls = append(nulls, rel.Null(c.Type))
	}
	q := foldValues(rel.NewValues(r.Schema().Columns, [][]rel.Expr{nulls})).(*selection)
	q.where = []rel.Expr{rel.Bool(false)}
	return q
}

func foldFilter(r *rel.Filter) query {
	q := input(r.In, func(q *selection) bool {
		grouped := q.grouping != nil && q.grouping.sets == nil && q.order == nil && q.limit == nil && !anyContains[*rel.Over](q.columns)
		return q.reads(r.Cond) && (q.rows() || grouped && !q.readsComputedGroup(r.Cond))
	})
	conds := rel.Conjuncts(q.resolve(r.Cond))
	if q.grouping != nil {
		q.having = append(q.having, conds...)
	} else {
		q.where = append(q.where, conds...)
	}
	return q
}

// readsComputedGroup reports whether e reads a group that is not a column of the source: not every engine knows it again in HAVING.
func (q *selection) readsComputedGroup(e rel.Expr) bool {
	found := false
	rel.Walk(q.resolve(e), func(x rel.Expr) bool {
		found = found || slices.ContainsFunc(q.grouping.groups, func(g rel.Named) bool { return g.X == x && !isColumn(x) })
		return !found
	})
	return found
}

func foldProject(r *rel.Project) query {
	q := input(r.In, func(q *selection) bool {
		return !q.distinct && q.order == nil && q.reads(expressions(r.Cols)...) && q.keepsGroups(r.Cols)
	})
	q.columns = q.resolveAll(r.Cols)
	return q
}

// keepsGroups says that each group of q is still a column of its own among cols: GROUP BY names it by its place.
func (q *selection) keepsGroups(cols []rel.Named) bool {
	if q.grouping == nil {
		return true
	}
	if q.grouping.sets != nil {
		return false
	}
	if len(q.grouping.groups) == 0 && !anyContains[*rel.Agg](q.resolveAll(cols)) {
		return false // nothing would say any more that all rows are one
	}
	passed := map[rel.Expr]bool{}
	for _, c := range cols {
		passed[q.resolve(c.X)] = true
	}
	return !slices.ContainsFunc(q.grouping.groups, func(g rel.Named) bool { return !passed[g.X] })
}

func foldAggregate(r *rel.Aggregate) query {
	q := input(r.In, func(q *selection) bool {
		return q.rows() && q.reads(append(expressions(r.Groups), expressions(r.Aggs)...)...)
	})
	groups, aggs := r.Groups, r.Aggs
	if r.Sets != nil {
		q, groups = computed(q, groups)
	}
	groups, aggs = q.resolveAll(groups), q.resolveAll(aggs)
	q.columns = slices.Clone(groups)
	if len(r.Aggs) == 0 && r.Sets == nil {
		q.distinct = true
		return q
	}
	q.grouping = &grouping{groups: groups, sets: r.Sets}
	if r.Sets != nil {
		q.grouping.id = rel.NewCol(rel.Column{Name: r.GroupingID, Type: rel.Integer})
		q.columns = append(q.columns, rel.Named{Name: r.GroupingID, X: q.grouping.id})
	}
	q.columns = append(q.columns, aggs...)
	return q
}

// computed makes columns of a SELECT below q of the groups that are something else: the engine must know a group again where it
// is asked whether a set has it, and would not know a constant.
func computed(q *selection, groups []rel.Named) (*selection, []rel.Named) {
	if !slices.ContainsFunc(groups, func(g rel.Named) bool { return !isColumn(q.resolve(g.X)) }) {
		return q, groups
	}
	var names rel.Names
	for _, c := range q.columns {
		names.Reserve(c.Name)
	}
	columns := make([]rel.Named, len(groups))
	for i, g := range groups {
		below := rel.Named{Name: names.Take(g.Name), X: q.resolve(g.X)}
		columns[i] = rel.Named{Name: g.Name, X: rel.NewCol(rel.Column{Name: below.Name, Type: g.X.Type()})}
		q.columns = append(q.columns, below)
	}
	return wrap(q), columns
}

func isColumn(e rel.Expr) bool {
	_, ok := e.(*rel.Col)
	return ok
}

func foldWindow(r *rel.Window) query {
	q := input(r.In, func(q *selection) bool { return q.rows() && q.reads(expressions(r.Cols)...) })
	q.columns = append(q.columns, q.resolveAll(r.Cols)...)
	return q
}

func foldUnion(r *rel.Union) query {
	if len(r.In) == 1 {
		return fold(r.In[0])
	}
	q := &compound{columns: r.Schema().Columns}
	for _, in := range r.In {
		switch part := fold(in).(type) {
		case *compound:
			q.parts = append(q.parts, part.parts...)
		case *selection:
			if part.order != nil || part.limit != nil {
				part = wrap(part)
			}
			q.parts = append(q.parts, part)
		}
	}
	return q
}

func foldSort(r *rel.Sort) query {
	q := input(r.In, func(q *selection) bool {
		return q.order == nil && q.limit == nil && !q.distinct && !slices.ContainsFunc(r.Keys, func(k rel.SortKey) bool {
			return !q.sortable(k.X)
		})
	})
	for _, k := range r.Keys {
		q.order = append(q.order, rel.SortKey{X: q.sortedBy(k.X), Desc: k.Desc})
	}
	return q
}

// sortable says that ORDER BY means the same here and in a SELECT around q. It names a column of the output, but what is in an
// expression may be a column of the output or of the source. Some engines sort text by an expression.
func (q *selection) sortable(e rel.Expr) bool {
	c, ok := e.(*rel.Col)
	if !ok {
		return q.isPlain()
	}
	from, isCol := q.resolve(c).(*rel.Col)
	return c.T != rel.Text || isCol && from.Name == c.Name
}

func (q *selection) sortedBy(e rel.Expr) rel.Expr {
	if c, ok := e.(*rel.Col); ok && c.T != rel.Text {
		return rel.NewCol(rel.Column{Name: c.Name, Type: c.T})
	}
	return q.resolve(e)
}

func foldLimit(r *rel.Limit) query {
	q := input(r.In, func(q *selection) bool { return q.limit == nil })
	q.limit = &r.Count
	return q
}
