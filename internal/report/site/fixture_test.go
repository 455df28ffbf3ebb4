package site

import (
	"fmt"
	"time"

	"assay/compiler/plan"
	"assay/runner/judge"
	"assay/stats"
)

func ptr[T any](v T) *T { return &v }

func day(month time.Month, n int) time.Time { return time.Date(2026, month, n, 0, 0, 0, 0, time.UTC) }

// trial is the report of an experiment from 5 January to 2 February, 2026, seen on the last day.
func trial(name string, variants ...string) *judge.Report {
	r := &judge.Report{Experiment: judge.ExperimentRow{
		RunID: "run-1", AsOf: day(2, 2), Experiment: name, Hypothesis: ptr("Fewer fields raise completed orders."),
		Owner: ptr("growth@example.com"), Tags: []string{"checkout"}, Protocol: "standard", Status: judge.Ended,
		StartAt: ptr(day(1, 5)), EndAt: ptr(day(2, 2)), ObserveUntil: ptr(day(2, 2)), DaysRunning: ptr(int64(28)),
		Units: int64(1000 * len(variants)), Control: variants[0],
	}}
	for i, v := range variants {
		r.Experiment.Variants = append(r.Experiment.Variants,
			judge.VariantShare{Variant: v, Weight: 1 / float64(len(variants)), Units: 1000})
		for n := range 3 {
			r.Exposures = append(r.Exposures, judge.ExposureRow{Experiment: name, Variant: v, Day: judge.Date{Time: day(1, 5+n)},
				Units: int64(300 + 10*i + n), CumulativeUnits: int64((n + 1) * 300)})
		}
	}
	r.Health = []judge.HealthRow{{CheckName: "sample_ratio", Status: judge.Pass, Value: ptr(0.12), PValue: ptr(0.73),
		Threshold: ptr(0.001)}}
	return r
}

// measured adds the rows of a metric, in which the variant stands at a lift ± half its interval's width.
func measured(r *judge.Report, role, metric string, lift, half float64, verdict judge.Verdict) *judge.ResultRow {
	r.Metrics = append(r.Metrics, judge.MetricRow{Metric: metric, Type: "simple", DesiredChange: "increase", Unit: ptr("USD")})
	for _, v := range r.Experiment.Variants {
		if v.Variant != r.Experiment.Control {
			r.Results = append(r.Results, judge.ResultRow{
				RunID: "run-1", Experiment: r.Experiment.Experiment, Metric: metric, Variant: v.Variant, Control: r.Experiment.Control,
				Dimension: plan.Overall, Slice: plan.All, Confidence: 0.95, Role: role, Status: judge.OK, Method: "sequential", Decides: true,
				NControl: ptr(int64(1000)), NVariant: ptr(int64(1000)), ValueControl: ptr(10.0), ValueVariant: ptr(10 * (1 + lift)),
				Effect: ptr(10 * lift), EffectLow: ptr(10 * (lift - half)), EffectHigh: ptr(10 * (lift + half)),
				Lift: ptr(lift), LiftSE: ptr(half / 2), LiftLow: ptr(lift - half), LiftHigh: ptr(lift + half),
				Verdict: ptr(verdict), DefinitionHash: "hash",
			})
		}
	}
	return &r.Results[len(r.Results)-1]
}

// watch adds days on which a metric's lift was as it is, and ever surer.
func watch(r *judge.Report, metric string, lift float64) {
	for _, v := range r.Experiment.Variants {
		if v.Variant == r.Experiment.Control {
			continue
		}
		for n := range 5 {
			half := 0.3 / float64(n+1)
			r.Daily = append(r.Daily, judge.DailyRow{
				Experiment: r.Experiment.Experiment, Metric: metric, Variant: v.Variant, Axis: judge.ByDate, Day: int64(n),
				Date: &judge.Date{Time: day(1, 5+n)}, N: 100, CumulativeLift: &lift, CumulativeLiftLow: ptr(lift - half),
				CumulativeLiftHigh: ptr(lift + half), CumulativeEffect: ptr(10 * lift), CumulativeEffectLow: ptr(10 * (lift - half)),
				CumulativeEffectHigh: ptr(10 * (lift + half)),
			})
		}
	}
}

