package model_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/model"
)

// decisionOf are the rules of an experiment under a protocol.
func decisionOf(t *testing.T, protocol string) []model.Rule {
	t.Helper()
	m := build(t, fstest.MapFS{
		"models/users.yml": {Data: []byte(`
models: [{name: users, relation: users, columns: [{name: u, entity: {type: primary, name: user}}]}]`)},
		"experiments/x.yml": {Data: []byte(`
assignments: [{name: flags, relation: flags, entity: user, columns: {unit: u, variant: v}}]
protocols: [` + protocol + `]
experiments: [{name: x, assignments: flags, variants: [control, b], protocol: p}]
`)}})
	x, ok := m.Experiment("x")
	if !ok {
		t.Fatal("no experiment")
	}
	return x.Protocol.Decision
}

func TestDefaultDecision(t *testing.T) {
	want := []model.Rule{
		{model.Checks{Quantifier: model.Any, Status: "fail"}, "any health fail", "discuss"},
		{model.Verdicts{Quantifier: model.Any, Role: model.Guardrail, Verdict: "inferior"}, "any guardrail inferior", "stop"},
		{model.BeforeMinimum{}, "before minimum", "keep_running"},
		{model.Every{Conditions: []model.Condition{
			model.Verdicts{Quantifier: model.Any, Role: model.Primary, Verdict: "better"},
			model.Verdicts{Quantifier: model.All, Role: model.Guardrail, Verdict: "non_inferior"},
		}}, "any primary better and all guardrails non_inferior", "ship"},
		{model.Progress{Comparison: "<", Share: 1}, "progress < 100%", "keep_running"},
		{model.Verdicts{Quantifier: model.Any, Role: model.Primary, Verdict: "better"}, "any primary better", "discuss"},
		{nil, model.Otherwise, "stop"},
	}
	for _, protocol := range []string{"{name: p}", "{name: p, decision: default}"} {
		if diff := cmp.Diff(want, decisionOf(t, protocol)); diff != "" {
			t.Errorf("%s: %s", protocol, diff)
		}
	}
}

// Conditions bind as in SQL: `and` before `or`.
func TestConditionsBind(t *testing.T) {
	rules := decisionOf(t, `{name: p, decision: [
  {when: before minimum or any health warn and progress >= 12.5%, recommend: discuss}, {otherwise: stop}]}`)
	want := model.Either{Conditions: []model.Condition{
		model.BeforeMinimum{},
		model.Every{Conditions: []model.Condition{
			model.Checks{Quantifier: model.Any, Status: "warn"}, model.Progress{Comparison: ">=", Share: 0.125}}},
	}}
	if diff := cmp.Diff(want, rules[0].When); diff != "" {
		t.Error(diff)
	}
}
