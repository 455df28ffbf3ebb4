package site

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"assay/runner/judge"
)

// over is an experiment that has ended, or is decided where that is not "".
func over(name, decision string, lift float64, verdict judge.Verdict, variants ...string) *Experiment {
	r := trial(name, append([]string{"control"}, variants...)...)
	measured(r, "primary", "revenue", lift, 0.03, verdict)
	if decision != "" {
		r.Experiment.Status, r.Experiment.Decision = judge.Decided, &decision
	}
	return &Experiment{Name: name, Report: r}
}

func unhealthy(e *Experiment) *Experiment {
	e.Report.Health[0].Status = judge.Fail
	return e
}

func TestTally(t *testing.T) {
	noAnswer := over("no_answer", "", 0, judge.Neutral, "a")
	noAnswer.Report.Results[0].Verdict = nil
	mixed := over("mixed", "", 0, judge.Better, "a", "b")
	mixed.Report.Results[1].Verdict = ptr(judge.Worse)
	harmful := over("harmful", "", 0.1, judge.Better, "a")
	measured(harmful.Report, "guardrail", "profit", -0.1, 0.03, judge.Inferior)
	draft := over("draft", "", 0, judge.Neutral, "a")
	draft.Report.Experiment.Status = judge.Draft
	s := shop(over("won", "shipped", 0.1, judge.Better, "a"), over("lost", "dropped", -0.1, judge.Worse, "a"), mixed,
		over("neutral", "", 0, judge.Neutral, "a", "b"), over("undecided", "", 0, judge.Undecided, "a"), noAnswer,
		unhealthy(over("unhealthy", "", 0.1, judge.Better, "a")), harmful, running(), draft, &Experiment{Name: "not_run"})
	got := s.tally()
	want := tally{started: 9, decided: 2, healthy: 7, over: 8, won: 2, lost: 2, neutral: 1, undecided: 2, unhealthy: 1,
		days: []int64{28, 28, 28, 28, 28, 28, 28, 28}, queries: 20, seconds: 61.4}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(tally{})); diff != "" {
		t.Error(diff)
	}
}

// What was shipped is summed up by what all healthy experiments on the metric have found.
func TestGains(t *testing.T) {
	var experiments []*Experiment
	for i, lift := range []float64{0.01, -0.01, 0, 0.02} {
		experiments = append(experiments, over(fmt.Sprintf("dropped_%d", i), "dropped", lift, judge.Undecided, "a"))
	}
	few := append(experiments, over("shipped", "shipped", 0.10, judge.Better, "a"))
	for name, c := range map[string]struct {
		experiments []*Experiment
		want        []gain
	}{
		"nothing shipped": {experiments, nil},
		"too few":         {few[1:], []gain{{Experiments: 4, Shipped: 1, Lacking: "fewer than 5 experiments"}}},
		"enough": {few,
			[]gain{{Experiments: 5, Shipped: 1, Observed: "+10.0%", Shrunk: "+9.1%", Interval: "+5.9% to +12.5%"}}},
		"not one that fails a check": {append(few[:5:5], unhealthy(over("x", "shipped", 0.3, judge.Better, "a"))),
			[]gain{{Experiments: 5, Shipped: 1, Observed: "+10.0%", Shrunk: "+9.1%", Interval: "+5.9% to +12.5%"}}},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range c.want {
				c.want[i].Metric, c.want[i].Link = "revenue", "metrics/revenue.html"
			}
			if diff := cmp.Diff(c.want, shop(c.experiments...).gains()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Of several variants the one that is better is the one that stays.
func TestShippedVariant(t *testing.T) {
	two := over("two", "shipped", 0.1, judge.Better, "a", "b")
	two.Report.Results[0].Verdict = ptr(judge.Undecided)
	for want, e := range map[string]*Experiment{
		"a": over("one", "shipped", 0, judge.Undecided, "a"), "b": two, "": over("none", "dropped", 0.1, judge.Better, "a"),
	} {
		if got := e.shippedVariant(); got != want {
			t.Errorf("%s: %q, want %q", e.Name, got, want)
		}
	}
}
