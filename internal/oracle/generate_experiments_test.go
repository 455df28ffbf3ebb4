package oracle

import (
	"fmt"
	"time"
)

func (m *maker) makeLogs() {
	m.logs = append(m.logs, m.makeLog("exposures"))
	if chance(m.T, 25) {
		m.logs = append(m.logs, m.makeLog("more_exposures"))
	}
}

var flags = []string{"one", "two", "three"}

func (m *maker) makeLog(name string) *assignments {
	id, at, zone := m.idType(), m.pick(wall, instant), m.timezone()
	if m.byDay {
		at = date
	}
	t := &table{name: name, columns: []column{{"user_id", id}, {"at", at}, {"flag", text}, {"variant", text}, {"country", text}, {"size", integer}}}
	variant := func() any {
		switch between(m.T, 1, 40) {
		case 1:
			return nil
		case 2:
			return "ghost"
		case 3:
			return "Ünterm'Rad"
		}
		return m.pick("control", "treatment", "control", "treatment", "third")
	}
	expose := func(u any, v any) {
		flag := m.word(flags...)
		if chance(m.T, 50) {
			flag = "one"
		}
		t.rows = append(t.rows, []any{m.maybe(u), m.maybe(m.cell(at, m.hour(-1, 9), zone)), flag, v, m.country(), m.maybe(int64(between(m.T, 0, 2)))})
	}
	for u := range m.users {
		v := variant()
		expose(m.user(u, id), v)
		for range between(m.T, 0, 2) {
			if chance(m.T, 15) {
				v = variant()
			}
			expose(m.user(u, id), v)
		}
	}
	if chance(m.T, 5) {
		t.rows = nil
	}
	log := &assignments{Name: name, Relation: name, Entity: "user", Timezone: zone, Dimensions: []string{"country", "size"}, table: t,
		Columns: map[string]string{"unit": "user_id", "variant": "variant"}}
	if !chance(m.T, 15) {
		log.Columns["time"] = "at"
	}
	if !chance(m.T, 20) {
		log.Columns["experiment"] = "flag"
	}
	if chance(m.T, 15) {
		log.Filter = &condition{op: ">=", name: "size", values: []any{1}}
	}
	m.tables = append(m.tables, t)
	return log
}

func (m *maker) country() any {
	if m.many {
		return fmt.Sprintf("country %d", between(m.T, 0, 90))
	}
	return m.word(words...)
}

func (m *maker) makeProtocols() {
	for i := range between(m.T, 1, 2) {
		p := &protocol{Name: fmt.Sprintf("protocol_%d", i), MultipleExposures: m.pick("", "exclude", "first", "exclude", "first", "error")}
		p.Statistics.Method = m.pick("fixed", "fixed", "sequential")
		p.Statistics.Confidence = m.pick("", "95%", "90%", "0.8")
		p.Statistics.Correction = m.pick("", "none", "bonferroni", "holm")
		if p.Statistics.Method == "sequential" && chance(m.T, 50) {
			p.Statistics.Tuning = between(m.T, 5, 500)
		}
		if chance(m.T, 20) {
			p.Power = "90%"
			p.SRM = &srm{Threshold: 0.2}
		}
		if chance(m.T, 20) {
			p.Statistics.Cuped = m.makeCuped()
		}
		m.protocols = append(m.protocols, p)
	}
}

func (m *maker) makeExperiments() {
	asOf := m.base.AddDate(0, 0, between(m.T, 2, 18))
	m.asOf = asOf.Format(time.DateOnly)
	if chance(m.T, 30) {
		m.asOf = asOf.Add(time.Duration(between(m.T, 0, 23)) * time.Hour).Format(time.RFC3339)
	}
	for i := range between(m.T, 1, 3) {
		m.experiments = append(m.experiments, m.makeExperiment(flags[i]))
	}
}

func (m *maker) makeExperiment(name string) *experiment {
	e := &experiment{Name: name, logs: m.logs, protocol: draw(m.T, "protocol", m.protocols...)}
	for _, log := range e.logs {
		e.Assignments = append(e.Assignments, log.Name)
	}
	e.Protocol = e.protocol.Name
	if chance(m.T, 30) {
		e.Name, e.Key = "experiment_"+name, name
	}
	start := m.base.AddDate(0, 0, between(m.T, -1, 3))
	e.Start = start.Format(time.DateOnly)
	if chance(m.T, 20) {
		e.Start = start.Format(time.DateOnly) + " 06:00"
	}
	if !chance(m.T, 20) {
		e.End = start.AddDate(0, 0, between(m.T, 1, 9)).Format(time.DateOnly)
	}
	if chance(m.T, 3) {
		e.Start, e.End = m.base.AddDate(1, 0, 0).Format(time.DateOnly), ""
	}
	e.Variants = variants{{"control", 1}, {"treatment", float64(between(m.T, 1, 3))}}
	if chance(m.T, 40) {
		e.Variants = append(e.Variants, variant{m.pick("third", "Ünterm'Rad", "nobody"), float64(between(m.T, 0, 2))})
	}
	if chance(m.T, 20) {
		e.Control = "treatment"
	}
	if chance(m.T, 25) {
		e.Population = m.population()
	}
	e.Dimensions = m.dimensions()
	m.makeUses(e)
	return e
}

func (m *maker) population() *condition {
	choices := []*condition{m.onWord("country", words...), {op: "<", name: "size", values: []any{2}}}
	if m.profiles {
		choices = append(choices, &condition{op: "=", name: "user__employee", values: []any{false}}, m.onWord("user__team__region", "north", "south"))
	}
	if m.plans {
		choices = append(choices, m.onWord("user__plan", "free", "pro"))
	}
	return draw(m.T, "population", choices...)
}

func (m *maker) dimensions() []string {
	all := []string{"country", "size"}
	if m.plans {
		all = append(all, "user__plan")
	}
	if m.profiles {
		all = append(all, "user__segment", "user__employee", "user__team__region")
	}
	var chosen []string
	for _, name := range all {
		if chance(m.T, 25) {
			chosen = append(chosen, name)
		}
	}
	return chosen
}

func (m *maker) makeUses(e *experiment) {
	var all []*metric
	for _, md := range m.models {
		all = append(all, md.Metrics...)
	}
	all = append(all, m.metrics...)
	used := map[string]bool{}
	for range between(m.T, 1, 5) {
		mt := draw(m.T, "metric", all...)
		u := &use{Metric: mt.Name, metric: mt}
		if chance(m.T, 20) {
			own := m.makeSettings(mt, !mt.untimed())
			own.Winsorize, own.Cap = nil, nil // a cap of one kind over one of the other is refused
			u.settings = *own
		}
		if used[u.name()] {
			u.As = fmt.Sprintf("%s_%d", mt.Name, len(used))
		}
		used[u.name()] = true
		switch role := m.pick("primary", "secondary", "guardrail", "explore"); {
		case role == "primary":
			e.Metrics.Primary = append(e.Metrics.Primary, u)
		case role == "guardrail" && mt.DesiredChange != "none":
			u.Margin = m.pick("2%", "50%", "300%")
			e.Metrics.Guardrails = append(e.Metrics.Guardrails, u)
		case role == "explore":
			e.Metrics.Explore = append(e.Metrics.Explore, u)
		default:
			e.Metrics.Secondary = append(e.Metrics.Secondary, u)
		}
	}
}
