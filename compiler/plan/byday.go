package plan

import (
	"slices"
	"time"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// Exposures and triggers that are known by day compare by day with everything, whatever the granularity of the other: their units have
// the midnight that begins the day, and a column that says so. Cohorts where every time is an instant have no such columns.

// Columns that say whether a unit's time is known by day alone.
const (
	exposedByDay   = "exposed_by_day"
	assignedByDay  = "assigned_by_day"
	countedByDay   = "counted_by_day"
	triggeredByDay = "triggered_by_day"
)

// hasDayLogs reports whether any log of the cohort knows exposures by day.
func (c *cohort) hasDayLogs() bool { return slices.ContainsFunc(c.logs(), (*model.Log).ByDay) }

// hasBothLogs reports whether others know their instant.
func (c *cohort) hasBothLogs() bool {
	return c.hasDayLogs() && slices.ContainsFunc(c.logs(), func(log *model.Log) bool { return !log.ByDay() })
}

// countsByDay reports whether any unit may be counted from a time that is known by day.
func (c *cohort) countsByDay() bool {
	return c.hasDayLogs() || slices.ContainsFunc(c.triggers, func(t *trigger) bool { return t.byDay() })
}

func (t *trigger) byDay() bool { return t.time.Granularity >= rel.Day }

// isByDay is whether the time that a stretch starts from is known by day; nil where that of every unit is an instant.
func (c *cohort) isByDay(s *stretch) rel.Expr {
	switch {
	case s.kind == sinceCounting && c.countsByDay():
		return &rel.Col{Name: countedByDay, T: rel.Boolean}
	case s.kind != sinceCounting && c.hasDayLogs():
		return &rel.Col{Name: assignedByDay, T: rel.Boolean}
	default:
		return nil
	}
}

// whereByDay is one of two expressions, by whether a time is known by day.
func whereByDay(byDay, ofDays, ofInstants rel.Expr) rel.Expr {
	if byDay == nil {
		return ofInstants
	}
	return rel.NewCase(ofInstants, rel.When{Cond: byDay, Then: ofDays})
}

// limitsOfDays are the limits of a stretch that starts from a day, for facts whose instant is known: midnights, but for the instants at
// which an analysis ends.
func (s *stretch) limitsOfDays(reporting *time.Location) (from, until rel.Expr) {
	if s.kind == beforeAssignment {
		return beginning(s.shiftDays(assignedAt, s.endColumn(), back, reporting), reporting), assignedAt
	}
	end := beginning(s.shiftDays(s.base(), s.endColumn(), forth, reporting), reporting)
	until = rel.NewCase(rel.NewCall(rel.Least, end, s.last()),
		rel.When{Cond: rel.NewCall(rel.IsNull, integer(s.endColumn())), Then: analysisEnd()})
	return beginning(s.shiftDays(s.base(), s.startColumn(), forth, reporting), reporting), until
}

// beginning is the instant that begins a day.
func beginning(day rel.Expr, reporting *time.Location) rel.Expr {
	return toUTC(rel.ToType(day, rel.Timestamp), reporting)
}

// completeOfDays is whether a stretch that starts from a day is over by as-of, in days.
func (s *stretch) completeOfDays(reporting *time.Location) rel.Expr {
	return rel.NewCall(rel.Le, s.overOfDays(reporting), dayOf(&rel.Param{Name: rel.AsOf}, reporting))
}

// overOfDays is the day that a stretch which starts from a day no longer holds; of one without an end, the day it begins.
func (s *stretch) overOfDays(reporting *time.Location) rel.Expr {
	end := s.shiftDays(countedFrom, s.endColumn(), forth, reporting)
	if s.maturesOpen() {
		end = rel.NewCall(rel.Coalesce, end, s.shiftDays(countedFrom, s.startColumn(), forth, reporting))
	}
	return end
}

// heldAt is the time at which properties of a unit are read. A row that holds from some time of a day is that day's: the one that
// holds when the day ends.
func (c *cohort) heldAt() rel.Expr {
	if !c.hasDayLogs() {
		return assignedAt
	}
	next := rel.NewTimeCall(rel.DateAdd, rel.Day, dayOf(assignedAt, c.reporting), rel.Int(1))
	last := rel.NewTimeCall(rel.DateAdd, rel.Second, beginning(next, c.reporting), rel.Int(-1))
	return whereByDay(&rel.Col{Name: assignedByDay, T: rel.Boolean}, last, assignedAt)
}

// inOrder says how the exposures of each unit, or of each cluster, follow each other: by time and then by variant. At is the time of
// the first.
func (c *cohort) inOrder(exposures rel.Relation, of string) (in rel.Relation, by []rel.SortKey, at rel.Expr) {
	if c.hasBothLogs() {
		exposures = c.isFirst(exposures, of)
	}
	s := exposures.Schema()
	time, variant := s.Col("exposed_at"), rel.SortKey{X: s.Col("variant")}
	if !c.hasBothLogs() {
		return exposures, []rel.SortKey{{X: time}, variant}, rel.NewAgg(rel.Min, time)
	}
	by = []rel.SortKey{{X: s.Col(isLater)}, variant}
	return exposures, by, rel.NewFirst(time, append(slices.Clone(by), rel.SortKey{X: s.Col(exposedByDay), Desc: true})...)
}

// isFirst adds to exposures whether none of the same unit, or cluster, is before. A day is before an instant of the next days, and not
// before those of its own.
func (c *cohort) isFirst(exposures rel.Relation, of string) rel.Relation {
	s := exposures.Schema()
	at, byDay := s.Col("exposed_at"), s.Col(exposedByDay)
	first := func(cond rel.Expr) rel.Expr {
		return rel.NewOver(rel.WindowMin, []rel.Expr{rel.NewCase(nil, rel.When{Cond: cond, Then: at})},
			[]rel.Expr{experiment, s.Col(of)}, nil, nil)
	}
	windowed := rel.NewWindow(exposures,
		rel.Named{Name: firstDay, X: first(byDay)}, rel.Named{Name: firstInstant, X: first(rel.NewCall(rel.Not, byDay))})
	w := windowed.Schema()
	day, instant := w.Col(firstDay), w.Col(firstInstant)
	orNone := func(other, cond rel.Expr) rel.Expr { return rel.NewCall(rel.Or, rel.NewCall(rel.IsNull, other), cond) }
	ofDay := rel.AndAll(rel.NewCall(rel.Eq, at, day), orNone(instant, rel.NewCall(rel.Le, at, instant)))
	ofInstant := rel.AndAll(rel.NewCall(rel.Eq, at, instant), orNone(day, rel.NewCall(rel.Ge, day, midnight(at, c.reporting))))
	return rel.NewProject(windowed, append(passed(s, columnsOf(s)...),
		rel.Named{Name: isLater, X: rel.NewCall(rel.Not, whereByDay(byDay, ofDay, ofInstant))})...)
}

// Columns of exposures that isFirst reads and adds.
const (
	firstDay     = "first_day"
	firstInstant = "first_instant"
	isLater      = "is_later"
)
