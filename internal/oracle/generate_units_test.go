package oracle

import (
	"fmt"
)

func (m *maker) makeLogs() {
	m.logs = append(m.logs, m.makeLog("exposures"))
	if chance(m.T, 25) {
		m.logs = append(m.logs, m.makeLog("more_exposures"))
	}
}

var flags = []string{"one", "two", "three"}

// codes are how logs spell variants where they are numbers there.
var codes = map[string]int64{"control": 0, "treatment": 1, "third": 2, "Ünterm'Rad": 3, "nobody": 4, "ghost": 9}

func (m *maker) makeLog(name string) *assignments {
	id := m.idType()
	at := timed{sqlType: m.pick(wall, wall, instant, instant, date), grain: "second", zone: m.timezone()}
	if at.sqlType == date {
		at.grain = "day"
	}
	variantType := text
	if m.coded {
		variantType = integer
	}
	t := &table{name: name, columns: []column{{"user_id", id}, {"at", at.sqlType}, {"flag", text}, {"variant", variantType}, {"country", text},
		{"size", integer}, {"tier", text}, {"team", text}}}
	variants := m.variantCells()
	for u := range m.users {
		v := variants[u]
		m.expose(t, at, m.user(u, id), v, m.team(u))
		for range between(m.T, 0, 2) {
			if m.strays() {
				v = m.variantCell()
			}
			m.expose(t, at, m.user(u, id), v, m.team(u))
		}
	}
	if chance(m.T, 5) {
		t.rows = nil
	}
	log := &assignments{Name: name, Entity: "user", Dimensions: []string{"country", "size"},
		Columns: map[string]string{"unit": "user_id", "variant": "variant"}}
	if !chance(m.T, 15) {
		log.Columns["time"] = "at"
	}
	if !chance(m.T, 30) {
		log.Columns["experiment"] = "flag"
	}
	if chance(m.T, 20) {
		log.Columns["stratum"] = "tier"
	}
	if m.teams > 0 {
		log.Columns["cluster"] = "team"
	}
	if chance(m.T, 15) {
		log.Filter = &condition{op: ">=", name: "size", values: []any{1}}
	}
	m.place(log, t, at)
	return log
}

// place says where a log's rows are: in a table of their own, or in that of a model.
func (m *maker) place(log *assignments, t *table, at timed) {
	if chance(m.T, 15) {
		md := &model{Time: "at", Timezone: at.zone, Columns: []modelColumn{entityColumn("user_id", "foreign", "user"), timeColumn("at", at), categorical("country")}}
		if chance(m.T, 30) {
			md.Filter = &condition{op: "<=", name: "size", values: []any{1}}
		}
		log.rows = m.add(log.Name+"_rows", md, t)
		log.Model = log.rows.Name
		return
	}
	log.source, log.Timezone = m.sourceOf(t), at.zone
	log.rows = &model{Name: log.Name, Timezone: at.zone, table: t}
	m.tables = append(m.tables, t)
}

func (m *maker) variantCell() any {
	name := m.pick("control", "treatment", "control", "treatment", "control", "treatment", "third")
	switch between(m.T, 1, 40) {
	case 1:
		return nil
	case 2:
		name = "ghost"
	case 3:
		name = "Ünterm'Rad"
	}
	if m.coded {
		return codes[name]
	}
	return name
}

func (m *maker) expose(t *table, at timed, u, variant, team any) {
	flag := m.word("one", "one", "one", "two", "two", "three")
	t.rows = append(t.rows, []any{m.maybe(u), m.maybe(m.cell(at, m.hour(0, 6))), flag, variant, m.country(), m.maybe(int64(between(m.T, 0, 2))),
		m.word("gold", "silver"), team})
}

// strays is whether something is not as it was assigned: of a team, that would touch all its users.
func (m *maker) strays() bool {
	if m.teams > 0 {
		return chance(m.T, 1)
	}
	return chance(m.T, 8)
}

// team is a user's, at times another or none; none where teams are not assigned.
func (m *maker) team(u int) any {
	if m.teams == 0 {
		return nil
	}
	if m.strays() {
		u = between(m.T, 0, m.teams-1)
	}
	return m.maybe(fmt.Sprintf("team %d", u%m.teams))
}

// variantCells are the users' variants in a log: those of their teams, where teams are assigned, but for a few.
func (m *maker) variantCells() []any {
	var cells []any
	for u := range m.users {
		if m.teams > 0 && u >= m.teams && !m.strays() {
			cells = append(cells, cells[u%m.teams])
		} else {
			cells = append(cells, m.variantCell())
		}
	}
	return cells
}

// country is a word, or one of so many that not all stand by themselves, the next each time: draws would crowd on a few of them.
func (m *maker) country() any {
	if m.many {
		m.countries++
		return fmt.Sprintf("country %d", m.countries%97)
	}
	return m.word(m.words...)
}
