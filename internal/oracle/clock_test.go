package oracle

import (
	"fmt"
	"strings"
	"time"
)

// A grain is how exactly a time is known.
type grain int

const (
	exact grain = iota
	hourly
	daily
	weekly
	monthly
)

var grains = map[string]grain{"second": exact, "hour": hourly, "day": daily, "week": weekly, "month": monthly}

// A moment is a time known at a grain. Its hour, its day and what is coarser are those of the reporting zone.
type moment struct {
	at    time.Time // of what is known more coarsely, its first instant
	hour  time.Time // when the hour began
	day   int       // days since 1970-01-01
	grain grain
}

// A clock reads times in the reporting zone.
type clock struct{ zone *time.Location }

func (c clock) instant(t time.Time) moment {
	_, minute, second := t.In(c.zone).Clock()
	past := time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	return moment{at: t.UTC(), hour: t.UTC().Add(-past), day: dayNumber(t.In(c.zone))}
}

func (c clock) date(day int) moment {
	m := c.instant(c.midnight(day))
	m.day, m.grain = day, daily
	return m
}

// known is the moment as the grain knows it.
func (c clock) known(m moment, g grain) moment {
	switch g {
	case exact:
		return m
	case hourly:
		m = c.instant(m.hour)
	case daily, weekly, monthly:
		m = c.date(period(m.day, g))
	}
	m.grain = g
	return m
}

// before compares at the coarser grain of the two.
func (m moment) before(other moment) bool {
	switch g := max(m.grain, other.grain); g {
	case exact:
		return m.at.Before(other.at)
	case hourly:
		return m.hour.Before(other.hour)
	default:
		return period(m.day, g) < period(other.day, g)
	}
}

func earlier(a, b moment) moment {
	if b.before(a) {
		return b
	}
	return a
}

// period is the first day of the day, week or month that holds a day; weeks begin on Monday.
func period(day int, g grain) int {
	t := civil(day)
	switch g {
	case weekly:
		return day - (int(t.Weekday())+6)%7
	case monthly:
		return day + 1 - t.Day()
	}
	return day
}

func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// civil is a day as the midnight in UTC.
func civil(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

func dayText(day int) string { return civil(day).Format(time.DateOnly) }

// midnight is the first instant of a day, which some zones begin at one o'clock.
func (c clock) midnight(day int) time.Time {
	t := civil(day).Add(-16 * time.Hour)
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

// after is the bound that lies a span after a moment, and before where sign is -1, for times of a grain. Of what is known by day,
// days are calendar days and hours end on the day they fall on.
func (c clock) after(m moment, s span, sign int, of grain) moment {
	switch {
	case max(m.grain, of) < daily:
		return c.instant(m.at.Add(time.Duration(sign) * s.duration()))
	case strings.HasPrefix(s.Unit, "day"):
		return c.date(m.day + sign*s.N)
	}
	return c.date(c.instant(m.at.Add(time.Duration(sign) * s.duration())).day)
}
