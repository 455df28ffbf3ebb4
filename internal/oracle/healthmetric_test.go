package oracle

import (
	"math"
	"slices"
)

// metric are the checks of one metric.
func (h *checkup) metric(u *use) {
	s := h.e.setup(u)
	sm := h.samples(h.e, h.a, u)[0]
	add := func(check string, r record) {
		r["metric"] = u.name()
		h.add(check, r)
	}
	if len(h.a.counted) > 0 {
		add("metric_without_data", record{"status": passIf(sm.hasData(), "warn")})
	}
	if len(sm.units) < len(h.a.units) {
		if r := split(h.byVariant(sm.units, everyUnit), h.shares(), h.threshold()); r != nil {
			add("metric_sample_ratio", r)
		}
	}
	if sm.isCapped() && len(sm.units) > 0 && !s.metric.isRatio() {
		share := sm.shareCapped(sm.selected(everyUnit))
		add("capped_share", record{"value": share, "status": passIf(share <= 0.05, "warn")})
	}
	if h.isByDay(s.metric) {
		add("day_grain", record{"status": "warn"})
	}
	if u.role == "primary" && h.isReconciled(sm) {
		add("reconciliation", record{"status": "pass"})
	}
	h.balance(add, u)
	h.controls(add, u)
}

// hasData is whether any unit has anything to count.
func (sm *sample) hasData() bool {
	if sm.setup.metric.isQuantile() {
		return len(sm.units) > 0
	}
	for _, m := range sm.after {
		if slices.ContainsFunc(m.value, func(v float64) bool { return v != 0 }) {
			return true
		}
	}
	return false
}

func (sm *sample) isCapped() bool {
	return sm.limits != nil && (!math.IsNaN(sm.limits[0].lower) || !math.IsNaN(sm.limits[0].upper))
}

// isByDay is whether exposures or facts of the metric are known by day alone.
func (h *checkup) isByDay(m *metric) bool {
	for _, log := range h.e.logs {
		if name, ok := log.Columns["time"]; ok && h.grainOf(log.rows, name) >= daily {
			return true
		}
	}
	return slices.ContainsFunc(m.leaves(), func(leaf *metric) bool {
		return leaf.model.Time != "" && h.grainOf(leaf.model, leaf.model.Time) >= daily
	})
}

// grainOf is how exactly a column of time is known.
func (w *world) grainOf(m *model, name string) grain {
	g := exact
	if m.table.columns[m.table.index(name)].sqlType == date {
		g = daily
	}
	if c := m.column(name); c != nil {
		g = max(g, grains[c.Granularity])
	}
	return g
}

// isReconciled is whether a plain query over the same rows gives the metric's own number, and some unit has one.
func (h *checkup) isReconciled(sm *sample) bool {
	m := sm.setup.metric
	if sm.setup.Winsorize != nil || sm.setup.Cap != nil || len(sm.units) == 0 || m.Type != "simple" && m.Type != "ratio" || m.isQuantile() {
		return false
	}
	sums := !slices.ContainsFunc(m.leaves(), func(leaf *metric) bool {
		return !slices.Contains([]string{"sum", "count", "sum_boolean", "average"}, leaf.Agg)
	})
	if !sums || !m.isRatio() {
		return sums
	}
	for _, v := range h.e.variants() {
		rows := sm.selected(func(u *unit) bool { return u.variant == v.name })
		if len(rows) > 0 && mean(at(sm.after[1].value, rows)) != 0 {
			return true
		}
	}
	return false
}

// balance tests whether a metric's own past differed between variants before there was anything to differ by.
func (h *checkup) balance(add func(string, record), u *use) {
	s := h.e.setup(u)
	if len(s.covariates) != 1 || s.covariates[0].metric != s.metric || len(h.e.variants()) != 2 {
		return
	}
	sm := h.samples(h.e, h.a, u)[0]
	past := &sample{setup: &setup{use: u, metric: s.metric}, units: sm.units, formula: sm.formula, after: sm.before}
	if sm.before == nil {
		past.after = []measured{{value: sm.covariates[0].values}}
	}
	var arms []estimate
	for _, v := range []string{h.e.baseline(), h.other()} {
		arms = append(arms, past.arm(past.selected(func(u *unit) bool { return u.variant == v })).estimate(nil))
	}
	c := compareArms(arms[0], arms[1], false)
	if c == nil {
		return
	}
	t := test{statistics: statistics{Method: "fixed"}}
	add("pre_exposure_balance", record{"p_value": t.pValue(c), "tolerance": c.digits})
}

// other is the variant beside the baseline, of two.
func (h *checkup) other() string {
	for _, v := range h.e.variants() {
		if v.name != h.e.baseline() {
			return v.name
		}
	}
	panic("no other variant")
}

// controls holds a second control against the baseline: two sides, uncorrected.
func (h *checkup) controls(add func(string, record), u *use) {
	if len(h.e.Control) != 2 || u.role == "explore" {
		return
	}
	t := h.test(h.e, h.e.setup(u))
	t.oneSided = false
	if t.Method == "bayesian" {
		t.Method = "fixed"
	}
	for _, x := range h.contests(h.e, h.a, u) {
		if x.variant != h.e.Control[1] || !x.cut.isWhole() || x.sm.step != "" || x.said == nil || x.open {
			continue
		}
		r := record{"p_value": t.pValue(x.said), "tolerance": x.said.digits}
		if t.pValue(x.said) >= t.alpha() {
			r["status"] = "pass" // below, by how many tests α is divided is left open
		}
		if t.Method == "group_sequential" {
			r["tolerance"] = max(1e-5, x.said.digits)
		}
		add("control_difference", r)
	}
}
