package oracle

import (
	"fmt"
	"strings"
	"time"
)

// A moment is an instant, or a day where no more is known. An instant's day is that of the reporting zone; a day's instant is its
// first.
type moment struct {
	at    time.Time
	day   int // days since 1970-01-01
	daily bool
}

// A clock reads times in the reporting zone.
type clock struct{ zone *time.Location }

func (c clock) instant(t time.Time) moment { return moment{at: t.UTC(), day: dayNumber(t.In(c.zone))} }

func (c clock) date(day int) moment { return moment{at: c.midnight(day), day: day, daily: true} }

// before compares at the coarser granularity of the two.
func (m moment) before(other moment) bool {
	if m.daily || other.daily {
		return m.day < other.day
	}
	return m.at.Before(other.at)
}

func earlier(a, b moment) moment {
	if b.before(a) {
		return b
	}
	return a
}

func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func dayText(day int) string { return time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly) }

// midnight is the first instant of a day, which some zones begin at one o'clock.
func (c clock) midnight(day int) time.Time {
	t := time.Unix(int64(day)*86400, 0).UTC().Add(-16 * time.Hour)
	for dayNumber(t.In(c.zone)) < day {
		t = t.Add(15 * time.Minute)
	}
	return t
}

// parse reads a time as YAML and the command line have it.
func (c clock) parse(s string) moment {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return c.instant(t)
	}
	if t, err := time.Parse("2006-01-02 15:04", s); err == nil {
		return c.instant(fromWall(t, c.zone))
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return c.instant(c.midnight(dayNumber(t)))
}

// fromWall is the instant when clocks of the zone show t.
func fromWall(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone).UTC()
}

// A span is a duration in the language: 14 days, 12 hours.
type span struct {
	N    int
	Unit string // days, hours
}

func (s span) String() string { return fmt.Sprintf("%d %s", s.N, s.Unit) }

func (s span) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

func (s span) duration() time.Duration {
	if strings.HasPrefix(s.Unit, "day") {
		return time.Duration(s.N) * 24 * time.Hour
	}
	return time.Duration(s.N) * time.Hour
}

// after is the bound that lies a span after a moment, and before where sign is -1. Of what is known by day, days are calendar days
// and hours end on the day they fall on.
func (c clock) after(m moment, s span, sign int, daily bool) moment {
	if !daily && !m.daily {
		return c.instant(m.at.Add(time.Duration(sign) * s.duration()))
	}
	if s.Unit == "days" {
		return c.date(m.day + sign*s.N)
	}
	return c.date(c.instant(m.at.Add(time.Duration(sign) * s.duration())).day)
}
