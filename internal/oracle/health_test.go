package oracle

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// A checkup gathers the rows of assay_experiment_health of one experiment.
type checkup struct {
	*world
	e    *experiment
	a    *assigned
	rows []record
}

// health are the rows that the pages decide.
func (w *world) health(e *experiment, a *assigned) []record {
	h := &checkup{world: w, e: e, a: a}
	if w.status(e) == "draft" {
		h.add("no_assignments", record{"value": 0.0, "status": "warn"})
		return h.rows
	}
	h.add("no_assignments", record{"value": float64(len(a.counted)), "status": passIf(len(a.counted) > 0, "fail")})
	h.faults()
	if a.refused {
		return h.rows
	}
	h.sampleRatios()
	h.dimensionRatios()
	h.triggerRate()
	h.freshness()
	h.minimum()
	for _, u := range e.uses() {
		h.metric(u)
	}
	h.attributesToday()
	return h.rows
}

func (h *checkup) add(check string, r record) {
	r["experiment"], r["check_name"] = h.e.Name, check
	h.rows = append(h.rows, r)
}

func passIf(ok bool, otherwise string) string {
	if ok {
		return "pass"
	}
	return otherwise
}

// tolerable is the share of units that faults may touch before the results are not to be trusted.
const tolerable = 0.01

func (h *checkup) faults() {
	byShare := func(count, of int) string {
		switch {
		case count == 0:
			return "pass"
		case float64(count) <= tolerable*float64(of):
			return "warn"
		}
		return "fail"
	}
	status := byShare(h.a.multiple, h.a.seen)
	if h.a.refused {
		status = "fail"
	}
	h.add("multiple_exposures", record{"value": float64(h.a.multiple), "status": status})
	h.add("undeclared_variants", record{"value": float64(h.a.undeclared), "status": byShare(h.a.undeclared, h.a.seen)})
	h.add("null_units", record{"value": float64(h.a.nullRows), "status": passIf(h.a.nullRows == 0, "warn")})
}

// shares are those asked for; with phases, of the mix of units that the phases assigned.
func (h *checkup) shares() []float64 {
	if h.e.Phases == nil {
		return normalised(h.e, h.e.variants())
	}
	mix := make([]float64, len(h.e.variants()))
	for _, p := range h.e.Phases {
		assigned := float64(countAssigned(h.a.counted, func(u *unit) bool { return u.phase == p.From }))
		for i, share := range normalised(h.e, p.Variants) {
			mix[i] += share * assigned / float64(countAssigned(h.a.counted, everyUnit))
		}
	}
	return mix
}

// normalised are the shares of the experiment's variants in an allocation; one that it does not name has none.
func normalised(e *experiment, allocation variants) []float64 {
	total := 0.0
	for _, v := range allocation {
		total += v.weight
	}
	var shares []float64
	for _, v := range e.variants() {
		share := 0.0
		for _, named := range allocation {
			if named.name == v.name {
				share = named.weight / total
			}
		}
		shares = append(shares, share)
	}
	return shares
}

func countOf(units []*unit, holds func(*unit) bool) int {
	n := 0
	for _, u := range units {
		n += number(holds(u))
	}
	return n
}

// countAssigned counts what was assigned: units, or the clusters that they are of.
func countAssigned(units []*unit, holds func(*unit) bool) int {
	var groups []string
	for _, u := range units {
		if holds(u) {
			groups = append(groups, u.group)
		}
	}
	return countDistinct(groups)
}

// byVariant counts what was assigned by the experiment's variants.
func (h *checkup) byVariant(units []*unit, holds func(*unit) bool) []int {
	var counts []int
	for _, v := range h.e.variants() {
		counts = append(counts, countAssigned(units, func(u *unit) bool { return u.variant == v.name && holds(u) }))
	}
	return counts
}

func everyUnit(*unit) bool { return true }

func (h *checkup) threshold() float64 {
	if h.e.protocol.SRM != nil {
		return h.e.protocol.SRM.Threshold
	}
	return 0.001
}

// sampleRatios test the units of the experiment, phase by phase where there are any, and as they came day by day.
func (h *checkup) sampleRatios() {
	for _, p := range h.e.Phases {
		in := func(u *unit) bool { return u.phase == p.From }
		if r := split(h.byVariant(h.a.counted, in), normalised(h.e, p.Variants), h.threshold()); r != nil {
			r["dimension"], r["slice"] = "phase", p.From
			h.add("sample_ratio", r)
		}
		if r := h.sequentialRatio(in, normalised(h.e, p.Variants)); r != nil {
			r["dimension"], r["slice"] = "phase", p.From
			h.add("sample_ratio_sequential", r)
		}
	}
	if h.e.Phases != nil {
		return
	}
	if r := split(h.byVariant(h.a.counted, everyUnit), h.shares(), h.threshold()); r != nil {
		h.add("sample_ratio", r)
	}
	if r := h.sequentialRatio(everyUnit, h.shares()); r != nil {
		h.add("sample_ratio_sequential", r)
	}
}

