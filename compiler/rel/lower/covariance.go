package lower

import "assay/compiler/rel"

// varSamp is the covariance of a value with itself.
func varSamp(a *rel.Agg, add func(string, *rel.Over) rel.Expr, groups []rel.Expr) rel.Expr {
	return covariance(a.Args[0], a.Args[0], a.Where, add, groups)
}

func covarSamp(a *rel.Agg, add func(string, *rel.Over) rel.Expr, groups []rel.Expr) rel.Expr {
	return covariance(a.Args[0], a.Args[1], a.Where, add, groups)
}

// covariance is computed in two passes, first the means and then the products of what lies between the values and them: nothing
// cancels, whatever the means are.
func covariance(x, y, where rel.Expr, add func(string, *rel.Over) rel.Expr, groups []rel.Expr) rel.Expr {
	counts := rel.AndAll(where, rel.NewCall(rel.IsNotNull, x), rel.NewCall(rel.IsNotNull, y))
	counted := func(v rel.Expr) rel.Expr {
		return rel.NewCase(nil, rel.When{Cond: counts, Then: rel.ToType(v, rel.Float)})
	}
	deviation := func(v rel.Expr) rel.Expr {
		sum := add("value_sum", rel.NewOver(rel.WindowSum, []rel.Expr{counted(v)}, groups, nil, nil))
		count := add("value_count", rel.NewOver(rel.WindowCount, []rel.Expr{counted(v)}, groups, nil, nil))
		return rel.NewCall(rel.Sub, counted(v), rel.NewCall(rel.Div, sum, count))
	}
	products := rel.NewAgg(rel.Sum, rel.NewCall(rel.Mul, deviation(x), deviation(y)))
	return rel.NewCall(rel.Div, products, rel.NewCall(rel.Sub, rel.NewAgg(rel.Count, counted(x)), rel.Int(1)))
}
