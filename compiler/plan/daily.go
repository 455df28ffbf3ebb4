package plan

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// Metrics by day are read from the step `unit_days`: a row for each day on which something of a unit changes (it enters, it begins to
// count, it has facts) with the sums it has come to by the end of that day. A row holds until the unit's next one, so that moments by
// the days a row holds from and until say what the end of every day saw, and no unit has a row for a day on which nothing happened.

// A dayPlan is what the metrics by day of a cohort are made of.
type dayPlan struct {
	metrics []*dayMetric
	columns []*factColumn          // the sums they read
	alone   map[*factColumn]string // the column of unit_days with the sum of one day alone
	step    *rel.Step              // unit_days
}

// A dayMetric is a metric by day.
type dayMetric struct {
	of    *estimator
	soFar *estimator // of all facts up to the end of a day
	alone *estimator // of the facts of one day, before caps and covariates
}

// Columns of units and of unit_days, all of them days of the reporting time zone.
const (
	enteredDay = "entered_day" // from which a unit is counted
	closedDay  = "closed_day"  // on which its experiment's analysis ends
	changeDay  = "day"         // on which something of a unit changes
	nextDay    = "next_day"    // of its next change; NULL after the last
	fromDay    = "from_day"    // a row holds from this day
	untilDay   = "until_day"   // and no longer on this one; NULL where it holds from then on
	fromAge    = "from_age"    // the same in days since a unit's entry
	untilAge   = "until_age"
)

// gatherDaily lists the metrics that have daily rows.
func (c *cohort) gatherDaily() {
	for _, e := range c.estimators {
		if !e.addsUp() {
			continue
		}
		if c.daily == nil {
			c.daily = &dayPlan{alone: map[*factColumn]string{}}
		}
		for _, col := range e.counting() {
			if c.daily.alone[col] == "" {
				c.daily.alone[col] = c.columns.give(col.name + "_on_day")
				c.daily.columns = append(c.daily.columns, col)
			}
		}
		c.daily.metrics = append(c.daily.metrics, &dayMetric{of: e, soFar: e.soFar(), alone: c.alone(e)})
	}
}

// addsUp reports whether a metric has daily rows: it is of a role that decides, of units that were randomised each by itself, and made
// of sums over facts whose day is known. Nobody reads the days of a rehearsal.
func (e *estimator) addsUp() bool {
	if e.use.Experiment.Rehearses != nil {
		return false
	}
	if role := e.use.Metric.Role; role != model.Primary && role != model.Guardrail || e.quantile != nil || e.use.Experiment.Clustered() {
		return false
	}
	return !slices.ContainsFunc(e.counting(), func(col *factColumn) bool { return !col.addsUp() })
}

// counting are the facts of the metric's own stretch: without those of its covariates.
func (e *estimator) counting() []*factColumn {
	return slices.DeleteFunc(slices.Clone(e.facts), func(col *factColumn) bool { return col.stretch.kind != sinceCounting })
}

func (col *factColumn) addsUp() bool {
	return (col.agg == summed || col.agg == counted) && col.source.dated()
}

// soFar is the estimator that days read: of covariates that are yet to be chosen, the metric's own alone.
func (e *estimator) soFar() *estimator {
	cuped := e.use.Metric.Settings.CUPED
	if cuped == nil || !cuped.Choose {
		return e
	}
	own := *e
	own.shape.Covariates = perCandidate
	n := own.shape.Quantities()
	own.labels, own.quantities = e.labels[:n], e.quantities[:n]
	return &own
}

// alone is the estimator of the facts of one day.
func (c *cohort) alone(e *estimator) *estimator {
	one := &estimator{use: e.use, shape: e.shape.WithoutCovariates(), formula: e.formula}
	one.labels = e.labels[:one.shape.Quantities()]
	onDay := map[string]rel.Expr{}
	for _, col := range c.daily.columns {
		onDay[col.name] = &rel.Col{Name: c.daily.alone[col]}
	}
	for _, m := range e.quantities[:one.shape.Quantities()] {
		alone := &column{name: c.columns.give(m.name + "_on_day")}
		if m.centre != nil {
			alone.centre = &centre{name: m.centre.name, num: one.quantities[0], den: one.quantities[1]}
		} else {
			alone.of = &quantity{name: alone.name, x: substitute(m.of.x, onDay), idle: m.of.idle}
		}
		one.quantities = append(one.quantities, alone)
	}
	return one
}

// bounds are those of the metric's stretch in its experiment.
func (m *dayMetric) bounds() bounds {
	return m.of.counting()[0].stretch.bounds[m.of.use.Experiment]
}

// readsDaily reports whether daily metrics read a source.
func (c *cohort) readsDaily(s *source) bool {
	return c.daily != nil && slices.ContainsFunc(c.daily.columns, func(col *factColumn) bool { return col.source == s })
}

// stretches of daily metrics that count only units whose stretch is over.
func (d *dayPlan) maturing() []*stretch {
	var all []*stretch
	for _, col := range d.columns {
		if col.stretch.matures() && !slices.Contains(all, col.stretch) {
			all = append(all, col.stretch)
		}
	}
	return all
}

// dayColumns are the days of a unit, for the step `units`.
func (c *cohort) dayColumns() []rel.Named {
	if c.daily == nil {
		return nil
	}
	cols := []rel.Named{
		{Name: enteredDay, X: dayOf(countedFrom, c.reporting)}, {Name: closedDay, X: dayOf(analysisEnd(), c.reporting)},
	}
	for _, s := range c.daily.maturing() {
		cols = append(cols, rel.Named{Name: s.maturedColumn(), X: s.matured(c)})
	}
	return cols
}

