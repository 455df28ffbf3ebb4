package plan

import (
	"time"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// Times compare in UTC at the coarser of their granularities. An instant is a Timestamp in UTC; what is known by day or coarser
// is a Date, a day of the reporting time zone.

// epoch is the start of experiments without one, never after as-of, and of the series by which periods are counted.
var epoch = time.Unix(0, 0).UTC()

func isUTC(zone *time.Location) bool { return zone.String() == "UTC" || zone.String() == "Etc/UTC" }

func toUTC(local rel.Expr, zone *time.Location) rel.Expr {
	if isUTC(zone) {
		return local
	}
	return rel.NewCall(rel.ToUTC, local, rel.String(zone.String()))
}

func toZone(instant rel.Expr, zone *time.Location) rel.Expr {
	if isUTC(zone) {
		return instant
	}
	return rel.NewCall(rel.ToZone, instant, rel.String(zone.String()))
}

// instant is a stored time as an instant; a date is the midnight of the reporting time zone that begins it.
func instant(stored rel.Expr, storedZone, reporting *time.Location) rel.Expr {
	switch stored.Type() {
	case rel.TimestampTZ:
		return rel.NewCall(rel.FromTZ, stored)
	case rel.Date:
		return toUTC(rel.ToType(stored, rel.Timestamp), reporting)
	default:
		return toUTC(stored, storedZone)
	}
}

// storedDay is the day of a time that is known by day: what is written, not shifted into another zone.
func storedDay(stored rel.Expr, reporting *time.Location) rel.Expr {
	switch stored.Type() {
	case rel.Date:
		return stored
	case rel.TimestampTZ:
		return dayOf(rel.NewCall(rel.FromTZ, stored), reporting)
	default:
		return rel.NewCall(rel.ToDate, stored)
	}
}

// dayOf is the day of an instant in the reporting time zone.
func dayOf(instant rel.Expr, reporting *time.Location) rel.Expr {
	return rel.NewCall(rel.ToDate, toZone(instant, reporting))
}

// midnight is the instant at which the day of an instant began in the reporting time zone.
func midnight(instant rel.Expr, reporting *time.Location) rel.Expr {
	return toUTC(rel.NewTimeCall(rel.DateTrunc, rel.Day, toZone(instant, reporting)), reporting)
}

// atGrain is an instant as a time of the given granularity compares with it.
func atGrain(x rel.Expr, grain rel.Unit, reporting *time.Location) rel.Expr {
	switch {
	case grain == rel.Day:
		return dayOf(x, reporting)
	case grain > rel.Day:
		return rel.NewTimeCall(rel.DateTrunc, grain, dayOf(x, reporting))
	case grain > rel.Millisecond && inWholeHours(reporting):
		return rel.NewTimeCall(rel.DateTrunc, grain, x)
	case grain > rel.Millisecond:
		return toUTC(rel.NewTimeCall(rel.DateTrunc, grain, toZone(x, reporting)), reporting)
	default:
		return x
	}
}

// inWholeHours reports whether the hours of a zone begin with those of UTC. There they are told apart also where clocks show an hour
// twice.
func inWholeHours(zone *time.Location) bool {
	for year := range 100 {
		for _, month := range []time.Month{time.January, time.July} {
			if _, offset := time.Date(1970+year, month, 1, 0, 0, 0, 0, zone).Zone(); offset%3600 != 0 {
				return false
			}
		}
	}
	return true
}

// storedAtGrain is a stored time as its granularity knows it: a Date from a day on, an instant below.
func storedAtGrain(d *model.Dimension, reporting *time.Location) rel.Expr {
	if d.Granularity >= rel.Day {
		day := storedDay(d.Expr, reporting)
		if d.Granularity > rel.Day {
			return rel.NewTimeCall(rel.DateTrunc, d.Granularity, day)
		}
		return day
	}
	return instant(d.Expr, d.Table.Zone, reporting)
}