// sliceBy adds a row of the last metric for each value of a dimension and each variant.
func sliceBy(r *judge.Report, dimension string, values ...string) {
	last := r.Results[len(r.Results)-1]
	for _, whole := range r.Results {
		if whole.Metric != last.Metric || !isWhole(whole) || !whole.Decides {
			continue
		}
		for i, value := range values {
			row := whole
			row.Dimension, row.Slice, row.NControl = dimension, value, ptr(int64(500-i))
			r.Results = append(r.Results, row)
		}
	}
}

// shipped worked and is decided.
func shipped() *Experiment {
	r := trial("checkout_redesign", "control", "treatment")
	x := &r.Experiment
	x.Status, x.Decision, x.DecidedOn = judge.Decided, ptr("shipped"), &judge.Date{Time: day(2, 3)}
	measured(r, "primary", "revenue", 0.08, 0.03, judge.Better)
	wide := r.Results[0]
	wide.Confidence, wide.Decides, wide.LiftLow, wide.LiftHigh = 0.8, false, ptr(0.06), ptr(0.10)
	r.Results = append(r.Results, wide)
	sliceBy(r, "country", "DE", "FR", plan.NoValue)
	r.Heterogeneity = []judge.HeterogeneityRow{{Metric: "revenue", Variant: "treatment", Dimension: "country", Q: ptr(1.25), DF: 2,
		PAdjusted: ptr(0.54), I2: ptr(0.0)}}
	watch(r, "revenue", 0.08)
	guardrail := measured(r, "guardrail", "tickets", 0.01, 0.04, judge.NonInferior)
	guardrail.Margin = ptr(0.1)
	measured(r, "secondary", "orders", 0.02, 0.05, judge.Undecided)
	measured(r, "explore", "clicks", -0.2, 0.1, judge.Changed)
	for i, name := range []string{"cart", "payment"} {
		step := *measured(r, "explore", "funnel", 0.02, 0.05, judge.Undecided)
		step.Step, step.ValueControl = &name, ptr(0.9-0.3*float64(i))
		r.Results[len(r.Results)-1] = step
	}
	measured(r, "explore", "funnel", 0.02, 0.05, judge.Undecided)
	r.Decisions = []judge.DecisionRow{{Recommendation: "ship", Reasons: []string{"revenue is better"},
		Rule: ptr("any primary better")}}
	return &Experiment{
		Name: "checkout_redesign", Report: r, Run: judge.RunRow{RunID: "run-1", GitCommit: ptr("c0ffee"), AssayVersion: "1.2.3"},
		Definition: &Definition{Place: "experiments/checkout.yml:2:5",
			Settings: []Setting{{"owner", "growth@example.com", "experiments/checkout.yml:4:12"}}},
		SQL: "SELECT 1 < 2;\n", Notes: "Shipped to **all**. <script>alert(1)</script>",
	}
}

// running cannot tell yet, and fails a check.
func running() *Experiment {
	r := trial("tour", "full", "short", "none")
	x := &r.Experiment
	x.Status, x.AsOf, x.DaysRunning = judge.Running, day(1, 12), ptr(int64(7))
	x.Owner, x.Tags = ptr("learning@example.com"), []string{"onboarding"}
	primary := measured(r, "primary", "revenue", 0.02, 0.06, judge.Undecided)
	watch(r, "revenue", 0.02)
	primary.MDE, primary.MDENow, primary.Progress, primary.DaysLeft = ptr(0.05), ptr(0.081), ptr(0.381), ptr(11.2)
	primary.Warnings = []stats.Warning{{Code: "tails", Text: "few units hold most of the total"}}
	r.Health = append(r.Health, judge.HealthRow{CheckName: "undeclared_variants", Status: judge.Fail, Value: ptr(31.0),
		Advice: ptr("31 units had a variant that is not declared. Declare it, or find what assigns it.")})
	r.Decisions = []judge.DecisionRow{{Recommendation: "discuss", Reasons: []string{"undeclared_variants failed"},
		Rule: ptr("any health fail")}}
	return &Experiment{Name: "tour", Report: r, Definition: &Definition{Place: "experiments/tour.yml:1:1"}}
}

