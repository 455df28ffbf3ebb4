package plan

import (
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A stretch is a part of a unit's time over which facts are aggregated. Experiments may each give it other bounds: these are
// columns of the experiments, so that one aggregate serves them all.
type stretch struct {
	name   string
	kind   stretchKind
	byDay  bool // whether facts known by day or coarser are aggregated over it
	bounds map[*model.Experiment]bounds
}

// stretchKind tells from which of a unit's times a stretch is measured.
type stretchKind uint8

const (
	sinceCounting    stretchKind = iota // from the time a unit is counted from
	beforeAssignment                    // back from its assignment
	untilTrigger                        // from its assignment, before the analysis ends
)

// bounds of a stretch in one experiment, from the time it counts from (before: back from assignment).
type bounds struct {
	start  time.Duration
	end    time.Duration
	open   bool // until the analysis ends
	mature bool // only units whose stretch is over count
}

// stretchOf finds the stretch of an experiment with these bounds, or lets the experiment join one that it is not yet part of,
// best one with the same bounds elsewhere.
func (c *cohort) stretchOf(e *model.Experiment, name string, kind stretchKind, b bounds) *stretch {
	var free *stretch
	for _, s := range c.stretches {
		if s.kind != kind {
			continue
		}
		mine, joined := s.bounds[e]
		if joined && mine == b {
			return s
		}
		if !joined && (free == nil || !free.has(b)) {
			free = s
		}
	}
	if free == nil {
		free = &stretch{name: c.columns.give(name), kind: kind, bounds: map[*model.Experiment]bounds{}}
		c.stretches = append(c.stretches, free)
	}
	free.bounds[e] = b
	return free
}

func (s *stretch) has(b bounds) bool {
	for _, other := range s.bounds {
		if other == b {
			return true
		}
	}
	return false
}

func (c *cohort) sinceStretch(use *ask.Use) *stretch {
	b := bounds{start: use.Since.Start, open: use.Since.End == nil, mature: use.Metric.Settings.Mature}
	if !b.open {
		b.end = *use.Since.End
	}
	return c.stretchOf(use.Experiment, use.Metric.Name+"_window", sinceCounting, b)
}

func (c *cohort) beforeStretch(use *ask.Use) *stretch {
	return c.stretchOf(use.Experiment, use.Metric.Name+"_lookback", beforeAssignment, bounds{end: use.Before.Lookback})
}

// matures reports whether any experiment counts only units whose stretch is over.
func (s *stretch) matures() bool {
	for _, b := range s.bounds {
		if b.mature {
			return true
		}
	}
	return false
}

// maturesOpen reports whether that stretch has no end in any of them.
func (s *stretch) maturesOpen() bool {
	for _, b := range s.bounds {
		if b.mature && b.open {
			return true
		}
	}
	return false
}

// completeColumn of the step `units` tells whether the unit's stretch is over, where that matters.
func (s *stretch) completeColumn() string { return s.name + "_complete" }

// A declared is a column of the step `experiments` that holds something of a stretch's bounds.
type declared struct {
	rel.Column
	of func(bounds) rel.Expr
}

// declared are a stretch's columns: its ends in seconds; where facts are known by day, in days, or in seconds if they are not whole days.
func (s *stretch) declared() []declared {
	cols := s.ends("", func(d time.Duration) int64 { return int64(d / time.Second) })
	if s.byDay {
		cols = append(cols, s.ends("_days", func(d time.Duration) int64 { return int64(wholeDays(d) / day) })...)
		if s.partOfDay() {
			cols = append(cols, s.ends("_clock", func(d time.Duration) int64 { return int64((d - wholeDays(d)) / time.Second) })...)
		}
	}
	if s.matures() {
		cols = append(cols, declared{rel.Column{Name: s.matureColumn(), Type: rel.Boolean},
			func(b bounds) rel.Expr { return rel.Bool(b.mature) }})
	}
	return cols
}

// ends are the columns of a stretch's start and end in one unit; one before assignment starts where the lookback ends.
func (s *stretch) ends(suffix string, in func(time.Duration) int64) []declared {
	end := declared{rel.Column{Name: s.endColumn() + suffix, Type: rel.Integer}, func(b bounds) rel.Expr {
		if b.open {
			return rel.Null(rel.Integer)
		}
		return rel.Int(in(b.end))
	}}
	if s.kind == beforeAssignment {
		return []declared{end}
	}
	return []declared{{rel.Column{Name: s.startColumn() + suffix, Type: rel.Integer}, func(b bounds) rel.Expr { return rel.Int(in(b.start)) }}, end}
}

// partOfDay reports whether any bound is not a number of whole days.
func (s *stretch) partOfDay() bool {
	for _, b := range s.bounds {
		if wholeDays(b.start) != b.start || wholeDays(b.end) != b.end {
			return true
		}
	}
	return false
}

// wholeDays is a duration of whole days, which count by the calendar; 0 of any other, which counts by the clock.
func wholeDays(d time.Duration) time.Duration {
	if d%day != 0 {
		return 0
	}
	return d
}

const day = 24 * time.Hour

func (s *stretch) startColumn() string  { return s.name + "_start" }
func (s *stretch) endColumn() string    { return s.name + "_end" }
func (s *stretch) matureColumn() string { return s.name + "_mature" }

// value is the column's value in an experiment; NULL in one that is not part of the stretch.
func (d declared) value(s *stretch, e *model.Experiment) rel.Expr {
	if b, joined := s.bounds[e]; joined {
		return d.of(b)
	}
	return rel.Null(d.Type)
}

// limits are a stretch's first instant and the one just past its last for a row of units joined to experiments. Those of an
// experiment that is not part of the stretch are NULL, and no fact lies between them.
func (s *stretch) limits() (from, until rel.Expr) {
	if s.kind == beforeAssignment {
		return rel.NewTimeCall(rel.DateAdd, rel.Second, assignedAt, back(integer(s.endColumn()))), assignedAt
	}
	end := rel.NewTimeCall(rel.DateAdd, rel.Second, s.base(), integer(s.endColumn()))
	until = rel.NewCase(rel.NewCall(rel.Least, end, s.last()),
		rel.When{Cond: rel.NewCall(rel.IsNull, integer(s.endColumn())), Then: analysisEnd()})
	return rel.NewTimeCall(rel.DateAdd, rel.Second, s.base(), integer(s.startColumn())), until
}

// base is the time a stretch starts from.
func (s *stretch) base() rel.Expr {
	if s.kind == untilTrigger {
		return assignedAt
	}
	return countedFrom
}

// last is the instant that no stretch goes beyond: as-of, and for a trigger the end of the analysis.
func (s *stretch) last() rel.Expr {
	if s.kind == untilTrigger {
		return analysisEnd()
	}
	return &rel.Param{Name: rel.AsOf}
}

// limitsAtDay are the limits for facts known by day or coarser: days count as calendar days, with the exposure's as the first; a
// duration in hours ends on the day it falls on.
func (s *stretch) limitsAtDay(grain rel.Unit, reporting *time.Location) (from, until rel.Expr) {
	if s.kind == beforeAssignment {
		from = s.shiftDays(assignedAt, s.endColumn(), back, reporting)
		return truncated(from, grain), truncated(dayOf(assignedAt, reporting), grain)
	}
	from = s.shiftDays(s.base(), s.startColumn(), forth, reporting)
	end := s.shiftDays(s.base(), s.endColumn(), forth, reporting)
	until = rel.NewCase(
		rel.NewCall(rel.Least, end, dayOf(s.last(), reporting)),
		rel.When{Cond: rel.NewCall(rel.IsNull, integer(s.endColumn())), Then: dayOf(analysisEnd(), reporting)})
	return truncated(from, grain), truncated(until, grain)
}

func forth(x rel.Expr) rel.Expr { return x }
func back(x rel.Expr) rel.Expr  { return rel.NewCall(rel.Neg, x) }

// shiftDays is the day of an instant moved by a bound: by calendar days, or by hours and then to the day they fall on.
func (s *stretch) shiftDays(from rel.Expr, bound string, direction func(rel.Expr) rel.Expr, reporting *time.Location) rel.Expr {
	if s.partOfDay() {
		from = rel.NewTimeCall(rel.DateAdd, rel.Second, from, direction(integer(bound+"_clock")))
	}
	return rel.NewTimeCall(rel.DateAdd, rel.Day, dayOf(from, reporting), direction(integer(bound+"_days")))
}

func truncated(day rel.Expr, grain rel.Unit) rel.Expr {
	if grain > rel.Day {
		return rel.NewTimeCall(rel.DateTrunc, grain, day)
	}
	return day
}

// analysisEnd is the experiment's end, or as-of if it still runs.
func analysisEnd() rel.Expr {
	return rel.NewCall(rel.Least, &rel.Col{Name: "end_at", T: rel.Timestamp}, &rel.Param{Name: rel.AsOf})
}

func integer(column string) rel.Expr { return &rel.Col{Name: column, T: rel.Integer} }
