package judge

import (
	"math"
	"slices"
	"strings"
	"testing"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/stats"
)

// share holds n units of which some have a 1.
func share(variant string, n, ones int64) plan.Arm {
	p := float64(ones) / float64(n)
	return arm(variant, n, p, math.Sqrt(p*(1-p)*float64(n)/float64(n-1)))
}

// only is the single result of an experiment of one metric.
func only(t *testing.T, o *plan.Observed) ResultRow {
	t.Helper()
	rows := Experiment(thisRun, o).Results
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	return rows[0]
}

func near(t *testing.T, what string, got *float64, want, digits float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is NULL, want %v", what, want)
	} else if math.Abs(*got-want) > math.Pow(10, -digits)*math.Abs(want) {
		t.Errorf("%s is %.12g, want %.12g", what, *got, want)
	}
}

// Karlan and List (2007), response rates: Welch's interval and p-value as recomputed in R.
func TestResponseToMatchingGifts(t *testing.T) {
	row := only(t, standard(metric("gave", model.Primary, share("control", 16687, 298), share("treatment", 33396, 736))))
	near(t, "control", row.ValueControl, 0.0178582130, 8)
	near(t, "variant", row.ValueVariant, 0.0220385676, 8)
	near(t, "total", row.TotalVariant, 736, 12)
	near(t, "effect", row.Effect, 0.0041803550, 6)
	near(t, "low", row.EffectLow, 0.001627399, 6)
	near(t, "high", row.EffectHigh, 0.006733310, 6)
	near(t, "p", row.PValue, 0.001331, 3)
	if *row.Verdict != Better || row.Status != OK || !row.Decides || row.PAdjusted != nil || *row.Alpha != 0.05 {
		t.Errorf("verdict %s, status %s, p_adjusted %v, alpha %v", *row.Verdict, row.Status, row.PAdjusted, *row.Alpha)
	}
}

// Cookie Cats: 7-day retention fell, 1-day retention is undecided; normal intervals as published.
func TestRetentionInCookieCats(t *testing.T) {
	o := standard(
		metric("retention_1", model.Primary, share("control", 44700, 20034), share("treatment", 45489, 20119)),
		metric("retention_7", model.Secondary, share("control", 44700, 8502), share("treatment", 45489, 8279)))
	rows := Experiment(thisRun, o).Results
	near(t, "effect", rows[0].Effect, -0.0059051698, 7)
	near(t, "low", rows[0].EffectLow, -0.0123924, 4)
	near(t, "high", rows[0].EffectHigh, 0.0005821, 3)
	near(t, "effect", rows[1].Effect, -0.0082012983, 7)
	near(t, "low", rows[1].EffectLow, -0.0132816, 4)
	near(t, "high", rows[1].EffectHigh, -0.0031210, 4)
	near(t, "p", rows[1].PValue, 0.0015542, 2)
	if *rows[0].Verdict != Undecided || *rows[1].Verdict != Worse {
		t.Errorf("verdicts %s and %s, want undecided and worse", *rows[0].Verdict, *rows[1].Verdict)
	}
}

// The lift by hand: (m_t−m_c)/m_c, variance v_t/m_c² + v_c·m_t²/m_c⁴; large arms, so that t is the normal's 1.96.
func TestLiftByTheDeltaMethod(t *testing.T) {
	const n = 1e8
	row := only(t, standard(metric("revenue", model.Primary, arm("control", n, 10, 40), arm("treatment", n, 10.5, 50))))
	vc, vt := 1600/n, 2500/n
	se := math.Sqrt(vt/100 + vc*10.5*10.5/1e4)
	near(t, "lift", row.Lift, 0.05, 12)
	near(t, "lift_se", row.LiftSE, se, 9)
	near(t, "lift_low", row.LiftLow, 0.05-1.959963984540054*se, 6)
	near(t, "effect_se", row.EffectSE, math.Sqrt(vc+vt), 9)
	near(t, "sd", row.SDControl, 40, 9)
	near(t, "mde_now", row.MDENow, (1.959963984540054+0.8416212335729143)*se, 9)
}

