package lower

import (
	"assay/compiler/rel"
)

// A rankRewrite is an aggregate done by the ranks of its rows: given the aggregate and what adds a window column to its input,
// an expression over simpler aggregates.
type rankRewrite func(a *rel.Agg, add func(name string, over *rel.Over) rel.Expr, groups []rel.Expr) rel.Expr

func needsRanks(a *rel.Aggregate, missing map[rel.AggFunc]rankRewrite) bool {
	found := false
	for _, agg := range a.Aggs {
		rel.Walk(agg.X, func(x rel.Expr) bool {
			if f, ok := x.(*rel.Agg); ok && missing[f.Func] != nil {
				found = true
			}
			return true
		})
	}
	return found
}

// byRank is a with the missing aggregates computed from window columns over its input.
func byRank(a *rel.Aggregate, missing map[rel.AggFunc]rankRewrite) *rel.Aggregate {
	if !needsRanks(a, missing) {
		return a
	}
	var names rel.Names
	for _, c := range a.In.Schema().Columns {
		names.Reserve(c.Name)
	}
	var groups []rel.Expr
	for _, g := range a.Groups {
		groups = append(groups, g.X)
	}
	var windows []rel.Named
	add := func(name string, over *rel.Over) rel.Expr {
		for _, w := range windows {
			if rel.Same(w.X, over) {
				return rel.NewCol(rel.Column{Name: w.Name, Type: over.T})
			}
		}
		w := rel.Named{Name: names.Take(name), X: over}
		windows = append(windows, w)
		return rel.NewCol(rel.Column{Name: w.Name, Type: over.T})
	}
	var aggs []rel.Named
	for _, agg := range a.Aggs {
		x := rel.Rewrite(agg.X, func(x rel.Expr) rel.Expr {
			if f, ok := x.(*rel.Agg); ok && missing[f.Func] != nil {
				return missing[f.Func](f, add, groups)
			}
			return x
		})
		aggs = append(aggs, rel.Named{Name: agg.Name, X: x})
	}
	return rel.NewAggregate(rel.NewWindow(a.In, windows...), a.Groups, aggs)
}

// ranked is the value of a's rows that count, its rank from 1 among its group's (NULLs come after) and their number.
func ranked(a *rel.Agg, add func(string, *rel.Over) rel.Expr, groups []rel.Expr) (value, rank, count rel.Expr) {
	value = a.Args[0]
	if a.Where != nil {
		value = rel.NewCase(nil, rel.When{Cond: a.Where, Then: value})
	}
	rank = add("value_rank", rel.NewOver(rel.RowNumber, nil, groups, []rel.SortKey{{X: value}}, nil))
	count = add("value_count", rel.NewOver(rel.WindowCount, []rel.Expr{value}, groups, nil, nil))
	return value, rank, count
}

// percentileDisc is the smallest value with rank ≥ q·n. With q as the quotient of whole numbers it is exact, where floats
// would take 0.07·100 for more than 7.
func percentileDisc(a *rel.Agg, add func(string, *rel.Over) rel.Expr, groups []rel.Expr) rel.Expr {
	value, rank, count := ranked(a, add, groups)
	q, _ := rel.Fraction(a.Args[1])
	reached := rel.NewCall(rel.Ge,
		rel.NewCall(rel.Mul, rank, rel.Int(q.Denom().Int64())),
		rel.NewCall(rel.Mul, count, rel.Int(q.Num().Int64())))
	return rel.NewAgg(rel.Min, value).Filtered(reached)
}

// percentileCont lies between the values next to rank 1 + q·(n−1), as far along as that rank does.
func percentileCont(a *rel.Agg, add func(string, *rel.Over) rel.Expr, groups []rel.Expr) rel.Expr {
	value, rank, count := ranked(a, add, groups)
	before := rel.NewCall(rel.Mul, rel.ToType(a.Args[1], rel.Float), rel.NewCall(rel.Sub, count, rel.Int(1)))
	at := func(f rel.Func) rel.Expr {
		place := rel.NewCall(rel.Add, rel.Int(1), rel.NewCall(f, before))
		return rel.NewAgg(rel.Max, rel.ToType(value, rel.Float)).Filtered(rel.NewCall(rel.Eq, rank, place))
	}
	along := rel.NewAgg(rel.Max, rel.NewCall(rel.Sub, before, rel.NewCall(rel.Floor, before)))
	return rel.NewCall(rel.Add, at(rel.Floor), rel.NewCall(rel.Mul, along, rel.NewCall(rel.Sub, at(rel.Ceil), at(rel.Floor))))
}

// first is the value of the row of rank 1 among those that count.
func first(a *rel.Agg, add func(string, *rel.Over) rel.Expr, groups []rel.Expr) rel.Expr {
	keys := a.OrderBy
	if a.Where != nil {
		counts := rel.NewCase(rel.Int(1), rel.When{Cond: a.Where, Then: rel.Int(0)})
		keys = append([]rel.SortKey{{X: counts}}, keys...)
	}
	rank := add("first_rank", rel.NewOver(rel.RowNumber, nil, groups, keys, nil))
	isFirst := rel.NewCall(rel.Eq, rank, rel.Int(1))
	return rel.NewAgg(rel.AnyValue, a.Args[0]).Filtered(rel.AndAll(isFirst, a.Where))
}