// split tests counts against shares; units in a variant of none fail it. No units are no test.
func split(counts []int, shares []float64, threshold float64) record {
	r := record{"threshold": threshold, "status": "pass", "value": nil, "p_value": nil}
	total, arms := 0, 0
	for i, n := range counts {
		total += n
		arms += number(shares[i] > 0)
		if shares[i] == 0 && n > 0 {
			r["status"] = "fail"
			return r
		}
	}
	if total == 0 {
		return nil
	}
	statistic, p := 0.0, 1.0
	for i, share := range shares {
		if expected := share * float64(total); expected > 0 {
			statistic += (float64(counts[i]) - expected) * (float64(counts[i]) - expected) / expected
		}
	}
	if arms > 1 {
		p = distuv.ChiSquared{K: float64(arms - 1)}.Survival(statistic)
	}
	r["value"], r["p_value"], r["status"] = statistic, p, passIf(p >= threshold, "fail")
	return r
}

// sequentialRatio is the Bayes factor of a Dirichlet prior, worth 10,000 units of the split asked for, against that split: the
// largest of the days so far.
func (h *checkup) sequentialRatio(in func(*unit) bool, shares []float64) record {
	byDay := map[int][]*unit{}
	for _, u := range h.a.counted {
		if in(u) {
			byDay[u.came.day] = append(byDay[u.came.day], u)
		}
	}
	counts := make([]int, len(shares))
	p := 1.0
	for _, day := range sortedNumbers(byDay) {
		for i, n := range h.byVariant(byDay[day], everyUnit) {
			counts[i] += n
			if shares[i] == 0 && counts[i] > 0 {
				return nil
			}
		}
		p = math.Min(p, math.Exp(-logBayesFactor(counts, shares)))
	}
	if len(byDay) == 0 {
		return nil
	}
	return record{"p_value": p, "status": passIf(p >= h.threshold(), "fail"), "threshold": h.threshold()}
}

func logBayesFactor(counts []int, shares []float64) float64 {
	const concentration = 10000
	gamma := func(x float64) float64 {
		l, _ := math.Lgamma(x)
		return l
	}
	total, sum := 0.0, 0.0
	for i, share := range shares {
		if share > 0 {
			n := float64(counts[i])
			total += n
			sum += gamma(concentration*share+n) - gamma(concentration*share) - n*math.Log(share)
		}
	}
	return sum + gamma(concentration) - gamma(concentration+total)
}

