package plan

import (
	"time"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// partitions narrows what is read to the partitions of rows whose time by `at` lies in from ≤ t < until; a zero or nil bound is none.
// It drops no such row: clocks differ by 14 hours at most, and a whole day is left on either side. What is compared is the bare
// column with constants, since engines prune by nothing else.
func (r *rowset) partitions(at *model.Dimension, from time.Time, until rel.Expr) []rel.Expr {
	p := r.table.Partition
	if p == nil || at == nil || at != r.table.Time || !isMoment(p.Column.Type()) {
		return nil
	}
	column := r.expr(p.Column)
	var conds []rel.Expr
	if !from.IsZero() {
		first := rel.Expr(rel.DateLit(from.UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)))
		if p.Granularity > rel.Day {
			first = rel.NewTimeCall(rel.DateTrunc, p.Granularity, first)
		}
		conds = append(conds, rel.NewCall(rel.Ge, column, asMoment(first, column.Type())))
	}
	if until != nil {
		after := rel.NewTimeCall(rel.DateAdd, rel.Day, rel.NewCall(rel.ToDate, until), rel.Int(2))
		conds = append(conds, rel.NewCall(rel.Lt, column, asMoment(after, column.Type())))
	}
	return conds
}

// isMoment tells the types whose order is that of time. A partition by a text or a number may be written in any way.
func isMoment(t rel.Type) bool { return t == rel.Date || t == rel.Timestamp || t == rel.TimestampTZ }

// asMoment is the midnight, in UTC, that begins a date, where the type has hours.
func asMoment(date rel.Expr, t rel.Type) rel.Expr {
	if t == rel.Date {
		return date
	}
	return rel.ToType(date, t)
}

// partitions are those that the query's time range reads.
func (s *groupScan) partitions(rows *rowset) []rel.Expr {
	if !s.ranged {
		return nil
	}
	var from time.Time
	var until rel.Expr
	if s.asked.Start != nil {
		from = s.dayStart(*s.asked.Start, 0)
	}
	if s.asked.End != nil {
		until = rel.TimestampLit(s.dayStart(*s.asked.End, 1))
	}
	return rows.partitions(s.time, from, until)
}
