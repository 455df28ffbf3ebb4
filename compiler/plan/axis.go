package plan

import (
	"slices"

	"assay/compiler/rel"
)

// An axis is some metrics by day, along dates, along days since exposure, or along both: one fetched statement, or several where
// columns are too many.
type axis struct {
	kinds   []axisKind
	metrics []*dayMetric
	closing rel.Expr // the day on which what a unit did since exposure ends
	fetched []*moments
}

type axisKind uint8

const (
	byDate        axisKind = iota // days of the reporting time zone
	sinceExposure                 // days since a unit's entry, which is day 0
)

// spanColumns are the columns of days between which a row holds.
func (k axisKind) spanColumns() (from, until string) {
	if k == sinceExposure {
		return fromAge, untilAge
	}
	return fromDay, untilDay
}

// axes are dates and days since exposure. A metric whose window is open ends with the analysis, others with their window: what a
// unit's days since exposure end with differs. One pass over the days of units serves both, but for a metric of units whose window is
// over: by date it counts them from some day on.
func (c *cohort) axes() []*axis {
	if c.daily == nil {
		return nil
	}
	both, dates, since := []axisKind{byDate, sinceExposure}, []axisKind{byDate}, []axisKind{sinceExposure}
	closings := map[bool]rel.Expr{
		true: &rel.Col{Name: closedDay, T: rel.Date}, false: dayOf(&rel.Param{Name: rel.AsOf}, c.reporting),
	}
	var all []*axis
	for _, open := range []bool{true, false} {
		metrics := func(matures bool) []*dayMetric {
			return slices.DeleteFunc(slices.Clone(c.daily.metrics), func(m *dayMetric) bool {
				return m.bounds().open != open || m.matures() != matures
			})
		}
		all = append(all, &axis{kinds: both, metrics: metrics(false), closing: closings[open]},
			&axis{kinds: dates, metrics: metrics(true), closing: closings[open]},
			&axis{kinds: since, metrics: metrics(true), closing: closings[open]})
	}
	all = slices.DeleteFunc(all, func(a *axis) bool { return len(a.metrics) == 0 })
	for _, a := range all {
		c.fetch(a)
	}
	return all
}

// matures reports whether the metric counts only units whose stretch is over.
func (m *dayMetric) matures() bool {
	return slices.ContainsFunc(m.of.counting(), func(col *factColumn) bool { return col.stretch.matures() })
}

// axisSet tells which of an axis's kinds a row is of.
const axisSet = "axis"

// fetch adds the statements of an axis.
func (c *cohort) fetch(a *axis) {
	var estimators []*estimator
	for _, m := range a.metrics {
		estimators = append(estimators, m.soFar, m.alone)
	}
	measured := c.program.add(rel.Inline, "measured_by_day", "What estimators read of each unit's days", c.along(a, columnsRead(estimators)))
	in := rel.NewRef(measured)
	a.fetched = packed(estimators, unitMoments, (*moments).columns)
	for _, m := range a.fetched {
		m.step = c.program.add(rel.Fetched, "moments_by_day", "Moments by variant and the days between which they hold",
			c.groupedAlong(a, in, m.aggs))
	}
}

// groupedAlong aggregates the days of units by variant and the days between which they hold, of each kind of an axis by itself.
func (c *cohort) groupedAlong(a *axis, in rel.Relation, aggs []rel.Named) rel.Relation {
	groups := passed(in.Schema(), c.arms()...)
	arms := allOf(groups)
	var sets [][]int
	for _, kind := range a.kinds {
		from, until := kind.spanColumns()
		sets = append(sets, append(slices.Clone(arms), len(groups), len(groups)+1))
		groups = append(groups, passed(in.Schema(), from, until)...)
	}
	if len(sets) == 1 {
		return rel.NewAggregate(in, groups, aggs)
	}
	return rel.NewGroupingSets(in, groups, sets, axisSet, aggs)
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

// along is the days of units as estimators read them on an axis: sums so far capped, residuals taken. A row that begins when what a
// unit did since exposure is over has an end there that is not after its beginning.
func (c *cohort) along(a *axis, columns []*column) rel.Relation {
	in := c.withValues(rel.NewRef(c.daily.step), columns)
	s := in.Schema()
	day, next := s.Col(changeDay), s.Col(nextDay)
	age := func(day rel.Expr) rel.Expr { return rel.NewTimeCall(rel.DateDiff, rel.Day, s.Col(enteredDay), day) }
	ended := age(rel.NewCall(rel.Least, next, a.closing))
	kept, cols := c.arms(), passed(s, c.arms()...)
	for _, kind := range a.kinds {
		from, until := kind.spanColumns()
		kept = append(kept, from, until)
		if kind == byDate {
			cols = append(cols, rel.Named{Name: from, X: day}, rel.Named{Name: until, X: next})
		} else {
			cols = append(cols, rel.Named{Name: from, X: age(day)}, rel.Named{Name: until, X: ended})
		}
	}
	for _, q := range quantitiesOf(columns) {
		cols = append(cols, rel.Named{Name: q.name, X: c.daily.read(q, a.kinds[0])})
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