// The confidence sequence of Waudby-Smith et al. (2024), by its formula.
func TestSequentialIntervals(t *testing.T) {
	o := standard(metric("revenue", model.Primary, arm("control", 5000, 10, 4), arm("treatment", 5200, 10.5, 5)))
	o.Experiment.Protocol.Method = "sequential"
	row := only(t, o)
	logA := -2 * math.Log(0.05)
	nu, n := 10000/(logA+math.Log(1+logA)), 10200.0
	se := math.Sqrt(16/5000.0 + 25/5200.0)
	radius := se * math.Sqrt((n+nu)/n*math.Log((n+nu)/(nu*0.05*0.05)))
	near(t, "low", row.EffectLow, 0.5-radius, 9)
	near(t, "high", row.EffectHigh, 0.5+radius, 9)
	if row.Method != "sequential" || *row.Verdict != Better {
		t.Errorf("%s: %s", row.Method, *row.Verdict)
	}
}

// A ratio by the textbook's formula, and as a derived metric of its two parts: one number, two ways.
func TestRatioAndTheSameAsAFormula(t *testing.T) {
	const n, y, d, syy, syd, sdd = 4000.0, 12.0, 3.0, 90.0, 10.0, 4.0
	ratio := metric("aov", model.Primary, plan.Arm{}, plan.Arm{})
	ratio.Shape, ratio.Labels = stats.Shape{Kind: stats.KindRatio}, []string{"numerator", "denominator", "residual"}
	formula := metric("aov_derived", model.Secondary, plan.Arm{}, plan.Arm{})
	formula.Shape, formula.Labels = stats.Shape{Kind: stats.KindFunction, Arguments: 2}, []string{"a", "b"}
	formula.Formula = call(rel.Div, col("a"), col("b"))
	const centre = 4.1
	ratio.Centre = centre
	for i, shift := range []float64{0, 0.3} {
		r := stats.NewMoments(n, 3)
		copy(r.Mean, []float64{y + shift, d, y + shift - centre*d})
		r.SetCovar(2, 2, syy-2*centre*syd+centre*centre*sdd)
		r.SetCovar(1, 2, syd-centre*sdd)
		r.SetCovar(1, 1, sdd)
		f := stats.NewMoments(n, 2)
		copy(f.Mean, []float64{y + shift, d})
		f.SetCovar(0, 0, syy)
		f.SetCovar(0, 1, syd)
		f.SetCovar(1, 1, sdd)
		variant := []string{"control", "treatment"}[i]
		ratio.Slices[0].Arms[i] = plan.Arm{Variant: variant, Units: n, Moments: r}
		formula.Slices[0].Arms[i] = plan.Arm{Variant: variant, Units: n, Moments: f}
	}
	rows := Experiment(thisRun, standard(ratio, formula)).Results
	variance := func(r float64) float64 { return (syy - 2*r*syd + r*r*sdd) / (n * d * d) }
	for _, row := range rows {
		near(t, "control", row.ValueControl, 4, 12)
		near(t, "effect", row.Effect, 0.1, 9)
		near(t, "effect_se", row.EffectSE, math.Sqrt(variance(4)+variance(4.1)), 9)
		near(t, "sd", row.SDControl, math.Sqrt(n*variance(4)), 9)
	}
	near(t, "total", rows[0].TotalControl, n*y, 12)
	if rows[1].TotalControl != nil {
		t.Error("a formula has no total")
	}
}

func TestCorrections(t *testing.T) {
	const n = 1000000 // so that p is the normal's
	z := map[string]float64{"a": 2.2, "b": 3, "c": 1}
	build := func(correction string) []ResultRow {
		var metrics []*plan.ObservedMetric
		for _, name := range []string{"a", "b", "c"} {
			se := math.Sqrt(2.0 / n)
			metrics = append(metrics, metric(name, model.Primary, arm("control", n, 10, 1), arm("treatment", n, 10+z[name]*se, 1)))
		}
		metrics[2].Use.Role = model.Explore
		o := standard(metrics...)
		o.Experiment.Protocol.Correction = correction
		return Experiment(thisRun, o).Results
	}
	pa, pb := math.Erfc(2.2/math.Sqrt2), math.Erfc(3/math.Sqrt2)

	bonferroni := build("bonferroni")
	near(t, "p_adjusted of a", bonferroni[0].PAdjusted, 2*pa, 4)
	near(t, "alpha of a", bonferroni[0].Alpha, 0.025, 9)
	near(t, "low of a", bonferroni[0].EffectLow, (2.2-2.241402727604947)*math.Sqrt(2.0/n), 2)
	if *bonferroni[0].Verdict != Undecided || *bonferroni[1].Verdict != Better {
		t.Errorf("bonferroni: %s, %s", *bonferroni[0].Verdict, *bonferroni[1].Verdict)
	}
	holm := build("holm")
	near(t, "p_adjusted of a", holm[0].PAdjusted, pa, 4)
	near(t, "p_adjusted of b", holm[1].PAdjusted, 2*pb, 4)
	if *holm[0].Verdict != Better || holm[0].Alpha != nil {
		t.Errorf("holm: %s, alpha %v", *holm[0].Verdict, holm[0].Alpha)
	}
	for _, rows := range [][]ResultRow{bonferroni, holm} {
		if rows[2].PAdjusted != nil || *rows[2].Alpha != 0.05 {
			t.Error("an explore metric is in the family")
		}
	}
}

