package oracle

import (
	"cmp"
	"slices"
)

// A setup is a metric in an experiment with the settings that hold.
type setup struct {
	use    *use
	metric *metric
	entity string // that leads from facts to units
	window window
	mature bool
	settings
	covariates []covariate
	choose     bool // of the covariates, those that go along best with the metric before
}

// A covariate is a metric over the lookback, or an attribute of the unit at assignment.
type covariate struct {
	name   string
	metric *metric // nil for an attribute
	entity string  // that leads from the metric's facts to units
}

// uses are an experiment's metrics role by role; its protocol's guardrails are among its own.
func (e *experiment) uses() []*use {
	guardrails := slices.Clone(e.Metrics.Guardrails)
	own := slices.Concat(e.Metrics.Primary, e.Metrics.Secondary, guardrails, e.Metrics.Explore)
	for _, g := range e.protocol.Guardrails {
		if !slices.ContainsFunc(own, func(u *use) bool { return u.Metric == g.Metric }) {
			guardrails = append(guardrails, g)
		}
	}
	var list []*use
	for _, role := range []struct {
		name string
		uses []*use
	}{{"primary", e.Metrics.Primary}, {"secondary", e.Metrics.Secondary}, {"guardrail", guardrails}, {"explore", e.Metrics.Explore}} {
		for _, u := range role.uses {
			copied := *u
			copied.role = role.name
			list = append(list, &copied)
		}
	}
	return list
}

// stats are the protocol's, or what the experiment has instead.
func (e *experiment) stats() statistics {
	s, own := e.protocol.Statistics, e.Statistics
	if own == nil {
		return s
	}
	s.Method, s.Confidence, s.Sides = cmp.Or(own.Method, s.Method), cmp.Or(own.Confidence, s.Confidence), cmp.Or(own.Sides, s.Sides)
	s.Correction, s.Tuning, s.Prior = cmp.Or(own.Correction, s.Correction), cmp.Or(own.Tuning, s.Tuning), cmp.Or(own.Prior, s.Prior)
	s.Looks, s.Spending = cmp.Or(own.Looks, s.Looks), cmp.Or(own.Spending, s.Spending)
	s.Cuped, s.Winsorize = cmp.Or(own.Cuped, s.Cuped), cmp.Or(own.Winsorize, s.Winsorize)
	if own.Show != nil {
		s.Show = own.Show
	}
	return s
}

// setup gathers settings: the experiment's entry, else the metric's own, else the protocol's.
func (e *experiment) setup(u *use) *setup {
	s := &setup{use: u, metric: u.metric, settings: u.settings, entity: cmp.Or(u.Unit, e.entity())}
	own := u.metric.Experiment
	if own == nil {
		own = &settings{}
	}
	s.Window, s.Mature, s.MDE = cmp.Or(s.Window, own.Window), cmp.Or(s.Mature, own.Mature), cmp.Or(s.MDE, own.MDE)
	if s.Winsorize == nil && s.Cap == nil {
		s.Winsorize, s.Cap = own.Winsorize, own.Cap
	}
	if s.Winsorize == nil && s.Cap == nil && u.metric.cappable() {
		s.Winsorize = e.stats().Winsorize
	}
	if s.Window != nil {
		s.window = *s.Window
	}
	s.mature = s.Mature != nil && *s.Mature
	if u.metric.Type == "retention" {
		s.window, s.mature = window{u.metric.Start, u.metric.End}, true
	}
	if s.Cuped == nil {
		s.Cuped = own.Cuped
	}
	if s.Cuped == nil {
		s.Cuped = e.stats().Cuped
	}
	s.adjust(e)
	return s
}

// cappable is whether a cap leaves values per unit that compare.
func (m *metric) cappable() bool {
	switch m.Type {
	case "ratio", "conversion":
		return true
	case "simple":
		return !slices.Contains([]string{"min", "max", "median", "percentile"}, m.Agg)
	}
	return false
}

// adjust resolves the covariates. What a protocol says is for the metrics that it suits.
func (s *setup) adjust(e *experiment) {
	if s.Cuped == nil || s.Cuped.Off {
		return
	}
	names := s.Cuped.Covariates
	if len(names) == 0 {
		names = []string{"own"}
	}
	for _, name := range names {
		switch {
		case name == "all":
			s.candidates(e)
		case name == "own" && s.metric.hasPast():
			s.covariates = append(s.covariates, s.past(e, s.metric))
		case name != "own" && s.metric.adjustable():
			s.covariates = append(s.covariates, s.named(e, name))
		}
	}
}

