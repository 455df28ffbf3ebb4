package judge

import (
	"maps"
	"testing"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
)

func TestHealthOfDesigns(t *testing.T) {
	ends := func(m *plan.ObservedMetric) { m.Use.Settings.WindowEnd = ptr(24 * time.Hour) }
	watched := func(o *plan.Observed) { o.Experiment.Protocol.Method, o.Experiment.End = "sequential", day(20) }
	share := func(units int64) func(*plan.Observed) {
		return func(o *plan.Observed) { o.Exposures.Shared = []plan.SharedUnits{{With: "banner", Units: units}} }
	}
	counter := func(m *plan.ObservedMetric) { m.Use.Metric.Decl.Counter = []project.Name{wrote("refunds")} }
	detect := func(effect float64) func(*plan.ObservedMetric) {
		return func(m *plan.ObservedMetric) { m.Use.Settings.MDE = &effect }
	}
	for name, c := range map[string]struct {
		metric func(*plan.ObservedMetric)
		change func(*plan.Observed)
		check  string
		status HealthStatus
		advice string
	}{
		"nothing shared":   {nil, share(0), "layer_overlap", Pass, ""},
		"a few shared":     {nil, share(20), "layer_overlap", Warn, "20 units also in banner"},
		"many shared":      {nil, share(21), "layer_overlap", Fail, "21 units"},
		"open":             {nil, watched, "open_window", Warn, "window: {end: 14 days}"},
		"with an end":      {ends, watched, "open_window", Pass, ""},
		"open and over":    {nil, func(o *plan.Observed) { o.Experiment.Protocol.Method = "hybrid" }, "open_window", Pass, ""},
		"without counter":  {counter, nil, "counter_metric", Warn, "without refunds"},
		"too little power": {detect(0.001), nil, "low_power", Warn, "smallest effect (0.1%)"},
		"enough power":     {detect(0.5), nil, "low_power", Pass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.05, 2))
			m.Facts = []plan.Facts{{Model: "orders", Units: 500}}
			o := standard(m)
			if c.metric != nil {
				c.metric(m)
			}
			if c.change != nil {
				c.change(o)
			}
			row := find(t, Experiment(thisRun, o), c.check, "orders")
			if row.Status != c.status {
				t.Errorf("status %s, want %s", row.Status, c.status)
			}
			expectAdvice(t, row, c.advice)
		})
	}
}

func TestCounterMetricIsThere(t *testing.T) {
	m := metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.05, 2))
	m.Use.Metric.Decl.Counter = []project.Name{wrote("refunds")}
	refunds := metric("refunds", model.Guardrail, arm("control", 1000, 5, 2), arm("treatment", 1000, 5, 2))
	if row := find(t, Experiment(thisRun, standard(m, refunds)), "counter_metric", "orders"); row.Status != Pass {
		t.Errorf("status %s: %s", row.Status, *row.Advice)
	}
}

// A fixed test is taken once, whatever its metrics do until then.
func TestFixedMethodsMayHaveOpenWindows(t *testing.T) {
	o := standard(metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.05, 2)))
	o.Metrics[0].Facts, o.Experiment.End = []plan.Facts{{Model: "orders", Units: 500}}, day(20)
	if has(Experiment(thisRun, o), "open_window") {
		t.Error("warned of an open window under a fixed test")
	}
}

func TestDefinitionChanged(t *testing.T) {
	for name, c := range map[string]struct {
		first  *Definitions
		status HealthStatus
		value  float64
		advice string
	}{
		"as it was":      {&Definitions{Experiment: "x1", Metrics: map[string]string{"orders": "m1"}}, Pass, 0, ""},
		"a metric":       {&Definitions{AsOf: Date{day(2)}, Experiment: "x0", Metrics: map[string]string{"orders": "m0"}}, Warn, 1, "as of 2026-01-02: orders"},
		"the experiment": {&Definitions{Experiment: "x0", Metrics: map[string]string{"orders": "m1"}}, Warn, 1, "its protocol"},
		"a new metric":   {&Definitions{Experiment: "x0", Metrics: map[string]string{}}, Warn, 1, "the experiment"},
	} {
		t.Run(name, func(t *testing.T) {
			run := thisRun
			run.Metrics, run.First = maps.Clone(thisRun.Metrics), c.first
			row := find(t, Experiment(run, standard(orders())), "definition_changed", "")
			if row.Status != c.status {
				t.Errorf("status %s, want %s", row.Status, c.status)
			}
			closeTo(t, "value", *row.Value, c.value)
			expectAdvice(t, row, c.advice)
		})
	}
	if has(Experiment(thisRun, standard(orders())), "definition_changed") {
		t.Error("the first run has something to compare with")
	}
}

// Each phase is watched by its own shares, of which the mix over both would hide the fault.
func TestPhasesAreWatchedByThemselves(t *testing.T) {
	o := standard()
	phases := []model.Phase{{Name: "first", From: day(1)}, {Name: "second", From: day(8)}}
	for i := range phases {
		phases[i].Variants = o.Experiment.Variants
	}
	o.Experiment.Phases = phases
	o.Exposures.Phases = []plan.PhaseCount{
		{Phase: "first", Assigned: []int64{700, 300}, Entering: []plan.DailyUnits{
			{Variant: "control", Day: day(1), Units: 700}, {Variant: "treatment", Day: day(1), Units: 300}}},
		{Phase: "second", Assigned: []int64{500, 500}, Entering: []plan.DailyUnits{
			{Variant: "control", Day: day(8), Units: 500}, {Variant: "treatment", Day: day(8), Units: 500}}},
	}
	got := map[string]HealthStatus{}
	for _, row := range Experiment(thisRun, o).Health {
		if row.CheckName == "sample_ratio_sequential" {
			got[*row.Slice] = row.Status
		}
	}
	if len(got) != 2 || got["first"] != Fail || got["second"] != Pass {
		t.Errorf("phases are %v", got)
	}
}

func TestCovariatesOfTodayAreTold(t *testing.T) {
	m := metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.05, 2))
	m.Use.Settings.CUPED = &model.CUPED{Covariates: []model.Covariate{
		{Name: "user__plan", Attribute: &model.UnitDimension{Name: "user__plan", Ref: planOfUser(nil)}}}}
	row := find(t, Experiment(thisRun, standard(m)), "attribute_today", "")
	expectAdvice(t, row, "a covariate has taken")
}
