package judge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
)

func of(q model.Quantifier, role model.Role, verdict string) model.Verdicts {
	return model.Verdicts{Quantifier: q, Role: role, Verdict: verdict}
}

// found is a metric that is up by ten standard errors, lost one that is down by as many, and open one that has not moved.
func found(name string, role model.Role) *plan.ObservedMetric {
	return metric(name, role, arm("control", 1000, 5, 0.5), arm("treatment", 1000, 5.25, 0.5))
}

func lost(name string, role model.Role) *plan.ObservedMetric {
	return metric(name, role, arm("control", 1000, 5, 0.5), arm("treatment", 1000, 4.75, 0.5))
}

func open(name string, role model.Role) *plan.ObservedMetric {
	return metric(name, role, arm("control", 1000, 5, 5), arm("treatment", 1000, 5, 5))
}

func guarded(m *plan.ObservedMetric) *plan.ObservedMetric {
	m.Use.Margin = ptr(0.02)
	return m
}

func TestDecisionsByDefault(t *testing.T) {
	mde := func(share float64) *plan.ObservedMetric {
		m := open("orders", model.Primary)
		m.Use.Settings.MDE = ptr(share)
		return m
	}
	for name, c := range map[string]struct {
		metrics   []*plan.ObservedMetric
		change    func(*plan.Observed)
		recommend project.Recommendation
		rule      string
		reason    string
	}{
		"better": {[]*plan.ObservedMetric{found("orders", model.Primary)}, nil,
			"ship", "any primary better and all guardrails non_inferior", "orders is better with treatment; there is no guardrail metric"},
		"better and guarded": {[]*plan.ObservedMetric{found("orders", model.Primary), guarded(found("speed", model.Guardrail))}, nil,
			"ship", "any primary better and all guardrails non_inferior", "every guardrail metric is non-inferior"},
		"better, guardrail without a margin": {[]*plan.ObservedMetric{found("orders", model.Primary), open("speed", model.Guardrail)}, nil,
			"ship", "any primary better and all guardrails non_inferior", "speed has no margin"},
		"better, guardrail open": {[]*plan.ObservedMetric{found("orders", model.Primary), guarded(open("speed", model.Guardrail))}, nil,
			"discuss", "any primary better", "orders is better with treatment"},
		"better, guardrail without an answer": {[]*plan.ObservedMetric{found("orders", model.Primary),
			guarded(metric("flat", model.Guardrail, arm("control", 1000, 5, 0), arm("treatment", 1000, 5, 0)))}, nil,
			"discuss", "any primary better", "orders is better"},
		"guardrail broken": {[]*plan.ObservedMetric{found("orders", model.Primary), guarded(lost("speed", model.Guardrail))}, nil,
			"stop", "any guardrail inferior", "speed is inferior with treatment"},
		"unhealthy": {[]*plan.ObservedMetric{found("orders", model.Primary)}, func(o *plan.Observed) { assign(o, 1000, 500) },
			"discuss", "any health fail", "sample_ratio failed"},
		"too early": {[]*plan.ObservedMetric{found("orders", model.Primary)}, minimumDays(20),
			"keep_running", "before minimum", "it has run for 14 of the 20 days asked for"},
		"too few": {[]*plan.ObservedMetric{found("orders", model.Primary)}, tooFew,
			"keep_running", "before minimum", "its smallest variant has 990 of the 1000 units asked for"},
		"half-way": {[]*plan.ObservedMetric{open("orders", model.Primary)}, func(o *plan.Observed) { o.AsOf = day(8) },
			"keep_running", "progress < 100%", "50% of the planned time has passed"},
		"no end": {[]*plan.ObservedMetric{open("orders", model.Primary)},
			func(o *plan.Observed) { o.Experiment.End, o.Experiment.ObserveUntil = time.Time{}, time.Time{} },
			"keep_running", "progress < 100%", "its progress is not known"},
		"not enough data": {[]*plan.ObservedMetric{mde(0.05), found("revenue", model.Secondary)}, nil,
			"keep_running", "progress < 100%", "orders with treatment has 15% of what finding a lift of 5% with a power of 80% takes"},
		"enough data, nothing found": {[]*plan.ObservedMetric{mde(0.126)}, nil, "stop", "otherwise", "orders is neutral with treatment"},
		"over, nothing found": {[]*plan.ObservedMetric{open("orders", model.Primary)}, nil,
			"stop", "otherwise", "orders is undecided"},
		"nothing primary": {[]*plan.ObservedMetric{found("orders", model.Secondary)}, nil,
			"stop", "otherwise", "no metric is primary"},
	} {
		t.Run(name, func(t *testing.T) {
			o := standard(c.metrics...)
			o.Experiment.Protocol.Decision = model.DefaultDecision()
			if c.change != nil {
				c.change(o)
			}
			decisions := Experiment(thisRun, o).Decisions
			if len(decisions) != 1 {
				t.Fatalf("%d decisions", len(decisions))
			}
			d := decisions[0]
			if d.Recommendation != c.recommend || *d.Rule != c.rule || d.Protocol != "standard" {
				t.Errorf("%s by %q of %s, want %s by %q", d.Recommendation, *d.Rule, d.Protocol, c.recommend, c.rule)
			}
			if reasons := strings.Join(d.Reasons, "; "); !strings.Contains(reasons, c.reason) {
				t.Errorf("because %q, want %q", reasons, c.reason)
			}
		})
	}
}

