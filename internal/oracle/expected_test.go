package oracle

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A record is a row of a result table, or the part of it that is expected.
type record map[string]any

const slicesShown = 50

// fraction reads 95% or 0.95.
func fraction(s string) float64 {
	if percent, ok := strings.CutSuffix(s, "%"); ok {
		v, err := strconv.ParseFloat(percent, 64)
		if err != nil {
			panic(err)
		}
		return v / 100
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(err)
	}
	return v
}

func (e *experiment) control() string {
	if e.Control != "" {
		return e.Control
	}
	return "control"
}

// results are the rows of assay_experiment_results that are due to an experiment.
func (w *world) results(e *experiment, a *assigned) []record {
	if len(a.counted) == 0 || a.refused {
		return nil
	}
	cuts := w.cuts(e, a)
	var rows []record
	var family []record
	for _, u := range e.Metrics.all() {
		sm := w.sample(e, a, e.setup(u))
		for _, c := range cuts {
			for _, r := range e.resultRows(sm, c, a) {
				rows = append(rows, r)
				w.fragile = w.fragile || sm.perfect
				if c.dimension == "overall" && (u.role == "primary" || u.role == "secondary") && r["status"] == "ok" {
					family = append(family, r)
				}
			}
		}
	}
	e.correct(family)
	for _, r := range rows {
		e.rule(r)
	}
	return rows
}

// A cut is a slice of a dimension; all of it is one too.
type cut struct {
	dimension, slice string
	holds            func(*unit) bool
}

func (w *world) cuts(e *experiment, a *assigned) []cut {
	all := []cut{{"overall", "all", func(*unit) bool { return true }}}
	for _, name := range e.Dimensions {
		sizes := map[string]int{}
		for _, u := range a.units {
			v := w.attribute(e, u, name)
			u.slices[name] = "(none)"
			if v != nil {
				u.slices[name] = identity(v)
				sizes[identity(v)]++
			}
		}
		largest := sortedKeys(sizes)
		slices.SortStableFunc(largest, func(x, y string) int { return cmp.Compare(sizes[y], sizes[x]) })
		if len(largest) > slicesShown {
			for _, u := range a.units {
				if slices.Contains(largest[slicesShown:], u.slices[name]) {
					u.slices[name] = "(other)"
				}
			}
		}
		found := map[string]int{}
		for _, u := range a.units {
			found[u.slices[name]]++
		}
		for _, slice := range sortedKeys(found) {
			all = append(all, cut{name, slice, func(u *unit) bool { return u.slices[name] == slice }})
		}
	}
	return all
}

func sortedKeys(m map[string]int) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// resultRows compare each other variant with the control in one slice.
func (e *experiment) resultRows(sm *sample, c cut, a *assigned) []record {
	arms := map[string]*arm{}
	var list []*arm
	for _, v := range e.Variants {
		arms[v.name] = sm.arm(func(u *unit) bool { return u.variant == v.name && c.holds(u) })
		list = append(list, arms[v.name])
	}
	j := sm.adjustment(list)
	control := arms[e.control()]
	var rows []record
	for _, v := range e.Variants {
		treated := arms[v.name]
		inEither := func(u *unit) bool { return (u.variant == v.name || u.variant == e.control()) && c.holds(u) }
		if v.name == e.control() || !slices.ContainsFunc(a.units, inEither) {
			continue
		}
		r := record{"experiment": e.Name, "metric": sm.setup.use.name(), "step": nil, "variant": v.name, "control": e.control(),
			"dimension": c.dimension, "slice": c.slice, "confidence": 1 - e.protocol.Statistics.alpha(), "role": sm.setup.use.role,
			"method": e.protocol.Statistics.Method, "decides": true}
		sm.describe(r, "control", control)
		sm.describe(r, "variant", treated)
		sm.describeCaps(r, control, treated)
		e.compare(r, sm, compareArms(sm, control, treated, j))
		rows = append(rows, r)
	}
	return rows
}

func (sm *sample) describe(r record, side string, a *arm) {
	r["n_"+side] = int64(a.n)
	r["value_"+side], r["total_"+side], r["sd_"+side] = nil, nil, nil
	if a.n == 0 {
		return
	}
	if sm.setup.metric.Type != "derived" {
		r["total_"+side] = a.total
	} else {
		delete(r, "total_"+side)
	}
	if a.defined {
		r["value_"+side] = a.value
	}
	if a.defined && a.n > 1 {
		r["sd_"+side] = a.sd()
		if sd := a.sd(); sd > 0 {
			r["tolerance"] = max(r.tolerance(), 1e-15*a.scale/sd)
		}
	}
}

