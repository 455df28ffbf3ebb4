package plan

import (
	"fmt"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// convert finds the column of conversions: events that follow a base event of the same entity.
func (f *frame) convert(t *ask.Conversion) {
	if f.columns[t] != nil {
		return
	}
	p := f.part(partKey{term: t}, func(p *framePart) rel.Relation { return f.conversions(t, p) })
	in := &inputColumn{input: t.Converted.Input, row: f.columnNames.give(t.Converted.Input.Name + "_row"),
		name: f.columnNames.give(t.Converted.Input.Name + "_converted")}
	p.columns = append(p.columns, &partColumn{input: in, fill: t.Converted.Fill, name: in.name})
	f.columns[t] = p.columns[0]
	if t.Converted.Spine {
		s := f.baseScan(t)
		s.bounded = s.bounded || s.generates(t.Base.Input, false)
	}
}

// baseScan is the scan of the base events.
func (f *frame) baseScan(t *ask.Conversion) *groupScan {
	before, _ := f.splitReach(t.Base)
	return f.scan(t.Base, before)
}

// conversions counts each event once, in the groups of the last base event before it within the window.
func (f *frame) conversions(t *ask.Conversion, p *framePart) rel.Relation {
	col := p.columns[0]
	grain := max(fineGrain(t.Base.Input.Time, nil), fineGrain(t.Converted.Input.Time, nil))
	base, events := f.baseEvents(t, grain), f.events(t, grain, col.input.row)
	on := []rel.Expr{
		rel.NewCall(rel.Eq, base.Schema().Col("base_entity"), events.Schema().Col("event_entity")),
		rel.NewCall(rel.Le, base.Schema().Col("base_time"), events.Schema().Col("event_time")),
	}
	if w := t.Spec.Periods; w.Count > 0 {
		earliest := rel.NewTimeCall(rel.DateAdd, w.Unit, events.Schema().Col("event_time"), rel.Int(-w.Count))
		on = append(on, rel.NewCall(rel.Gt, base.Schema().Col("base_time"), earliest))
	}
	for i := range t.Spec.Constants {
		on = append(on, rel.NewCall(rel.Eq, base.Schema().Col(baseProperty(i)), events.Schema().Col(eventProperty(i))))
	}
	pairs := rel.NewExpand(rel.Inner, base, events, rel.AndAll(on...), "event_id")
	ranked := rel.NewWindow(pairs, rel.Named{Name: "event_rank", X: rel.NewOver(rel.RowNumber, nil, []rel.Expr{pairs.Schema().Col("event_id")},
		f.lastFirst(pairs.Schema()), nil)})
	last := rel.NewFilter(ranked, rel.NewCall(rel.Eq, ranked.Schema().Col("event_rank"), rel.Int(1)))
	agg := (&groupScan{frame: f, at: "event_time"}).aggregateOf(col.input, last.Schema())
	col.typ = agg.Type()
	step := f.program.add(rel.Inline, t.Converted.Input.Table.Name+"_converted", "Each conversion with the last base event before it",
		rel.NewAggregate(last, passed(last.Schema(), f.names...), []rel.Named{{Name: col.name, X: agg}}))
	in := rel.Relation(rel.NewRef(step))
	if t.Converted.Spine && len(f.timeGroups(t.Base.Input)) > 0 {
		in = f.fillPeriods(t, p, in)
	}
	return in
}

// lastFirst orders base events from the latest. Of several at one time, where that compares at a coarser grain than theirs, the earliest
// of them comes first, as dbt finds them; then the groups decide, so that the answer is the same each time.
func (f *frame) lastFirst(s rel.Schema) []rel.SortKey {
	keys := []rel.SortKey{{X: s.Col("base_time"), Desc: true}}
	if _, coarser := s.Column(baseOwnTime); coarser {
		keys = append(keys, rel.SortKey{X: s.Col(baseOwnTime)})
	}
	for _, name := range f.names {
		keys = append(keys, rel.SortKey{X: s.Col(name)})
	}
	return keys
}

// fillPeriods adds the periods without conversions: all there are, for what a query filters by is said of base events, as in dbt.
func (f *frame) fillPeriods(t *ask.Conversion, p *framePart, in rel.Relation) rel.Relation {
	at := f.timeGroups(t.Base.Input)
	joined := f.joinColumn(t.Base.Input, rel.NoUnit)
	unlimited := *f
	unlimited.ranged = false
	spine := unlimited.spineOf(t.Base.Input, at, rel.NoUnit, nil, func(grain rel.Unit) rel.Relation {
		return unlimited.periods(grain, false, f.baseScan(t).stretch(), model.Offset{})
	})
	return f.joinSpine(p, in, spine, rel.Left, at, rel.NoUnit, joined, spine.Schema().Col(joined))
}

// baseOwnTime is when a base event was, where base_time is coarser.
const baseOwnTime = "base_own_time"

// baseEvents are the rows that may convert, with their groups.
func (f *frame) baseEvents(t *ask.Conversion, grain rel.Unit) rel.Relation {
	in := t.Base.Input
	s := &groupScan{frame: f, table: in.Table, time: in.Time, ranged: f.ranged, inputs: []*inputColumn{{input: in}}}
	rows := newRowset(in.Table, in.Time, f.asked.Model.Zone)
	s.prepare(rows)
	cols := []rel.Named{{Name: "base_entity", X: rows.expr(t.Spec.SameEntity().Base)},
		{Name: "base_time", X: rows.ref(timeRef(in.Time, grain))}}
	if known := in.Time.Granularity; known < grain {
		cols = append(cols, rel.Named{Name: baseOwnTime, X: rows.ref(timeRef(in.Time, known))})
	}
	for i, g := range f.groups {
		cols = append(cols, rel.Named{Name: f.names[i], X: rows.ref(g.Refs[in])})
	}
	for i, same := range t.Spec.Constants {
		cols = append(cols, rel.Named{Name: baseProperty(i), X: rows.expr(same.Base)})
	}
	conds := append(s.timeRange(), rows.conjuncts(conjunctsOf(in.Filters)))
	conds = append(conds, s.partitions(rows)...)
	return rel.NewProject(keep(rows.build(), conds), cols...)
}

// events are the rows that may be conversions, each with a number of its own.
func (f *frame) events(t *ask.Conversion, grain rel.Unit, value string) rel.Relation {
	in := t.Converted.Input
	s := &groupScan{frame: f, inputs: []*inputColumn{{input: in}}}
	rows := newRowset(in.Table, in.Time, f.asked.Model.Zone)
	s.prepare(rows)
	cols := []rel.Named{{Name: "event_entity", X: rows.expr(t.Spec.SameEntity().Converted)},
		{Name: "event_time", X: rows.ref(timeRef(in.Time, grain))}, {Name: value, X: rowAlone(in, rows)}}
	for i, same := range t.Spec.Constants {
		cols = append(cols, rel.Named{Name: eventProperty(i), X: rows.expr(same.Converted)})
	}
	cond := rows.conjuncts(conjunctsOf(in.Filters))
	all := rel.NewProject(keep(rows.build(), []rel.Expr{cond}), cols...)
	numbered := rel.NewOver(rel.RowNumber, nil, nil, []rel.SortKey{{X: all.Schema().Col("event_time")}}, nil)
	return rel.NewWindow(all, rel.Named{Name: "event_id", X: numbered})
}

// baseProperty and eventProperty are the columns of the n-th property that both events have alike.
func baseProperty(n int) string  { return fmt.Sprintf("base_property_%d", n+1) }
func eventProperty(n int) string { return fmt.Sprintf("event_property_%d", n+1) }
