package judge

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
)

// decided is the odds of the standard experiment at the day on which its slowest comparison knows.
func decided(t *testing.T, change func(*model.Experiment), metrics ...*plan.ObservedMetric) Odds {
	t.Helper()
	x := planned(metrics...)
	x.Protocol.Decision = model.DefaultDecision()
	if change != nil {
		change(x)
	}
	f := rehearsed(t, 10, 5000, x, Asked{}, metrics...)
	if len(f.Decisions) != 1 {
		t.Fatalf("%d decisions are weighed", len(f.Decisions))
	}
	return f.Decisions[0]
}

func chance(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s is %.4f, want %.4f", what, got, want)
	}
}

// TestExactOdds: with one look, a variant ships by chance at half of alpha, a good one with the power of its tests multiplied. The
// days are whole, so that power is a little over 80%.
func TestExactOdds(t *testing.T) {
	success := asking("orders", model.Primary, 0.05)
	alone := decided(t, nil, success)
	chance(t, "ships by chance", alone.Nothing.Ship, 0.025, 1e-4) // t and not z: the intervals are Welch's
	chance(t, "ships what is good", alone.Asked.Ship, 0.8, 0.01)
	if alone.Nothing.Draws != 0 || alone.Harmed != nil || alone.PerTest != 0 {
		t.Errorf("one test at one look is exact: %+v", alone)
	}
	guard := asking("tickets", model.Guardrail, 0.05)
	guard.Use.Metric.Decl.DesiredChange = wrote(project.Decrease)
	with := decided(t, nil, success, guard)
	chance(t, "ships by chance with a guardrail", with.Nothing.Ship, alone.Nothing.Ship*alone.Asked.Ship, 1e-6)
	chance(t, "ships what is good with a guardrail", with.Asked.Ship, alone.Asked.Ship*alone.Asked.Ship, 1e-6)
	chance(t, "ships what does harm", with.Harmed.Ship, alone.Asked.Ship*0.025, 1e-4)
	chance(t, "power of each test", with.PerTest, 0.9, 1e-12) // 1 − (1 − 0.8)/(G + 1)
	sum := with.Asked.Ship + with.Asked.Stop + with.Asked.Discuss + with.Asked.KeepRunning
	chance(t, "all recommendations", sum, 1, 1e-9)
}

// TestSharedControl: two variants are compared with one control, so that their tests go along at ½ where shares are equal. The
// chance that either is above 1.96 is 1 − Φ₂(1.96, 1.96; ½) = 0.04552 (R's mvtnorm::pmvnorm, Miwa).
func TestSharedControl(t *testing.T) {
	three := func(x *model.Experiment) {
		x.Variants = []model.Variant{{Name: "control", Share: 1. / 3}, {Name: "a", Share: 1. / 3}, {Name: "b", Share: 1. / 3}}
	}
	odds := decided(t, three, asking("orders", model.Primary, 0.05))
	chance(t, "either ships by chance", odds.Nothing.Ship, 0.0455, 2e-4)
}

// TestDrawnOdds: simulation agrees with what is computed, and with the error that it says.
func TestDrawnOdds(t *testing.T) {
	success, guard := asking("orders", model.Primary, 0.05), asking("tickets", model.Guardrail, 0.05)
	x := planned(success, guard)
	x.Variants = []model.Variant{{Name: "control", Share: 0.5}, {Name: "a", Share: 0.3}, {Name: "b", Share: 0.2}}
	x.Protocol.Decision = model.DefaultDecision()
	p := newPlanner(thisRun, x, x.Start, Asked{})
	p.forecast = rehearsed(t, 10, 5000, x, Asked{}, success, guard)
	p.Observed.Metrics = []*plan.ObservedMetric{success, guard}
	w := p.wager(60)
	for _, lifts := range [][]float64{{0, 0}, {0.05, 0}, {0.05, -0.05}} {
		exact, drawn := w.exactly(lifts), w.drawn(lifts)
		for _, pair := range [][2]float64{{exact.Ship, drawn.Ship}, {exact.Stop, drawn.Stop}, {exact.Discuss, drawn.Discuss}} {
			chance(t, "a recommendation", pair[1], pair[0], 4*math.Sqrt(pair[0]*(1-pair[0])/draws)+1e-4)
		}
		chance(t, "the error", drawn.Error, math.Sqrt(exact.Ship*(1-exact.Ship)/draws), 1e-3)
	}
}

