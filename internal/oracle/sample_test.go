package oracle

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A sample is what a metric measured over the units it counts, arm by arm or slice by slice cut later.
type sample struct {
	setup      *setup
	step       string // of a funnel's step
	formula    *formula
	units      []*unit
	after      []measured // each part, capped
	before     []measured // a ratio's parts before assignment, capped; none without covariates
	covariates []feature  // of a mean
	raw        [][]float64
	limits     []limit
	events     map[*unit][]float64 // of a quantile of events
}

// A feature is a covariate as a column of numbers.
type feature struct {
	label  string
	values []float64
	scale  float64 // how large the numbers are that these are differences of, where they are
}

// samples are that of a use, and for a funnel those of its steps.
func (w *world) samples(e *experiment, a *assigned, u *use) []*sample {
	s := e.setup(u)
	list, f := parts(s.metric, nil)
	all := []*sample{w.sample(e, a, s, list, f)}
	if s.metric.Type != "funnel" {
		return all
	}
	for k, step := range s.metric.Steps {
		p := list[0]
		p.step = k + 1
		sm := w.sample(e, a, s, []part{p}, f)
		sm.step = step.Name
		all = append(all, sm)
	}
	return all
}

// sample measures parts over all units of the experiment.
func (w *world) sample(e *experiment, a *assigned, s *setup, list []part, f *formula) *sample {
	sm := &sample{setup: s, formula: f}
	for _, u := range a.units {
		if w.included(s, u) {
			sm.units = append(sm.units, u)
		}
	}
	if s.metric.isEventQuantile() {
		sm.collect(w.eventsOf(e, s, list[0], sm.units))
		return sm
	}
	for _, p := range list {
		sm.after = append(sm.after, w.measure(p, sm.units, s.entity, w.window(e, s)))
	}
	if s.metric.needsValue() {
		sm.keepPresent()
	}
	for _, m := range sm.after {
		sm.limits = append(sm.limits, s.limitOf(m.value))
		sm.raw = append(sm.raw, slices.Clone(m.value))
		sm.limits[len(sm.limits)-1].applyAll(m.value)
	}
	switch {
	case s.covariates == nil:
	case s.metric.isRatio():
		for _, p := range list {
			m := w.measure(p, sm.units, s.entity, w.lookback(s))
			s.limitOf(m.value).applyAll(m.value)
			sm.before = append(sm.before, m)
		}
	default:
		sm.covariates = w.features(e, a, s, sm.units)
	}
	return sm
}

// eventsOf are the values of each unit's events.
func (w *world) eventsOf(e *experiment, s *setup, p part, units []*unit) map[*unit][]float64 {
	facts := w.facts(p.metric.model, p.filters, s.entity)
	events := map[*unit][]float64{}
	for _, u := range units {
		for _, v := range p.metric.values(w.during(w.window(e, s), u, facts[u.id])) {
			events[u] = append(events[u], float(v))
		}
	}
	return events
}

// collect keeps the units with events.
func (sm *sample) collect(events map[*unit][]float64) {
	sm.events = events
	sm.units = slices.DeleteFunc(sm.units, func(u *unit) bool { return len(events[u]) == 0 })
}

func (sm *sample) keepPresent() {
	present := sm.after[0].present
	var kept measured
	var units []*unit
	for i, u := range sm.units {
		if present[i] {
			units = append(units, u)
			kept.value, kept.present = append(kept.value, sm.after[0].value[i]), append(kept.present, true)
		}
	}
	sm.units, sm.after[0] = units, kept
}

// features are the columns of all covariates: a number, 0 where there is none, with an indicator that there is none; of a category,
// indicators of its ten largest values.
func (w *world) features(e *experiment, a *assigned, s *setup, units []*unit) []feature {
	var all []feature
	for _, c := range s.covariates {
		switch {
		case c.metric != nil:
			all = append(all, w.pastFeatures(s, c, units)...)
		case numericAttributes[c.name]:
			all = append(all, w.numericFeatures(e, c.name, units)...)
		default:
			all = append(all, w.categoryFeatures(e, a, c.name, units)...)
		}
	}
	if s.choose {
		return chosen(all)
	}
	return all
}

