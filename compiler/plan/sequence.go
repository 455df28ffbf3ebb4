package plan

import (
	"slices"
	"time"

	"assay/compiler/ask"
	"assay/compiler/rel"
)

// A sequence is a step of the program that reads kept rows in the order of their times, and holds one number for each unit.
type sequence struct {
	of      any // what it is of: a metric's spec
	rows    []*factColumn
	name    string
	comment string
	follow  func(*sequence) rel.Relation // to one row for each experiment and unit
	result  string                       // the column of the number
	step    *rel.Step
	key     sourceKey
}

// sequence is one of a spec over rows, made once.
func (b *builder) sequence(s *sequence) *sequence {
	for _, known := range b.sequences {
		if known.of == s.of && slices.Equal(known.rows, s.rows) {
			return known
		}
	}
	s.result = b.columns.give(s.name)
	s.key = sourceKey{experiment: b.columns.give(s.name + "_experiment"), unit: b.columns.give(s.name + "_unit")}
	b.cohort.sequences = append(b.cohort.sequences, s)
	return s
}

// keptRows are an input's rows over the builder's stretch, to be read one by one.
func (b *builder) keptRows(in *ask.Input) *factColumn {
	col := b.column(in, b.use.Metric.Unit, nil, b.since)
	col.source.kept = true
	b.reads(col)
	return col
}

// reduced is one number for each unit of a relation.
func (c *cohort) reduced(s *sequence, in rel.Relation, result rel.Expr) rel.Relation {
	return rel.NewAggregate(in, []rel.Named{{Name: s.key.experiment, X: experiment}, {Name: s.key.unit, X: c.unitID()}},
		[]rel.Named{{Name: s.result, X: result}})
}

// Columns of a sequence's rows.
const (
	stepNumber = "step_number"
	stepAt     = "step_at"
)

// kept is the rows of a column: each a unit's, at its time, as step number `number`.
func (c *cohort) kept(col *factColumn, number int, grain rel.Unit, counts rel.Expr) (rel.Relation, []rel.Named) {
	in := rel.NewRef(col.source.rows)
	s := in.Schema()
	at := c.atCommonGrain(s.Col("fact_time"), col.source.grain(), grain)
	cols := append(passed(s, "experiment", "unit_id"),
		rel.Named{Name: stepNumber, X: rel.Int(int64(number))}, rel.Named{Name: stepAt, X: at})
	return keep(in, []rel.Expr{col.in.hasValue(s), counts}), cols
}

// later is a time moved forward; a day by whole days.
func later(at rel.Expr, by time.Duration) rel.Expr {
	if at.Type() == rel.Date {
		return rel.NewTimeCall(rel.DateAdd, rel.Day, at, rel.Int(int64(by/day)))
	}
	return rel.NewTimeCall(rel.DateAdd, rel.Second, at, rel.Int(int64(by/time.Second)))
}

// atCommonGrain is a fact's time as a coarser granularity knows it.
func (c *cohort) atCommonGrain(at rel.Expr, of, grain rel.Unit) rel.Expr {
	switch {
	case of == grain:
		return at
	case of >= rel.Day:
		return rel.NewTimeCall(rel.DateTrunc, grain, at)
	default:
		return atGrain(at, grain, c.reporting)
	}
}

// timeType is how a time known at a granularity is held.
func timeType(grain rel.Unit) rel.Type {
	if grain >= rel.Day {
		return rel.Date
	}
	return rel.Timestamp
}