func TestUndefinedResults(t *testing.T) {
	for name, c := range map[string]struct {
		control, treatment plan.Arm
		code               string
	}{
		"one unit":          {arm("control", 1, 5, math.NaN()), arm("treatment", 1000, 5, 2), "insufficient_data"},
		"no unit":           {plan.Arm{Variant: "control"}, arm("treatment", 1000, 5, 2), "insufficient_data"},
		"nothing varies":    {arm("control", 1000, 5, 0), arm("treatment", 1000, 6, 0), "zero_variance"},
		"impossible":        {arm("control", 1000, 5, math.NaN()), arm("treatment", 1000, 5, 2), "invalid_input"},
		"single unit in it": {arm("control", 1000, 5, 2), arm("treatment", 1, 5, math.NaN()), "insufficient_data"},
	} {
		t.Run(name, func(t *testing.T) {
			row := only(t, standard(metric("orders", model.Primary, c.control, c.treatment)))
			if row.Status != Undefined || row.Effect != nil || row.Lift != nil || row.PValue != nil || row.Verdict != nil {
				t.Errorf("status %s, effect %v, p %v", row.Status, row.Effect, row.PValue)
			}
			if len(row.Warnings) != 1 || row.Warnings[0].Code != c.code || row.Warnings[0].Text == "" {
				t.Errorf("warnings %v, want %s", row.Warnings, c.code)
			}
			valueless := c.control.Moments.N == 0 || c.code == "invalid_input"
			if *row.NVariant != c.treatment.Moments.N || (row.ValueControl == nil) != valueless {
				t.Errorf("n %d, value %v", *row.NVariant, row.ValueControl)
			}
		})
	}
}

// Who reads of too few units is told in which variant, and what those wait for that are there.
func TestTooFewUnitsAreNamed(t *testing.T) {
	waiting := metric("revenue", model.Primary, plan.Arm{Variant: "control"}, arm("treatment", 1, 5, math.NaN()))
	waiting.Use.Settings.Mature = true
	const want = "it counts 0 units of control and 1 unit of treatment, and a comparison takes 2 of each; " +
		"a unit counts once the whole of its window has passed"
	if got := only(t, standard(waiting)).Warnings; len(got) != 1 || got[0].Text != want {
		t.Errorf("%v", got)
	}
}

func TestLiftNeedsAControlAwayFromZero(t *testing.T) {
	row := only(t, standard(metric("profit", model.Primary, arm("control", 10000, 0.02, 1), arm("treatment", 10000, 0.1, 1))))
	if row.Lift != nil || row.MDENow != nil || row.Effect == nil || *row.Verdict != Better {
		t.Errorf("lift %v, effect %v, verdict %v", row.Lift, row.Effect, row.Verdict)
	}
	if len(row.Warnings) != 1 || row.Warnings[0].Code != "zero_denominator" {
		t.Errorf("warnings %v", row.Warnings)
	}
}

func TestRefusedMetricHasFailedRows(t *testing.T) {
	good := metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2))
	bad := metric("refunds", model.Secondary)
	bad.Slices, bad.Failed = nil, &stats.Error{Reason: "refused", Detail: "no such column"}
	rows := Experiment(thisRun, standard(good, bad)).Results
	if len(rows) != 2 || rows[0].Status != OK || rows[1].Status != Failed || *rows[1].Error != "refused: no such column" {
		t.Errorf("%+v", rows)
	}
}

func TestSlicesHaveRowsWhereEitherArmHasUnits(t *testing.T) {
	m := metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2))
	m.Slices = append(m.Slices,
		plan.Slice{Dimension: "country", Value: "DE", Arms: []plan.Arm{arm("control", 600, 5, 2), arm("treatment", 1000, 5.5, 2)}},
		plan.Slice{Dimension: "country", Value: plan.NoValue, Arms: []plan.Arm{arm("control", 400, 5, 2), {Variant: "treatment"}}},
		plan.Slice{Dimension: "country", Value: plan.Other, Arms: []plan.Arm{{Variant: "control"}, {Variant: "treatment"}}})
	rows := Experiment(thisRun, standard(m)).Results
	if len(rows) != 3 || rows[1].Slice != "DE" || rows[2].Slice != plan.NoValue {
		t.Fatalf("%+v", rows)
	}
	if rows[2].Status != Undefined || *rows[2].NVariant != 0 {
		t.Errorf("%+v", rows[2])
	}
}

