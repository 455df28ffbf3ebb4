package oracle

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// moments are the rows of assay_experiment_moments: all that left the warehouse, of each slice as a whole and of its units by phase
// and stratum. Which pairs have a covariance is for each estimator to say: those expected are all that there may be.
func (w *world) moments(e *experiment, a *assigned) []record {
	var rows []record
	for _, u := range e.uses() {
		for _, sm := range w.samples(e, a, u) {
			for _, c := range w.cuts(e, a) {
				for _, p := range sm.places(e, a, c) {
					for _, v := range e.variants() {
						rows = append(rows, sm.momentsOf(e, c, v.name, p)...)
					}
				}
			}
		}
	}
	return rows
}

// A place is a phase and a stratum of units; without a name, all of them.
type place struct{ phase, stratum any }

// placeOf is where a unit was assigned; a unit of no stratum has one where the logs have any.
func (e *experiment) placeOf(u *unit) place {
	var p place
	if e.Phases != nil {
		p.phase = u.phase
	}
	if slices.ContainsFunc(e.logs, func(log *assignments) bool { return log.Columns["stratum"] != "" }) {
		p.stratum = "(none)"
		if v := u.properties[stratumProperty]; v != nil {
			p.stratum = identity(v)
		}
	}
	return p
}

// places of a slice's units are all of them, and where comparisons are stratified those of each phase and stratum. A quantile is of
// all units at once.
func (sm *sample) places(e *experiment, a *assigned, c cut) []place {
	all := []place{{}}
	if sm.setup.metric.isQuantile() {
		return all
	}
	for _, u := range a.units {
		if p := e.placeOf(u); c.holds(u) && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

func (sm *sample) momentsOf(e *experiment, c cut, variant string, p place) []record {
	rows := sm.selected(func(u *unit) bool {
		return u.variant == variant && c.holds(u) && (p == place{} || p == e.placeOf(u))
	})
	row := func(stat string, a, b any, value any) record {
		return record{"experiment": e.Name, "metric": sm.setup.use.name(), "variant": variant, "dimension": c.dimension, "slice": c.slice,
			"phase": p.phase, "stratum": p.stratum, "stat": stat, "a": a, "b": b, "value": value}
	}
	var all []record
	if sm.step == "" {
		all = append(all, row("n", nil, nil, float64(len(rows))))
	}
	if len(rows) == 0 {
		return all
	}
	quantities := sm.quantities()
	for i, q := range quantities {
		if sm.step != "" && i > 0 {
			break // a funnel's steps share their covariates
		}
		values := at(q.values, rows)
		r := row("mean", q.label, nil, mean(values))
		r["tolerance"] = max(1e-9, 1e-15*q.scale/max(1e-3, math.Abs(mean(values))))
		all = append(all, r)
		for _, other := range quantities[i:] {
			r := row("cov", q.label, other.label, nil)
			if len(rows) > 1 {
				r["value"], r["tolerance"] = covarianceOf(q.of(rows), other.of(rows))
			}
			all = append(all, r)
		}
	}
	if e.clustered() {
		all = append(all, sm.sizeRows(rows, row)...)
	}
	return append(all, sm.rankRows(e, rows, row)...)
}

// sizeRows are a histogram of clusters by their units, with the moments of the totals of a metric that is one number of a unit.
func (sm *sample) sizeRows(rows []int, row func(stat string, a, b any, value any) record) []record {
	if len(sm.after) != 1 {
		return nil
	}
	totals, sizes := map[string]float64{}, map[string]int{}
	for _, i := range rows {
		totals[sm.units[i].group] += sm.after[0].value[i]
		sizes[sm.units[i].group]++
	}
	bySize := map[int][]float64{}
	for _, group := range sortedKeys(totals) {
		bySize[sizes[group]] = append(bySize[sizes[group]], totals[group])
	}
	var all []record
	for _, size := range sortedNumbers(bySize) {
		clusters, name := bySize[size], strconv.Itoa(size)
		squares := row("size", name, "m2"+sm.ofStep(2), 0.0)
		if len(clusters) > 1 {
			squares["value"], squares["tolerance"] = covarianceOf(feature{values: clusters}, feature{values: clusters})
			squares["value"] = squares["value"].(float64) * float64(len(clusters)-1)
		}
		all = append(all, row("size", name, "mean"+sm.ofStep(1), mean(clusters)), squares)
		if sm.step == "" {
			all = append(all, row("size", name, "clusters", float64(len(clusters))))
		}
	}
	return all
}

// ofStep names a funnel's step, so many times.
func (sm *sample) ofStep(times int) string {
	if sm.step == "" {
		return ""
	}
	return strings.Repeat(":"+sm.step, times)
}

// quantities are what moments are of, by the names they have there. Those of formulas, and of the events of a quantile, have names
// that the pages leave to the product.
func (sm *sample) quantities() []feature {
	switch {
	case sm.setup.metric.isQuantile() || sm.setup.metric.Type == "derived":
		return nil
	case sm.setup.metric.isRatio():
		all := withResidual("", sm.after)
		if sm.before != nil {
			all = append(all, withResidual("pre:", sm.before)...)
		}
		return all
	}
	label := "value"
	if sm.step != "" {
		label = sm.step
	}
	return append([]feature{{label: label, values: sm.after[0].value}}, sm.covariates...)
}

// of are a feature's values of some rows.
func (f feature) of(rows []int) feature {
	f.values = at(f.values, rows)
	return f
}

// covarianceOf is a covariance, and how exact it can be: what is left of large numbers is known as they are.
func covarianceOf(x, y feature) (value, tolerance float64) {
	sx, sy := math.Sqrt(variance(x.values)), math.Sqrt(variance(y.values))
	mx, my := max(x.scale, math.Abs(mean(x.values))), max(y.scale, math.Abs(mean(y.values)))
	error := 1e-9*sx*sy + 1e-15*(mx*sy+my*sx) + 1e-18*(mx*my)
	value = covariance(x.values, y.values)
	return value, max(1e-9, error/max(1e-3, math.Abs(value)))
}

// withResidual are a numerator, a denominator, and what is left of the first once the ratio of all units is taken out.
func withResidual(prefix string, list []measured) []feature {
	numerator, denominator := list[0].value, list[1].value
	ratio, left := 0.0, slices.Clone(numerator)
	if len(denominator) > 0 && mean(denominator) != 0 {
		ratio = mean(numerator) / mean(denominator)
	}
	add(left, denominator, -ratio)
	scale := 0.0
	for _, v := range numerator {
		scale = max(scale, math.Abs(v))
	}
	return []feature{{label: prefix + "numerator", values: numerator}, {label: prefix + "denominator", values: denominator},
		{label: prefix + "residual", values: left, scale: scale}}
}

// rankRows are a quantile's value and those that bracket it.
func (sm *sample) rankRows(e *experiment, rows []int, row func(stat string, a, b any, value any) record) []record {
	if !sm.setup.metric.isQuantile() {
		return nil
	}
	var values []float64
	for _, i := range rows {
		if sm.events != nil {
			values = append(values, sm.events[sm.units[i]]...)
		} else {
			values = append(values, sm.after[0].value[i])
		}
	}
	p, err := strconv.ParseFloat(sm.setup.metric.probability(), 64)
	if err != nil {
		panic(err)
	}
	name := strconv.FormatFloat(p, 'g', -1, 64)
	b := bracketOf(values, sm.setup.metric.probability(), e.stats().alpha())
	point := sm.quantileArm(rows, e.stats().alpha()).value
	return []record{row("rank", name, "low", b.low), row("rank", name, "point", point), row("rank", name, "high", b.high)}
}
