package plan

import (
	"slices"
	"strings"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A conjunct is a filter as it is written, which must hold with the others. Where periods are moved or filled in, what is said of
// time alone and what is said of rows hold at different moments.
type conjunct struct {
	x    rel.Expr
	refs []*model.Ref
}

func conjunctsOf(predicates []*model.Predicate) []conjunct {
	var all []conjunct
	for _, p := range predicates {
		all = append(all, conjunct{p.Expr, p.Refs})
	}
	return all
}

// ofTime reports whether nothing but the time an input is counted by is read.
func (c conjunct) ofTime(in *ask.Input) bool {
	return len(c.refs) > 0 && len(c.refs) == len(rel.FreeColumns(c.x)) &&
		!slices.ContainsFunc(c.refs, func(r *model.Ref) bool { return in.Time == nil || r.Dimension != in.Time || len(r.Path) > 0 })
}

// ofGroups reports whether nothing but columns of the answer is read.
func (c conjunct) ofGroups(groups []*ask.Group) bool {
	return len(c.refs) == len(rel.FreeColumns(c.x)) && !slices.ContainsFunc(c.refs, func(r *model.Ref) bool {
		return !slices.ContainsFunc(groups, func(g *ask.Group) bool { return g.Name == r.Name })
	})
}

func sameConjuncts(a, b []conjunct) bool {
	return slices.EqualFunc(a, b, func(x, y conjunct) bool { return rel.Same(x.x, y.x) })
}

// kept are the conjuncts for which keep is true.
func kept(all []conjunct, keep func(conjunct) bool) []conjunct {
	return slices.DeleteFunc(slices.Clone(all), func(c conjunct) bool { return !keep(c) })
}

// rowFilters are those that hold before the aggregate. What is said of time holds at the period that rows are moved to.
func rowFilters(in *ask.Input, after ask.Reach) []conjunct {
	all := conjunctsOf(in.Filters)
	if after.Shift.IsZero() {
		return all
	}
	return kept(all, func(c conjunct) bool { return !c.ofTime(in) })
}

// timeFilters are those that choose periods.
func timeFilters(in *ask.Input) []conjunct {
	return kept(conjunctsOf(in.Filters), func(c conjunct) bool { return c.ofTime(in) })
}

// deferredFilters hold once more for rows of the answer, of which the spine may have brought some that rows never were.
func (f *frame) deferredFilters(in *ask.Input) []conjunct {
	return kept(conjunctsOf(in.Added), func(c conjunct) bool { return !c.ofTime(in) && c.ofGroups(f.groups) })
}

// filterKey tells filters apart.
func filterKey(lists ...[]conjunct) string {
	var parts []string
	for _, list := range lists {
		for _, c := range list {
			parts = append(parts, rel.Format(c.x))
		}
		parts = append(parts, "")
	}
	return strings.Join(parts, "\x00")
}

// onColumns is the conjuncts as one expression over columns by the names of properties; nil for none.
func onColumns(list []conjunct, column func(*model.Ref) rel.Expr) rel.Expr {
	var conds []rel.Expr
	for _, c := range list {
		columns := map[string]rel.Expr{}
		for _, r := range c.refs {
			columns[r.Column] = column(r)
		}
		conds = append(conds, substitute(c.x, columns))
	}
	return rel.AndAll(conds...)
}

// onGroups is the conjuncts over the frame's groups.
func (f *frame) onGroups(list []conjunct, s rel.Schema) rel.Expr {
	return onColumns(list, func(r *model.Ref) rel.Expr {
		i := slices.IndexFunc(f.groups, func(g *ask.Group) bool { return g.Name == r.Name })
		return s.Col(f.names[i])
	})
}

// conjuncts makes conjuncts readable and is their expression; nil for none.
func (r *rowset) conjuncts(list []conjunct) rel.Expr { return r.conditions(list, r.ref) }

func (r *rowset) conditions(list []conjunct, column func(*model.Ref) rel.Expr) rel.Expr {
	cond := onColumns(list, column)
	if cond == nil {
		return nil
	}
	return r.expr(cond)
}

// conditions is that a row is one of an input's. Where periods are moved, a filter that reads time and something else sees the time of
// a group as it is moved to, and any other as the row has it, as in dbt.
func (s *groupScan) conditions(col *inputColumn, rows *rowset) rel.Expr {
	if s.reach.Shift.IsZero() {
		return rows.conjuncts(col.filters)
	}
	ofTime := func(c conjunct) bool { return c.ofTime(col.input) }
	cond := rows.conjuncts(kept(col.filters, ofTime))
	mixed := rows.conditions(kept(col.filters, func(c conjunct) bool { return !ofTime(c) }), func(r *model.Ref) rel.Expr {
		isGroup := slices.ContainsFunc(s.groups, func(g *ask.Group) bool { return g.Name == r.Name })
		if r.Dimension == nil || r.Dimension != s.time || r.Custom != nil || isGroup {
			return rows.ref(r)
		}
		return rows.unmoved(r)
	})
	return rel.AndAll(cond, mixed)
}

// refers reports whether a column of a predicate is a property, and not the table's own.
func refers(p *model.Predicate, column string) bool {
	return slices.ContainsFunc(p.Refs, func(r *model.Ref) bool { return r.Column == column })
}
