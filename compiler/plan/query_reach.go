package plan

import (
	"slices"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// aggregate finds the column for an input under its reach.
func (f *frame) aggregate(t *ask.Aggregate) {
	if f.columns[t] != nil {
		return
	}
	before, after := f.splitReach(t)
	s := f.scan(t, before)
	in := s.input(t.Input, rowFilters(t.Input, after))
	spine := t.Spine && len(f.timeGroups(t.Input)) > 0
	key := partKey{scan: s, reach: after, spine: spine}
	if spine || !t.Reach.Shift.IsZero() {
		key.filters = filterKey(timeFilters(t.Input), f.deferredFilters(t.Input))
	}
	if spine && len(f.groups) > len(f.timeGroups(t.Input)) {
		// A period without any of the rows that an input counts has a group of its own, whatever rows another input has in it.
		key.rows = filterKey(in.filters)
	}
	if s.generates(t.Input, f.ranged) && (spine || !after.Shift.IsZero() && !f.looksAhead(t.Input, s.finest, after.Shift)) {
		s.bounded = true
	}
	p := f.part(key, func(p *framePart) rel.Relation { return f.finish(p) })
	f.columns[t] = f.column(p, in, t.Fill)
}

// splitReach is what has to hold before the aggregate, and what is done to its result. Periods are moved after it where the answer's
// finest period is one of those that an offset moves by whole.
func (f *frame) splitReach(t *ask.Aggregate) (before, after ask.Reach) {
	before, after = t.Reach, ask.Reach{}
	before.Period, before.Shift = 0, model.Offset{}
	if len(f.timeGroups(t.Input)) == 0 {
		before = ask.Reach{} // there are no periods: all rows count
	}
	if before.Extent != ask.Own && f.finestPeriod(t) != rel.NoUnit {
		after.Period = t.Reach.Period
	}
	if f.movesWhole(t) {
		after.Shift = t.Reach.Shift
	} else {
		before.Shift = t.Reach.Shift
	}
	return before, after
}

// movesWhole reports whether an input's finest period is moved by an offset as a whole. A week lies in no month, so it does not
// begin where a longer period begins.
func (f *frame) movesWhole(t *ask.Aggregate) bool {
	shift := t.Reach.Shift
	if shift.IsZero() || shift.Window.Custom != nil {
		return false
	}
	finest := f.finestPeriod(t)
	if finest == rel.NoUnit {
		ref := f.joinGroup(t.Input)
		if ref == nil || ref.Part != rel.NoPart || ref.Custom != nil {
			return false
		}
		finest = ref.Grain
	}
	if shift.ToGrain != rel.NoUnit {
		return finest <= shift.ToGrain && finest != rel.Week
	}
	return finest <= shift.Window.Unit
}

// joinGroup is the input's time among the groups by which periods are joined: the finest unit of time, else a custom period, else a
// part; nil where the groups have none.
func (f *frame) joinGroup(in *ask.Input) *model.Ref {
	var best *model.Ref
	for _, ref := range f.timesOf(in) {
		if best == nil || finer(ref, best) {
			best = ref
		}
	}
	return best
}

func finer(a, b *model.Ref) bool {
	rank := func(r *model.Ref) int {
		switch {
		case r.Part != rel.NoPart:
			return 2000
		case r.Custom != nil:
			return 1000 + int(r.Grain)
		default:
			return int(r.Grain)
		}
	}
	return rank(a) < rank(b)
}

// timeRef is a table's own time at a grain.
func timeRef(d *model.Dimension, grain rel.Unit) *model.Ref {
	return &model.Ref{Name: d.Name, Dimension: d, Grain: grain}
}

// overPeriods has rows counted by each period that reaches them, and by no other: first those of a cumulative metric's window, then
// those that an offset moves.
func (s *groupScan) overPeriods(rows *rowset) {
	refs := s.timeRefs()
	if len(refs) == 0 || s.reach == (ask.Reach{}) {
		return
	}
	rows.moved = s.time
	if s.reach.Extent != ask.Own {
		grain := finestOf(refs)
		if s.finest != rel.NoUnit {
			grain = min(grain, s.finest)
		}
		s.spread(rows, periodStart, grain, s.reaches)
	}
	if !s.reach.Shift.IsZero() {
		s.spreadShift(rows, refs)
	}
}

// timeRefs are the scan's own time as the groups and filters read it.
func (s *groupScan) timeRefs() []*model.Ref {
	first := s.inputs[0].input
	refs := s.timesOf(first)
	if len(refs) == 0 {
		return nil
	}
	for _, col := range s.inputs {
		for _, c := range col.filters {
			for _, r := range c.refs {
				if r.Dimension == s.time && len(r.Path) == 0 {
					refs = append(refs, r)
				}
			}
		}
	}
	return refs
}

// finestOf is the finest grain among times; a part needs days.
func finestOf(refs []*model.Ref) rel.Unit {
	finest := rel.NoUnit
	for _, r := range refs {
		grain := r.Grain
		if r.Part != rel.NoPart {
			grain = rel.Day
		}
		if finest == rel.NoUnit || grain < finest {
			finest = grain
		}
	}
	return finest
}

// spread joins rows to each period that reaches them; rows are then at the period's time.
func (s *groupScan) spread(rows *rowset, name string, grain rel.Unit, on func(row, period rel.Expr) rel.Expr) {
	at := rows.ref(timeRef(s.time, grain))
	limited, shift := s.limited(), s.reach.Shift
	column := &rel.Col{Name: name, T: s.periodType(grain, at)}
	rows.spreads = append(rows.spreads, func(in rel.Relation) rel.Relation {
		if s.asked.Model.SpineFor(grain) == nil {
			in = rows.whereKnown(in) // periods lie between the first and the last of the rows that count
		}
		periods := s.periods(grain, limited, stretchOf(in, at, at, grain), shift)
		renamed := rel.NewProject(periods, rel.Named{Name: name, X: periods.Schema().Col(periodStart)})
		return rel.NewExpand(rel.Inner, in, renamed, on(at, column), name)
	})
	rows.period, rows.periodOf = column, grain
	rows.moment, rows.momentOf = column, grain
}

// periodType is the type of periods over rows whose times are at.
func (f *frame) periodType(grain rel.Unit, at rel.Expr) rel.Type {
	if spine := f.asked.Model.SpineFor(grain); spine != nil {
		return toGrain(spine.Column, spine.Grain, grain).Type()
	}
	return toGrain(rel.NewTimeCall(rel.DateAdd, min(grain, rel.Day), at, rel.Int(1)), rel.Day, grain).Type()
}

// limited reports whether the query's time range limits the periods of a cumulative metric. Those of one that is moved are limited
// after the move.
func (s *groupScan) limited() bool {
	return s.frame.ranged && (s.reach.Shift.IsZero() || s.moving)
}

// reaches is that a period counts a row.
func (s *groupScan) reaches(row, period rel.Expr) rel.Expr {
	conds := []rel.Expr{rel.NewCall(rel.Le, row, period)}
	switch s.reach.Extent {
	case ask.Trailing:
		w := s.reach.Window
		conds = append(conds, rel.NewCall(rel.Gt, row, rel.NewTimeCall(rel.DateAdd, w.Unit, period, rel.Int(-w.Count))))
	case ask.ToDate:
		conds = append(conds, rel.NewCall(rel.Ge, row, rel.NewTimeCall(rel.DateTrunc, s.reach.ToDate, period)))
	}
	return rel.AndAll(conds...)
}

// earlier is the time that a period looks back to.
func earlier(shift model.Offset, period rel.Expr) rel.Expr {
	if shift.ToGrain != rel.NoUnit {
		return rel.NewTimeCall(rel.DateTrunc, shift.ToGrain, period)
	}
	return rel.NewTimeCall(rel.DateAdd, shift.Window.Unit, period, rel.Int(-shift.Window.Count))
}

// spreadShift joins rows to the periods that look back to them: days, or shorter ones where the offset or a group asks for them. A
// period for each instant by which rows are known would be too many.
func (s *groupScan) spreadShift(rows *rowset, refs []*model.Ref) {
	if custom := s.reach.Shift.Window.Custom; custom != nil {
		s.spreadCustom(rows, custom, refs)
		return
	}
	grain := s.shiftGrain(refs)
	s.moving = true
	s.spread(rows, periodMoved, grain, func(row, period rel.Expr) rel.Expr { return s.looksBackTo(row, period, grain, refs) })
}

// shiftGrain is the grain of the periods that look back: days, or shorter ones where the offset or a group asks for them.
func (s *groupScan) shiftGrain(refs []*model.Ref) rel.Unit {
	return max(fineGrain(s.time, refs), min(rel.Day, finestOf(refs), s.reach.Shift.Grain()))
}

// looksBackTo is that a period looks back to a row's.
func (s *groupScan) looksBackTo(row, period rel.Expr, grain rel.Unit, refs []*model.Ref) rel.Expr {
	cond := rel.NewCall(rel.Eq, row, earlier(s.reach.Shift, period))
	if s.reach.Shift.ToGrain == rel.NoUnit {
		return cond
	}
	return rel.AndAll(cond, s.begins(period, grain, refs))
}

// fineGrain is the grain by which a time is known, at least that of refs.
func fineGrain(d *model.Dimension, refs []*model.Ref) rel.Unit {
	known := d.Granularity
	if known == rel.NoUnit {
		known = rel.Day
	}
	if len(refs) == 0 {
		return known
	}
	return min(known, finestOf(refs))
}

// begins is that one of the groups' periods begins with the period: each of them looks back from there alone. Where the groups have
// the period itself, all do.
func (s *groupScan) begins(period rel.Expr, grain rel.Unit, refs []*model.Ref) rel.Expr {
	first := s.inputs[0].input
	var any []rel.Expr
	for _, i := range s.timeGroups(first) {
		ref := s.groups[i].Refs[first]
		switch {
		case ref.Part != rel.NoPart:
		case ref.Grain <= grain:
			return nil
		default:
			any = append(any, rel.NewCall(rel.Eq, rel.NewTimeCall(rel.DateTrunc, ref.Grain, period), period))
		}
	}
	if len(any) == 0 {
		return nil
	}
	if len(any) == 1 {
		return any[0]
	}
	return rel.NewCall(rel.Or, any...)
}

// finish is the part's relation by group: the scan's answer, moved in time, with the periods that have no rows, and one value for the
// groups' periods.
func (f *frame) finish(p *framePart) rel.Relation {
	s := p.key.scan
	in := f.renamed(p, p.ownGroups(rel.NewRef(s.step)))
	switch shift := p.key.reach.Shift; {
	case !shift.IsZero() && p.key.spine:
		in = f.onSpine(p, in, rel.Left, shift)
	case !shift.IsZero():
		in = f.onSpine(p, in, rel.Inner, shift)
	case p.key.spine:
		in = f.onSpine(p, in, rel.Left, model.Offset{})
	}
	if deferred := f.deferredFilters(p.columns[0].input.input); p.rearranged() && len(deferred) > 0 {
		in = rel.NewFilter(in, f.onGroups(deferred, in.Schema()))
	}
	if s.finest == rel.NoUnit {
		return in
	}
	return f.oneValue(p, in)
}

// rearranged reports whether the part has periods that its rows do not lie in.
func (p *framePart) rearranged() bool {
	return p.key.spine || !p.key.reach.Shift.IsZero() || !p.key.scan.reach.Shift.IsZero()
}

// renamed is the scan's groups and the part's columns.
func (f *frame) renamed(p *framePart, in rel.Relation) rel.Relation {
	s := p.key.scan
	cols := passed(in.Schema(), s.stepGroups()...)
	for _, c := range p.columns {
		x := rel.Expr(in.Schema().Col(c.input.name))
		if s.finest != rel.NoUnit && c.fill != nil {
			x = rel.NewCall(rel.Coalesce, x, number(*c.fill))
		}
		c.typ = x.Type()
		cols = append(cols, rel.Named{Name: c.name, X: x})
	}
	if slices.EqualFunc(cols, in.Schema().Columns, func(n rel.Named, c rel.Column) bool {
		col, plain := n.X.(*rel.Col)
		return plain && col.Name == c.Name && n.Name == c.Name
	}) {
		return in
	}
	return rel.NewProject(in, cols...)
}

// oneValue makes one value of those of the periods that a group's period has: the first, the last or their average.
func (f *frame) oneValue(p *framePart, in rel.Relation) rel.Relation {
	schema := in.Schema()
	order := []rel.SortKey{{X: schema.Col(finestPeriod)}}
	var aggs []rel.Named
	for _, c := range p.columns {
		x := schema.Col(c.name)
		var one rel.Expr
		switch p.key.reach.Period {
		case ask.First:
			one = rel.NewFirst(x, order...)
		case ask.Last:
			one = rel.NewFirst(x, rel.SortKey{X: order[0].X, Desc: true})
		case ask.Average:
			one = rel.NewAgg(rel.Avg, x)
		}
		c.typ = one.Type()
		aggs = append(aggs, rel.Named{Name: c.name, X: one})
	}
	return rel.NewAggregate(in, passed(schema, f.groupColumns()...), aggs)
}