// TestOddsOfLooks: each method keeps its alpha over all looks, and planned looks their power, where rules ship what is better and
// stop for nothing.
func TestOddsOfLooks(t *testing.T) {
	patient := []model.Rule{
		{When: model.Verdicts{Quantifier: model.Any, Role: model.Primary, Verdict: string(Better)}, Recommend: "ship"}, {Recommend: project.KeepRunning},
	}
	under := func(set func(*model.Protocol)) Odds {
		return decided(t, func(x *model.Experiment) {
			x.Protocol.Decision = patient
			set(x.Protocol)
		}, asking("orders", model.Primary, 0.05))
	}
	groups := under(func(p *model.Protocol) { p.Method, p.Looks, p.Spending = "group_sequential", 4, "pocock" })
	chance(t, "four looks by chance", groups.Nothing.Ship, 0.025, 4*groups.Nothing.Error)
	chance(t, "four looks at what is good", groups.Asked.Ship, 0.8, 4*groups.Asked.Error+0.01)
	watched := under(func(p *model.Protocol) { p.Method, p.Tuning = "sequential", 20000 })
	if watched.Nothing.Ship > 0.025 || watched.Asked.Ship < 0.8 || watched.Looks != mostLooks {
		t.Errorf("watched daily: %+v", watched)
	}
	hybrid := under(func(p *model.Protocol) { p.Method, p.Tuning = "hybrid", 20000 })
	if hybrid.Nothing.Ship > 0.025 || hybrid.Asked.Ship < 0.79 {
		t.Errorf("hybrid: %+v", hybrid)
	}
	stopping := decided(t, func(x *model.Experiment) {
		x.Protocol.Method, x.Protocol.Looks, x.Protocol.Spending = "group_sequential", 4, "pocock"
	},
		asking("orders", model.Primary, 0.05))
	chance(t, "four looks by rules that stop where nothing is found", stopping.Asked.Ship, 0.8, 4*stopping.Asked.Error+0.01)
	if again := under(func(p *model.Protocol) { p.Method, p.Tuning = "hybrid", 20000 }); again.Asked.Ship != hybrid.Asked.Ship {
		t.Error("the same forecast says the same each time")
	}
}

// TestOddsBeforeMinimum: an experiment that ends before its protocol's minimum ships nothing.
func TestOddsBeforeMinimum(t *testing.T) {
	for _, set := range []func(*model.Protocol){
		func(p *model.Protocol) { p.MinimumDays = 1000 }, func(p *model.Protocol) { p.MinimumUnits = 1e9 },
	} {
		odds := decided(t, func(x *model.Experiment) { set(x.Protocol) }, asking("orders", model.Primary, 0.05))
		chance(t, "goes on", odds.Asked.KeepRunning, 1, 1e-9)
	}
}

