package plan

import (
	"fmt"
	"slices"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A formula is a relation by itself, as in dbt: it has a value for the groups that its inputs have, and none for those that other
// metrics bring. Most are NULL where all their inputs are, so that they may be computed after all is aligned. One that is not, because
// an input's NULLs are filled, stands apart where others bring groups of their own.

// gatherAll finds the columns of terms that are answered beside each other.
func (f *frame) gatherAll(terms ...ask.Term) {
	for i, t := range terms {
		others := slices.Concat(terms[:i], terms[i+1:])
		if !strict(t) && f.bringMore(others, t) {
			f.apart(t)
			continue
		}
		f.gather(t)
	}
}

// strict reports whether a term is NULL where all that it is made of is.
func strict(t ask.Term) bool {
	switch t := t.(type) {
	case *ask.Aggregate:
		return true // dbt fills a metric in each row of the answer, if it is asked for as it is
	case *ask.Conversion:
		return t.Converted.Fill == nil || t.Base.Fill == nil && t.Spec.Calculation != model.ConversionNumber
	case *ask.Quotient:
		return isNullable(t.Numerator) || isNullable(t.Denominator)
	case *ask.Formula:
		args := map[string]bool{}
		for _, a := range t.Args {
			args[a.Name] = isNullable(a.Term)
		}
		return strictExpr(t.Expr, args)
	case *ask.Shifted, *ask.Started, *ask.Reaches, *ask.Quantile, *ask.Funnel:
		return true
	default:
		panic(t)
	}
}

// isNullable is strict of a term within a formula, where what is filled is never NULL.
func isNullable(t ask.Term) bool {
	leaf, ok := t.(*ask.Aggregate)
	return ok && leaf.Fill == nil || !ok && strict(t)
}

// strictFuncs are NULL where one of their arguments is.
var strictFuncs = []rel.Func{rel.Add, rel.Sub, rel.Mul, rel.Div, rel.Neg, rel.NullIf}

func strictExpr(x rel.Expr, args map[string]bool) bool {
	switch x := x.(type) {
	case *rel.Col:
		return args[x.Name]
	case *rel.Cast:
		return strictExpr(x.X, args)
	case *rel.Call:
		return slices.Contains(strictFuncs, x.Func) && slices.ContainsFunc(x.Args, func(a rel.Expr) bool { return strictExpr(a, args) })
	default:
		return false
	}
}

// bringMore reports whether others may have groups that a term has not.
func (f *frame) bringMore(others []ask.Term, t ask.Term) bool {
	own := f.rowsOf(t)
	return slices.ContainsFunc(others, func(other ask.Term) bool {
		return slices.ContainsFunc(f.rowsOf(other), func(rows string) bool { return !slices.Contains(own, rows) })
	})
}

// rowsOf tells apart the rows that the groups of a term come from.
func (f *frame) rowsOf(t ask.Term) []string {
	switch t := t.(type) {
	case *ask.Aggregate:
		before, after := f.splitReach(t)
		spine := t.Spine && len(f.timeGroups(t.Input)) > 0
		return []string{fmt.Sprint(t.Input.Table.Name, t.Input.Time, before, after, spine, filterKey(rowFilters(t.Input, after), timeFilters(t.Input)))}
	case *ask.Conversion:
		return append(f.rowsOf(t.Base), fmt.Sprintf("%p", t))
	case *ask.Started:
		return []string{fmt.Sprintf("%p", t.First.Input)}
	case *ask.Shifted:
		return []string{fmt.Sprintf("%p", t)}
	case *ask.Quotient:
		return append(f.rowsOf(t.Numerator), f.rowsOf(t.Denominator)...)
	case *ask.Formula:
		var all []string
		for _, a := range t.Args {
			all = append(all, f.rowsOf(a.Term)...)
		}
		return all
	case *ask.Reaches, *ask.Quantile, *ask.Funnel:
		panic("a unit's total is no part of a query: asking has refused it")
	default:
		panic(t)
	}
}

// apart finds the column of a term that is computed by itself, over the frame's scans.
func (f *frame) apart(t ask.Term) {
	if f.columns[t] != nil {
		return
	}
	inner := &frame{kpiPlan: f.kpiPlan, groups: f.groups, names: f.names, ranged: f.ranged, scans: f.scans, columns: map[ask.Term]*partColumn{}}
	inner.gather(t)
	p := f.part(partKey{term: t}, func(p *framePart) rel.Relation {
		all := inner.aligned()
		value := rel.Named{Name: p.columns[0].name, X: inner.formula(t)}
		p.columns[0].typ = value.X.Type()
		return rel.NewRef(f.program.add(rel.Inline, "formula_by_group", "A formula by itself: it has the groups of its inputs alone",
			rel.NewProject(all, append(passed(all.Schema(), f.groupColumns()...), value)...)))
	})
	p.columns = append(p.columns, &partColumn{name: f.columnNames.give("formula")})
	f.columns[t] = p.columns[0]
}
