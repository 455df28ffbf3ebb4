package oracle

import (
	"math"
	"slices"
	"strconv"
)

// moments are the rows of assay_experiment_moments: all that left the warehouse, phase by phase where means are put together by
// phases. Which pairs have a covariance is for each estimator to say: those expected are all that there may be.
func (w *world) moments(e *experiment, a *assigned) []record {
	var rows []record
	for _, u := range e.uses() {
		for _, sm := range w.samples(e, a, u) {
			for _, c := range w.cuts(e, a) {
				for _, v := range e.variants() {
					for _, phase := range sm.phases(e) {
						rows = append(rows, sm.momentsOf(e, c, v.name, phase)...)
					}
				}
			}
		}
	}
	return rows
}

// phases are the names of those whose estimates are put together; one of no name where there are none.
func (sm *sample) phases(e *experiment) []string {
	if e.Phases == nil || sm.setup.metric.isQuantile() {
		return []string{""}
	}
	var names []string
	for _, p := range e.Phases {
		names = append(names, p.From)
	}
	return names
}

func (sm *sample) momentsOf(e *experiment, c cut, variant, phase string) []record {
	rows := sm.selected(func(u *unit) bool { return u.variant == variant && (phase == "" || u.phase == phase) && c.holds(u) })
	row := func(stat string, a, b any, value any) record {
		r := record{"experiment": e.Name, "metric": sm.setup.use.name(), "variant": variant, "dimension": c.dimension, "slice": c.slice,
			"phase": nil, "stat": stat, "a": a, "b": b, "value": value}
		if phase != "" {
			r["phase"] = phase
		}
		return r
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
				r["value"], r["tolerance"] = covarianceOf(values, at(other.values, rows))
			}
			all = append(all, r)
		}
	}
	return append(all, sm.rankRows(e, rows, row)...)
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

// covarianceOf is a covariance, and how exact it can be: what is left of large products is known as the products are.
func covarianceOf(x, y []float64) (value, tolerance float64) {
	sx, sy := math.Sqrt(variance(x)), math.Sqrt(variance(y))
	error := 1e-9*sx*sy + 1e-15*(math.Abs(mean(x))*sy+math.Abs(mean(y))*sx) + 1e-18*(math.Abs(mean(x)*mean(y)))
	value = covariance(x, y)
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
