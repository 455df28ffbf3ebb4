package plan

import (
	"slices"

	"assay/compiler/rel"
)

// An axis is what days are counted along: one fetched statement, or several where columns are too many.
type axis struct {
	kind    axisKind
	metrics []*dayMetric
	until   rel.Expr // the day on which a row of unit_days no longer holds
	fetched []*moments
}

type axisKind uint8

const (
	byDate        axisKind = iota // days of the reporting time zone
	sinceExposure                 // days since a unit's entry, which is day 0
)

// axes are dates and days since exposure. A metric whose window is open ends with the analysis, others with their window: what a
// unit's days since exposure end with differs.
func (c *cohort) axes() []*axis {
	if c.daily == nil {
		return nil
	}
	last := rel.Expr(&rel.Col{Name: nextDay, T: rel.Date})
	until := func(closing rel.Expr) rel.Expr { return rel.NewCall(rel.Least, last, closing) }
	dates := &axis{kind: byDate, metrics: c.daily.metrics, until: last}
	open := &axis{kind: sinceExposure, until: until(&rel.Col{Name: closedDay, T: rel.Date})}
	windowed := &axis{kind: sinceExposure, until: until(dayOf(&rel.Param{Name: rel.AsOf}, c.reporting))}
	for _, m := range c.daily.metrics {
		if m.bounds().open {
			open.metrics = append(open.metrics, m)
		} else {
			windowed.metrics = append(windowed.metrics, m)
		}
	}
	all := slices.DeleteFunc([]*axis{dates, open, windowed}, func(a *axis) bool { return a.metrics == nil })
	for _, a := range all {
		c.fetch(a)
	}
	return all
}

// fetch adds the statements of an axis.
func (c *cohort) fetch(a *axis) {
	var estimators []*estimator
	for _, m := range a.metrics {
		estimators = append(estimators, m.soFar, m.alone)
	}
	measured := c.program.add(rel.Inline, "measured_by_day", "What estimators read of each unit's days", c.along(a, columnsRead(estimators)))
	in := rel.NewRef(measured)
	groups := passed(in.Schema(), append(c.arms(), fromDay, untilDay)...)
	a.fetched = packed(estimators, unitMoments, (*moments).columns)
	for _, m := range a.fetched {
		m.step = c.program.add(rel.Fetched, "moments_by_day", "Moments by variant and the days between which they hold",
			rel.NewAggregate(in, groups, m.aggs))
	}
}

// columnsRead are the columns that estimators read, each once.
func columnsRead(estimators []*estimator) []*column {
	var all []*column
	for _, e := range estimators {
		for _, m := range e.quantities {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	return all
}

// along is the days of units as estimators read them on an axis: sums so far capped, residuals taken.
func (c *cohort) along(a *axis, columns []*column) rel.Relation {
	in := c.withValues(rel.NewRef(c.daily.step), columns)
	s := in.Schema()
	day, entered := s.Col(changeDay), s.Col(enteredDay)
	from, until := rel.Expr(day), a.until
	if a.kind == sinceExposure {
		in = rel.NewFilter(in, rel.NewCall(rel.Lt, day, a.until))
		from, until = rel.NewTimeCall(rel.DateDiff, rel.Day, entered, day), rel.NewTimeCall(rel.DateDiff, rel.Day, entered, a.until)
	}
	kept := append(c.arms(), fromDay, untilDay)
	cols := append(passed(s, c.arms()...), rel.Named{Name: fromDay, X: from}, rel.Named{Name: untilDay, X: until})
	for _, q := range quantitiesOf(columns) {
		cols = append(cols, rel.Named{Name: q.name, X: c.daily.read(q, a.kind)})
	}
	capped := c.applyCaps(rel.NewProject(in, cols...), kept, columns)
	if c.centreStep == nil {
		return capped
	}
	return c.withResiduals(capped, columns)
}

// quantitiesOf are what columns are of, each once.
func quantitiesOf(columns []*column) []*quantity {
	var all []*quantity
	for _, m := range columns {
		if m.of != nil && !slices.Contains(all, m.of) {
			all = append(all, m.of)
		}
	}
	return all
}

// withValues joins to days what their unit has all along: its variant, its days, and quantities that facts do not change.
func (c *cohort) withValues(days rel.Relation, columns []*column) rel.Relation {
	values := rel.NewRef(c.unitValues)
	s := values.Schema()
	key := sourceKey{experiment: c.columns.give("day_experiment"), unit: c.columns.give("day_unit")}
	cols := []rel.Named{{Name: key.experiment, X: s.Col("experiment")}, {Name: key.unit, X: s.Col("unit_id")}}
	cols = append(cols, passed(s, slices.Concat(c.arms()[1:], c.dayColumnNames())...)...)
	for _, q := range quantitiesOf(columns) {
		if !c.daily.changes(q) {
			cols = append(cols, passed(s, q.name)...)
		}
	}
	return rel.NewJoin(rel.Inner, days, rel.NewProject(values, cols...), []rel.Equal{
		{Left: experiment, Right: key.experiment}, {Left: c.unitID(), Right: key.unit},
	}, nil)
}

// changes reports whether facts after exposure change a quantity.
func (d *dayPlan) changes(q *quantity) bool {
	read := rel.FreeColumns(q.x)
	return slices.ContainsFunc(d.columns, func(col *factColumn) bool {
		return slices.Contains(read, col.name) || slices.Contains(read, d.alone[col])
	})
}

// read is a quantity on a day: by date for the units that count at its end, since exposure for those that count today.
func (d *dayPlan) read(q *quantity, kind axisKind) rel.Expr {
	counts := map[string]rel.Expr{}
	for _, s := range d.maturing() {
		matured := &rel.Col{Name: s.maturedColumn(), T: rel.Date}
		if kind == byDate {
			counts[s.completeColumn()] = rel.NewCall(rel.Ge, &rel.Col{Name: changeDay, T: rel.Date}, matured)
		} else {
			counts[s.completeColumn()] = rel.NewCall(rel.IsNotNull, matured)
		}
	}
	if d.changes(q) {
		return substitute(q.x, counts)
	}
	var conds []rel.Expr
	for _, name := range rel.FreeColumns(q.x) {
		conds = append(conds, counts[name])
	}
	x := &rel.Col{Name: q.name, T: rel.Float}
	if cond := rel.AndAll(conds...); cond != nil {
		return rel.NewCase(nil, rel.When{Cond: cond, Then: x})
	}
	return x
}
