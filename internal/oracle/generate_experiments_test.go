package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

func (m *maker) makeProtocols() {
	for i := range between(m.T, 1, 2) {
		p := &protocol{Name: fmt.Sprintf("protocol_%d", i), MultipleExposures: m.pick("", "exclude", "first", "exclude", "first", "first")}
		if chance(m.T, 5) || m.teams > 0 && chance(m.T, 20) {
			p.MultipleExposures = "error"
		}
		p.Statistics = m.makeStatistics()
		if chance(m.T, 20) {
			p.Power = "90%"
			p.SRM = &srm{Threshold: 0.2}
		}
		if chance(m.T, 20) {
			p.Statistics.Cuped = m.protocolCuped()
		}
		if chance(m.T, 10) {
			p.Statistics.Winsorize = m.makeWinsorize()
		}
		if chance(m.T, 20) {
			p.Minimum = &minimum{Runtime: &span{between(m.T, 1, 8), "days"}, Units: between(m.T, 1, 8)}
		}
		if chance(m.T, 20) {
			p.Decision = m.makeRules()
		}
		if chance(m.T, 15) {
			p.Guardrails = m.protocolGuardrails()
		}
		m.protocols = append(m.protocols, p)
	}
}

// protocolGuardrails is a metric that any method has an answer for; none where there is no such.
func (m *maker) protocolGuardrails() []*use {
	suited := slices.DeleteFunc(m.simple(additive...), func(mt *metric) bool { return mt.DesiredChange == "none" })
	if len(suited) == 0 {
		return nil
	}
	mt := draw(m.T, suited...)
	return []*use{{Metric: mt.Name, metric: mt, Margin: m.pick("2%", "50%")}}
}

var corrections = []string{"bonferroni", "holm", "sidak", "holm_sidak", "hochberg", "hommel", "bh", "by", "preferential_bonferroni"}

func (m *maker) makeStatistics() statistics {
	s := statistics{Method: m.pick("fixed", "fixed", "fixed", "sequential", "", "hybrid", "bayesian", "group_sequential")}
	s.Confidence = m.pick("", "95%", "90%", "0.8", "99%")
	if chance(m.T, 15) {
		s.Show = []string{"80%", "0.6"}
	}
	if chance(m.T, 15) {
		s.Sides = m.pick("one", "two")
	}
	if chance(m.T, 60) {
		s.Correction = &correction{Method: m.pick(corrections...)}
		if s.Correction.Method == "preferential_bonferroni" && chance(m.T, 50) {
			s.Correction.Gamma = json.Number(m.pick("0.25", "0.8"))
		}
	}
	if chance(m.T, 50) {
		s.Tuning = between(m.T, 5, 500)
	}
	if chance(m.T, 50) {
		s.Prior = &prior{Mean: float64(between(m.T, -2, 2)) / 10, SD: float64(between(m.T, 1, 8)) / 8}
	}
	if chance(m.T, 50) {
		s.Looks, s.Spending = between(m.T, 1, 5), m.pick("obrien_fleming", "pocock", "kim_demets")
	}
	return s
}

func (m *maker) protocolCuped() *cuped {
	c := &cuped{Lookback: m.makeLookback()}
	switch between(m.T, 1, 3) {
	case 3:
		c.Covariates = []string{"all"}
	case 2:
		c.Covariates = append([]string{"own"}, m.attributes()...)
	}
	return c
}

