package oracle

import (
	"fmt"
	"time"

	"pgregory.net/rapid"
)

func draw[T any](t *rapid.T, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(t, label)
}

func between(t *rapid.T, low, high int) int { return rapid.IntRange(low, high).Draw(t, "number") }

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
	base     time.Time // a UTC midnight some days before what the place has in store
	users    int
	textual  bool // ids are text with anything in it; else numbers, as integers here and text there
	large    bool // amounts are 1e9 ± 1
	byDay    bool // logs know exposures by day: windows are in days then
	many     bool // more values of a dimension than stand by themselves
	profiles bool // there is a model of users as they are
	plans    bool // there is one of users over time
}

var worlds = rapid.Custom(func(t *rapid.T) *world {
	place := draw(t, "place", places...)
	around, _ := time.Parse(time.DateOnly, place.around)
	m := &maker{T: t, world: &world{zone: place.zone}, base: around.AddDate(0, 0, -between(t, 0, 6)),
		users: between(t, 0, 25), many: chance(t, 3), textual: chance(t, 30), large: chance(t, 10)}
	if m.many {
		m.users = 60
	}
	m.byDay = (m.zone == "UTC" || m.zone == "Asia/Kolkata") && chance(t, 20)
	m.makeModels()
	m.makeLogs()
	m.makeComposites()
	m.makeProtocols()
	m.makeExperiments()
	m.makeQuestions()
	return m.world
})

// GoString keeps a world out of the log of draws: its archive tells it better.
func (w *world) GoString() string { return "a world" }

func (m *maker) pick(from ...string) string { return draw(m.T, "name", from...) }

// hour is an instant on a coarse grid, so that times meet bounds and each other; sometimes off it.
func (m *maker) hour(from, to int) time.Time {
	t := m.base.Add(time.Duration(between(m.T, from*4, to*4)) * 6 * time.Hour)
	if chance(m.T, 20) {
		t = t.Add(time.Duration(between(m.T, -7200, 7200)) * time.Second)
	}
	return t
}

// cell is an instant as a column of the type has it. A time that clocks show twice is moved.
func (m *maker) cell(sqlType string, t time.Time, timezone string) any {
	switch sqlType {
	case date:
		y, month, d := t.In(location(m.zone)).Date()
		return time.Date(y, month, d, 0, 0, 0, 0, time.UTC)
	case wall:
		zone := location(timezone)
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

func (m *maker) timeType() string { return m.pick(wall, wall, instant, date) }

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
	case chance(m.T, 30):
		return float64(between(m.T, -3, 30)) * 0.1
	}
	return float64(between(m.T, -2, 12))
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
	return between(m.T, 0, m.users*each)
}

var words = []string{"DE", "de", "Zürich", "O'Hara", `a "b"`, "日本", ""}

func (m *maker) add(name string, md *model, t *table) *model {
	md.Name, md.table = name, t
	if chance(m.T, 30) {
		md.SQL = fmt.Sprintf("select * from %s", t.name)
	} else {
		md.Relation = t.name
	}
	for _, mt := range md.Metrics {
		mt.model = md
	}
	m.tables, m.models = append(m.tables, t), append(m.models, md)
	return md
}

func entityColumn(name, kind, of string) modelColumn {
	return modelColumn{Name: name, Entity: &entity{kind, of}}
}

func timeColumn(name, sqlType string) modelColumn {
	granularity := "second"
	if sqlType == date {
		granularity = "day"
	}
	return modelColumn{Name: name, Granularity: granularity, Dimension: &dimension{Type: "time"}}
}

func categorical(name string) modelColumn {
	return modelColumn{Name: name, Dimension: &dimension{Type: "categorical"}}
}

func (m *maker) makeModels() {
	if m.plans = chance(m.T, 60); m.plans {
		m.makePlans()
	}
	if m.profiles = chance(m.T, 60); m.profiles {
		m.makeProfiles()
	}
	m.makeOrders()
	if chance(m.T, 50) {
		m.makeItems()
	}
	if chance(m.T, 60) {
		m.makeUnits()
	}
	if chance(m.T, 30) {
		m.makeTraits()
	}
}

// makePlans has properties of users with validity: stretches that do not overlap, with gaps at times.
func (m *maker) makePlans() {
	id, at := m.idType(), date
	if m.zone == "UTC" {
		at = m.pick(wall, date)
	}
	t := &table{name: "plans", columns: []column{{"user_id", id}, {"plan", text}, {"valid_from", at}, {"valid_to", at}}}
	for u := range m.users {
		day := between(m.T, -10, 8)
		for range between(m.T, 0, 3) {
			from := m.cell(at, m.base.AddDate(0, 0, day), "")
			day += between(m.T, 1, 5)
			to := m.cell(at, m.base.AddDate(0, 0, day), "")
			if chance(m.T, 20) {
				t.rows = append(t.rows, []any{m.user(u, id), m.word("free", "pro"), from, nil})
				break
			}
			t.rows = append(t.rows, []any{m.user(u, id), m.word("free", "pro"), from, to})
			day += between(m.T, 0, 1)
		}
	}
	from, to := timeColumn("valid_from", at), timeColumn("valid_to", at)
	from.Dimension.Validity, to.Dimension.Validity = &validity{Start: true}, &validity{End: true}
	m.add("plans", &model{Columns: []modelColumn{entityColumn("user_id", "natural", "user"), categorical("plan"), from, to}}, t)
}