func sortedNumbers[V any](m map[int]V) []int {
	var keys []int
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// dimensionRatios are the worst split of each dimension's values, before any trigger. A population leaves open whose units these are.
func (h *checkup) dimensionRatios() {
	if len(h.e.Metrics.Primary)+len(h.e.Metrics.Secondary)+len(h.e.Metrics.Explore)+len(h.e.Metrics.Guardrails) == 0 {
		return
	}
	if h.e.Population != nil {
		for range h.e.Dimensions {
			h.add("sample_ratio_dimension", record{"unnamed": true})
		}
		return
	}
	before := &assigned{units: h.a.entered}
	byDimension := map[string][]cut{}
	for _, c := range h.cuts(h.e, before) {
		byDimension[c.dimension] = append(byDimension[c.dimension], c)
	}
	for _, name := range h.e.Dimensions {
		var worst record
		for _, c := range byDimension[name] {
			r := split(h.byVariant(h.a.entered, c.holds), h.shares(), h.threshold()/float64(len(byDimension[name])))
			if r == nil {
				continue
			}
			if units := countOf(h.a.entered, c.holds); r["status"] == "fail" && float64(units) <= tolerable*float64(len(h.a.entered)) {
				r["status"] = "warn"
			}
			r["dimension"], r["slice"] = name, c.slice
			switch {
			case worst != nil && r["status"] == worst["status"] && same(r["p_value"], worst["p_value"], 1e-9):
				worst["unnamed"] = true // rounding decides which slice it is of; decisions read that there is one
			case worst == nil || isWorse(r, worst):
				worst = r
			}
		}
		if worst != nil {
			h.add("sample_ratio_dimension", worst)
		}
	}
	h.cuts(h.e, h.a) // units know their slices again as results have them
}

func isWorse(r, than record) bool {
	severity := map[any]int{"pass": 0, "warn": 1, "fail": 2}
	p, ok := r["p_value"].(float64)
	other, okOther := than["p_value"].(float64)
	if r["status"] != than["status"] || !ok || !okOther {
		return severity[r["status"]] > severity[than["status"]] || r["status"] == than["status"] && !ok
	}
	return p < other
}

// triggerRate tests whether variants trigger alike, by the χ² of those that did and those that did not.
func (h *checkup) triggerRate() {
	if h.e.Trigger == nil {
		return
	}
	did, entered := h.byVariant(h.a.units, everyUnit), h.byVariant(h.a.entered, everyUnit)
	all, triggered, variants := float64(countAssigned(h.a.entered, everyUnit)), float64(countAssigned(h.a.units, everyUnit)), 0.0
	statistic := 0.0
	for i, n := range entered {
		if n == 0 {
			continue
		}
		variants++
		for _, cell := range [][2]float64{{float64(did[i]), triggered}, {float64(n - did[i]), all - triggered}} {
			if expected := float64(n) * cell[1] / all; expected > 0 {
				statistic += (cell[0] - expected) * (cell[0] - expected) / expected
			}
		}
	}
	p := 1.0
	if variants > 1 && triggered > 0 && triggered < all {
		p = distuv.ChiSquared{K: variants - 1}.Survival(statistic)
	}
	h.add("trigger_rate", record{"p_value": p, "threshold": h.threshold(), "status": passIf(p >= h.threshold(), "fail")})
}

// freshness is the age of the newest assignment in hours, while units may still enter, where any log has times.
func (h *checkup) freshness() {
	dated := slices.ContainsFunc(h.e.logs, func(log *assignments) bool { return log.Columns["time"] != "" })
	if h.status(h.e) != "running" || !dated || h.a.newest == nil {
		return
	}
	age := h.clock().parse(h.asOf).at.Sub(h.a.newest.at).Hours()
	h.add("assignment_freshness", record{"value": age, "status": passIf(age < 48, "warn")})
}

func (h *checkup) minimum() {
	m := h.e.protocol.Minimum
	if m == nil {
		return
	}
	if m.Runtime != nil && h.e.Start != "" {
		days := h.daysRunning(h.e)
		h.add("minimum_runtime", record{"value": float64(days), "threshold": float64(m.Runtime.N), "status": passIf(days >= m.Runtime.N, "warn")})
	}
	if m.Units > 0 {
		least := len(h.a.units)
		for _, v := range h.e.variants() {
			least = min(least, countOf(h.a.units, func(u *unit) bool { return u.variant == v.name }))
		}
		h.add("minimum_units", record{"value": float64(least), "threshold": float64(m.Units), "status": passIf(least >= m.Units, "warn")})
	}
}

// attributesToday are the dimensions of which a model knows today's value alone.
func (h *checkup) attributesToday() {
	names := slices.Clone(h.e.Dimensions)
	if h.e.Population != nil {
		names = append(names, h.e.Population.names()...)
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		if slices.Contains([]string{"user__segment", "user__employee", "user__team__region", "user__score"}, name) {
			h.add("attribute_today", record{"dimension": name, "status": "warn"})
		}
	}
}

// status is where an experiment stands.
func (w *world) status(e *experiment) string {
	asOf := w.clock().parse(w.asOf)
	switch {
	case w.start(e).at.After(asOf.at):
		return "draft"
	case e.End == "" || asOf.before(w.clock().parse(e.End)):
		return "running"
	case asOf.at.Before(w.observeUntil(e).at):
		return "observing"
	}
	return "ended"
}

// observeUntil is as written, else the end and the longest window.
func (w *world) observeUntil(e *experiment) moment {
	if e.ObserveUntil != "" {
		return w.clock().parse(e.ObserveUntil)
	}
	end := w.clock().parse(e.End)
	until := end
	for _, u := range e.uses() {
		if s := e.setup(u); s.window.End != nil {
			if closes := w.clock().after(end, *s.window.End, 1, exact); until.before(closes) {
				until = closes
			}
		}
	}
	return until
}

// daysRunning are whole days by the reporting zone's calendar, until as-of or the end. Clocks are compared as they show: a midnight
// that is skipped has no instant.
func (w *world) daysRunning(e *experiment) int {
	shown := func(m moment) time.Time {
		t := m.at.In(w.clock().zone)
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	}
	start, until := shown(w.start(e)), shown(w.analysisEnd(e))
	days := 0
	for !start.AddDate(0, 0, days+1).After(until) {
		days++
	}
	return days
}
