package rel

import (
	"fmt"
	"slices"
)

// Operands are the expressions directly inside e, in the order they are written.
func Operands(e Expr) []Expr {
	switch e := e.(type) {
	case *Col, *Lit, *Param, *Verbatim:
		return nil
	case *Cast:
		return []Expr{e.X}
	case *Call:
		return e.Args
	case *Agg:
		return append(withOptional(e.Args, e.Where), sortExprs(e.OrderBy)...)
	case *Over:
		return slices.Concat(e.Args, e.Partition, sortExprs(e.Order))
	case *Case:
		var xs []Expr
		for _, w := range e.Whens {
			xs = append(xs, w.Cond, w.Then)
		}
		return withOptional(xs, e.Else)
	}
	panic(unsealed(e))
}

func withOptional(xs []Expr, x Expr) []Expr {
	if x == nil {
		return slices.Clip(xs)
	}
	return append(slices.Clip(xs), x)
}

// Walk visits e and all that is inside it, outermost first; where visit returns false, it goes no deeper.
func Walk(e Expr, visit func(Expr) bool) {
	if !visit(e) {
		return
	}
	for _, x := range Operands(e) {
		Walk(x, visit)
	}
}

// Rewrite is e with f applied to all that is inside it and then to itself. f keeps types.
func Rewrite(e Expr, f func(Expr) Expr) Expr {
	if e == nil {
		return nil
	}
	into := func(x Expr) Expr { return Rewrite(x, f) }
	switch e := e.(type) {
	case *Col, *Lit, *Param, *Verbatim:
		return f(e)
	case *Cast:
		c := *e
		c.X = into(e.X)
		return f(&c)
	case *Call:
		c := *e
		c.Args = mapAll(e.Args, into)
		return f(&c)
	case *Agg:
		c := *e
		c.Args, c.Where, c.OrderBy = mapAll(e.Args, into), into(e.Where), mapKeys(e.OrderBy, into)
		return f(&c)
	case *Over:
		c := *e
		c.Args, c.Partition, c.Order = mapAll(e.Args, into), mapAll(e.Partition, into), mapKeys(e.Order, into)
		return f(&c)
	case *Case:
		c := *e
		c.Else = into(e.Else)
		c.Whens = mapAll(e.Whens, func(w When) When { return When{into(w.Cond), into(w.Then)} })
		return f(&c)
	}
	panic(unsealed(e))
}

func mapAll[T, U any](xs []T, f func(T) U) []U {
	if xs == nil {
		return nil
	}
	ys := make([]U, len(xs))
	for i, x := range xs {
		ys[i] = f(x)
	}
	return ys
}

func mapKeys(keys []SortKey, f func(Expr) Expr) []SortKey {
	return mapAll(keys, func(k SortKey) SortKey { return SortKey{f(k.X), k.Desc} })
}

// FreeColumns are the names of the columns that es read, in order of appearance, each once. What a Verbatim reads is not known.
func FreeColumns(es ...Expr) []string {
	var names []string
	for _, e := range es {
		if e == nil {
			continue
		}
		Walk(e, func(x Expr) bool {
			if c, ok := x.(*Col); ok && !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
			return true
		})
	}
	return names
}

// Contains reports whether e or something inside it is a T.
func Contains[T Expr](e Expr) bool {
	found := false
	Walk(e, func(x Expr) bool {
		_, is := x.(T)
		found = found || is
		return !found
	})
	return found
}

// Inputs are the relations that r reads directly; a Ref reads none, since its step is another's.
func Inputs(r Relation) []Relation {
	switch r := r.(type) {
	case *Scan, *Raw, *Values, *Series, *Ref:
		return nil
	case *Filter:
		return []Relation{r.In}
	case *Project:
		return []Relation{r.In}
	case *Join:
		return []Relation{r.Left, r.Right}
	case *Expand:
		return []Relation{r.Left, r.Right}
	case *Aggregate:
		return []Relation{r.In}
	case *Window:
		return []Relation{r.In}
	case *Union:
		return r.In
	case *Sort:
		return []Relation{r.In}
	case *Limit:
		return []Relation{r.In}
	}
	panic(unsealed(r))
}

// Exprs are the expressions that r itself holds.
func Exprs(r Relation) []Expr {
	switch r := r.(type) {
	case *Scan, *Raw, *Ref, *Union, *Limit:
		return nil
	case *Values:
		return slices.Concat(r.Rows...)
	case *Series:
		return []Expr{r.From, r.To}
	case *Filter:
		return []Expr{r.Cond}
	case *Project:
		return namedExprs(r.Cols)
	case *Join:
		return withOptional(mapAll(r.On, func(e Equal) Expr { return e.Left }), r.Moment)
	case *Expand:
		return []Expr{r.On}
	case *Aggregate:
		return slices.Concat(namedExprs(r.Groups), namedExprs(r.Aggs))
	case *Window:
		return namedExprs(r.Cols)
	case *Sort:
		return sortExprs(r.Keys)
	}
	panic(unsealed(r))
}

func namedExprs(cols []Named) []Expr {
	return mapAll(cols, func(n Named) Expr { return n.X })
}

// WalkRelation visits r and all that it is made of, outermost first, and does not follow a Ref.
func WalkRelation(r Relation, visit func(Relation)) {
	visit(r)
	for _, in := range Inputs(r) {
		WalkRelation(in, visit)
	}
}

// RewriteRelation is r with f applied to all that it is made of and then to itself. f keeps schemas.
func RewriteRelation(r Relation, f func(Relation) Relation) Relation {
	return f(Rebuild(r, func(in Relation) Relation { return RewriteRelation(in, f) }, func(x Expr) Expr { return x }))
}

// Rebuild is a copy of r with in applied to its inputs and x to the expressions it holds itself. Both keep schemas.
func Rebuild(r Relation, in func(Relation) Relation, x func(Expr) Expr) Relation {
	named := func(n Named) Named { return Named{n.Name, x(n.X)} }
	switch r := r.(type) {
	case *Scan, *Raw, *Ref:
		return r
	case *Values:
		return &Values{mapAll(r.Rows, func(row []Expr) []Expr { return mapAll(row, x) }), r.Domain, r.schema}
	case *Series:
		return &Series{x(r.From), x(r.To), r.Unit, r.schema}
	case *Filter:
		return &Filter{in(r.In), x(r.Cond), r.schema}
	case *Project:
		return &Project{in(r.In), mapAll(r.Cols, named), r.schema}
	case *Join:
		on := mapAll(r.On, func(e Equal) Equal { return Equal{x(e.Left), e.Right} })
		moment := r.Moment
		if moment != nil {
			moment = x(moment)
		}
		return &Join{in(r.Left), in(r.Right), r.Kind, on, moment, r.schema}
	case *Expand:
		return &Expand{in(r.Left), in(r.Right), r.Kind, x(r.On), r.By, r.schema}
	case *Aggregate:
		return &Aggregate{in(r.In), mapAll(r.Groups, named), r.Sets, r.GroupingID, mapAll(r.Aggs, named), r.schema}
	case *Window:
		return &Window{in(r.In), mapAll(r.Cols, named), r.schema}
	case *Union:
		return &Union{mapAll(r.In, in), r.schema}
	case *Sort:
		return &Sort{in(r.In), mapKeys(r.Keys, x)}
	case *Limit:
		return &Limit{in(r.In), r.Count}
	}
	panic(unsealed(r))
}

func unsealed(node any) *Invariant {
	return &Invariant{fmt.Sprintf("a node of an unknown kind: %T", node)}
}