// dayColumnNames are those of dayColumns.
func (c *cohort) dayColumnNames() []string {
	var names []string
	for _, col := range c.dayColumns() {
		names = append(names, col.Name)
	}
	return names
}

// maturedColumn of the step `units` is the day from whose end on a unit counts; NULL while it does not.
func (s *stretch) maturedColumn() string { return s.name + "_matured" }

// matured is the first day whose end a unit's stretch does not outlast: one that is over at midnight is so at the end of the day before.
func (s *stretch) matured(c *cohort) rel.Expr {
	over := s.over()
	atMidnight := rel.NewCall(rel.Eq, over, midnight(over, c.reporting))
	before := rel.NewCase(rel.Int(0), rel.When{Cond: atMidnight, Then: rel.Int(-1)})
	byDay := c.isByDay(s)
	matured := whereByDay(byDay, rel.NewTimeCall(rel.DateAdd, rel.Day, s.overOfDays(c.reporting), rel.Int(-1)),
		rel.NewTimeCall(rel.DateAdd, rel.Day, dayOf(over, c.reporting), before))
	return rel.NewCase(nil,
		rel.When{Cond: rel.NewCall(rel.Not, &rel.Col{Name: s.matureColumn(), T: rel.Boolean}), Then: dayOf(countedFrom, c.reporting)},
		rel.When{Cond: whereByDay(byDay, s.completeOfDays(c.reporting), s.complete()), Then: matured})
}

// onDays adds the step `<table>_days`: the facts of units that daily metrics count, each on its day.
func (c *cohort) onDays(s *source) *rel.Step {
	rows := rel.NewRef(s.rows)
	schema := rows.Schema()
	var conds []rel.Expr
	var values []rel.Named
	for _, col := range c.daily.columns {
		if col.source == s {
			counts := rel.AndAll(col.in.hasValue(schema), col.during(schema))
			conds = append(conds, counts)
			values = append(values, rel.Named{Name: c.daily.alone[col], X: col.in.value(schema)})
		}
	}
	kept := either(conds)
	for i := range values {
		values[i].X = where(beyond(kept, conds[i]), values[i].X)
	}
	day := rel.Named{Name: changeDay, X: s.dayOf(schema.Col("fact_time"), c.reporting)}
	return c.program.add(rel.Inline, s.table.Name+"_days", "Facts of units that metrics by day count, each on its day",
		rel.NewProject(keep(rows, []rel.Expr{kept}), slices.Concat(passed(schema, "experiment", "unit_id"), []rel.Named{day}, values)...))
}

// accumulate adds the step `unit_days`.
func (c *cohort) accumulate() {
	changes := rel.NewUnion(c.changes()...)
	s := changes.Schema()
	var sums, running []rel.Named
	unit := []rel.Expr{experiment, c.unitID()}
	by := []rel.SortKey{{X: s.Col(changeDay)}}
	for _, col := range c.daily.columns {
		sum := col.agg.of(s.Col(c.daily.alone[col]), nil)
		sums = append(sums, rel.Named{Name: c.daily.alone[col], X: sum})
		running = append(running, rel.Named{Name: col.name, X: rel.NewOver(rel.WindowSum,
			[]rel.Expr{&rel.Col{Name: c.daily.alone[col], T: sum.Type()}}, unit, by, &rel.Frame{Preceding: -1})})
	}
	running = append(running, rel.Named{Name: nextDay, X: rel.NewOver(rel.Lead, []rel.Expr{s.Col(changeDay)}, unit, by, nil)})
	c.daily.step = c.program.add(rel.Staged, "unit_days", "Days on which something of a unit changes, and what its facts have come to by their end",
		rel.NewWindow(rel.NewAggregate(changes, passed(s, "experiment", "unit_id", changeDay), sums), running...))
}

// changes are the days on which units enter, begin to count, and have facts.
func (c *cohort) changes() []rel.Relation {
	units := only(c.dailyExperiments(), rel.NewRef(c.units), c.experiments)
	all := []rel.Relation{c.change(units, enteredDay)}
	for _, s := range c.daily.maturing() {
		later := rel.NewCall(rel.Gt, units.Schema().Col(s.maturedColumn()), units.Schema().Col(enteredDay))
		all = append(all, c.change(rel.NewFilter(units, later), s.maturedColumn()))
	}
	for _, s := range c.sources {
		if s.days != nil {
			all = append(all, c.change(rel.NewRef(s.days), changeDay))
		}
	}
	return all
}

// dailyExperiments are those that have daily metrics.
func (c *cohort) dailyExperiments() []*model.Experiment {
	return slices.DeleteFunc(slices.Clone(c.experiments), func(e *model.Experiment) bool {
		return !slices.ContainsFunc(c.daily.metrics, func(m *dayMetric) bool { return m.of.use.Experiment == e })
	})
}

// change is a relation's rows as changes of units on a day; values that it lacks are NULL.
func (c *cohort) change(in rel.Relation, day string) rel.Relation {
	s := in.Schema()
	cols := append(passed(s, "experiment", "unit_id"), rel.Named{Name: changeDay, X: s.Col(day)})
	for _, col := range c.daily.columns {
		name := c.daily.alone[col]
		x := rel.Expr(rel.Null(typeOrFloat(col.source.days.Relation.Schema().Col(name))))
		if _, has := s.Column(name); has {
			x = s.Col(name)
		}
		cols = append(cols, rel.Named{Name: name, X: x})
	}
	return rel.NewProject(in, cols...)
}

// typeOrFloat is a column's type; a float where nobody knows it.
func typeOrFloat(x *rel.Col) rel.Type {
	if x.T == rel.Unknown {
		return rel.Float
	}
	return x.T
}
