package plan

import (
	"slices"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A cumulative metric counts a row in many periods. Where partial aggregates add up, rows are aggregated by their own period first, so
// that periods meet those and not the rows.

// rowPeriod is a row's own period, beside those that reach it.
const rowPeriod = "row_period"

// addsUp reports whether what periods count can be put together from what each row's own period has.
func (s *groupScan) addsUp() bool {
	refs := s.timeRefs()
	if s.reach.Extent == ask.Own || !s.reach.Shift.IsZero() || len(refs) == 0 || s.cohort != nil {
		return false
	}
	custom := func(r *model.Ref) bool { return r.Custom != nil }
	if len(refs) > len(s.timeGroups(s.inputs[0].input)) || slices.ContainsFunc(refs, custom) {
		return false // a filter reads the period, or a group is no unit of time
	}
	for _, col := range s.inputs {
		f := groupAggregates[col.input.Agg]
		if f != rel.Sum && f != rel.Min && f != rel.Max || col.input.NonAdditive != nil || slices.ContainsFunc(col.input.Refs(), changes) {
			return false
		}
	}
	return !slices.ContainsFunc(s.groups, func(g *ask.Group) bool { return changes(g.Refs[s.inputs[0].input]) })
}

// changes reports whether a property depends on the moment at which it is read.
func changes(r *model.Ref) bool {
	return slices.ContainsFunc(r.Path, func(h model.Hop) bool { return h.To.Table.Validity != nil })
}

// byOwnPeriod is the scan's rows aggregated by their own period and the groups that are not of time, for each period that reaches them.
func (s *groupScan) byOwnPeriod() rel.Relation {
	first := s.inputs[0].input
	at := s.timeGroups(first)
	grain := finestOf(s.timeRefs())
	if s.finest != rel.NoUnit {
		grain = min(grain, s.finest)
	}
	partial := rel.NewRef(s.partials(grain))
	row := partial.Schema().Col(rowPeriod)
	periods := s.periods(grain, s.limited(), stretchOf(partial, row, row, grain), model.Offset{})
	period := periods.Schema().Col(periodStart)
	reached := rel.NewExpand(rel.Inner, partial, periods, s.reaches(row, period), periodStart)
	var cols []rel.Named
	for i, g := range s.groups {
		x := rel.Expr(nil)
		if slices.Contains(at, i) {
			x = periodRef(g.Refs[first], period, grain)
		} else {
			x = partial.Schema().Col(s.names[i])
		}
		cols = append(cols, rel.Named{Name: s.names[i], X: x})
	}
	if s.finest != rel.NoUnit {
		cols = append(cols, rel.Named{Name: finestPeriod, X: toGrain(period, grain, s.finest)})
	}
	if s.bounded {
		cols = append(cols, rel.Named{Name: rowTime, X: period})
	}
	for _, col := range s.inputs {
		cols = append(cols, passed(partial.Schema(), col.row)...)
		if s.tellsRows(col) {
			cols = append(cols, passed(partial.Schema(), col.kept())...)
		}
	}
	return rel.NewProject(reached, cols...)
}

// partials adds the step that has them.
func (s *groupScan) partials(grain rel.Unit) *rel.Step {
	first := s.inputs[0].input
	rows := newRowset(s.table, s.time, s.asked.Model.Zone)
	s.readMetrics(rows)
	by := append([]string{rowPeriod}, s.otherGroups(s.timeGroups(first))...)
	cols := []rel.Named{{Name: rowPeriod, X: rows.ref(timeRef(s.time, grain))}}
	for i, g := range s.groups {
		if slices.Contains(by, s.names[i]) {
			cols = append(cols, rel.Named{Name: s.names[i], X: rows.ref(g.Refs[first])})
		}
	}
	values, kept := s.values(rows)
	in := rel.NewProject(keep(rows.build(), []rel.Expr{kept}), append(cols, values...)...)
	var aggs []rel.Named
	for _, col := range s.inputs {
		aggs = append(aggs, rel.Named{Name: col.row, X: s.aggregateOf(col, in.Schema())})
		if s.tellsRows(col) {
			aggs = append(aggs, rel.Named{Name: col.kept(), X: rel.NewAgg(rel.Max, in.Schema().Col(col.kept()))})
		}
	}
	return s.program.add(rel.Inline, s.table.Name+"_by_"+grain.String(), "One scan of "+s.table.Name+", aggregated by "+grain.String(),
		rel.NewAggregate(in, passed(in.Schema(), by...), aggs))
}