// weekly is a metric over five weeks, of which one has no value and the last was not over.
func weekly() Series {
	s := Series{Query: "by_week", Grain: "week", AsOf: day(2, 4)}
	for i, value := range []*float64{ptr(1200.0), ptr(1350.5), nil, ptr(1290.0), ptr(310.0)} {
		s.Points = append(s.Points, Point{day(1, 5+7*i), value})
	}
	return s
}

func shop(experiments ...*Experiment) *Site {
	runs := []judge.RunRow{{Status: "done", Queries: ptr(int64(20)), Seconds: ptr(61.4)}, {Status: "failed"}}
	notes := []Annotation{{Date: day(1, 20), Text: "A sale"}, {Date: day(1, 13), Metrics: []string{"orders"}, Text: "Orders alone"},
		{Date: day(6, 1), Text: "Much later"}}
	return &Site{Project: "shop", Zone: time.UTC, Runs: runs, Annotations: notes, Experiments: experiments, Metrics: []*Metric{{
		Name: "revenue", Description: "Completed order value.", Type: "simple", Unit: "USD", Series: []Series{weekly()},
		Definition: Definition{Place: "models/orders.yml:20:7", Hash: "hash", Needs: []Reference{{"model", "orders"}},
			UsedBy: []Reference{{"metric", "aov"}, {"experiment", "checkout_redesign"}}},
	}}}
}

// crowded has 40 metrics of 6 slices in 4 variants, with all that a page tells of them.
func crowded() *Experiment {
	r := trial("crowded", "control", "a", "b", "c")
	for i := range 40 {
		role := roles[min(i, 3)]
		m := measured(r, role, fmt.Sprintf("times_something_happened_%02d", i), 0.01*float64(i%7-3), 0.05, judge.Undecided)
		m.Warnings = []stats.Warning{{Code: "tails", Text: "few units hold most of the total, so that the interval may be too narrow"}}
		sliceBy(r, "country", "DE", "FR", "GB", "IT", "PL", "US")
		for _, v := range []string{"a", "b", "c"} {
			r.Heterogeneity = append(r.Heterogeneity, judge.HeterogeneityRow{Metric: m.Metric, Variant: v, Dimension: "country",
				Q: ptr(4.2), DF: 5, PAdjusted: ptr(0.99), I2: ptr(0.0)})
		}
		r.Health = append(r.Health, judge.HealthRow{CheckName: "pre_exposure_balance", Metric: &m.Metric, Status: judge.Pass,
			Value: ptr(0.31), PValue: ptr(0.31), Threshold: ptr(0.001), Advice: ptr("The variants differ in it before exposure.")})
	}
	order(r)
	return &Experiment{Name: "crowded", Report: r,
		Definition: &Definition{Place: "experiments/crowded.yml:1:1", Settings: settings(60)}}
}

// settings are so many as somebody may write.
func settings(n int) []Setting {
	list := make([]Setting, n)
	for i := range list {
		list[i] = Setting{fmt.Sprintf("metrics.secondary[%d].metric", i), "times_something_happened", "experiments/crowded.yml:12:40"}
	}
	return list
}

// hall is a shop that knows the metrics of the crowd.
func hall(experiments ...*Experiment) *Site {
	s := shop(experiments...)
	for _, m := range crowded().Report.Metrics {
		s.Metrics = append(s.Metrics, &Metric{Name: m.Metric, Type: m.Type,
			Definition: Definition{Place: "models/m.yml:1:1", Hash: "hash", Settings: settings(12)}})
	}
	return s
}