// An adjusted mean by the formula of ANCOVA, θ pooled within the arms.
func TestCovariateAdjustment(t *testing.T) {
	m := metric("revenue", model.Primary, plan.Arm{}, plan.Arm{})
	m.Shape, m.Labels = stats.Shape{Kind: stats.KindMean, Covariates: 1}, []string{"value", "pre"}
	n := []float64{2000, 3000}
	mean := [][]float64{{10, 4}, {11, 4.2}}
	cov := [][]float64{{9, 3, 4}, {10, 3.5, 4.4}} // var y, cov, var x
	for i, variant := range []string{"control", "treatment"} {
		moments := stats.NewMoments(int64(n[i]), 2)
		copy(moments.Mean, mean[i])
		moments.SetCovar(0, 0, cov[i][0])
		moments.SetCovar(0, 1, cov[i][1])
		moments.SetCovar(1, 1, cov[i][2])
		m.Slices[0].Arms[i] = plan.Arm{Variant: variant, Units: int64(n[i]), Moments: moments}
	}
	row := only(t, standard(m))
	theta := ((n[0]-1)*3 + (n[1]-1)*3.5) / ((n[0]-1)*4 + (n[1]-1)*4.4)
	left := func(i int) float64 { return (cov[i][0] - 2*theta*cov[i][1] + theta*theta*cov[i][2]) / n[i] }
	before := 9/n[0] + 10/n[1]
	near(t, "effect", row.Effect, 1-theta*0.2, 9)
	near(t, "effect_se", row.EffectSE, math.Sqrt(left(0)+left(1)), 9)
	near(t, "variance_reduction", row.VarianceReduction, 1-(left(0)+left(1))/before, 9)
	near(t, "value", row.ValueControl, 10, 12)
	near(t, "adjusted", row.AdjustedControl, 10-theta*(4-(4*n[0]+4.2*n[1])/(n[0]+n[1])), 9)
}

func TestProgress(t *testing.T) {
	m := metric("orders", model.Primary, arm("control", 1000, 10, 2), arm("treatment", 1000, 10, 2))
	m.Use.Settings.MDE = ptr(0.01)
	o := standard(m)
	o.Experiment.End, o.AsOf = day(29), day(11)
	for d := 1; d <= 10; d++ { // 40 a day at first, 100 in the last seven
		units := int64(40)
		if d > 3 {
			units = 100
		}
		o.Exposures.Daily = append(o.Exposures.Daily, plan.DailyUnits{Variant: "control", Day: day(d), Units: units / 2},
			plan.DailyUnits{Variant: "treatment", Day: day(d), Units: units / 2})
	}
	row := only(t, o)
	near(t, "power_progress", row.PowerProgress, math.Pow(0.01/(*row.LiftHigh-*row.Lift), 2), 9)
	progress := math.Pow(0.01/((1.959963984540054+0.8416212335729143)**row.LiftSE), 2) // the other side is 1e-6 of the power
	near(t, "progress", row.Progress, progress, 5)
	near(t, "days_left", row.DaysLeft, 2000*(1 / *row.Progress - 1)/100, 9)

	m.Use.Settings.MDE = ptr(0.5)
	if row = only(t, o); *row.DaysLeft != 0 {
		t.Errorf("days_left %v where the data suffice", *row.DaysLeft)
	}
	o.AsOf = day(29)
	if row = only(t, o); row.DaysLeft != nil {
		t.Errorf("days_left %v after the end", *row.DaysLeft)
	}
}

// However much is in, the last look of planned ones is the plan's; one that may be taken at any time needs more than a fixed one.
func TestProgressOfMethods(t *testing.T) {
	m := metric("orders", model.Primary, arm("control", 1000, 10, 2), arm("treatment", 1000, 10, 2))
	m.Use.Settings.MDE = ptr(0.03)
	o := standard(m)
	o.Experiment.End, o.Experiment.ObserveUntil, o.AsOf = day(29), day(29), day(8)
	o.Exposures.Daily = []plan.DailyUnits{{Variant: "control", Day: day(1), Units: 1000}, {Variant: "treatment", Day: day(1), Units: 1000}}
	p := o.Experiment.Protocol
	fixed := only(t, o)
	for _, method := range []string{"group_sequential", "hybrid"} {
		p.Method, p.Looks, p.Spending = method, 4, "obrien_fleming"
		row := only(t, o)
		near(t, method, row.Progress, 0.25, 9)
		near(t, method+", days left", row.DaysLeft, 21, 9)
	}
	p.Method = "sequential"
	if watched := only(t, o); *watched.Progress > 0.9 || *fixed.Progress != 1 {
		t.Errorf("progress %v, and %v where it is looked at daily", *fixed.Progress, *watched.Progress)
	}
}

