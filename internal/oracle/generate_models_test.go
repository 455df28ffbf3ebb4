package oracle

import (
	"fmt"
)

// add gives a model its table, to be read as a relation, by a query or from a file.
func (m *maker) add(name string, md *model, t *table) *model {
	md.Name, md.table = name, t
	md.source = m.sourceOf(t)
	for _, mt := range md.Metrics {
		mt.model = md
	}
	m.tables, m.models = append(m.tables, t), append(m.models, md)
	return md
}

func (m *maker) sourceOf(t *table) source {
	switch {
	case m.onlyDuckDB && t.readable() && chance(m.T, 60):
		t.inFile = true
		return source{File: t.file()}
	case chance(m.T, 30):
		return source{SQL: fmt.Sprintf("select * from %s", t.name)}
	}
	return source{Relation: t.name}
}

func entityColumn(name, kind, of string) modelColumn {
	return modelColumn{Name: name, Entity: &entity{Type: kind, Name: of}}
}

func timeColumn(name string, c timed) modelColumn {
	return modelColumn{Name: name, Granularity: c.grain, Dimension: &dimension{Type: "time"}}
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
	id, at := m.idType(), timed{sqlType: date, grain: "day"}
	if m.zone == "UTC" && chance(m.T, 50) {
		at = timed{sqlType: wall, grain: "second"}
	}
	t := &table{name: "plans", columns: []column{{"user_id", id}, {"plan", text}, {"valid_from", at.sqlType}, {"valid_to", at.sqlType}}}
	for u := range m.users {
		day := between(m.T, -10, 8)
		for range between(m.T, 0, 3) {
			from := m.cell(at, m.base.AddDate(0, 0, day))
			day += between(m.T, 1, 5)
			to := m.cell(at, m.base.AddDate(0, 0, day))
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
	t := &table{name: "profiles", columns: []column{{"user_id", id}, {"segment", text}, {"employee", boolean}, {"team_id", integer}, {"points", integer},
		{"score", double}}}
	for u := range m.users {
		if !chance(m.T, 10) {
			t.rows = append(t.rows, []any{m.user(u, id), m.word(m.words...), m.flag(), m.maybe(int64(between(m.T, 0, 3))),
				m.maybe(int64(between(m.T, 0, 3))), m.maybe(float64(between(m.T, 0, 20)) / 4)})
		}
	}
	m.add("profiles", &model{Metrics: m.simpleMetrics("profiles"), Columns: []modelColumn{entityColumn("user_id", "primary", "user"),
		categorical("segment"), categorical("employee"), entityColumn("team_id", "foreign", "team"),
		{Name: "score", Dimension: &dimension{Type: "numeric"}}}}, t)
	teams := &table{name: "teams", columns: []column{{"team_id", integer}, {"region", text}}}
	for i := range between(m.T, 0, 4) {
		teams.rows = append(teams.rows, []any{int64(i), m.word("north", "south")})
	}
	m.add("teams", &model{Columns: []modelColumn{entityColumn("team_id", "primary", "team"), categorical("region")}}, teams)
}

func (m *maker) makeOrders() {
	id, at := m.idType(), m.timed()
	t := &table{name: "orders", columns: []column{{"order_id", integer}, {"buyer", id}, {"at", at.sqlType}, {"amount", double}, {"qty", integer},
		{"status", text}, {"paid", boolean}, {"seller", id}}}
	m.sellers = (m.plans || m.profiles) && chance(m.T, 30) // a role is of an entity that some model describes
	for i := range m.count(6) {
		t.rows = append(t.rows, []any{int64(i), m.anyone(id), m.maybe(m.cell(at, m.hour(-5, 11))), m.amount(), m.maybe(int64(between(m.T, -1, 4))),
			m.word("done", "open"), m.flag(), m.anyone(id)})
	}
	md := &model{Time: "at", Timezone: at.zone, Columns: []modelColumn{entityColumn("order_id", "primary", "order"), entityColumn("buyer", "foreign", "user"),
		timeColumn("at", at), categorical("status")}}
	if m.sellers {
		md.Columns = append(md.Columns, modelColumn{Name: "seller", Entity: &entity{Type: "foreign", Name: "seller", RoleOf: "user"}})
	}
	if chance(m.T, 30) {
		md.Filter = m.own("orders")
	}
	md.Metrics = m.simpleMetrics("orders")
	m.add("orders", md, t)
}

// makeItems are facts that know their unit through their order alone.
func (m *maker) makeItems() {
	at := m.timed()
	t := &table{name: "items", columns: []column{{"order_id", integer}, {"at", at.sqlType}, {"price", double}, {"kind", text}}}
	for range m.count(3) {
		order := m.maybe(int64(between(m.T, 0, m.users*2)))
		t.rows = append(t.rows, []any{order, m.maybe(m.cell(at, m.hour(-5, 11))), m.amount(), m.word("a", "b")})
	}
	md := &model{Time: "at", Timezone: at.zone, Columns: []modelColumn{entityColumn("order_id", "foreign", "order"), timeColumn("at", at), categorical("kind")}}
	md.Metrics = m.simpleMetrics("items")
	m.add("items", md, t)
}

// makeUnits has a table whose name the product might want for itself, with rows that come twice.
func (m *maker) makeUnits() {
	id, at := m.idType(), m.timed()
	t := &table{name: "units", columns: []column{{"user", id}, {"order", at.sqlType}, {"points", integer}, {"kind", text}}}
	for range m.count(4) {
		t.rows = append(t.rows, []any{m.anyone(id), m.cell(at, m.hour(-5, 11)), m.maybe(int64(between(m.T, 0, 3))), m.word("a", "b")})
		if chance(m.T, 20) {
			t.rows = append(t.rows, t.rows[len(t.rows)-1])
		}
	}
	md := &model{Time: "order", Timezone: at.zone, Columns: []modelColumn{entityColumn("user", "foreign", "user"), timeColumn("order", at), categorical("kind")}}
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