// A further control is no variant that one could ship, and not one that breaks a guardrail.
func TestControlsAreNotDecidedOn(t *testing.T) {
	m := metric("orders", model.Primary,
		arm("control", 1000, 5, 0.5), arm("treatment", 1000, 5, 0.5), arm("control_b", 1000, 5.25, 0.5))
	o := standard(m)
	o.Experiment.Variants = append(o.Experiment.Variants, model.Variant{Name: "control_b"})
	o.Experiment.Controls, o.Experiment.Protocol.Decision = []string{"control_b"}, model.DefaultDecision()[3:]
	report := Experiment(thisRun, o)
	if d := report.Decisions[0]; d.Recommendation != "stop" {
		t.Errorf("%s because %v", d.Recommendation, d.Reasons)
	}
	if shares := report.Experiment.Variants; shares[1].Control || !shares[2].Control {
		t.Errorf("variants %+v", shares)
	}
}

// Each variant is weighed by itself: one that breaks a guardrail does not take with it those that do not.
func TestVariantsByThemselves(t *testing.T) {
	three := func(name string, role model.Role, treatment, other float64) *plan.ObservedMetric {
		return metric(name, role, arm("control", 1000, 5, 0.5), arm("treatment", 1000, treatment, 0.5), arm("other", 1000, other, 0.5))
	}
	const up, same, down = 5.25, 5, 4.75
	for name, c := range map[string]struct {
		orders, speed [2]float64
		asOf          int
		recommend     project.Recommendation
		variants      []project.Recommendation
	}{
		"one harmed":              {[2]float64{up, up}, [2]float64{down, same}, 15, "ship", []project.Recommendation{"stop", "ship"}},
		"both harmed":             {[2]float64{up, up}, [2]float64{down, down}, 15, "stop", []project.Recommendation{"stop", "stop"}},
		"one harmed, one not yet": {[2]float64{up, same}, [2]float64{down, same}, 8, "keep_running", []project.Recommendation{"stop", "keep_running"}},
		"one worse":               {[2]float64{same, down}, [2]float64{same, same}, 8, "keep_running", []project.Recommendation{"keep_running", "stop"}},
	} {
		t.Run(name, func(t *testing.T) {
			orders, speed := three("orders", model.Primary, c.orders[0], c.orders[1]), three("speed", model.Guardrail, c.speed[0], c.speed[1])
			o := standard(orders, guarded(speed))
			o.Experiment.Variants = append(o.Experiment.Variants, model.Variant{Name: "other", Label: "The other"})
			o.Experiment.Protocol.Decision, o.AsOf = model.DefaultDecision()[1:], day(c.asOf)
			d := Experiment(thisRun, o).Decisions[0]
			var each []project.Recommendation
			for _, v := range d.Variants {
				each = append(each, v.Recommendation)
			}
			if d.Recommendation != c.recommend || !slices.Equal(each, c.variants) {
				t.Errorf("%s, by variant %v, because %v", d.Recommendation, each, d.Reasons)
			}
		})
	}
}

func TestWeighing(t *testing.T) {
	yes, no := model.Checks{Quantifier: model.Any, Status: "pass"}, of(model.Any, model.Primary, "worse")
	for name, c := range map[string]struct {
		condition model.Condition
		want      bool
	}{
		"and":                  {model.Every{Conditions: []model.Condition{yes, no}}, false},
		"or":                   {model.Either{Conditions: []model.Condition{no, yes}}, true},
		"all of none":          {of(model.All, model.Guardrail, "inferior"), true},
		"any of none":          {of(model.Any, model.Guardrail, "inferior"), false},
		"all, one is not":      {of(model.All, model.Primary, "better"), false},
		"all checks":           {model.Checks{Quantifier: model.All, Status: "pass"}, true},
		"progress at least":    {model.Progress{Comparison: ">=", Share: 0.5}, true},
		"progress more":        {model.Progress{Comparison: ">", Share: 0.5}, false},
		"progress at most":     {model.Progress{Comparison: "<=", Share: 0.5}, true},
		"minimum is no matter": {model.BeforeMinimum{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := standard(found("orders", model.Primary), open("revenue", model.Primary))
			o.AsOf = day(8)
			o.Experiment.Protocol.Decision = []model.Rule{{When: c.condition, Text: "it", Recommend: "ship"}}
			d := Experiment(thisRun, o).Decisions[0]
			if held := d.Rule != nil; held != c.want {
				t.Errorf("held %v because %v", held, d.Reasons)
			}
			if d.Rule == nil && (d.Recommendation != "discuss" || !slices.Contains(d.Reasons, "no rule of the protocol holds")) {
				t.Errorf("%s because %v", d.Recommendation, d.Reasons)
			}
		})
	}
}

func TestNothingToDecide(t *testing.T) {
	draft := standard(open("orders", model.Primary))
	draft.Experiment.Start = day(20)
	for name, o := range map[string]*plan.Observed{"draft": draft, "no metrics": standard()} {
		if d := Experiment(thisRun, o).Decisions; len(d) != 0 {
			t.Errorf("%s: %v", name, d)
		}
	}
	decided := standard(open("orders", model.Primary))
	decided.Experiment.Decl.Decision = &project.DecisionRecord{}
	if d := Experiment(thisRun, decided).Decisions; len(d) != 1 {
		t.Errorf("decided by people: %v", d)
	}
}

// Reasons are for people, who know a metric and a variant by their labels.
func TestReasonsSpeakOfLabels(t *testing.T) {
	m := found("orders", model.Primary)
	m.Use.Metric.Decl.Label = wrote("Completed orders")
	o := standard(m)
	o.Experiment.Variants[1].Label = "One page"
	o.Experiment.Protocol.Decision = model.DefaultDecision()
	if got := Experiment(thisRun, o).Decisions[0].Reasons[0]; got != "Completed orders is better with One page" {
		t.Errorf("because %q", got)
	}
}