// makeProfiles has properties of users as they are today, and the team that each belongs to.
func (m *maker) makeProfiles() {
	id := m.idType()
	t := &table{name: "profiles", columns: []column{{"user_id", id}, {"segment", text}, {"employee", boolean}, {"team_id", integer}, {"points", integer}}}
	for u := range m.users {
		if !chance(m.T, 10) {
			t.rows = append(t.rows, []any{m.user(u, id), m.word(words...), m.flag(), m.maybe(int64(between(m.T, 0, 3))),
				m.maybe(int64(between(m.T, 0, 3)))})
		}
	}
	m.add("profiles", &model{Metrics: m.simpleMetrics("profiles"), Columns: []modelColumn{entityColumn("user_id", "primary", "user"),
		categorical("segment"), categorical("employee"), entityColumn("team_id", "foreign", "team")}}, t)
	teams := &table{name: "teams", columns: []column{{"team_id", integer}, {"region", text}}}
	for i := range between(m.T, 0, 4) {
		teams.rows = append(teams.rows, []any{int64(i), m.word("north", "south")})
	}
	m.add("teams", &model{Columns: []modelColumn{entityColumn("team_id", "primary", "team"), categorical("region")}}, teams)
}

func (m *maker) makeOrders() {
	id, at, zone := m.idType(), m.timeType(), m.timezone()
	t := &table{name: "orders", columns: []column{{"order_id", integer}, {"buyer", id}, {"at", at}, {"amount", double}, {"qty", integer},
		{"status", text}, {"paid", boolean}}}
	for i := range m.count(4) {
		t.rows = append(t.rows, []any{int64(i), m.anyone(id), m.maybe(m.cell(at, m.hour(-8, 14), zone)), m.amount(), m.maybe(int64(between(m.T, -1, 4))),
			m.word("done", "open"), m.flag()})
	}
	md := &model{Time: "at", Timezone: zone, Columns: []modelColumn{entityColumn("order_id", "primary", "order"), entityColumn("buyer", "foreign", "user"),
		timeColumn("at", at), categorical("status")}}
	if chance(m.T, 30) {
		md.Filter = m.own("orders")
	}
	md.Metrics = m.simpleMetrics("orders")
	m.add("orders", md, t)
}

// makeItems are facts that know their unit through their order alone.
func (m *maker) makeItems() {
	at, zone := m.timeType(), m.timezone()
	t := &table{name: "items", columns: []column{{"order_id", integer}, {"at", at}, {"price", double}, {"kind", text}}}
	for range m.count(3) {
		order := m.maybe(int64(between(m.T, 0, m.users*2)))
		t.rows = append(t.rows, []any{order, m.maybe(m.cell(at, m.hour(-8, 14), zone)), m.amount(), m.word("a", "b")})
	}
	md := &model{Time: "at", Timezone: zone, Columns: []modelColumn{entityColumn("order_id", "foreign", "order"), timeColumn("at", at), categorical("kind")}}
	md.Metrics = m.simpleMetrics("items")
	m.add("items", md, t)
}

// makeUnits has a table whose name the product might want for itself, with rows that come twice.
func (m *maker) makeUnits() {
	id, at, zone := m.idType(), m.timeType(), m.timezone()
	t := &table{name: "units", columns: []column{{"user", id}, {"order", at}, {"points", integer}, {"kind", text}}}
	for range m.count(4) {
		t.rows = append(t.rows, []any{m.anyone(id), m.cell(at, m.hour(-8, 14), zone), m.maybe(int64(between(m.T, 0, 3))), m.word("a", "b")})
		if chance(m.T, 20) {
			t.rows = append(t.rows, t.rows[len(t.rows)-1])
		}
	}
	md := &model{Time: "order", Timezone: zone, Columns: []modelColumn{entityColumn("user", "foreign", "user"), timeColumn("order", at), categorical("kind")}}
	md.Metrics = m.simpleMetrics("units")
	m.add("units", md, t)
}

// makeTraits are facts without a time.
func (m *maker) makeTraits() {
	id := m.idType()
	t := &table{name: "traits", columns: []column{{"user_id", id}, {"points", integer}, {"kind", text}}}
	for range m.count(2) {
		t.rows = append(t.rows, []any{m.anyone(id), m.maybe(int64(between(m.T, 0, 3))), m.word("a", "b")})
	}
	md := &model{Columns: []modelColumn{entityColumn("user_id", "foreign", "user"), categorical("kind")}}
	md.Metrics = m.simpleMetrics("traits")
	m.add("traits", md, t)
}
