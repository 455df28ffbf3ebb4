package oracle

import (
	"fmt"
	"math/bits"
	"time"

	"pgregory.net/rapid"
)

func draw[T any](t *rapid.T, from ...T) T { return from[between(t, 0, len(from)-1)] }

// between is any number of a range, all alike: ranges of rapid's own prefer small numbers, and a world of few units has few answers.
// Bits that are 0, as where a failing world is cut down, make the smallest.
func between(t *rapid.T, low, high int) int {
	n := high - low + 1
	size := bits.Len(uint(n-1)) + 4
	x := 0
	for range size {
		x = 2*x + number(rapid.Bool().Draw(t, "bit"))
	}
	return low + x*n>>size
}

// chance is smallest, and so where a failing world is cut down, when it does not come about.
func chance(t *rapid.T, percent int) bool { return between(t, 1, 100) > 100-percent }

// Places where clocks are hard: summer time begins or ends, at midnight or by half an hour, or an offset has a half hour.
var places = []struct{ zone, around string }{
	{"UTC", "2026-01-05"}, {"UTC", "2026-01-05"}, {"Asia/Kolkata", "2026-01-05"},
	{"Europe/Berlin", "2026-03-29"}, {"Europe/Berlin", "2025-10-26"}, {"America/New_York", "2026-03-08"},
	{"America/Santiago", "2025-09-07"}, {"Australia/Lord_Howe", "2026-04-05"}, {"America/Sao_Paulo", "2018-11-04"},
}

// A maker draws a world around one moment.
type maker struct {
	*rapid.T
	*world
	base      time.Time // a UTC midnight some days before what the place has in store
	users     int
	textual   bool // ids are text with anything in it; else numbers, as integers here and text there
	large     bool // amounts are 1e9 ± 1
	words     []string
	decimal   bool // amounts are tenths, of which sums are not exact
	many      bool // more values of a dimension than stand by themselves
	countries int  // how many were given where there are many
	coded     bool // variants are numbers in the logs
	teams     int  // how many teams of users the logs assign, 0 where they assign each user
	profiles  bool // there is a model of users as they are
	plans     bool // there is one of users over time
	sellers   bool // orders lead to users in two roles
	coarse    bool // the model being made knows times by week or month
}

// worldsOn are those an engine can hold: files are read by DuckDB alone.
func worldsOn(engine string) *rapid.Generator[*world] {
	return rapid.Custom(func(t *rapid.T) *world {
		place := draw(t, places...)
		around, _ := time.Parse(time.DateOnly, place.around)
		m := &maker{T: t, world: &world{zone: place.zone}, base: around.AddDate(0, 0, -between(t, 0, 6)),
			users: between(t, 30, 70), many: chance(t, 9), textual: chance(t, 30), large: chance(t, 10), decimal: chance(t, 15)}
		switch {
		case m.many:
			m.users = 130
		case chance(t, 10):
			m.users = between(t, 0, 6)
		}
		m.coded = chance(t, 15)
		if chance(t, 15) {
			m.teams = between(t, 2, 20)
		}
		for range 3 {
			m.words = append(m.words, m.pick(words...))
		}
		m.onlyDuckDB = engine == "duckdb" && chance(t, 10)
		m.makeModels()
		m.makeLogs()
		m.makeComposites()
		m.makeProtocols()
		m.makeExperiments()
		m.makeQuestions()
		return m.world
	})
}

// GoString keeps a world out of the log of draws: its archive tells it better.
func (w *world) GoString() string { return "a world" }

func (m *maker) pick(from ...string) string { return draw(m.T, from...) }

// hour is an instant on a coarse grid, so that times meet bounds and each other; sometimes off it.
func (m *maker) hour(from, to int) time.Time {
	t := m.base.Add(time.Duration(between(m.T, from*4, to*4)) * 6 * time.Hour)
	if chance(m.T, 20) {
		t = t.Add(time.Duration(between(m.T, -7200, 7200)) * time.Second)
	}
	return t
}

// A timed column of a model: its type and how exactly it knows times.
type timed struct {
	sqlType string
	grain   string
	zone    string // of the model
}

// cell is an instant as a column has it. A time that clocks show twice is moved.
func (m *maker) cell(c timed, t time.Time) any {
	if c.grain != "second" {
		t = m.clock().known(m.clock().instant(t), grains[c.grain]).at
	}
	switch c.sqlType {
	case date:
		y, month, d := t.In(location(m.zone)).Date()
		return time.Date(y, month, d, 0, 0, 0, 0, time.UTC)
	case wall:
		zone := location(c.zone)
		for {
			y, month, d := t.In(zone).Date()
			h, minute, s := t.In(zone).Clock()
			shown := time.Date(y, month, d, h, minute, s, 0, time.UTC)
			if !m.twice(t, zone) {
				return shown
			}
			t = t.Add(3 * time.Hour)
		}
	}
	return t
}

func (m *maker) twice(t time.Time, zone *time.Location) bool {
	for _, by := range []time.Duration{-time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour} {
		if t.Add(by).In(zone).Format(clockFormat) == t.In(zone).Format(clockFormat) {
			return true
		}
	}
	return false
}

// timed draws how a model knows its times.
func (m *maker) timed() timed {
	c := timed{sqlType: m.pick(wall, wall, instant, date), grain: "second", zone: m.timezone()}
	switch {
	case c.sqlType == date:
		c.grain = m.pick("day", "day", "day", "day", "day", "week", "month")
	case chance(m.T, 10):
		c.grain = "hour"
	}
	m.coarse = grains[c.grain] > daily
	return c
}

func (m *maker) timezone() string { return m.pick("", "", m.zone, "America/New_York", "Asia/Kolkata") }

// idType is how a table spells users.
func (m *maker) idType() string {
	if m.textual {
		return text
	}
	return m.pick(integer, integer, "bigint", text)
}

func (m *maker) user(i int, sqlType string) any {
	switch {
	case m.textual:
		return fmt.Sprintf("ü'%d \"x\"", i)
	case sqlType == text:
		return fmt.Sprint(i)
	}
	return int64(i)
}

// anyone is a user, at times one that no log has, or none.
func (m *maker) anyone(sqlType string) any {
	switch between(m.T, 1, 30) {
	case 30:
		return nil
	case 29:
		return m.user(999, sqlType)
	}
	return m.user(between(m.T, 0, max(0, m.users-1)), sqlType)
}

func (m *maker) amount() any {
	switch {
	case chance(m.T, 5):
		return nil
	case m.large:
		return 1e9 + float64(between(m.T, -4, 4))/4
	case m.decimal:
		return float64(between(m.T, -3, 30)) * 0.1
	}
	return float64(between(m.T, -8, 48)) / 4
}

func (m *maker) word(from ...string) any {
	if chance(m.T, 10) {
		return nil
	}
	return m.pick(from...)
}

func (m *maker) flag() any {
	if chance(m.T, 10) {
		return nil
	}
	return chance(m.T, 50)
}

// maybe is the cell, at times NULL.
func (m *maker) maybe(cell any) any {
	if chance(m.T, 3) {
		return nil
	}
	return cell
}

// count is how many rows a table gets.
func (m *maker) count(each int) int {
	if chance(m.T, 5) {
		return 0
	}
	return between(m.T, m.users*each/3, m.users*each)
}

// words are nasty ones; a world has a few of them.
var words = []string{"DE", "de", "Zürich", "O'Hara", `a "b"`, "日本", ""}
