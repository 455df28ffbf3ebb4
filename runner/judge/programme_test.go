package judge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"assay/compiler/plan"
	"assay/stats"
)

// finished is an experiment on revenue that has ended, or is decided where that is not "".
func finished(name, decision string, lift float64, verdict Verdict, variants ...string) *Report {
	r := &Report{Experiment: ExperimentRow{Experiment: name, Status: Ended, DaysRunning: ptr(int64(28)), Control: "control",
		Variants: []VariantShare{{Variant: "control"}}}}
	for _, v := range variants {
		r.Experiment.Variants = append(r.Experiment.Variants, VariantShare{Variant: v})
		r.Results = append(r.Results, verdictOn(name, "primary", "revenue", v, lift, verdict))
	}
	if decision != "" {
		r.Experiment.Status, r.Experiment.Decision = Decided, &decision
	}
	return r
}

func verdictOn(experiment, role, metric, variant string, lift float64, verdict Verdict) ResultRow {
	return ResultRow{Experiment: experiment, Role: role, Metric: metric, Variant: variant, Dimension: plan.Overall, Decides: true,
		Method: "fixed", Lift: &lift, LiftSE: ptr(0.015), Verdict: &verdict}
}

// changed is a report with a change.
func changed(r *Report, change func(*Report)) *Report {
	change(r)
	return r
}

func unhealthy(r *Report) { r.Health = []HealthRow{{CheckName: "sample_ratio", Status: Fail}} }

func sums(reports ...*Report) []ProgrammeRow {
	p := Programme{Reports: reports, MetricOf: func(_, metric string) string { return strings.TrimSuffix(metric, "_capped") }}
	return p.Rows("run", time.Unix(0, 0))
}

