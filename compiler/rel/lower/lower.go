// Package lower rewrites a program for an engine that lacks a feature. Each pass is keyed by the feature, never by an engine.
package lower

import "assay/compiler/rel"

// Features are what an engine has of the features that can be done without.
type Features struct {
	GroupingSets                   bool
	PercentileCont, PercentileDisc bool // exact ones
	ApproxPercentile               bool
	First                          bool
	VarSamp, CovarSamp             bool // stable ones
}

// Lower is p without the features that are missing. Schemas stay as they are.
func Lower(p *rel.Program, has Features) *rel.Program {
	missing := map[rel.AggFunc]rankRewrite{}
	if !has.PercentileCont {
		missing[rel.PercentileCont] = percentileCont
	}
	if !has.PercentileDisc {
		missing[rel.PercentileDisc] = percentileDisc
	}
	if !has.First {
		missing[rel.First] = first
	}
	if !has.VarSamp {
		missing[rel.VarSamp] = varSamp
	}
	if !has.CovarSamp {
		missing[rel.CovarSamp] = covarSamp
	}
	if !has.ApproxPercentile {
		p = exactPercentiles(p)
	}
	return p.Rewrite(func(r rel.Relation) rel.Relation {
		return rel.RewriteRelation(r, func(r rel.Relation) rel.Relation {
			a, ok := r.(*rel.Aggregate)
			if !ok {
				return r
			}
			ranked := needsRanks(a, missing)
			switch {
			case a.Sets != nil && (ranked || !has.GroupingSets):
				return groupingSets(a, func(one *rel.Aggregate) *rel.Aggregate { return byRank(one, missing) })
			case ranked:
				return byRank(a, missing)
			default:
				return a
			}
		})
	})
}

// exactPercentiles takes the percentile itself where an engine has no estimate of it.
func exactPercentiles(p *rel.Program) *rel.Program {
	exact := func(x rel.Expr) rel.Expr {
		if a, ok := x.(*rel.Agg); ok && a.Func == rel.ApproxPercentile {
			exact := *a
			exact.Func = rel.PercentileCont
			return &exact
		}
		return x
	}
	return p.Rewrite(func(r rel.Relation) rel.Relation {
		return rel.RewriteRelation(r, func(r rel.Relation) rel.Relation {
			return rel.Rebuild(r, func(in rel.Relation) rel.Relation { return in }, func(x rel.Expr) rel.Expr { return rel.Rewrite(x, exact) })
		})
	})
}