// makeRules draws from the grammar of decisions.
func (m *maker) makeRules() []*rule {
	term := func() string {
		switch between(m.T, 1, 5) {
		case 1:
			return m.pick("any", "all") + " guardrails " + m.pick("non_inferior", "inferior", "undecided")
		case 2:
			return "before minimum"
		case 3:
			return "progress " + m.pick("<", ">=") + " " + m.pick("50%", "100%")
		case 4:
			return "any health " + m.pick("fail", "warn")
		}
		return m.pick("any", "all") + " " + m.pick("primary", "secondary") + " " + m.pick("better", "worse", "neutral", "undecided")
	}
	var rules []*rule
	for range between(m.T, 0, 3) {
		when := term()
		if chance(m.T, 50) {
			when += m.pick(" and ", " or ") + term()
		}
		rules = append(rules, &rule{When: when, Recommend: m.pick("ship", "stop", "keep_running", "discuss")})
	}
	return append(rules, &rule{Otherwise: m.pick("stop", "discuss")})
}

func (m *maker) makeExperiments() {
	asOf := m.base.AddDate(0, 0, between(m.T, 3, 16))
	m.asOf = asOf.Format(time.DateOnly)
	if chance(m.T, 30) {
		m.asOf = asOf.Add(time.Duration(between(m.T, 0, 23)) * time.Hour).Format(time.RFC3339)
	}
	for i := range between(m.T, 1, 2) {
		m.experiments = append(m.experiments, m.makeExperiment(flags[i]))
	}
}

func (m *maker) makeExperiment(name string) *experiment {
	e := &experiment{Name: name, logs: m.logs, protocol: draw(m.T, m.protocols...), known: m.known()}
	for _, log := range e.logs {
		e.Assignments = append(e.Assignments, log.Name)
	}
	e.Protocol = e.protocol.Name
	if chance(m.T, 30) {
		e.Name, e.Key = "experiment_"+name, name
	}
	if chance(m.T, 10) {
		s := m.makeStatistics()
		e.Statistics = &s
	}
	if chance(m.T, 10) {
		e.MultipleExposures = m.pick("exclude", "first", "first", "error")
	}
	start := m.makeDates(e)
	m.makeVariants(e, start)
	if chance(m.T, 15) {
		e.Population = m.population()
	}
	if chance(m.T, 20) {
		e.Trigger = m.makeTrigger()
	}
	e.Dimensions = m.dimensions()
	m.makeUses(e)
	return e
}

// makeDates draws when an experiment runs. Looks are planned between its dates.
func (m *maker) makeDates(e *experiment) time.Time {
	start := m.base.AddDate(0, 0, between(m.T, -1, 1))
	e.Start = start.Format(time.DateOnly)
	if chance(m.T, 20) {
		e.Start = start.Format(time.DateOnly) + " 06:00"
	}
	end := start.AddDate(0, 0, between(m.T, 2, 9))
	if e.stats().Method == "group_sequential" || !chance(m.T, 20) {
		e.End = end.Format(time.DateOnly)
		if chance(m.T, 10) {
			e.ObserveUntil = end.AddDate(0, 0, between(m.T, 0, 4)).Format(time.DateOnly)
		}
	}
	if chance(m.T, 3) {
		start = m.base.AddDate(1, 0, 0)
		e.Start, e.End, e.ObserveUntil = start.Format(time.DateOnly), start.AddDate(0, 0, 5).Format(time.DateOnly), ""
	}
	return start
}

func (m *maker) makeVariants(e *experiment, start time.Time) {
	e.Variants = variants{m.variant("control", 1), m.variant("treatment", between(m.T, 1, 3))}
	if chance(m.T, 40) {
		e.Variants = append(e.Variants, m.variant(m.pick("third", "third", "Ünterm'Rad", "nobody"), between(m.T, 0, 2)))
	}
	if chance(m.T, 20) {
		e.Control = []string{"treatment"}
	}
	if len(e.Variants) > 2 && chance(m.T, 25) {
		e.Control = []string{"control", e.Variants[2].name}
	}
	if !chance(m.T, 15) || e.End != "" && e.End < start.AddDate(0, 0, 4).Format(time.DateOnly) {
		return
	}
	from := start
	e.Start = start.Format(time.DateOnly) // the first phase begins with the experiment
	for range between(m.T, 2, 3) {
		p := &phase{From: from.Format(time.DateOnly)}
		for _, v := range e.Variants {
			v.weight = float64(between(m.T, 1, 4))
			p.Variants = append(p.Variants, v)
		}
		e.Phases = append(e.Phases, p)
		from = from.AddDate(0, 0, between(m.T, 1, 2))
	}
	if last := e.Phases[len(e.Phases)-1]; e.End != "" && last.From >= e.End {
		e.Phases = e.Phases[:len(e.Phases)-1]
	}
	if chance(m.T, 50) {
		e.Variants = nil
	}
}