func (sm *sample) describeCaps(r record, control, treated *arm) {
	r["cap_lower"], r["cap_upper"] = nil, nil
	l := sm.limits[0]
	if !math.IsNaN(l.lower) {
		r["cap_lower"] = l.lower
	}
	if !math.IsNaN(l.upper) {
		r["cap_upper"] = l.upper
	}
	if sm.setup.isRatio() || r["cap_lower"] == nil && r["cap_upper"] == nil || control.n+treated.n == 0 {
		return
	}
	capped := 0
	for _, i := range append(slices.Clone(control.rows), treated.rows...) {
		capped += number(sm.raw[0][i] != sm.after[0].value[i])
	}
	r["share_capped"] = float64(capped) / float64(control.n+treated.n)
}

var compared = []string{"adjusted_control", "adjusted_variant", "effect", "effect_se", "effect_low", "effect_high",
	"lift", "lift_se", "lift_low", "lift_high", "p_value", "p_adjusted", "mde_now", "power_progress"}

// compare fills what the two arms say together; the intervals before a correction.
func (e *experiment) compare(r record, sm *sample, c *comparison) {
	for _, name := range compared {
		r[name] = nil
	}
	r["status"] = "undefined"
	r["mde"] = nil
	if sm.setup.MDE != "" {
		r["mde"] = fraction(sm.setup.MDE)
	}
	r["margin"] = nil
	if sm.setup.use.Margin != "" {
		r["margin"] = fraction(sm.setup.use.Margin)
	}
	r["desired"] = sm.setup.metric.DesiredChange
	if c == nil {
		return
	}
	r["status"] = "ok"
	r["comparison"] = c
	r["tolerance"] = max(c.digits, r.tolerance())
	r["adjusted_control"], r["adjusted_variant"] = c.controlAdjusted, c.variantAdjusted
	r["effect"], r["effect_se"] = c.effect, c.se
	r["variance_reduction"] = nil
	if c.reduction != nil {
		r["variance_reduction"] = *c.reduction
	}
	s := e.protocol.Statistics
	c.p = c.pValue(s)
	r["p_value"] = c.p
	if c.hasLift {
		r["lift"], r["lift_se"] = c.lift, c.liftSE
	}
	e.setIntervals(r, s.alpha())
}

func (e *experiment) setIntervals(r record, alpha float64) {
	c := r["comparison"].(*comparison)
	reach := c.radius(e.protocol.Statistics, alpha)
	r["alpha"] = alpha
	r["effect_low"], r["effect_high"] = c.effect-reach*c.se, c.effect+reach*c.se
	if c.hasLift {
		r["mde_now"] = (normalQuantile(1-alpha/2) + normalQuantile(e.protocol.power())) * c.liftSE
		r["lift_low"], r["lift_high"] = c.lift-reach*c.liftSE, c.lift+reach*c.liftSE
		if mde, ok := r["mde"].(float64); ok {
			r["power_progress"] = mde * mde / (reach * reach * c.liftSE * c.liftSE)
		}
	}
}

func (p *protocol) power() float64 {
	if p.Power == "" {
		return 0.8
	}
	return fraction(p.Power)
}

// correct adjusts the family's p-values, and its intervals where the method is of a single step.
func (e *experiment) correct(family []record) {
	var p []float64
	for _, r := range family {
		p = append(p, r["comparison"].(*comparison).p)
	}
	s := e.protocol.Statistics
	adjusted, alpha := s.adjusted(p)
	for i, r := range family {
		e.setIntervals(r, alpha)
		if adjusted != nil {
			r["p_adjusted"] = adjusted[i]
		}
		if s.Correction == "holm" {
			r["alpha"] = nil
			r["stepwise"] = adjusted[i] < s.alpha()
		}
	}
}

// rule gives the verdict, and takes off what was noted on the way.
func (e *experiment) rule(r record) {
	r["verdict"] = verdict(r)
	if r["status"] != "ok" {
		r.leaveOpen("verdict", "alpha", "adjusted_control", "adjusted_variant")
	}
	if se, ok := r["lift_se"].(float64); ok && se < 1e-12 {
		r.leaveOpen("lift", "lift_se", "lift_low", "lift_high", "mde_now", "power_progress", "verdict")
	}
	for _, note := range []string{"comparison", "stepwise", "desired"} {
		delete(r, note)
	}
}

