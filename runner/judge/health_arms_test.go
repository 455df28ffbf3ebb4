package judge

import (
	"maps"
	"slices"
	"testing"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/stats"
)

// byCountry is an experiment with so many units of each country in each arm.
func byCountry(units map[string][]int64) *plan.Observed {
	o := standard(open("orders", model.Primary))
	o.Experiment.Dimensions = []*model.UnitDimension{{Name: "country"}}
	for _, country := range slices.Sorted(maps.Keys(units)) {
		o.Exposures.Slices = append(o.Exposures.Slices, plan.SliceCount{Dimension: "country", Value: country, Randomised: units[country]})
	}
	return o
}

// Of each dimension the worst value is told: 200 to 300 has χ² 20 and p 7.744e-6, by scipy.stats.chisquare. So few units as have
// none matter less, however they are split.
func TestSampleRatioOfDimensions(t *testing.T) {
	o := byCountry(map[string][]int64{"DE": {790, 690}, "FR": {200, 300}, plan.NoValue: {20, 0}})
	row := find(t, Experiment(thisRun, o), "sample_ratio_dimension", "")
	near(t, "χ²", row.Value, 20, 9)
	near(t, "p", row.PValue, 7.744216431e-6, 6)
	near(t, "threshold", row.Threshold, 0.001/3, 9)
	if row.Status != Fail || *row.Dimension != "country" || *row.Slice != "FR" {
		t.Errorf("%s of %s %s", row.Status, *row.Dimension, *row.Slice)
	}
	expectAdvice(t, row, "country is FR are split control 40.00%")
	o = byCountry(map[string][]int64{"DE": {1000, 980}, plan.NoValue: {20, 0}})
	if row = find(t, Experiment(thisRun, o), "sample_ratio_dimension", ""); row.Status != Warn || *row.Slice != plan.NoValue {
		t.Errorf("%s of %s", row.Status, *row.Slice)
	}
}

// 480 of 1,000 and 520 of 1,000 triggered: χ² without Yates' correction is 3.2, p 0.07363828; 400 and 520 are another story.
func TestTriggerRate(t *testing.T) {
	trigger := func(control, treatment int64) *plan.Observed {
		o := standard()
		o.Experiment.Trigger = &model.Trigger{}
		for i, n := range []int64{control, treatment} {
			o.Exposures.Variants[i].Entered, o.Exposures.Variants[i].Analysed = 1000, n
		}
		return o
	}
	row := find(t, Experiment(thisRun, trigger(480, 520)), "trigger_rate", "")
	near(t, "p", row.PValue, 0.07363828, 5)
	if row.Status != Pass {
		t.Errorf("%s, want pass", row.Status)
	}
	row = find(t, Experiment(thisRun, trigger(400, 520)), "trigger_rate", "")
	if row.Status != Fail {
		t.Errorf("%s, want fail", row.Status)
	}
	expectAdvice(t, row, "control 40%, treatment 52%")
	if row = find(t, Experiment(thisRun, trigger(1000, 1000)), "trigger_rate", ""); row.Status != Pass {
		t.Errorf("every unit triggered: %s", row.Status)
	}
	if has(Experiment(thisRun, standard()), "trigger_rate") {
		t.Error("there is no trigger")
	}
}

func TestAssignmentFreshness(t *testing.T) {
	for name, c := range map[string]struct {
		asOf, newest time.Time
		times        rel.Expr
		status       HealthStatus
	}{
		"fresh":   {day(10), day(9), rel.LitOf(day(1)), Pass},
		"stale":   {day(10), day(7), rel.LitOf(day(1)), Warn},
		"unknown": {day(10), time.Time{}, rel.LitOf(day(1)), ""},
		"ended":   {day(15), day(7), rel.LitOf(day(1)), ""},
		"a log without times has every row at the start": {day(10), day(1), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := standard()
			o.AsOf, o.Exposures.Newest = c.asOf, c.newest
			o.Experiment.Logs[0].Time = c.times
			report := Experiment(thisRun, o)
			if c.status == "" {
				if has(report, "assignment_freshness") {
					t.Error("nothing more is expected")
				}
				return
			}
			row := find(t, report, "assignment_freshness", "")
			near(t, "hours", row.Value, c.asOf.Sub(c.newest).Hours(), 9)
			if row.Status != c.status {
				t.Errorf("%s, want %s", row.Status, c.status)
			}
		})
	}
}

// adjusting gives the metric a covariate whose mean in the treatment is off by so many of its standard errors.
func adjusting(m *plan.ObservedMetric, off float64) *plan.ObservedMetric {
	m.Shape.Covariates, m.Labels = 1, []string{"value", "pre:" + m.Use.Name}
	for i, a := range m.Slices[0].Arms {
		moments := stats.NewMoments(a.Moments.N, 2)
		moments.Mean[0], moments.Mean[1] = a.Moments.Mean[0], 3+float64(i)*off*0.044721359549995794
		moments.SetCovar(0, 0, a.Moments.Var(0))
		moments.SetCovar(0, 1, 0.1)
		moments.SetCovar(1, 1, 1)
		m.Slices[0].Arms[i].Moments = moments
	}
	return m
}

func TestPreExposureBalance(t *testing.T) {
	o := standard(adjusting(open("orders", model.Primary), 1), adjusting(open("revenue", model.Secondary), 4),
		open("clicks", model.Explore))
	report := Experiment(thisRun, o)
	orders, revenue := find(t, report, "pre_exposure_balance", "orders"), find(t, report, "pre_exposure_balance", "revenue")
	near(t, "p of orders", orders.PValue, 0.317431, 3) // Welch's t of 1 with 1998 degrees of freedom
	near(t, "threshold", orders.Threshold, 0.0005, 9)
	if orders.Status != Pass || revenue.Status != Warn {
		t.Errorf("%s and %s", orders.Status, revenue.Status)
	}
	expectAdvice(t, revenue, "differed in revenue before")
}

func TestControlDifference(t *testing.T) {
	build := func(second float64, method string) HealthRow {
		m := metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 9, 2), arm("control_b", 1000, second, 2))
		explored := metric("clicks", model.Explore, m.Slices[0].Arms...)
		o := under(method, day(15), m, explored)
		o.Experiment.Variants = append(o.Experiment.Variants, model.Variant{Name: "control_b", Share: 0.5})
		o.Experiment.Controls = []string{"control_b"}
		o.Experiment.Protocol.Prior, o.Experiment.Protocol.Sides = model.Prior{SD: 0.05}, "one"
		return find(t, Experiment(thisRun, o), "control_difference", "orders")
	}
	row := build(5.1, "fixed")
	near(t, "p", row.PValue, 0.263691, 3) // two-sided, t = 1.118
	near(t, "threshold", row.Threshold, 0.05, 9)
	if row.Status != Pass {
		t.Errorf("%s, want pass", row.Status)
	}
	for _, method := range []string{"fixed", "bayesian", "sequential"} {
		row := build(4.5, method)
		if row.Status != Fail {
			t.Errorf("%s: %s, want fail", method, row.Status)
		}
		expectAdvice(t, row, "orders differs between controls")
	}
}
