package judge

import (
	"testing"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/stats"
)

// byDays gives a metric two days by date, the first one 2026-01-13, and one day since exposure.
func byDays(m *plan.ObservedMetric, everyone float64) *plan.ObservedMetric {
	number := int(day(13).Unix() / secondsPerDay)
	whole := func(arms ...plan.Arm) plan.Slice {
		return plan.Slice{Dimension: plan.Overall, Value: plan.All, Arms: arms}
	}
	earlier := plan.Day{Number: number,
		SoFar: whole(arm("control", 400, 4, 2), arm("treatment", 400, 4.4, 2)),
		Alone: whole(arm("control", 400, 1, 1), arm("treatment", 400, 1.5, 1))}
	m.Daily = &plan.Daily{Shape: m.Shape, Labels: m.Labels, Everyone: &everyone,
		ByDate: []plan.Day{earlier, {Number: number + 1, SoFar: m.Slices[0],
			Alone: whole(arm("control", 1000, 2, 1), arm("treatment", 1000, 2.5, 1))}},
		SinceExposure: []plan.Day{{SoFar: earlier.SoFar, Alone: earlier.Alone}}}
	return m
}

func TestDays(t *testing.T) {
	m := byDays(metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2)), 11000)
	o := standard(m)
	o.Experiment.Protocol.Method, o.Experiment.Protocol.Correction = "sequential", "bonferroni"
	report := Experiment(thisRun, o)
	if len(report.Daily) != 6 {
		t.Fatalf("%d rows, want 2 variants on 2 days and 1", len(report.Daily))
	}
	control, treatment, since := report.Daily[0], report.Daily[1], report.Daily[5]
	if control.Day != 12 || control.Date.String() != "2026-01-13" || control.N != 400 || control.Effect != nil || control.CumulativeEffect != nil {
		t.Errorf("control's first day is %+v", control)
	}
	closeTo(t, "value", *treatment.Value, 1.5)
	closeTo(t, "effect", *treatment.Effect, 0.5)
	closeTo(t, "cumulative value", *treatment.CumulativeValue, 4.4)
	closeTo(t, "cumulative effect", *treatment.CumulativeEffect, 0.4)
	closeTo(t, "cumulative lift", *treatment.CumulativeLift, 0.1)
	// The fixed interval of a day: t with 798 degrees of freedom times the square root of two variances of 1/400.
	closeTo(t, "effect's half-width", *treatment.EffectHigh-*treatment.Effect, 1.9629411928266*0.07071067811865475)
	if since.Axis != SinceExposure || since.Date != nil || since.Day != 0 || *since.CumulativeEffect != *treatment.CumulativeEffect {
		t.Errorf("since exposure: %+v", since)
	}
	last, result := report.Daily[3], report.Results[0]
	for what, pair := range map[string][2]*float64{
		"value": {last.CumulativeValue, result.ValueVariant}, "effect": {last.CumulativeEffect, result.Effect},
		"low": {last.CumulativeEffectLow, result.EffectLow}, "high": {last.CumulativeEffectHigh, result.EffectHigh},
		"lift low": {last.CumulativeLiftLow, result.LiftLow}, "lift high": {last.CumulativeLiftHigh, result.LiftHigh},
	} {
		closeTo(t, "the last day's "+what, *pair[0], *pair[1])
	}
	closeTo(t, "coverage", *result.Coverage, 0.5) // 400 + 600 and 2000 + 2500 of 11,000
	closeTo(t, "global lift", *result.GlobalLift, *result.Lift/2)
}

// A sequence is wider on an earlier day than on the last, by its radius and not only by its error.
func TestBandsHoldOnAllDays(t *testing.T) {
	m := byDays(metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2)), 1)
	o := standard(m)
	o.Experiment.Protocol.Method = "sequential"
	first := Experiment(thisRun, o).Daily[1]
	sequence, err := stats.Tuned(10000, 0.05, stats.TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	half := (*first.CumulativeEffectHigh - *first.CumulativeEffectLow) / 2
	closeTo(t, "half-width", half, sequence.Radius(800, 0.05, stats.TwoSided)*2*0.07071067811865475)
	level := (*first.CumulativeHigh - *first.CumulativeLow) / 2
	closeTo(t, "half-width of one arm", level, sequence.Radius(400, 0.05, stats.TwoSided)*0.1)
}

// A hybrid's second half is spent on the data of the planned end, and on no day before it.
func TestHybridEndsOnTheLastDay(t *testing.T) {
	m := byDays(metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2)), 1)
	o := standard(m)
	o.Experiment.Protocol.Method = "hybrid"
	daily := Experiment(thisRun, o).Daily
	sequence, _ := stats.Tuned(10000, 0.05, stats.TwoSided)
	closeTo(t, "before the end", *daily[1].CumulativeEffectHigh-*daily[1].CumulativeEffect,
		sequence.Radius(800, 0.025, stats.TwoSided)*2*0.07071067811865475)
	if fixed := *daily[3].CumulativeEffectHigh - *daily[3].CumulativeEffect; fixed > 2.25*0.0894427191 {
		t.Errorf("at the end the half-width is %v", fixed)
	}
}

func TestMetricsThatMatureHaveNoDayOfTheirOwn(t *testing.T) {
	m := byDays(metric("returned", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2)), 1)
	m.Use.Settings.Mature, m.Use.Settings.WindowEnd = true, ptr(24*time.Hour)
	report := Experiment(thisRun, standard(m))
	if byDate := report.Daily[1]; byDate.Value != nil || byDate.Effect != nil || byDate.CumulativeEffect == nil {
		t.Errorf("by date: %+v", byDate)
	}
	if since := report.Daily[5]; since.Value == nil || since.Effect == nil {
		t.Errorf("since exposure: %+v", since)
	}
	if report.Results[0].Coverage != nil {
		t.Error("days of their own cover something")
	}
}

func TestEmptyDays(t *testing.T) {
	m := byDays(metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2)), 0)
	empty := plan.Arm{Variant: "treatment"}
	m.Daily.ByDate[0].SoFar.Arms[1], m.Daily.ByDate[0].Alone.Arms[1] = empty, empty
	report := Experiment(thisRun, standard(m))
	if row := report.Daily[1]; row.N != 0 || row.Value != nil || row.CumulativeValue != nil || row.CumulativeEffect != nil {
		t.Errorf("a variant that had no unit yet: %+v", row)
	}
	if report.Results[0].Coverage != nil {
		t.Error("a share of nothing is a number")
	}
}
