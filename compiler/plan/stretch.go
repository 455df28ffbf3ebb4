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
	before bool
	bounds map[*model.Experiment]bounds
}

// bounds of a stretch in one experiment, from the time it counts from (before: back from assignment).
type bounds struct {
	start  time.Duration
	end    time.Duration
	open   bool // until the analysis ends
	mature bool // only units whose stretch is over count
}

// stretchOf finds the stretch of an experiment with these bounds, or lets the experiment join one that it is not yet part of,
// best one with the same bounds elsewhere.
func (c *cohort) stretchOf(e *model.Experiment, name string, before bool, b bounds) *stretch {
	var free *stretch
	for _, s := range c.stretches {
		if s.before != before {
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
		free = &stretch{name: c.columns.give(name), before: before, bounds: map[*model.Experiment]bounds{}}
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
	return c.stretchOf(use.Experiment, use.Metric.Name+"_window", false, b)
}

func (c *cohort) beforeStretch(use *ask.Use) *stretch {
	return c.stretchOf(use.Experiment, use.Metric.Name+"_before", true, bounds{end: use.Before.Lookback})
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

// Columns of the step `experiments` that hold a stretch's bounds, in seconds.
func (s *stretch) startColumn() string  { return s.name + "_start" }
func (s *stretch) endColumn() string    { return s.name + "_end" }
func (s *stretch) matureColumn() string { return s.name + "_mature" }

// completeColumn of the step `units` tells whether the unit's stretch is over, where that matters.
func (s *stretch) completeColumn() string { return s.name + "_complete" }

const daySeconds = 24 * 60 * 60

// secondsColumns are the stretch's columns of the step `experiments`, and their values for one experiment.
func (s *stretch) secondsColumns() []rel.Column {
	cols := []rel.Column{{Name: s.endColumn(), Type: rel.Integer}}
	if !s.before {
		cols = append([]rel.Column{{Name: s.startColumn(), Type: rel.Integer}}, cols...)
	}
	if s.matures() {
		cols = append(cols, rel.Column{Name: s.matureColumn(), Type: rel.Boolean})
	}
	return cols
}

func (s *stretch) secondsValues(e *model.Experiment) []rel.Expr {
	b, joined := s.bounds[e]
	start, end, mature := rel.Expr(rel.Null(rel.Integer)), rel.Expr(rel.Null(rel.Integer)), rel.Expr(rel.Null(rel.Boolean))
	if joined {
		start, mature = seconds(b.start), rel.Bool(b.mature)
		if !b.open {
			end = seconds(b.end)
		}
	}
	values := []rel.Expr{end}
	if !s.before {
		values = []rel.Expr{start, end}
	}
	if s.matures() {
		values = append(values, mature)
	}
	return values
}

func seconds(d time.Duration) rel.Expr { return rel.Int(int64(d / time.Second)) }

// limits are a stretch's first instant and the one just past its last for a row of units joined to experiments. Those of an
// experiment that is not part of the stretch are NULL, and no fact lies between them.
func (s *stretch) limits() (from, until rel.Expr) {
	if s.before {
		back := rel.NewCall(rel.Neg, integer(s.endColumn()))
		return rel.NewTimeCall(rel.DateAdd, rel.Second, assignedAt, back), assignedAt
	}
	end := rel.NewTimeCall(rel.DateAdd, rel.Second, countedFrom, integer(s.endColumn()))
	until = rel.NewCase(
		rel.NewCall(rel.Least, end, &rel.Param{Name: rel.AsOf}),
		rel.When{Cond: rel.NewCall(rel.IsNull, integer(s.endColumn())), Then: analysisEnd()})
	return rel.NewTimeCall(rel.DateAdd, rel.Second, countedFrom, integer(s.startColumn())), until
}

// limitsAtDay are the limits for facts known by day or coarser: days count as calendar days, with the exposure's as the first; what
// is left of a duration below a day moves the instant first.
func (s *stretch) limitsAtDay(grain rel.Unit, reporting *time.Location) (from, until rel.Expr) {
	if s.before {
		from = shiftDays(assignedAt, rel.NewCall(rel.Neg, integer(s.endColumn())), reporting)
		return truncated(from, grain), truncated(dayOf(assignedAt, reporting), grain)
	}
	from = shiftDays(countedFrom, integer(s.startColumn()), reporting)
	end := shiftDays(countedFrom, integer(s.endColumn()), reporting)
	until = rel.NewCase(
		rel.NewCall(rel.Least, end, dayOf(&rel.Param{Name: rel.AsOf}, reporting)),
		rel.When{Cond: rel.NewCall(rel.IsNull, integer(s.endColumn())), Then: dayOf(analysisEnd(), reporting)})
	return truncated(from, grain), truncated(until, grain)
}

// shiftDays is the day of an instant moved by a column of seconds: by whole calendar days, the rest of a day first.
func shiftDays(from, by rel.Expr, reporting *time.Location) rel.Expr {
	rest := rel.NewCall(rel.Mod, by, rel.Int(daySeconds))
	days := rel.ToType(rel.NewCall(rel.Div, rel.NewCall(rel.Sub, by, rest), rel.Int(daySeconds)), rel.Integer)
	return rel.NewTimeCall(rel.DateAdd, rel.Day, dayOf(rel.NewTimeCall(rel.DateAdd, rel.Second, from, rest), reporting), days)
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
