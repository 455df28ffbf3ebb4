package judge

import (
	"testing"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
)

// reading is orders, which reads models of which this was found.
func orders(facts ...plan.Facts) *plan.ObservedMetric {
	m := metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2))
	m.Facts = facts
	return m
}

func TestFacts(t *testing.T) {
	fresh, old := day(15).Add(-time.Hour), day(15).Add(-49*time.Hour)
	for name, c := range map[string]struct {
		facts  []plan.Facts
		check  string
		status HealthStatus
		value  float64
		advice string
	}{
		"fresh":               {[]plan.Facts{{Model: "orders", Units: 500, Newest: fresh}}, "fact_freshness", Pass, 1, ""},
		"one of two is stale": {[]plan.Facts{{Model: "orders", Newest: fresh}, {Model: "refunds", Newest: old}}, "fact_freshness", Warn, 49, "row of refunds"},
		"of a day to come":    {[]plan.Facts{{Model: "orders", Newest: day(16)}}, "fact_freshness", Pass, 0, ""},
		"joined":              {[]plan.Facts{{Model: "orders", Units: 500}}, "join_rate", Pass, 0.25, ""},
		"hardly joined":       {[]plan.Facts{{Model: "orders", Units: 500}, {Model: "refunds", Units: 10}}, "join_rate", Warn, 0.005, "refunds, which orders reads, has a row of 0.5%"},
	} {
		t.Run(name, func(t *testing.T) {
			o := standard(orders(c.facts...))
			o.Experiment.End, o.Experiment.ObserveUntil = day(20), day(20)
			row := find(t, Experiment(thisRun, o), c.check, "orders")
			if row.Status != c.status {
				t.Errorf("status %s, want %s", row.Status, c.status)
			}
			closeTo(t, "value", *row.Value, c.value)
			expectAdvice(t, row, c.advice)
		})
	}
}

// Once windows are over no fact is waited for, and a time that is coarser than a day tells no age.
func TestFreshnessIsAskedWhileFactsCount(t *testing.T) {
	over := standard(orders(plan.Facts{Model: "orders", Newest: day(2)}))
	coarse := standard(orders(plan.Facts{Model: "orders"}))
	coarse.Experiment.End = day(20)
	for name, o := range map[string]*plan.Observed{"over": over, "coarse": coarse} {
		report := Experiment(thisRun, o)
		if has(report, "fact_freshness") || len(report.Stale()) != 0 {
			t.Errorf("%s: freshness is judged", name)
		}
	}
}

func TestStaleReports(t *testing.T) {
	o := standard(orders(plan.Facts{Model: "orders", Newest: day(2)}))
	o.Experiment.End, o.Exposures.Newest = day(20), day(3)
	stale := Experiment(thisRun, o).Stale()
	if len(stale) != 2 || stale[0].CheckName != "assignment_freshness" || stale[1].CheckName != "fact_freshness" {
		t.Errorf("stale are %v", stale)
	}
}