// TestRulesAsDeliberated: what a tally recommends is what a deliberation on rows with these verdicts does.
func TestRulesAsDeliberated(t *testing.T) {
	role := rapid.SampledFrom(judgedRoles)
	condition := rapid.Custom(func(t *rapid.T) model.Condition {
		terms := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) model.Condition {
			return model.Verdicts{Quantifier: rapid.SampledFrom([]model.Quantifier{model.Any, model.All}).Draw(t, "quantifier"),
				Role: role.Draw(t, "role"), Verdict: string(rapid.SampledFrom(allVerdicts).Draw(t, "verdict"))}
		}), 1, 3).Draw(t, "terms")
		if rapid.Bool().Draw(t, "every") {
			return model.Every{Conditions: terms}
		}
		return model.Either{Conditions: terms}
	})
	rapid.Check(t, func(t *rapid.T) {
		var rules []model.Rule
		for i, c := range rapid.SliceOfN(condition, 1, 4).Draw(t, "conditions") {
			rules = append(rules, model.Rule{When: c, Recommend: []project.Recommendation{project.Ship, project.Stop, project.Discuss, project.KeepRunning}[i]})
		}
		var seen tally
		var d deliberation
		for range rapid.IntRange(0, 6).Draw(t, "metrics") {
			r, v := role.Draw(t, "role"), rapid.SampledFrom(allVerdicts).Draw(t, "verdict")
			seen = seen.with(r, setOf(v))
			d.results = append(d.results, ResultRow{Role: string(r), Verdict: &v})
		}
		d.Observed = &plan.Observed{Experiment: planned()}
		if want, _, _ := d.recommend(rules); seen.recommend(rules, standing{}) != want {
			t.Fatalf("a tally recommends %s, a deliberation %s", seen.recommend(rules, standing{}), want)
		}
	})
}

// TestWeighProtocol: before there are data, one test has its power and half of alpha; a guardrail costs power by the product, and
// planning for what the ship rule says makes up for it.
func TestWeighProtocol(t *testing.T) {
	protocol := &model.Protocol{Method: "fixed", Confidence: 0.95, Sides: "two", Correction: "bonferroni", Power: 0.8,
		Decision: model.DefaultDecision(), Decl: &project.Protocol{Name: wrote("standard"), Span: somewhere,
			LimitPrimary: wrote(int64(2)), Guardrails: []*project.MetricEntry{{Metric: wrote("speed"), Margin: wrote(0.02)}}}}
	weighed := WeighProtocol(protocol, []*model.Experiment{planned()}, Asked{})
	if len(weighed) != 2 {
		t.Fatalf("%d are weighed: one primary metric and two, as the protocol's limit is, and no experiment of others", len(weighed))
	}
	chance(t, "one metric by chance", weighed[0].Odds.Nothing.Ship, 0.025*0.8, 1e-4)
	chance(t, "one metric and a guardrail", weighed[0].Odds.Asked.Ship, 0.8*0.8, 1e-3)
	chance(t, "the guardrail harmed", weighed[0].Odds.Harmed.Ship, 0.8*0.025, 1e-4)
	chance(t, "either of two metrics", weighed[1].Odds.Asked.Ship, (1-0.2*0.2)*0.8, 1e-3)
	chance(t, "either by chance", weighed[1].Odds.Nothing.Ship, (1-0.9875*0.9875)*0.8, 1e-4)
	better := WeighProtocol(protocol, nil, Asked{Power: &weighed[0].Odds.PerTest})
	if better[0].Odds.Asked.Ship < 0.8 {
		t.Errorf("planned for %v, a good variant ships with %v", weighed[0].Odds.PerTest, better[0].Odds.Asked.Ship)
	}
	row := weighed[0].Row()
	if row.Experiment != nil || row.Primary != 1 || row.Guardrails != 1 || *row.PlanFor != 0.9 || row.Draws != nil {
		t.Errorf("the row is %+v", row)
	}
	for _, method := range []string{"sequential", "hybrid", "group_sequential", "bayesian"} {
		protocol.Method, protocol.Tuning, protocol.Looks, protocol.Spending = method, 8000, 2, "pocock"
		protocol.Prior = model.Prior{SD: 0.05}
		if odds := WeighProtocol(protocol, nil, Asked{})[0].Odds; odds.Asked.Ship < odds.Nothing.Ship+0.1 || odds.Nothing.Ship > 0.025 {
			t.Errorf("%s: %+v", method, odds)
		}
	}
}