func (m *maker) variant(name string, weight int) variant {
	v := variant{name: name, weight: float64(weight)}
	if m.coded {
		v.value = fmt.Sprint(codes[name])
	}
	return v
}

// makeTrigger draws rows of a model that lead to users and have times; nil where no model has.
func (m *maker) makeTrigger() *trigger {
	var models []*model
	for _, md := range m.models {
		if _, asked := columnsOf[md.Name]; asked && md.Time != "" && m.grainOf(md, md.Time) <= daily {
			models = append(models, md)
		}
	}
	if models == nil {
		return nil
	}
	md := draw(m.T, models...)
	t := &trigger{Model: md.Name, model: md, Within: m.maybeSpan(50, 1, 6)}
	if chance(m.T, 50) {
		t.Filter = m.own(md.Name)
	}
	return t
}

func (m *maker) population() *condition {
	choices := []*condition{m.onWord("country", m.words...), {op: "<", name: "size", values: []any{2}}}
	if m.profiles {
		choices = append(choices, &condition{op: "=", name: "user__employee", values: []any{false}}, m.onWord("user__team__region", "north", "south"))
	}
	if m.plans {
		choices = append(choices, m.onWord("user__plan", "free", "pro"))
	}
	return draw(m.T, choices...)
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
		if chance(m.T, 15) || name == "country" && m.many {
			chosen = append(chosen, name)
		}
	}
	return chosen
}

func (m *maker) makeUses(e *experiment) {
	var suited []*metric
	for _, name := range sortedKeys(e.known) {
		if mt := e.known[name]; e.suits(mt) {
			suited = append(suited, mt)
		}
	}
	if len(suited) == 0 || chance(m.T, 3) {
		return
	}
	used := map[string]bool{}
	for range between(m.T, 1, 5) {
		mt := draw(m.T, suited...)
		u := &use{Metric: mt.Name, metric: mt}
		if chance(m.T, 20) {
			u.settings = *m.makeSettings(mt, !mt.untimed())
			if never := false; u.Window != nil && u.Window.End == nil {
				u.Mature = &never // the metric may wait for a window of its own
			}
		}
		if m.sellers && chance(m.T, 40) && mt.leadsToSellers() {
			u.Unit = "seller"
		}
		if used[u.name()] {
			u.As = fmt.Sprintf("%s_%d", mt.Name, len(used))
		}
		used[u.name()] = true
		m.give(e, u)
	}
}

// suits is whether the experiment's method has an answer for a metric.
func (e *experiment) suits(mt *metric) bool {
	s := e.stats()
	return !((s.Method == "bayesian" || e.clustered()) && mt.isQuantile()) && !(s.Sides == "one" && mt.DesiredChange == "none")
}

// give gives a use its role.
func (m *maker) give(e *experiment, u *use) {
	switch role := m.pick("primary", "secondary", "guardrail", "explore"); {
	case role == "primary":
		e.Metrics.Primary = append(e.Metrics.Primary, u)
	case role == "guardrail" && u.metric.DesiredChange != "none":
		u.Margin = m.pick("2%", "50%", "300%", "")
		e.Metrics.Guardrails = append(e.Metrics.Guardrails, u)
	case role == "explore":
		e.Metrics.Explore = append(e.Metrics.Explore, u)
	default:
		e.Metrics.Secondary = append(e.Metrics.Secondary, u)
	}
}