// tolerance is the relative precision that a row is compared with.
func (r record) tolerance() float64 {
	if t, ok := r["tolerance"].(float64); ok {
		return t
	}
	return 1e-9
}

// leaveOpen expects nothing of what the pages do not decide.
func (r record) leaveOpen(columns ...string) {
	for _, name := range columns {
		delete(r, name)
	}
}

func verdict(r record) string {
	if r["status"] != "ok" {
		return "undecided"
	}
	if margin, ok := r["margin"].(float64); ok {
		return guarded(r, margin)
	}
	low, high := r["effect_low"].(float64), r["effect_high"].(float64)
	differs := low > 0 || high < 0
	if stepwise, ok := r["stepwise"].(bool); ok {
		differs = stepwise
	}
	if differs {
		return direction(r["effect"].(float64), r["desired"].(string))
	}
	if mde, ok := r["mde"].(float64); ok && r["lift"] != nil && r["lift_low"].(float64) >= -mde && r["lift_high"].(float64) <= mde {
		return "neutral"
	}
	return "undecided"
}

func direction(effect float64, desired string) string {
	switch {
	case desired == "none":
		return "changed"
	case (effect > 0) == (desired != "decrease"):
		return "better"
	}
	return "worse"
}

// guarded judges a guardrail by its margin.
func guarded(r record, margin float64) string {
	if r["lift"] == nil {
		return "undecided"
	}
	bad, good := r["lift_low"].(float64), r["lift_high"].(float64)
	if r["desired"] == "decrease" {
		bad, good = -good, -bad
	}
	switch {
	case bad > -margin:
		return "non_inferior"
	case good < 0:
		return "inferior"
	}
	return "undecided"
}

// health are the rows of assay_experiment_health whose numbers the units decide.
func (w *world) health(e *experiment, a *assigned) []record {
	row := func(check string, value any) record {
		return record{"experiment": e.Name, "check_name": check, "value": value}
	}
	if a.refused {
		return []record{{"experiment": e.Name, "check_name": "multiple_exposures", "value": float64(a.multiple), "status": "fail"}}
	}
	if !w.clock().parse(e.Start).before(w.clock().parse(w.asOf)) {
		return []record{row("no_assignments", 0.0)}
	}
	rows := []record{row("multiple_exposures", float64(a.multiple)), row("undeclared_variants", float64(a.undeclared)), row("null_units", float64(a.nullRows))}
	rows = append(rows, row("no_assignments", float64(len(a.counted))))
	if len(a.counted) == 0 {
		return rows
	}
	var counts []int
	var weights []float64
	for _, v := range e.Variants {
		weights = append(weights, v.weight)
		n := 0
		for _, u := range a.counted {
			n += number(u.variant == v.name)
		}
		counts = append(counts, n)
	}
	return append(rows, e.sampleRatio(row("sample_ratio", nil), counts, weights))
}

// sampleRatio tests the variants of some weight; units in another fail it.
func (e *experiment) sampleRatio(r record, counts []int, weights []float64) record {
	threshold := 0.001
	if e.protocol.SRM != nil {
		threshold = e.protocol.SRM.Threshold
	}
	r["threshold"] = threshold
	if i := slices.Index(weights, 0); i >= 0 {
		stray := counts[i] > 0
		counts, weights = slices.Delete(counts, i, i+1), slices.Delete(weights, i, i+1)
		if stray {
			r["status"] = "fail"
			delete(r, "value")
			return r
		}
	}
	statistic, p := chiSquare(counts, weights)
	r["value"], r["p_value"], r["status"] = statistic, p, "pass"
	if p < threshold {
		r["status"] = "fail"
	}
	return r
}

// exposuresDaily are the rows of assay_exposures_daily.
func (w *world) exposuresDaily(e *experiment, a *assigned) []record {
	if a.refused {
		return nil
	}
	var rows []record
	for _, v := range e.Variants {
		byDay := map[string]int{}
		for _, u := range a.units {
			if u.variant == v.name {
				byDay[dayText(u.at.day)]++
			}
		}
		cumulative := 0
		for _, day := range sortedKeys(byDay) {
			cumulative += byDay[day]
			rows = append(rows, record{"experiment": e.Name, "variant": v.name, "day": day,
				"units": int64(byDay[day]), "cumulative_units": int64(cumulative)})
		}
	}
	return rows
}

func keyText(r record, keys []string) string {
	var parts []string
	for _, k := range keys {
		parts = append(parts, fmt.Sprint(r[k]))
	}
	return strings.Join(parts, " / ")
}
