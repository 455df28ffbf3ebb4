package project

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a project reads the same on a machine that has no zones of its own

	"assay/internal/diag"
)

func (d *decoder) zone(e entry) (*time.Location, bool) {
	name, ok := d.word(e)
	if !ok {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		d.fail(e, codeValue, "use a name such as UTC or Europe/Berlin", "`%s` is no time zone", name)
		return nil, false
	}
	return zone, true
}

var units = []Unit{Nanosecond, Microsecond, Millisecond, Second, Minute, Hour, Day, Week, Month, Quarter, Year}

func (d *decoder) unit(e entry) (Unit, bool) { return choice(d, units...)(e) }

var durationForm = regexp.MustCompile(`^([-+]?[0-9]+)\s*([A-Za-z]*)$`)

// duration is `14 days`, not negative.
func (d *decoder) duration(e entry) (Duration, bool) {
	value, ok := d.scalar(e)
	if !ok {
		return Duration{}, false
	}
	parts := durationForm.FindStringSubmatch(strings.TrimSpace(value))
	if parts == nil {
		d.fail(e, codeValue, "write a number and a unit, such as 14 days", "`%s` is no duration", value)
		return Duration{}, false
	}
	count, err := strconv.ParseInt(parts[1], 10, 32)
	unit, known := durationUnit(parts[2])
	switch {
	case err != nil:
		d.fail(e, codeValue, "without an end it lasts for ever: leave `"+e.key()+"` out", "`%s` is too long", value)
	case !known:
		d.fail(e, codeValue, durationHint(parts[1], parts[2]), "`%s` is no duration", value)
	case count < 0:
		d.fail(e, codeValue, "it is counted forward: write "+Duration{-count, unit}.String(), "`%s` should not be negative", e.key())
	default:
		return Duration{count, unit}, true
	}
	return Duration{}, false
}

// durationUnit reads a unit in the singular or plural.
func durationUnit(word string) (Unit, bool) {
	singular := Unit(strings.TrimSuffix(strings.ToLower(word), "s"))
	for _, unit := range units {
		if unit == singular {
			return unit, true
		}
	}
	return "", false
}

func durationHint(count, unit string) string {
	short := map[string]Unit{"": Day, "s": Second, "sec": Second, "m": Minute, "min": Minute, "h": Hour, "d": Day, "w": Week}
	meant, ok := short[strings.ToLower(unit)]
	if !ok {
		names := make([]string, len(units))
		for i, u := range units {
			names[i] = string(u) + "s"
		}
		closest, ok := diag.Nearest(unit, names)
		if !ok {
			return "units: " + strings.Join(names, ", ")
		}
		return fmt.Sprintf("did you mean `%s %s`?", count, closest)
	}
	return fmt.Sprintf("did you mean `%s %ss`?", count, meant)
}

// namedPeriods are a number of periods that a time spine names.
var namedPeriods = regexp.MustCompile(`^([1-9]\d*) +([a-z]\w*)$`)

// periods is a duration above zero, or a number of periods that are no unit of time, which the project may name.
func (d *decoder) periods(e entry) (Duration, bool) {
	parts := namedPeriods.FindStringSubmatch(e.Value)
	if parts == nil {
		return d.someDuration(e)
	}
	if _, standard := durationUnit(parts[2]); standard {
		return d.someDuration(e)
	}
	count, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return d.someDuration(e)
	}
	return Duration{count, Unit(parts[2])}, true
}

// someDuration is a duration above zero.
func (d *decoder) someDuration(e entry) (Duration, bool) {
	v, ok := d.duration(e)
	if ok && v.Count == 0 {
		d.fail(e, codeValue, "write a number above zero, such as 14 days", "`%s` should be longer than nothing", e.key())
	}
	return v, ok && v.Count != 0
}

func (d *decoder) moment(e entry) (Moment, bool) {
	value, ok := d.scalar(e)
	if !ok {
		return Moment{}, false
	}
	moment, err := ParseMoment(value, d.project.ReportingTimezone.V)
	if err != nil {
		d.fail(e, codeValue, "write 2026-01-05, 2026-01-05 14:30 or 2026-01-05T14:30:00Z", "`%s` is no date", value)
	}
	return moment, err == nil
}

// ParseMoment reads a date, or a time, as projects and flags write them; what names no zone is in zone.
func ParseMoment(text string, zone *time.Location) (Moment, error) {
	text = strings.TrimSpace(text)
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return Moment{Time: StartOfDay(day, zone).UTC(), DateOnly: true}, nil
	}
	for _, layout := range []string{
		"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05",
		"2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00",
		"2006-01-02 15:04:05 UTC",
	} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return Moment{Time: at.UTC()}, nil
		}
	}
	return Moment{}, fmt.Errorf("`%s` is no date or time", text)
}

// StartOfDay is the first instant of a date in a zone, which is not midnight where the clocks skip it.
func StartOfDay(date time.Time, zone *time.Location) time.Time {
	year, month, day := date.Date()
	start := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if start.Day() != day {
		_, start = start.ZoneBounds()
	}
	return start
}
