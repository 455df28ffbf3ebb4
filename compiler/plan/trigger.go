package plan

import (
	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// A trigger is one scan of the facts that units are counted from: the first after exposure.
type trigger struct {
	table   *model.Table
	time    *model.Dimension
	filter  *model.Predicate // nil: any row
	stretch *stretch
	path    *model.Ref
}

func (t *trigger) limit() limit { return limit{t.stretch, t.time.Granularity} }

// gatherTriggers lists the triggers of the cohort's experiments; those that are one condition are one scan.
func (c *cohort) gatherTriggers() {
	for _, e := range c.experiments {
		if e.Trigger == nil {
			continue
		}
		b := bounds{open: e.Trigger.Within == nil}
		if !b.open {
			b.end = *e.Trigger.Within
		}
		t := c.triggerOf(e.Trigger)
		t.stretch.bounds[e] = b
	}
}

func (c *cohort) triggerOf(asked *model.Trigger) *trigger {
	for _, t := range c.triggers {
		if t.table == asked.Table && t.time == asked.Time && sameCondition(t.filter, asked.Filter) {
			return t
		}
	}
	st := &stretch{name: c.columns.give(asked.Table.Name + "_trigger"), kind: untilTrigger, bounds: map[*model.Experiment]bounds{},
		byDay: asked.Time.Granularity >= rel.Day}
	t := &trigger{table: asked.Table, time: asked.Time, filter: asked.Filter, stretch: st}
	c.stretches, c.triggers = append(c.stretches, st), append(c.triggers, t)
	return t
}

func sameCondition(a, b *model.Predicate) bool {
	if a == nil || b == nil {
		return a == b
	}
	return rel.Same(a.Expr, b.Expr)
}

// routeTriggers leads from the triggers' rows to the cohort's units.
func (c *cohort) routeTriggers(m *model.Model, bag *diag.Bag) {
	for _, t := range c.triggers {
		hops, entity, err := m.UnitPath(t.table, c.entity)
		if err != nil {
			bag.Errorf(t.table.Source.At, "unreachable-unit", "%s", err)
			continue
		}
		t.path = &model.Ref{Column: "trigger_" + c.entity, Path: hops, Entity: entity}
	}
}

// admitTriggered adds the units before the trigger, the triggers, and the units counted from them.
func (c *cohort) admitTriggered(in rel.Relation, cols []rel.Named) {
	kept := make([]string, len(cols))
	for i, col := range cols {
		kept[i] = col.Name
	}
	for _, t := range c.triggers {
		cols = append(cols, c.endsOf(t.limit())...)
	}
	c.entered = c.program.add(rel.Staged, "entered_units", "Units of the population, before the trigger", rel.NewProject(in, cols...))
	triggers := c.program.add(rel.Staged, "triggers", "The first trigger of each unit", c.firstTriggers())
	joined := c.withDeclared(rel.NewJoin(rel.Left, pick(c.entered, kept...), rel.NewRef(triggers), []rel.Equal{
		{Left: experiment, Right: "trigger_experiment"}, {Left: c.unitID(), Right: "trigger_unit"},
	}, nil))
	s := joined.Schema()
	has, at := s.Col("has_trigger"), s.Col("triggered_at")
	counted := rel.NewFilter(joined, rel.NewCall(rel.Or, rel.NewCall(rel.Not, has), rel.NewCall(rel.IsNotNull, at)))
	all := passed(s, columnsOf(s)...)
	all = append(all, rel.Named{Name: "counted_from", X: rel.NewCase(assignedAt, rel.When{Cond: has, Then: at})})
	if c.countsByDay() {
		all = append(all, rel.Named{Name: countedByDay, X: c.startsByDay(s)})
	}
	from := rel.NewProject(counted, all...)
	c.units = c.program.add(rel.Staged, "units", "Units that count: attributes at assignment, limits of each stretch of time",
		rel.NewProject(from, append(passed(from.Schema(), kept...), c.limitColumns()...)...))
}

// firstTriggers is the first trigger of each unit. An experiment has one trigger, so that no unit of it is there twice.
func (c *cohort) firstTriggers() rel.Relation {
	var parts []rel.Relation
	for _, t := range c.triggers {
		parts = append(parts, c.firstOf(t))
	}
	all := rel.NewUnion(parts...)
	cols := []string{"trigger_experiment", "trigger_unit", "triggered_at"}
	if c.countsByDay() {
		cols = append(cols, triggeredByDay)
	}
	return rel.NewProject(all, passed(all.Schema(), cols...)...).
		Claiming(rel.Key{Columns: []string{"trigger_experiment", "trigger_unit"}})
}

// firstOf is one scan of trigger rows, reduced to each unit's first.
func (c *cohort) firstOf(t *trigger) rel.Relation {
	rows := newRowset(t.table, t.time, c.reporting)
	unit := rows.ref(t.path)
	if c.unitAsText {
		unit = asText(unit)
	}
	at := storedAtGrain(t.time, c.reporting)
	conds := []rel.Expr{rel.NewCall(rel.Lt, at, atGrain(&rel.Param{Name: rel.AsOf}, t.time.Granularity, c.reporting))}
	if t.filter != nil {
		conds = append(conds, rows.predicate(t.filter))
	}
	facts := rel.NewProject(rel.NewFilter(rows.build(), rel.AndAll(conds...)),
		rel.Named{Name: "fact_unit", X: unit}, rel.Named{Name: "fact_time", X: at})
	l := t.limit()
	units := pick(c.entered, "experiment", "unit_id", "assigned_at", l.from(), l.until())
	joined := rel.NewExpand(rel.Inner, facts, units, rel.NewCall(rel.Eq, facts.Schema().Col("fact_unit"), c.unitID()), "experiment")
	s := joined.Schema()
	during := rel.NewFilter(joined, l.held(s))
	first := rel.NewAggregate(during,
		[]rel.Named{{Name: "trigger_experiment", X: experiment}, {Name: "trigger_unit", X: c.unitID()}},
		[]rel.Named{{Name: "triggered_at", X: rel.NewAgg(rel.Min, c.triggeredAt(t, s))}})
	if !c.countsByDay() {
		return first
	}
	return rel.NewProject(first, append(passed(first.Schema(), columnsOf(first.Schema())...),
		rel.Named{Name: triggeredByDay, X: rel.Bool(t.byDay())})...)
}

// startsByDay is whether counting starts with a day: that of the trigger, unless it is that of an exposure whose instant is known.
func (c *cohort) startsByDay(s rel.Schema) rel.Expr {
	after := rel.NewCall(rel.Gt, s.Col("triggered_at"), assignedAt)
	exposed := rel.Expr(rel.Bool(false))
	if c.hasDayLogs() {
		exposed = s.Col(assignedByDay)
		after = rel.NewCall(rel.Or, after, exposed)
	}
	return rel.NewCase(exposed, rel.When{Cond: s.Col("has_trigger"), Then: rel.AndAll(s.Col(triggeredByDay), after)})
}

// triggeredAt is the instant of a trigger. One that is known by hour or day counts from the beginning of that, but not from before
// the exposure.
func (c *cohort) triggeredAt(t *trigger, s rel.Schema) rel.Expr {
	at := rel.Expr(s.Col("fact_time"))
	if t.time.Granularity >= rel.Day {
		at = toUTC(rel.ToType(at, rel.Timestamp), c.reporting)
	}
	if t.time.Granularity <= rel.Millisecond {
		return at
	}
	return rel.NewCall(rel.Greatest, at, assignedAt)
}