// candidates are the metric itself and by name the others of the experiment that have a past, each in the role that its (first) entry
// names.
func (s *setup) candidates(e *experiment) {
	if !s.metric.hasPast() {
		return
	}
	s.covariates = []covariate{s.past(e, s.metric)}
	if !s.metric.adjustable() {
		return
	}
	s.choose = true
	others := map[string]covariate{}
	for _, u := range slices.Concat(e.Metrics.Primary, e.Metrics.Secondary, e.Metrics.Guardrails, e.Metrics.Explore) {
		m := u.metric
		if _, listed := others[m.Name]; listed || m == s.metric || !m.hasPast() || !m.adjustable() {
			continue
		}
		c := s.past(e, m)
		c.entity = cmp.Or(u.Unit, c.entity)
		others[m.Name] = c
	}
	for _, name := range sortedKeys(others) {
		s.covariates = append(s.covariates, others[name])
	}
}

// named is a metric's past, or an attribute.
func (s *setup) named(e *experiment, name string) covariate {
	if m := e.known[name]; m != nil {
		return s.past(e, m)
	}
	return covariate{name: name}
}

// past is a metric before assignment, its facts led to units by the entry's role where they lead to that.
func (s *setup) past(e *experiment, m *metric) covariate {
	c := covariate{m.Name, m, s.entity}
	if s.use.Unit != "" && !m.leadsToSellers() {
		c.entity = e.entity()
	}
	return c
}

// leadsToSellers is whether every fact of a metric has a seller.
func (m *metric) leadsToSellers() bool {
	return !slices.ContainsFunc(m.leaves(), func(leaf *metric) bool { return leaf.model.Name != "orders" && leaf.model.Name != "items" })
}

// hasPast is whether the metric is the same number of a unit before its assignment.
func (m *metric) hasPast() bool {
	switch m.Type {
	case "simple":
		return m.model.Time != "" && m.Agg != "median" && m.Agg != "percentile"
	case "ratio", "threshold":
		return !m.untimed()
	}
	return false
}

// untimed is whether some part of the metric counts facts without a time.
func (m *metric) untimed() bool {
	return slices.ContainsFunc(m.leaves(), func(leaf *metric) bool { return leaf.model.Time == "" })
}

// adjustable is whether the metric is a mean over units, which any covariate may adjust.
func (m *metric) adjustable() bool {
	switch m.Type {
	case "simple":
		return m.Agg != "average" && m.Agg != "median" && m.Agg != "percentile"
	case "conversion":
		return m.Calculation == "conversions"
	}
	return m.Type == "threshold" || m.Type == "retention" || m.Type == "funnel"
}

// isRatio is whether the value is a ratio of two numbers per unit, whose covariate works on the linearised scale.
func (m *metric) isRatio() bool {
	return m.Type == "ratio" || m.Agg == "average" || m.Type == "conversion" && m.Calculation != "conversions"
}

// isEventQuantile is whether the value is a quantile of the values of events.
func (m *metric) isEventQuantile() bool { return m.Agg == "median" || m.Agg == "percentile" }

// isQuantile is whether the value is a quantile, of events or of units' totals.
func (m *metric) isQuantile() bool { return m.Type == "quantile" || m.isEventQuantile() }

// needsValue is whether a unit without a value is left out.
func (m *metric) needsValue() bool {
	return slices.Contains([]string{"min", "max", "first_value", "last_value"}, m.Agg)
}

// included is whether a metric counts the unit: where its window must have passed, whether it has; one without an end, whether it
// has begun.
func (w *world) included(s *setup, u *unit) bool {
	if !s.mature {
		return true
	}
	end := cmp.Or(s.window.End, s.window.Start)
	return !w.clock().parse(w.asOf).before(w.clock().after(u.from, *end, 1, exact))
}

// window is the stretch in which a metric counts.
func (w *world) window(e *experiment, s *setup) stretch {
	return func(u *unit, at *moment) bool {
		if at == nil || !at.before(w.clock().parse(w.asOf)) {
			return false
		}
		from := u.from
		if s.window.Start != nil {
			from = w.clock().after(u.from, *s.window.Start, 1, at.grain)
		}
		until := w.analysisEnd(e)
		if s.window.End != nil {
			until = w.clock().after(u.from, *s.window.End, 1, at.grain)
		}
		return !at.before(from) && at.before(until)
	}
}

// lookback is the stretch before assignment that covariates read; 30 days where nothing is said.
func (w *world) lookback(s *setup) stretch {
	length := cmp.Or(s.Cuped.Lookback, &span{30, "days"})
	return func(u *unit, at *moment) bool {
		return at != nil && !at.before(w.clock().after(u.at, *length, -1, at.grain)) && at.before(u.at)
	}
}
