package plan

import (
	"slices"

	"assay/compiler/rel"
)

// One scan serves inputs of several filters, and a group of its answer may then have rows of some inputs alone. To the others it does
// not exist.

// kept is the column that is 1 where a row, and then a group, is one of the input's.
func (col *inputColumn) kept() string { return col.row + "_kept" }

// rowsOf is 1 for a group that has rows of the input, else NULL.
func (col *inputColumn) rowsOf(schema rel.Schema) rel.Expr {
	some := rel.NewAgg(rel.Max, schema.Col(col.kept()))
	if during := col.during(schema); during != nil {
		some = some.Filtered(during)
	}
	return some
}

// tellsRows reports whether the rows of an input have to be told from those of others.
func (s *groupScan) tellsRows(col *inputColumn) bool { return s.mayLack(col) || s.restricts(col) }

// mayLack reports whether a group may have no rows of an input that counts from zero, which is NULL in dbt.
func (s *groupScan) mayLack(col *inputColumn) bool {
	return groupAggregates[col.input.Agg].Traits().Empty != nil && (col.counted != nil || s.isOneOfSeveral(col))
}

func (s *groupScan) isOneOfSeveral(col *inputColumn) bool {
	return col.isPartial() && slices.ContainsFunc(s.rowInputs(), func(other *inputColumn) bool { return !col.countsRowsOf(other) })
}

// rowInputs are those whose rows the scan's groups come from.
func (s *groupScan) rowInputs() []*inputColumn {
	if s.partials != nil {
		return s.partials.columns()
	}
	return s.inputs
}

// isPartial reports whether an input may leave rows of the scan out.
func (col *inputColumn) isPartial() bool { return len(col.filters) > 0 || col.input.NonAdditive != nil }

// countsRowsOf reports whether an input counts the rows that another does.
func (col *inputColumn) countsRowsOf(other *inputColumn) bool {
	return sameConjuncts(other.filters, col.filters) && other.input.NonAdditive == col.input.NonAdditive
}

// noneIsNull makes a distinct count NULL in a group without rows of its input.
func (s *groupScan) noneIsNull(col *inputColumn, agg *rel.Agg, schema rel.Schema) rel.Expr {
	if !s.mayLack(col) {
		return agg
	}
	return rel.NewCase(nil, rel.When{Cond: rel.NewCall(rel.IsNotNull, col.rowsOf(schema)), Then: agg})
}

// restricts reports whether a part of the answer has to know in which groups an input has rows.
func (s *groupScan) restricts(col *inputColumn) bool {
	return slices.ContainsFunc(s.parts, func(p *framePart) bool { return p.restricted() && p.reads(col) })
}

// restricted reports whether the scan may bring groups that none of the part's inputs has.
func (p *framePart) restricted() bool {
	all := func(c *partColumn) bool { return !c.input.isPartial() }
	if len(p.key.scan.stepGroups()) == 0 || slices.ContainsFunc(p.columns, all) {
		return false
	}
	return slices.ContainsFunc(p.columns, func(c *partColumn) bool { return c.input.input.NonAdditive != nil }) ||
		slices.ContainsFunc(p.key.scan.rowInputs(), func(other *inputColumn) bool {
			return !slices.ContainsFunc(p.columns, func(c *partColumn) bool { return c.input.countsRowsOf(other) })
		})
}

func (p *framePart) reads(col *inputColumn) bool {
	return slices.ContainsFunc(p.columns, func(c *partColumn) bool { return c.input == col })
}

// ownGroups are the groups of the scan's answer that the part's inputs have.
func (p *framePart) ownGroups(in rel.Relation) rel.Relation {
	if !p.restricted() {
		return in
	}
	var some []rel.Expr
	for _, c := range p.columns {
		some = append(some, rel.NewCall(rel.IsNotNull, in.Schema().Col(c.input.kept())))
	}
	return rel.NewFilter(in, either(some))
}
