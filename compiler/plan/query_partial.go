package plan

import (
	"slices"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A cumulative metric counts a row in many periods. Where partial aggregates add up, rows are aggregated by their own period first, so
// that periods meet those and not the rows; so it is of periods that look back in time. What else is asked of the same rows is put
// together from them too.

// rowPeriod is a row's own period, beside those that reach it.
const rowPeriod = "row_period"

// partials are the rows of a table aggregated by their own period and the groups that are not of time.
type partials struct {
	scans []*groupScan // that are answered from them
	grain rel.Unit
	step  *rel.Step
}

// sharePartials finds the scans that partial aggregates add up to. One that is alone and has each row in one period is as well off
// without.
func (f *frame) sharePartials() {
	var all []*partials
	for _, s := range *f.scans {
		if !s.addsUp() {
			continue
		}
		i := slices.IndexFunc(all, func(p *partials) bool { return p.scans[0].table == s.table && p.scans[0].time == s.time })
		if i < 0 {
			i = len(all)
			all = append(all, &partials{grain: s.partialGrain()})
		}
		all[i].scans = append(all[i].scans, s)
		all[i].grain = min(all[i].grain, s.partialGrain())
	}
	for _, p := range all {
		if len(p.scans) == 1 && p.scans[0].reach == (ask.Reach{}) {
			continue
		}
		for _, s := range p.scans {
			s.partials = p
		}
	}
}

// addsUp reports whether what periods count can be put together from what each row's own period has.
func (s *groupScan) addsUp() bool {
	first := s.inputs[0].input
	if refs := s.timesOf(first); len(refs) == 0 || s.cohort != nil || slices.ContainsFunc(refs, isCustom) {
		return false
	}
	if s.reach != (ask.Reach{}) && s.readsMoment() {
		return false
	}
	if shift := s.reach.Shift; !shift.IsZero() && (shift.Window.Custom != nil || s.reach.Extent != ask.Own) {
		return false // rows are moved twice, or by periods of a spine
	}
	return !slices.ContainsFunc(s.inputs, func(col *inputColumn) bool {
		f := groupAggregates[col.input.Agg]
		return f == rel.NoAgg || f.Traits().Merge != f || col.input.NonAdditive != nil
	})
}

func isCustom(r *model.Ref) bool { return r.Custom != nil }

// readsMoment reports whether a filter or a group depends on the period in which a row is counted.
func (s *groupScan) readsMoment() bool {
	first := s.inputs[0].input
	if len(s.timeRefs()) > len(s.timesOf(first)) {
		return true
	}
	return slices.ContainsFunc(s.groups, func(g *ask.Group) bool { return changes(g.Refs[first]) }) ||
		slices.ContainsFunc(s.inputs, func(col *inputColumn) bool { return slices.ContainsFunc(col.input.Refs(), changes) })
}

// changes reports whether a property depends on the moment at which it is read.
func changes(r *model.Ref) bool {
	return slices.ContainsFunc(r.Path, func(h model.Hop) bool { return h.To.Table.Validity != nil })
}

// partialGrain is the grain of the periods from which the scan is put together; a time range is of days.
func (s *groupScan) partialGrain() rel.Unit {
	if !s.reach.Shift.IsZero() {
		return s.shiftGrain(s.timesOf(s.inputs[0].input))
	}
	grain := finestOf(s.timesOf(s.inputs[0].input))
	if s.finest != rel.NoUnit {
		grain = min(grain, s.finest)
	}
	if s.ranged {
		grain = min(grain, rel.Day)
	}
	return grain
}

// fromPartials is the partial aggregates in each period that reaches them.
func (s *groupScan) fromPartials() rel.Relation {
	partial := rel.NewRef(s.partials.rows())
	row := partial.Schema().Col(rowPeriod)
	reached, period := rel.Relation(partial), row
	if s.reach != (ask.Reach{}) {
		periods := s.periods(s.partialGrain(), s.frame.ranged, stretchOf(partial, row, row, s.partials.grain), s.reach.Shift)
		period = periods.Schema().Col(periodStart)
		reached = rel.NewExpand(rel.Inner, partial, periods, s.counts(row, period), periodStart)
	} else if s.ranged {
		reached = keep(partial, s.within(row, func(day time.Time) rel.Expr { return onClocks(day, row.T) }))
	}
	return rel.NewProject(reached, s.periodColumns(partial.Schema(), period)...)
}

// counts is that a period counts what is known of a row's own: of its window, or at the time it looks back to.
func (s *groupScan) counts(row, period rel.Expr) rel.Expr {
	if s.reach.Shift.IsZero() {
		return s.reaches(row, period)
	}
	grain := s.partialGrain()
	return s.looksBackTo(toGrain(row, s.partials.grain, grain), period, grain, s.timesOf(s.inputs[0].input))
}

// periodColumns are the groups as a period sees them, and the partial aggregates.
func (s *groupScan) periodColumns(partial rel.Schema, period *rel.Col) []rel.Named {
	first := s.inputs[0].input
	grain, at := s.partials.grain, s.timeGroups(first)
	if s.reach != (ask.Reach{}) {
		grain = s.partialGrain()
	}
	var cols []rel.Named
	for i, g := range s.groups {
		x := rel.Expr(nil)
		if slices.Contains(at, i) {
			x = periodRef(g.Refs[first], period, grain)
		} else {
			x = partial.Col(s.names[i])
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
		of := s.partials.column(col)
		cols = append(cols, rel.Named{Name: col.row, X: partial.Col(of.row)})
		if s.tellsRows(col) {
			cols = append(cols, rel.Named{Name: col.kept(), X: partial.Col(of.kept())})
		}
	}
	return cols
}

// columns are the inputs of all scans, each once.
func (p *partials) columns() []*inputColumn {
	var all []*inputColumn
	for _, s := range p.scans {
		for _, col := range s.inputs {
			if p.column(col) == col {
				all = append(all, col)
			}
		}
	}
	return all
}

// column is the first that is the same as an input's.
func (p *partials) column(col *inputColumn) *inputColumn {
	for _, s := range p.scans {
		for _, other := range s.inputs {
			if other.input == col.input && sameConjuncts(other.filters, col.filters) {
				return other
			}
		}
	}
	panic("an input that no scan has")
}

// tellsRows reports whether a scan has to tell the rows of an input from others.
func (p *partials) tellsRows(col *inputColumn) bool {
	return slices.ContainsFunc(p.scans, func(s *groupScan) bool {
		return slices.ContainsFunc(s.inputs, func(other *inputColumn) bool { return p.column(other) == col && s.tellsRows(other) })
	})
}

// rows adds the step that has them.
func (p *partials) rows() *rel.Step {
	if p.step != nil {
		return p.step
	}
	s := p.scans[0]
	first := s.inputs[0].input
	rows := newRowset(s.table, s.time, s.asked.Model.Zone)
	for _, of := range p.scans {
		of.prepare(rows)
	}
	by := append([]string{rowPeriod}, s.otherGroups(s.timeGroups(first))...)
	cols := []rel.Named{{Name: rowPeriod, X: rows.ref(timeRef(s.time, p.grain))}}
	for i, g := range s.groups {
		if slices.Contains(by, s.names[i]) {
			cols = append(cols, rel.Named{Name: s.names[i], X: rows.ref(g.Refs[first])})
		}
	}
	values, kept := s.values(rows, p.columns(), p.tellsRows)
	rows.where(kept)
	in := rel.NewProject(rows.build(), append(cols, values...)...)
	var aggs []rel.Named
	for _, col := range p.columns() {
		aggs = append(aggs, rel.Named{Name: col.row, X: s.aggregateOf(col, in.Schema())})
		if p.tellsRows(col) {
			aggs = append(aggs, rel.Named{Name: col.kept(), X: rel.NewAgg(rel.Max, in.Schema().Col(col.kept()))})
		}
	}
	p.step = s.program.add(rel.Inline, s.table.Name+"_by_"+p.grain.String(), "The rows of "+s.table.Name+", aggregated by "+p.grain.String(),
		rel.NewAggregate(in, passed(in.Schema(), by...), aggs))
	return p.step
}
