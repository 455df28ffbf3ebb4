package judge

import (
	"math"
	"testing"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
	"assay/stats"
)

var somewhere = diag.Span{File: "project.yml", Start: diag.Position{Line: 1, Col: 1}, End: diag.Position{Line: 1, Col: 2}}

func wrote[T any](v T) project.Value[T] { return project.Value[T]{V: v, Span: somewhere} }

func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

// standard is a two-week experiment of two arms under a fixed 95% interval, observed at its end with 1,000 units in each arm.
func standard(metrics ...*plan.ObservedMetric) *plan.Observed {
	x := &model.Experiment{
		Name: "checkout", Key: "checkout", Control: "control",
		Decl:  &project.Experiment{Name: wrote("checkout"), Hypothesis: wrote("Fewer fields raise orders.")},
		Start: day(1), End: day(15), ObserveUntil: day(15),
		Logs:      []*model.Log{{Time: rel.LitOf(day(1))}},
		Variants:  []model.Variant{{Name: "control", Share: 0.5}, {Name: "treatment", Share: 0.5}},
		Exposures: model.ExcludeMultiple,
		Protocol: &model.Protocol{Name: "standard", Method: "fixed", Confidence: 0.95, Correction: "none", Tuning: 10000, Power: 0.8,
			SRMThreshold: 0.001},
	}
	for _, m := range metrics {
		x.Metrics = append(x.Metrics, m.Use)
	}
	return &plan.Observed{
		Experiment: x, AsOf: day(15), Metrics: metrics,
		Exposures: plan.Exposures{Variants: []plan.VariantCount{
			{Variant: "control", Declared: true, Assigned: 1000, Analysed: 1000},
			{Variant: "treatment", Declared: true, Assigned: 1000, Analysed: 1000},
		}},
	}
}

// metric observes a metric of one quantity per unit in the whole, an arm each.
func metric(name string, role model.Role, arms ...plan.Arm) *plan.ObservedMetric {
	return &plan.ObservedMetric{
		Use: &model.MetricUse{Name: name, Role: role, Metric: &model.Metric{Name: name, Spec: &model.Simple{}, Decl: &project.Metric{
			Name: wrote(name), Type: wrote(project.Simple), DesiredChange: wrote(project.Increase), Span: somewhere}}},
		Shape:  stats.Shape{Kind: stats.KindMean},
		Labels: []string{"value"},
		Slices: []plan.Slice{{Dimension: plan.Overall, Value: plan.All, Arms: arms}},
	}
}

// arm holds n units of the given mean and standard deviation.
func arm(variant string, n int64, mean, sd float64) plan.Arm {
	moments := stats.NewMoments(n, 1)
	moments.Mean[0] = mean
	moments.SetCovar(0, 0, sd*sd)
	return plan.Arm{Variant: variant, Units: n, Moments: moments}
}

var thisRun = Run{ID: "run-1", Zone: time.UTC, DefinitionHash: "x1", Metrics: map[string]Provenance{"orders": {"m1", "s1"}}}

func closeTo(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*math.Max(1, math.Abs(want))) {
		t.Errorf("%s is %.12g, want %.12g", what, got, want)
	}
}

// find is the only row of the check, and of the metric where one is named.
func find(t *testing.T, report *Report, check, metric string) HealthRow {
	t.Helper()
	var found []HealthRow
	for _, row := range report.Health {
		if row.CheckName == check && (row.Metric == nil || *row.Metric == metric) {
			found = append(found, row)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d rows of %s, want 1", len(found), check)
	}
	return found[0]
}

func has(report *Report, check string) bool {
	for _, row := range report.Health {
		if row.CheckName == check {
			return true
		}
	}
	return false
}
