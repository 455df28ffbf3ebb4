package oracle

import (
	"cmp"
	"slices"
	"strings"
	"testing"
)

// TestWorldsHoldTheLanguage counts what random worlds are made of: what hardly ever comes about is not tested.
func TestWorldsHoldTheLanguage(t *testing.T) {
	const worlds, least = 200, 4
	seen := map[string]int{}
	for i := range worlds {
		w := worldsOn("duckdb").Example(i)
		found := map[string]bool{}
		for _, e := range w.experiments {
			e.holds(found)
			for _, u := range e.uses() {
				e.setup(u).holds(found, e)
			}
		}
		w.holds(found)
		for name, has := range found {
			seen[name] += number(has)
		}
	}
	for _, name := range sortedKeys(seen) {
		t.Logf("%3d %s", seen[name], name)
		if seen[name] < least {
			t.Errorf("%d of %d worlds have: %s", seen[name], worlds, name)
		}
	}
}

func (w *world) holds(found map[string]bool) {
	note := func(name string, has bool) { found[name] = found[name] || has }
	for _, e := range w.experiments {
		a := w.assign(e)
		counts := map[string]int{}
		for _, u := range a.units {
			counts[u.variant]++
		}
		note("an experiment to come", w.status(e) == "draft")
		note("no units", len(a.units) == 0)
		note("an arm without units", len(a.units) > 0 && slices.ContainsFunc(e.variants(), func(v variant) bool { return counts[v.name] == 0 }))
		note("an arm of one unit", slices.ContainsFunc(e.variants(), func(v variant) bool { return counts[v.name] == 1 }))
		note("units in several variants", a.multiple > 0)
		note("units in undeclared variants", a.undeclared > 0)
		note("rows without a unit, variant or time", a.nullRows > 0)
		note("the tail of many slices", slices.ContainsFunc(w.cuts(e, a), func(c cut) bool { return c.slice == "(other)" }))
	}
	note("days alone", slices.ContainsFunc(w.models, func(m *model) bool { return m.Time != "" && w.grainOf(m, m.Time) == daily }))
	found["clocks are changed"] = slices.Contains([]string{"Europe/Berlin", "America/New_York", "America/Santiago", "America/Sao_Paulo"}, w.zone)
	found["half-hour zones"] = w.zone == "Asia/Kolkata" || w.zone == "Australia/Lord_Howe"
	found["tables in files"] = slices.ContainsFunc(w.tables, func(t *table) bool { return t.inFile })
	for _, q := range w.questions {
		found["a query"] = found["a query"] || q.experiment == nil
		found["a query of all that an experiment counts"] = found["a query of all that an experiment counts"] || q.experiment != nil && q.isTotal()
		found["a query of an experiment by group"] = found["a query of an experiment by group"] || q.experiment != nil && q.groupBy != nil
		found["a query of an experiment with a condition"] = found["a query of an experiment with a condition"] || q.experiment != nil && q.where != nil
	}
}

func (e *experiment) holds(found map[string]bool) {
	s := e.stats()
	note := func(name string, has bool) { found[name] = found[name] || has }
	for _, name := range append(corrections, "none") {
		note("correction "+name, s.correction() == name)
	}
	for _, name := range []string{"exclude", "first", "error"} {
		note("policy "+name, cmp.Or(e.exposurePolicy(), "exclude") == name)
		note("clusters under "+name, e.clustered() && cmp.Or(e.exposurePolicy(), "exclude") == name)
	}
	note("further confidences", s.Show != nil)
	note("one side", s.Sides == "one")
	note("statistics of its own", e.Statistics != nil)
	note("phases", e.Phases != nil)
	note("strata", e.stratified() && e.Phases == nil)
	note("two controls", len(e.Control) > 1)
	note("three variants", len(e.variants()) > 2)
	note("population", e.Population != nil)
	note("trigger", e.Trigger != nil)
	note("several logs", len(e.logs) > 1)
	note("slices", e.Dimensions != nil)
	note("slices by validity", slices.Contains(e.Dimensions, "user__plan"))
	note("a variant of weight 0", slices.ContainsFunc(e.variants(), func(v variant) bool { return v.weight == 0 }))
	note("slices over hops", slices.Contains(e.Dimensions, "user__team__region"))
	note("guardrails of the protocol", e.protocol.Guardrails != nil)
	note("rules of its own", e.protocol.Decision != nil)
	for _, log := range e.logs {
		note("a log without times", log.Columns["time"] == "")
		note("a log without experiments", log.Columns["experiment"] == "")
		note("a log in a model", log.Model != "")
	}
}

func (s *setup) holds(found map[string]bool, e *experiment) {
	note := func(name string, has bool) { found[name] = found[name] || has }
	method := cmp.Or(e.stats().Method, "sequential")
	for _, m := range []string{"fixed", "sequential", "hybrid", "group_sequential", "bayesian"} {
		note("method "+m, m == method)
		note("slices under "+m, m == method && e.Dimensions != nil)
	}
	kind := s.metric.Type
	if kind == "simple" {
		kind = s.metric.Agg
	}
	kinds := slices.Concat(aggregates, []string{"ratio", "derived", "conversion", "retention", "threshold", "funnel", "quantile"})
	for _, k := range slices.Compact(slices.Sorted(slices.Values(kinds))) {
		note("metric "+k, k == kind)
	}
	for _, role := range []string{"primary", "secondary", "guardrail", "explore"} {
		note("role "+role, s.use.role == role)
	}
	note("margin", s.use.Margin != "")
	note("mde", s.MDE != "")
	note("mature", s.mature)
	note("cap", s.Cap != nil)
	note("caps of a first or last value", (s.Cap != nil || s.Winsorize != nil) && (kind == "first_value" || kind == "last_value"))
	note("winsorize", s.Winsorize != nil)
	note("winsorize values that are not 0", s.Winsorize != nil && s.Winsorize.IgnoreZeros)
	note("chosen covariates", s.choose)
	note("attributes as covariates", slices.ContainsFunc(s.covariates, func(c covariate) bool { return c.metric == nil }))
	note("another metric as covariate", slices.ContainsFunc(s.covariates, func(c covariate) bool { return c.metric != nil && c.metric != s.metric }))
	note("a ratio's covariate", s.covariates != nil && s.metric.isRatio())
	note("a role's units", s.use.Unit != "")
	note("a window that starts later", s.window.Start != nil && s.window.Start.N > 0)
	note("a funnel in order "+cmp.Or(s.metric.Order, "ordered"), s.metric.Type == "funnel")
	note("steps within a time", slices.ContainsFunc(s.metric.Steps, func(st *step) bool { return st.Within != nil }))
	note("conversions counted", s.metric.Calculation == "conversions")
	note("settings in the experiment", s.use.Window != nil || s.use.Cap != nil || s.use.Winsorize != nil || s.use.Cuped != nil)
	note("inputs of several models", len(slices.Compact(modelsOf([]*metric{s.metric}))) > 1)
	note("used twice", s.use.As != "")
	for _, leaf := range s.metric.leaves() {
		note("units over hops", leaf.model.Name == "items")
		note("facts without times", leaf.model.Time == "")
		note("joined filters", leaf.Filter != nil && strings.Contains(leaf.Filter.String(), "__"))
	}
}