func TestCapsAreReported(t *testing.T) {
	m := metric("revenue", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2))
	m.CapUpper = ptr(100.0)
	m.Slices[0].Arms[0].Capped, m.Slices[0].Arms[1].Capped = 3, 1
	row := only(t, standard(m))
	near(t, "share_capped", row.ShareCapped, 0.002, 12)
	near(t, "cap_upper", row.CapUpper, 100, 12)
}

func TestDesiredChange(t *testing.T) {
	wanted := map[project.DesiredChange]Verdict{project.Increase: Better, project.Decrease: Worse, project.None: Changed}
	for change, want := range wanted {
		m := metric("latency", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 6, 2))
		m.Use.Metric.Decl.DesiredChange = wrote(change)
		if row := only(t, standard(m)); *row.Verdict != want {
			t.Errorf("%s desired: %s, want %s", change, *row.Verdict, want)
		}
	}
}

// A ratio whose denominator is 0 before the experiment goes unadjusted, and says so.
func TestRatioWithoutAPastIsUnadjusted(t *testing.T) {
	m := metric("aov", model.Primary, plan.Arm{}, plan.Arm{})
	m.Shape = stats.Shape{Kind: stats.KindRatio, Covariates: 1}
	m.Labels = []string{"numerator", "denominator", "residual", "pre:numerator", "pre:denominator", "pre:residual"}
	for i, variant := range []string{"control", "treatment"} {
		moments := stats.NewMoments(1000, 6)
		copy(moments.Mean, []float64{12 + float64(i), 3, float64(i), 0, 0, 0})
		for _, p := range m.Shape.Pairs() {
			moments.SetCovar(p.I, p.J, 0)
		}
		moments.SetCovar(1, 1, 4)
		moments.SetCovar(2, 2, 25)
		m.Slices[0].Arms[i] = plan.Arm{Variant: variant, Units: 1000, Moments: moments}
	}
	row := only(t, standard(m))
	if row.Status != OK || row.VarianceReduction != nil || len(row.Warnings) != 1 || row.Warnings[0].Code != "unadjusted" {
		t.Errorf("status %s, variance_reduction %v, warnings %v", row.Status, row.VarianceReduction, row.Warnings)
	}
	near(t, "effect", row.Effect, 1.0/3, 9)
}

// A covariate is left out where nothing of it is left: not where nobody lacks a value, nor where a category is what the others are not.
func TestLeftOut(t *testing.T) {
	labels := []string{"value", "pre:orders", "missing:orders", "attribute:age", "missing:age", "attribute:plan:1", "attribute:plan:2",
		"attribute:plan:3", "attribute:zone:1", "attribute:zone:2"}
	if out := leftOut(labels, []int{2, 3, 4, 6, 7, 8, 9}); !slices.Equal(out, []string{"attribute:age", "attribute:zone"}) {
		t.Errorf("left out: %v", out)
	}
}

func TestDroppedCovariatesAreNamed(t *testing.T) {
	m := metric("revenue", model.Primary, plan.Arm{}, plan.Arm{})
	m.Shape, m.Labels = stats.Shape{Kind: stats.KindMean, Covariates: 1}, []string{"value", "pre:revenue"}
	for i, variant := range []string{"control", "treatment"} {
		moments := stats.NewMoments(1000, 2)
		moments.Mean[0] = 10 + float64(i)
		moments.SetCovar(0, 0, 9)
		moments.SetCovar(0, 1, 0)
		moments.SetCovar(1, 1, 0)
		m.Slices[0].Arms[i] = plan.Arm{Variant: variant, Units: 1000, Moments: moments}
	}
	row := only(t, standard(m))
	if len(row.Warnings) != 1 || !strings.Contains(row.Warnings[0].Text, "pre:revenue") || *row.Effect != 1 {
		t.Errorf("effect %v, warnings %v", *row.Effect, row.Warnings)
	}
}
