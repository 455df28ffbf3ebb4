package dialects

import (
	"slices"

	"assay/compiler/rel"
)

// A query is a relation folded into as few SELECTs as its meaning allows: a *selection or a *compound.
type query interface{ outputs() []rel.Column }

// A compound is UNION ALL.
type compound struct {
	parts   []query
	columns []rel.Column
}

// A selection is one SELECT. Its expressions read the columns of its sources; each source's columns are pointers of its own, so
// that a column is known by where it comes from and not by its name.
type selection struct {
	sources  []*source
	where    []rel.Expr
	grouping *grouping
	distinct bool
	having   []rel.Expr
	columns  []rel.Named
	order    []rel.SortKey
	limit    *int64
}

type grouping struct {
	groups []rel.Named
	sets   [][]int
	id     *rel.Col // stands for the set's position among the columns
}

// A source is an item of FROM: a leaf relation or a query in parentheses, and how it is joined to those before.
type source struct {
	leaf    rel.Relation
	query   query
	kind    rel.JoinKind
	on      []rel.Expr
	columns []*rel.Col
}

func (q *compound) outputs() []rel.Column { return q.columns }

func (q *selection) outputs() []rel.Column {
	cols := make([]rel.Column, len(q.columns))
	for i, c := range q.columns {
		cols[i] = rel.Column{Name: c.Name, Type: c.X.Type()}
	}
	return cols
}

// fold makes a query of a relation.
func fold(r rel.Relation) query {
	switch r := r.(type) {
	case *rel.Scan, *rel.Raw, *rel.Series, *rel.Ref:
		return selectFrom(newSource(r, nil, r.Schema().Columns))
	case *rel.Values:
		return foldValues(r)
	case *rel.Filter:
		return foldFilter(r)
	case *rel.Project:
		return foldProject(r)
	case *rel.Join:
		return foldJoin(r)
	case *rel.Expand:
		return foldExpand(r)
	case *rel.Aggregate:
		return foldAggregate(r)
	case *rel.Window:
		return foldWindow(r)
	case *rel.Union:
		return foldUnion(r)
	case *rel.Sort:
		return foldSort(r)
	case *rel.Limit:
		return foldLimit(r)
	}
	panic(&rel.Invariant{Message: "a relation of an unknown kind"})
}

func newSource(leaf rel.Relation, q query, cols []rel.Column) *source {
	s := &source{leaf: leaf, query: q}
	for _, c := range cols {
		s.columns = append(s.columns, rel.NewCol(c))
	}
	return s
}

func selectFrom(s *source) *selection {
	q := &selection{sources: []*source{s}}
	for _, c := range s.columns {
		q.columns = append(q.columns, rel.Named{Name: c.Name, X: c})
	}
	return q
}

// wrap is a SELECT of all columns of q.
func wrap(q query) *selection { return selectFrom(newSource(nil, q, q.outputs())) }

// input is in as a SELECT that can take on more: q itself where ok says so of it, else one around it.
func input(in rel.Relation, ok func(*selection) bool) *selection {
	q := fold(in)
	if s, is := q.(*selection); is && ok(s) {
		return s
	}
	return wrap(q)
}

// rows says that q neither groups nor cuts nor looks at other rows: what is done to its rows can be done where they come from.
func (q *selection) rows() bool {
	return q.grouping == nil && !q.distinct && q.order == nil && q.limit == nil && !anyContains[*rel.Over](q.columns)
}

// reads says that es can be computed in place of the columns of q that they read: a user's own SQL only where it sees the very
// columns that it names, and what takes some computing only once.
func (q *selection) reads(es ...rel.Expr) bool {
	if slices.ContainsFunc(es, rel.Contains[*rel.Verbatim]) {
		return q.isPlain()
	}
	uses := map[string]int{}
	for _, e := range es {
		rel.Walk(e, func(x rel.Expr) bool {
			if c, ok := x.(*rel.Col); ok {
				uses[c.Name]++
			}
			return true
		})
	}
	return !slices.ContainsFunc(q.columns, func(c rel.Named) bool { return uses[c.Name] > 1 && size(c.X) > smallSize })
}

// smallSize is the number of nodes up to which an expression is repeated rather than computed in a SELECT of its own.
const smallSize = 4

func size(e rel.Expr) int {
	n := 0
	rel.Walk(e, func(rel.Expr) bool { n++; return true })
	return n
}

// isPlain says that the columns of q are those of its only source under their own names.
func (q *selection) isPlain() bool {
	return len(q.sources) == 1 && q.rows() && !slices.ContainsFunc(q.columns, func(c rel.Named) bool {
		col, ok := c.X.(*rel.Col)
		return !ok || col.Name != c.Name
	})
}

// resolve is e with the columns of q replaced by what they are made of.
func (q *selection) resolve(e rel.Expr) rel.Expr {
	return rel.Rewrite(e, func(x rel.Expr) rel.Expr {
		c, ok := x.(*rel.Col)
		if !ok {
			return x
		}
		i := slices.IndexFunc(q.columns, func(n rel.Named) bool { return n.Name == c.Name })
		return q.columns[i].X
	})
}

func (q *selection) resolveAll(cols []rel.Named) []rel.Named {
	resolved := make([]rel.Named, len(cols))
	for i, c := range cols {
		resolved[i] = rel.Named{Name: c.Name, X: q.resolve(c.X)}
	}
	return resolved
}

func expressions(cols []rel.Named) []rel.Expr {
	es := make([]rel.Expr, len(cols))
	for i, c := range cols {
		es[i] = c.X
	}
	return es
}

func anyContains[T rel.Expr](cols []rel.Named) bool {
	return slices.ContainsFunc(cols, func(c rel.Named) bool { return rel.Contains[T](c.X) })
}