// pastFeatures are a metric before assignment; the metric's own is capped as it is, by its own distribution.
func (w *world) pastFeatures(s *setup, c covariate, units []*unit) []feature {
	list, _ := parts(c.metric, nil)
	m := w.measure(list[0], units, c.entity, w.lookback(s))
	missing := make([]float64, len(units))
	for i, present := range m.present {
		missing[i] = float64(1 - number(present))
	}
	if c.metric == s.metric {
		s.limitOf(m.value).applyAll(m.value)
	}
	return []feature{{label: "pre:" + c.label(s), values: m.value}, {label: "missing:" + c.label(s), values: missing}}
}

// label is the covariate's name; the metric's own goes by that of its use.
func (c covariate) label(s *setup) string {
	if c.metric == s.metric {
		return s.use.name()
	}
	return c.name
}

// numericAttributes are those that covariates read as numbers.
var numericAttributes = map[string]bool{"size": true, "user__score": true}

func (w *world) numericFeatures(e *experiment, name string, units []*unit) []feature {
	values, missing := make([]float64, len(units)), make([]float64, len(units))
	for i, u := range units {
		if v := w.attribute(e, u, name); v != nil {
			values[i] = float(v)
		} else {
			missing[i] = 1
		}
	}
	return []feature{{label: "attribute:" + name, values: values}, {label: "missing:" + name, values: missing}}
}

func (w *world) categoryFeatures(e *experiment, a *assigned, name string, units []*unit) []feature {
	sizes := map[string]int{}
	for _, u := range a.units {
		if v := w.attribute(e, u, name); v != nil {
			sizes[identity(v)]++
		}
	}
	var all []feature
	for k := range 10 {
		f := feature{label: fmt.Sprintf("attribute:%s:%d", name, k+1)}
		largest := bySize(sizes)
		for _, u := range units {
			v := w.attribute(e, u, name)
			f.values = append(f.values, float64(number(k < len(largest) && v != nil && identity(v) == largest[k])))
		}
		all = append(all, f)
	}
	return all
}

// bySize are keys from the largest count to the smallest, ties by name.
func bySize(sizes map[string]int) []string {
	keys := sortedKeys(sizes)
	slices.SortStableFunc(keys, func(x, y string) int { return cmp.Compare(sizes[y], sizes[x]) })
	return keys
}

// chosen keeps ten of pairs of a value and its indicator: the first, which is the metric's own, and those that go along best with
// it, ties by name.
func chosen(all []feature) []feature {
	if len(all) <= 20 {
		return all
	}
	explained := func(k int) float64 {
		own, other := all[0].values, all[2*k].values
		if len(own) < 2 || variance(own) == 0 || variance(other) == 0 {
			return 0
		}
		c := covariance(own, other)
		return c * c / variance(own) / variance(other)
	}
	var others []int
	for k := 1; k < len(all)/2; k++ {
		others = append(others, k)
	}
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(explained(b), explained(a)) })
	kept := all[:2:2]
	for _, k := range slices.Sorted(slices.Values(others[:9])) {
		kept = append(kept, all[2*k], all[2*k+1])
	}
	return kept
}

// select are the places of units that keep says.
func (sm *sample) selected(keep func(*unit) bool) []int {
	var rows []int
	for i, u := range sm.units {
		if keep(u) {
			rows = append(rows, i)
		}
	}
	return rows
}

// groups are what was assigned, of the units at some places.
func (sm *sample) groups(rows []int) []string {
	var groups []string
	for _, i := range rows {
		groups = append(groups, sm.units[i].group)
	}
	return groups
}

// at are the values of a column at some places.
func at(values []float64, rows []int) []float64 {
	picked := make([]float64, len(rows))
	for j, i := range rows {
		picked[j] = values[i]
	}
	return picked
}

// means of measured parts at some places.
func means(list []measured, rows []int) []float64 {
	m := make([]float64, len(list))
	for k, part := range list {
		m[k] = mean(at(part.value, rows))
	}
	return m
}

func mean(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total / float64(len(values))
}

// covariance is the sample's, of two columns.
func covariance(x, y []float64) float64 {
	mx, my, total := mean(x), mean(y), 0.0
	for i := range x {
		total += (x[i] - mx) * (y[i] - my)
	}
	return total / float64(len(x)-1)
}

func variance(x []float64) float64 { return covariance(x, x) }

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// isNaN tells a cap from none.
func isNaN(x float64) bool { return math.IsNaN(x) }
