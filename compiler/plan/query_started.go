package plan

import (
	"slices"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A metric per unit in a query is what an experiment computes of the same units, without variants: each unit's first event is its
// exposure, and the mean over the units of a group is the answer. Metrics whose clocks the same events start share their units.

// Columns of first events.
const (
	firstAt = "first_at"
	isAsked = "is_asked" // whether the query's filters and time range hold
)

// start finds the column of a metric per unit.
func (f *frame) start(t *ask.Started) {
	p := f.part(partKey{first: t.First.Input, entity: t.Clock.Entity}, f.started)
	i := slices.IndexFunc(p.columns, func(c *partColumn) bool { return c.started.Metric == t.Metric })
	if i < 0 {
		i = len(p.columns)
		p.columns = append(p.columns, &partColumn{started: t, name: f.columnNames.give(t.Metric.Name + "_of_units"), typ: rel.Float})
	}
	f.columns[t] = p.columns[i]
}

// started is the means over the units of each group.
func (f *frame) started(p *framePart) rel.Relation {
	events := p.columns[0].started.Clock.First.Name
	c := newCohort(f.program, p.key.entity, []*model.Experiment{{Name: events, Entity: p.key.entity}}, nil, f.asked.Model.Zone)
	for _, group := range f.names {
		c.columns.give(group)
	}
	values := make([]rel.Expr, len(p.columns))
	for i, col := range p.columns {
		values[i] = c.estimate(c.useOf(col.started)).quantities[0].of.x
	}
	if !f.startUnits(c, p.key.first, events) {
		return nil
	}
	in := c.sideBySide()
	groups := passed(in.Schema(), f.names...)
	var means []rel.Named
	for i, col := range p.columns {
		means = append(means, rel.Named{Name: col.name, X: rel.NewAgg(rel.Avg, values[i])})
	}
	return rel.NewRef(f.program.add(rel.Inline, "units_by_group", "The means over the units of each group", rel.NewAggregate(in, groups, means)))
}

// useOf is a metric as the cohort's one experiment would use it.
func (c *cohort) useOf(t *ask.Started) *ask.Use {
	use := &ask.Use{Experiment: c.experiments[0], Metric: &model.MetricUse{Name: t.Metric.Name, Metric: t.Metric, Unit: c.entity}, Term: t.Term}
	if r, is := t.Metric.Spec.(*model.Retention); is {
		use.Since, use.Metric.Settings.Mature = ask.Since{Start: r.Start, End: r.End}, true
	}
	return use
}

// startUnits adds the steps up to those that read the units' facts; false where no way leads from those to the units.
func (f *frame) startUnits(c *cohort, first *ask.Input, events string) bool {
	paths := c.route(f.asked.Model, f.bag)
	hops, entity, err := f.asked.Model.UnitPath(first.Table, c.entity)
	if err != nil || f.bag.HasErrors() {
		return false
	}
	own := &model.Ref{Column: "first_" + c.entity, Path: hops, Entity: entity}
	c.agreeOnUnitType(append(paths, own))
	c.units = f.program.add(rel.Staged, "units_from_"+events, "Units by their first row of "+first.Table.Name+", and the limits of their time",
		f.asUnits(c, first, f.firstEvents(c, first, own)))
	c.read(paths)
	return true
}

// firstEvents is a row for each unit: its first event before as-of, with the groups that has. Of several at one time each group is the
// lowest, and one that the query asks for is enough.
func (f *frame) firstEvents(c *cohort, in *ask.Input, unit *model.Ref) rel.Relation {
	s := &groupScan{frame: f, time: in.Time, ranged: f.ranged}
	rows := newRowset(in.Table, in.Time, c.reporting)
	f.giveMetrics(rows, in.Refs(), in.Metrics)
	id := rows.ref(unit)
	if c.unitAsText {
		id = asText(id)
	}
	at := storedAtGrain(in.Time, c.reporting)
	cols := []rel.Named{{Name: "unit_id", X: id}, {Name: firstAt, X: at}}
	for i, g := range f.groups {
		cols = append(cols, rel.Named{Name: f.names[i], X: rows.ref(g.Refs[in])})
	}
	if asked := rel.AndAll(append(s.timeRange(), rows.conjuncts(conjunctsOf(in.Added)))...); asked != nil {
		cols = append(cols, rel.Named{Name: isAsked, X: asked})
	}
	own := rows.conjuncts(conjunctsOf(in.Filters[:len(in.Filters)-len(in.Added)]))
	before := rel.NewCall(rel.Lt, at, atGrain(&rel.Param{Name: rel.AsOf}, in.Time.Granularity, c.reporting))
	events := rel.NewProject(keep(rows.build(), []rel.Expr{rel.NewCall(rel.IsNotNull, id), before, own}), cols...)
	return firstOfEach(events, f.names)
}

// firstOfEach is the first event of each unit, where the query asks for it.
func firstOfEach(events rel.Relation, groups []string) rel.Relation {
	s := events.Schema()
	at := rel.SortKey{X: s.Col(firstAt)}
	aggs := []rel.Named{{Name: firstAt, X: rel.NewAgg(rel.Min, s.Col(firstAt))}}
	for _, name := range groups {
		aggs = append(aggs, rel.Named{Name: name, X: rel.NewFirst(s.Col(name), at, rel.SortKey{X: s.Col(name)})})
	}
	if _, some := s.Column(isAsked); !some {
		return rel.NewAggregate(events, passed(s, "unit_id"), aggs)
	}
	best := rel.NewFirst(s.Col(isAsked), at, rel.SortKey{X: s.Col(isAsked), Desc: true})
	first := rel.NewAggregate(events, passed(s, "unit_id"), append(aggs, rel.Named{Name: isAsked, X: best}))
	return rel.NewFilter(first, first.Schema().Col(isAsked))
}

// asUnits is first events as the units of a cohort: what an experiment would declare is the same for all.
func (f *frame) asUnits(c *cohort, in *ask.Input, first rel.Relation) rel.Relation {
	e, s := c.experiments[0], first.Schema()
	from := s.Col(firstAt)
	counted := rel.Expr(from)
	if in.Time.Granularity >= rel.Day {
		counted = toUTC(rel.ToType(from, rel.Timestamp), c.reporting)
	}
	cols := []rel.Named{{Name: "experiment", X: rel.String(e.Name)}, {Name: "unit_id", X: s.Col("unit_id")},
		{Name: "counted_from", X: counted}, {Name: "end_at", X: endOf(e)}}
	for _, st := range c.stretches {
		for _, d := range st.declared() {
			cols = append(cols, rel.Named{Name: d.Name, X: d.value(st, e)})
		}
	}
	declared := rel.NewProject(first, append(cols, passed(s, f.names...)...)...)
	kept := append([]string{"experiment", "unit_id"}, f.names...)
	return rel.NewProject(declared, append(passed(declared.Schema(), kept...), c.limitColumns()...)...)
}
