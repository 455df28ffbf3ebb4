package plan

import (
	"assay/compiler/rel"
)

// Values that do not add up over time, such as balances, count at the last or first time alone: of the group's period if it is by
// that time, and of each entity that the metric names.

// Endings of an input's columns.
const (
	edgeTime   = "_time"
	edgeLimit  = "_edge"
	edgeEntity = "_entity"
)

// edgeColumns are the time and the entities of a row that an input counts; none where its values add up.
func (s *groupScan) edgeColumns(col *inputColumn, cond rel.Expr, rows *rowset) []rel.Named {
	n := col.input.NonAdditive
	if n == nil {
		return nil
	}
	at := rows.ref(timeRef(n.Time, n.Time.Granularity))
	cols := []rel.Named{{Name: col.row + edgeTime, X: where(cond, at)}}
	for _, e := range n.Groupings {
		cols = append(cols, rel.Named{Name: col.row + edgeEntity + "_" + e.Name, X: rows.expr(e.Expr)})
	}
	return cols
}

// onlyAtEdges drops the values of rows that are not at the last or first time; to their input, such rows do not exist.
func (s *groupScan) onlyAtEdges(in rel.Relation) rel.Relation {
	var edges []rel.Named
	for _, col := range s.inputs {
		if n := col.input.NonAdditive; n != nil {
			f := rel.WindowMin
			if n.Last {
				f = rel.WindowMax
			}
			edges = append(edges, rel.Named{Name: col.row + edgeLimit,
				X: rel.NewOver(f, []rel.Expr{in.Schema().Col(col.row + edgeTime)}, s.edgePartition(col, in.Schema()), nil, nil)})
		}
	}
	if edges == nil {
		return in
	}
	window := rel.NewWindow(in, edges...)
	var cols []rel.Named
	for _, c := range in.Schema().Columns {
		x := rel.Expr(rel.NewCol(c))
		for _, col := range s.inputs {
			if col.input.NonAdditive != nil && (c.Name == col.row || c.Name == col.kept()) {
				x = where(s.atEdge(col, window.Schema()), x)
			}
		}
		cols = append(cols, rel.Named{Name: c.Name, X: x})
	}
	return rel.NewProject(window, cols...)
}

// edgePartition is the rows among which a time is the last or first.
func (s *groupScan) edgePartition(col *inputColumn, schema rel.Schema) []rel.Expr {
	n := col.input.NonAdditive
	var by []rel.Expr
	for _, e := range n.Groupings {
		by = append(by, schema.Col(col.row+edgeEntity+"_"+e.Name))
	}
	for i, g := range s.groups {
		if ref := g.Refs[s.inputs[0].input]; ref.Dimension == n.Time && len(ref.Path) == 0 {
			return append(by, schema.Col(s.names[i]))
		}
	}
	return by
}

// atEdge is that a row is at the edge, and has the entities by which it is one.
func (s *groupScan) atEdge(col *inputColumn, schema rel.Schema) rel.Expr {
	conds := []rel.Expr{rel.NewCall(rel.Eq, schema.Col(col.row+edgeTime), schema.Col(col.row+edgeLimit))}
	for _, e := range col.input.NonAdditive.Groupings {
		conds = append(conds, rel.NewCall(rel.IsNotNull, schema.Col(col.row+edgeEntity+"_"+e.Name)))
	}
	return rel.AndAll(conds...)
}