// An experiment counts once, by the worst that is to be said of it.
func TestProgrammeCounts(t *testing.T) {
	type counts struct{ Started, Decided, Over, Won, Lost, Neutral, Undecided, Unhealthy int64 }
	for name, c := range map[string]struct {
		report *Report
		want   counts
	}{
		"draft":   {changed(finished("x", "", 0, Neutral, "a"), func(r *Report) { r.Experiment.Status = Draft }), counts{}},
		"running": {changed(finished("x", "", 0, Better, "a"), func(r *Report) { r.Experiment.Status = Running }), counts{Started: 1}},
		"better":  {finished("x", "", 0.1, Better, "a"), counts{Started: 1, Over: 1, Won: 1}},
		"decided": {finished("x", "dropped", -0.1, Worse, "a"), counts{Started: 1, Decided: 1, Over: 1, Lost: 1}},
		"one of two variants better": {
			changed(finished("x", "", 0, Better, "a", "b"), func(r *Report) { r.Results[1].Verdict = ptr(Worse) }),
			counts{Started: 1, Over: 1, Won: 1}},
		"one of two metrics worse": {changed(finished("x", "", 0, Better, "a"), func(r *Report) {
			r.Results = append(r.Results, verdictOn("x", "primary", "orders", "a", -0.1, Worse))
		}), counts{Started: 1, Over: 1, Lost: 1}},
		"a guardrail broken": {changed(finished("x", "", 0.1, Better, "a"), func(r *Report) {
			r.Results = append(r.Results, verdictOn("x", "guardrail", "profit", "a", -0.1, Inferior))
		}), counts{Started: 1, Over: 1, Lost: 1}},
		"a guardrail open": {changed(finished("x", "", 0.1, Better, "a"), func(r *Report) {
			r.Results = append(r.Results, verdictOn("x", "guardrail", "profit", "a", 0, Undecided))
		}), counts{Started: 1, Over: 1, Won: 1}},
		"neutral":   {finished("x", "", 0, Neutral, "a", "b"), counts{Started: 1, Over: 1, Neutral: 1}},
		"undecided": {finished("x", "", 0, Undecided, "a"), counts{Started: 1, Over: 1, Undecided: 1}},
		"neutral and no answer": {
			changed(finished("x", "", 0, Neutral, "a", "b"), func(r *Report) { r.Results[1].Verdict = nil }),
			counts{Started: 1, Over: 1, Undecided: 1}},
		"not healthy": {changed(finished("x", "", 0.1, Better, "a"), unhealthy), counts{Started: 1, Over: 1, Unhealthy: 1}},
		"better in a slice, at another confidence, in a step or of a control": {
			changed(finished("x", "", 0, Undecided, "a", "aa"), func(r *Report) {
				r.Experiment.Variants[2].Control = true
				slice, shown, step := r.Results[0], r.Results[0], r.Results[0]
				slice.Dimension, shown.Decides, step.Step = "country", false, ptr("cart")
				r.Results = append(r.Results, slice, shown, step)
				for i := range r.Results[1:] {
					r.Results[i+1].Verdict = ptr(Better)
				}
			}), counts{Started: 1, Over: 1, Undecided: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			row := sums(c.report)[0]
			got := counts{*row.Started, *row.Decided, *row.Over, *row.Won, *row.Lost, *row.Neutral, *row.Undecided, *row.Unhealthy}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Shares, medians and costs are of what there is, and NULL of nothing.
func TestProgrammeSums(t *testing.T) {
	lasting := func(days int64) *Report {
		return changed(finished("x", "", 0, Neutral, "a"), func(r *Report) { r.Experiment.DaysRunning = &days })
	}
	run := RunRow{Queries: ptr(int64(10)), Seconds: ptr(1.5)}
	scanning := run
	scanning.BytesScanned = ptr(int64(1 << 20))
	for name, c := range map[string]struct {
		of   Programme
		want ProgrammeRow
	}{
		"nothing": {Programme{}, ProgrammeRow{Queries: ptr(int64(0)), Seconds: ptr(0.0)}},
		"an even number": {Programme{Reports: []*Report{lasting(9), lasting(2), lasting(30), lasting(4)}},
			ProgrammeRow{HealthyShare: ptr(1.0), MedianDays: ptr(6.5), Queries: ptr(int64(0)), Seconds: ptr(0.0)}},
		"an odd one, of which one is not healthy": {Programme{Reports: []*Report{lasting(9), lasting(2), changed(lasting(30), unhealthy)}},
			ProgrammeRow{HealthyShare: ptr(2.0 / 3), MedianDays: ptr(9.0), Queries: ptr(int64(0)), Seconds: ptr(0.0)}},
		"runs": {Programme{Runs: []RunRow{run, scanning, scanning}},
			ProgrammeRow{Queries: ptr(int64(30)), Seconds: ptr(4.5), BytesScanned: ptr(int64(2 << 20))}},
	} {
		t.Run(name, func(t *testing.T) {
			c.of.MetricOf = func(_, metric string) string { return metric }
			got := c.of.Rows("", time.Time{})[0]
			counts := cmpopts.IgnoreFields(ProgrammeRow{}, "Started", "Decided", "Over", "Won", "Lost", "Neutral", "Undecided", "Unhealthy")
			if diff := cmp.Diff(c.want, got, counts); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What was shipped is summed up by what all healthy experiments on the metric have found, whatever it is called in them.
func TestProgrammeGains(t *testing.T) {
	var dropped []*Report
	for i, lift := range []float64{0.01, -0.01, 0, 0.02} {
		dropped = append(dropped, finished(fmt.Sprintf("dropped_%d", i), "dropped", lift, Undecided, "a"))
	}
	stays := finished("shipped", "shipped", 0.10, Better, "a")
	few := append(dropped, stays)
	gained := ProgrammeRow{RunID: "run", AsOf: time.Unix(0, 0), Metric: ptr("revenue"), Comparisons: ptr(int64(5)), Shipped: ptr(int64(1)),
		Lift: ptr(0.1), ShrunkenLift: ptr(0.09114), ShrunkenLow: ptr(0.05869), ShrunkenHigh: ptr(0.12459)}
	lacking := ProgrammeRow{RunID: "run", AsOf: time.Unix(0, 0), Metric: ptr("revenue"), Comparisons: ptr(int64(4)), Shipped: ptr(int64(1)),
		Warnings: []stats.Warning{{Code: "insufficient_data", Text: "fewer than 5 experiments"}}}
	for name, c := range map[string]struct {
		reports []*Report
		want    []ProgrammeRow
	}{
		"nothing shipped": {dropped, nil},
		"too few":         {few[1:], []ProgrammeRow{lacking}},
		"enough":          {few, []ProgrammeRow{gained}},
		"not one that fails a check": {append(few[:5:5], changed(finished("x", "shipped", 0.3, Better, "a"), unhealthy)),
			[]ProgrammeRow{gained}},
		"nor one that runs": {append(few[:5:5], changed(finished("x", "", 0.3, Better, "a"),
			func(r *Report) { r.Experiment.Status = Running })), []ProgrammeRow{gained}},
		"nor a posterior, which is shrunk already": {append(few[:5:5], changed(finished("x", "shipped", 0.3, Better, "a"),
			func(r *Report) { r.Results[0].Method = "bayesian" })), []ProgrammeRow{gained}},
		"under another name": {append(few[1:5:5], changed(finished("x", "dropped", 0.01, Undecided, "a"),
			func(r *Report) { r.Results[0].Metric = "revenue_capped" })), []ProgrammeRow{gained}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, sums(c.reports...)[1:], cmpopts.EquateApprox(0, 5e-6), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Of several variants the one that is better is the one that stays.
func TestShippedVariant(t *testing.T) {
	two := changed(finished("two", "shipped", 0.1, Better, "a", "b"), func(r *Report) { r.Results[0].Verdict = ptr(Undecided) })
	for want, r := range map[string]*Report{
		"a": finished("one", "shipped", 0, Undecided, "a"), "b": two, "": finished("none", "dropped", 0.1, Better, "a"),
	} {
		if got := r.shippedVariant(); got != want {
			t.Errorf("%s: %q, want %q", r.Experiment.Experiment, got, want)
		}
	}
}
