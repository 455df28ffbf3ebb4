package oracle

import (
	"math"
	"slices"
)

// A sample is what a metric measured over the units it counts, arm by arm or slice by slice cut later.
type sample struct {
	setup   *setup
	formula *formula
	units   []*unit
	after   []measured
	before  []measured // covariates; none without them
	raw     [][]float64
	limits  []limit
	perfect bool // a covariate explains all: rounding decides what is left
}

// sample measures a metric over all units of the experiment.
func (w *world) sample(e *experiment, a *assigned, s *setup) *sample {
	list, f := parts(s.metric, nil)
	sm := &sample{setup: s, formula: f, units: w.countedUnits(s, a.units)}
	entity := e.logs[0].Entity
	for _, p := range list {
		after := w.measure(p, sm.units, entity, func(u *unit, r row) bool {
			return p.metric.model.Time == "" || w.inWindow(e, s, u, w.time(r))
		})
		sm.after = append(sm.after, after)
		if s.hasCovariate() {
			sm.before = append(sm.before, w.measure(p, sm.units, entity, func(u *unit, r row) bool { return w.inLookback(s, u, w.time(r)) }))
		}
	}
	sm.transform()
	sm.keepPresent()
	sm.capAll()
	return sm
}

// countedUnits are those a metric can count by now.
func (w *world) countedUnits(s *setup, units []*unit) []*unit {
	return slices.DeleteFunc(slices.Clone(units), func(u *unit) bool { return !w.included(s, u) })
}

// hasCovariate is whether the metric's own past adjusts it: a derived metric has none, nor one of facts without a time.
func (s *setup) hasCovariate() bool {
	return s.Cuped != nil && s.metric.Type != "derived" && !s.metric.untimed()
}

// isRatio is whether the metric's covariate works on the linearised scale.
func (s *setup) isRatio() bool { return s.metric.Type == "ratio" || s.metric.Agg == "average" }

// isExtreme is whether a unit without a value is left out.
func (s *setup) isExtreme() bool { return s.metric.Agg == "min" || s.metric.Agg == "max" }

func (sm *sample) transform() {
	if sm.setup.metric.Type != "threshold" {
		return
	}
	for _, m := range append(slices.Clone(sm.after), sm.before...) {
		for i, v := range m.value {
			m.value[i] = sm.setup.metric.reaches(v)
		}
	}
}

func (sm *sample) keepPresent() {
	if !sm.setup.isExtreme() {
		return
	}
	var units []*unit
	present := sm.after[0].present
	for i, u := range sm.units {
		if present[i] {
			units = append(units, u)
		}
	}
	for _, list := range [][]measured{sm.after, sm.before} {
		for k := range list {
			list[k] = list[k].only(present)
		}
	}
	sm.units = units
}

func (m measured) only(keep []bool) measured {
	var kept measured
	for i := range m.value {
		if keep[i] {
			kept.value, kept.present = append(kept.value, m.value[i]), append(kept.present, m.present[i])
		}
	}
	return kept
}

// capAll caps each part by its own limits, and its covariate by the covariate's.
func (sm *sample) capAll() {
	for _, m := range sm.after {
		l := sm.setup.limitOf(m.value)
		sm.limits = append(sm.limits, l)
		sm.raw = append(sm.raw, slices.Clone(m.value))
		l.applyAll(m.value)
	}
	for _, m := range sm.before {
		sm.setup.limitOf(m.value).applyAll(m.value)
	}
}

func (l limit) applyAll(values []float64) {
	for i, v := range values {
		values[i] = l.apply(v)
	}
}

// An arm is a variant's estimate: its value, and per unit how it moves the value, so that the variance of the value is that of the
// scores over n.
type arm struct {
	n          int
	rows       []int
	defined    bool
	value      float64
	total      float64
	scale      float64 // how large the numbers are that scores are differences of
	scores     []float64
	covariates [][]float64 // a column each
	pre        float64     // of a ratio: the ratio before
	preDefined bool
}

// arm cuts the units that keep says.
func (sm *sample) arm(keep func(*unit) bool) *arm {
	a := &arm{}
	for i, u := range sm.units {
		if keep(u) {
			a.rows = append(a.rows, i)
		}
	}
	a.n = len(a.rows)
	if a.n == 0 {
		return a
	}
	means := a.means(sm.after)
	a.total = means[0] * float64(a.n)
	d, ok := sm.formula.at(means)
	a.defined, a.value = ok, d.value
	if !ok {
		return a
	}
	for _, i := range a.rows {
		score, scale := 0.0, 0.0
		for k, m := range sm.after {
			score += d.gradient[k] * (m.value[i] - means[k])
			scale += math.Abs(d.gradient[k] * m.value[i])
		}
		a.scores = append(a.scores, score)
		a.scale = math.Max(a.scale, scale)
	}
	if sm.before != nil {
		a.addCovariates(sm)
	}
	return a
}

// addCovariates are the past value and whether there was none; of a ratio, the past ratio linearised.
func (a *arm) addCovariates(sm *sample) {
	if !sm.setup.isRatio() {
		past, missing := make([]float64, a.n), make([]float64, a.n)
		for j, i := range a.rows {
			past[j], missing[j] = sm.before[0].value[i], float64(1-number(sm.before[0].present[i]))
			if missing[j] == 1 {
				past[j] = 0
			}
		}
		a.covariates, a.preDefined = [][]float64{past, missing}, true
		return
	}
	means := a.means(sm.before)
	d, ok := sm.formula.at(means)
	a.preDefined, a.pre = ok, d.value
	if !ok {
		return
	}
	linear := make([]float64, a.n)
	for j, i := range a.rows {
		for k, m := range sm.before {
			linear[j] += d.gradient[k] * (m.value[i] - means[k])
		}
	}
	a.covariates = [][]float64{linear}
}

func (a *arm) means(list []measured) []float64 {
	means := make([]float64, len(list))
	for k, m := range list {
		for _, i := range a.rows {
			means[k] += m.value[i]
		}
		means[k] /= float64(a.n)
	}
	return means
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

// sd is how scores vary, 0 where no more than by rounding.
func (a *arm) sd() float64 {
	sd := math.Sqrt(variance(a.scores))
	if sd <= 1e-12*a.scale {
		return 0
	}
	return sd
}

func (a *arm) flat() bool { return a.sd() == 0 }
