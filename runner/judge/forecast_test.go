package judge

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/stats"
)

// Quantiles of the standard normal from tables, so that what is held to them shares nothing with the code: 97.5% and 80%.
const z975, z80 = 1.959963984540054, 0.8416212335729143

// nearly allows for the far tail, where a two-sided test finds an effect of the wrong sign: textbooks leave it out.
func nearly(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 2e-6*want) {
		t.Errorf("%s is %.9g, want %.9g", what, got, want)
	}
}

// rehearsed is a plan by rehearsals of one, two, … weeks, in which n units a week enter and each metric is as given, whatever the
// week. The experiment begins tomorrow.
func rehearsed(t *testing.T, weeks int, n int64, x *model.Experiment, asked Asked, metrics ...*plan.ObservedMetric) *Forecast {
	t.Helper()
	var rehearsals []Rehearsal
	asOf := x.Start.AddDate(0, 0, -1)
	for week := range weeks {
		start := asOf.AddDate(0, 0, -7*(week+1))
		units := n * int64(week+1)
		observed := &plan.Observed{Experiment: x.Rehearsals([]time.Time{start})[0], AsOf: asOf, Exposures: plan.Exposures{
			Variants: []plan.VariantCount{{Variant: model.Everyone, Declared: true, Assigned: units, Analysed: units}},
			Daily:    []plan.DailyUnits{{Variant: model.Everyone, Day: asOf.AddDate(0, 0, -7*weeks), Units: units}},
		}}
		for _, m := range metrics {
			pooled := *m
			pooled.Slices = []plan.Slice{{Dimension: plan.Overall, Value: plan.All}}
			moments := m.Slices[0].Arms[0].Moments
			moments.N = units
			pooled.Slices[0].Arms = []plan.Arm{{Variant: model.Everyone, Units: units, Moments: moments}}
			observed.Metrics = append(observed.Metrics, &pooled)
		}
		rehearsals = append(rehearsals, Rehearsal{Days: 7 * (week + 1), Observed: observed})
	}
	return Plan(thisRun, x, asOf, rehearsals, asked)
}

// asking is a metric of mean 10 and standard deviation 20 that asks for a lift.
func asking(name string, role model.Role, mde float64) *plan.ObservedMetric {
	m := metric(name, role, arm(model.Everyone, 1, 10, 20))
	m.Use.Decl = &project.MetricEntry{Metric: wrote(name)}
	if role == model.Guardrail {
		m.Use.Margin = &mde
	} else if mde > 0 {
		m.Use.Settings.MDE = &mde
	}
	return m
}

// planned is the standard experiment with the given metrics, not yet begun.
func planned(metrics ...*plan.ObservedMetric) *model.Experiment {
	x := standard(metrics...).Experiment
	x.End, x.ObserveUntil = time.Time{}, time.Time{}
	return x
}

// TestDetectable holds the smallest lift to the textbook: (z_{α/2} + z_power)·σ·√(1/n₁ + 1/n₂) over the mean.
func TestDetectable(t *testing.T) {
	m := asking("orders", model.Primary, 0.1)
	f := rehearsed(t, 4, 1000, planned(m), Asked{}, m)
	for i, at := range f.Curves[0].Points {
		n := 500 * float64(i+1)
		nearly(t, fmt.Sprintf("week %d", i+1), *at.Detectable, (z975+z80)*20*math.Sqrt(2/n)/10)
	}
	closeTo(t, "alpha", f.Curves[0].Alpha, 0.05)
}

// TestDaysNeeded: units come evenly, so that n₁ = n₂ = (z_{α/2} + z_power)²·2σ²/δ² decides the day.
func TestDaysNeeded(t *testing.T) {
	m := asking("orders", model.Primary, 0.25)
	f := rehearsed(t, 6, 700, planned(m), Asked{}, m)
	for i, lift := range []float64{0.25, 0.5} {
		perArm := math.Pow((z975+z80)*20/(10*lift), 2) * 2
		if want := int(math.Ceil(2 * perArm / 100)); *f.Curves[0].Needs[i].Days != want {
			t.Errorf("a lift of %v needs %d days, want %d", lift, *f.Curves[0].Needs[i].Days, want)
		}
	}
	if f.Curves[0].Needs[0].Beyond || !f.Curves[0].Longest {
		t.Error("what six weeks show is measured, and the only metric takes longest")
	}
	f = rehearsed(t, 1, 700, planned(m), Asked{}, m)
	if need := f.Curves[0].Needs[0]; !need.Beyond || *need.Days != int(math.Ceil(2*2*math.Pow((z975+z80)*20/2.5, 2)/100)) {
		t.Errorf("beyond one week it goes on at its pace: %+v", need)
	}
}

// TestUnequalShares: the variant with the fewest units decides.
func TestUnequalShares(t *testing.T) {
	m := asking("orders", model.Primary, 0.25)
	x := planned(m)
	x.Variants = []model.Variant{{Name: "control", Share: 0.5}, {Name: "a", Share: 0.4}, {Name: "b", Share: 0.1}}
	f := rehearsed(t, 1, 1000, x, Asked{}, m)
	nearly(t, "a", *f.Curves[0].Points[0].Detectable, (z975+z80)*2*math.Sqrt(1./500+1./400))
	nearly(t, "b", *f.Curves[1].Points[0].Detectable, (z975+z80)*2*math.Sqrt(1./500+1./100))
	if f.Curves[0].Longest || !f.Curves[1].Longest {
		t.Error("b takes longest")
	}
}

// TestCorrectedLevels: α is divided as the correction divides it; of a stepwise one the first step's is taken.
func TestCorrectedLevels(t *testing.T) {
	a, b, c := asking("a", model.Primary, 0.1), asking("b", model.Secondary, 0.1), asking("c", model.Secondary, 0.1)
	g := asking("g", model.Guardrail, 0.1)
	for method, want := range map[string][3]float64{
		"none": {0.05, 0.05, 0.05}, "bonferroni": {0.05 / 3, 0.05 / 3, 0.05}, "holm": {0.05 / 3, 0.05 / 3, 0.05},
		"bh": {0.05 / 3, 0.05 / 3, 0.05}, "by": {0.05 / 5.5, 0.05 / 5.5, 0.05}, "preferential_bonferroni": {0.04, 0.005, 0.05},
		"sidak": {1 - math.Cbrt(0.95), 1 - math.Cbrt(0.95), 0.05},
	} {
		x := planned(a, b, c, g)
		x.Protocol.Correction, x.Protocol.Gamma = method, 0.8
		f := rehearsed(t, 1, 1000, x, Asked{}, a, b, c, g)
		for i, curve := range []Curve{f.Curves[0], f.Curves[1], f.Curves[3]} {
			closeTo(t, method+" of "+curve.Use.Name, curve.Alpha, want[i])
		}
		if stepwise := method == "holm" || method == "bh" || method == "by"; f.Curves[0].FirstStep != stepwise {
			t.Errorf("%s: a first step is %v", method, f.Curves[0].FirstStep)
		}
	}
}

// TestStrata: within strata only the spread of each is left, and a phase divides its units by its own shares.
func TestStrata(t *testing.T) {
	m := asking("orders", model.Primary, 0.1)
	x := planned(m)
	x.Phases = []model.Phase{
		{Name: "first", From: x.Start, Variants: []model.Variant{{Name: "control", Share: 0.9}, {Name: "treatment", Share: 0.1}}},
		{Name: "second", From: x.Start.AddDate(0, 0, 3), Variants: x.Variants},
	}
	stratum := func(phase string, n int64, mean float64) plan.Stratum {
		return plan.Stratum{Phase: phase, Arms: []plan.Arm{arm(model.Everyone, n, mean, 2)}}
	}
	m.Slices[0].Strata = []plan.Stratum{stratum("first", 1000, 5), stratum("second", 3000, 15)}
	e := evidence{Observed: &plan.Observed{Experiment: x}}
	control, variant, err := e.divided(m, "treatment")
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "the mean", control.Value, (5*1000.+15*3000)/4000)
	closeTo(t, "the control's variance", control.Variance, 4*(math.Pow(0.25, 2)/900+math.Pow(0.75, 2)/1500))
	closeTo(t, "the variant's variance", variant.Variance, 4*(math.Pow(0.25, 2)/100+math.Pow(0.75, 2)/1500))
}

// TestMethodsDiffer: what is found at a week, by the radius each method has there.
func TestMethodsDiffer(t *testing.T) {
	m := asking("orders", model.Primary, 0.1)
	detectable := func(set func(*model.Protocol)) float64 {
		x := planned(m)
		set(x.Protocol)
		f := rehearsed(t, 1, 4000, x, Asked{}, m)
		return *f.Curves[0].Points[0].Detectable / (2 * math.Sqrt(2./2000)) // in standard errors
	}
	fixed := detectable(func(*model.Protocol) {})
	nearly(t, "fixed", fixed, z975+z80)
	// ν = N*/(−2 ln α + ln(1 − 2 ln α)), radius √((n+ν)/n · ln((n+ν)/(ν α²))).
	nu := 4000 / (-2*math.Log(0.05) + math.Log(1-2*math.Log(0.05)))
	radius := math.Sqrt((4000 + nu) / 4000 * math.Log((4000+nu)/(nu*0.05*0.05)))
	nearly(t, "sequential", detectable(func(p *model.Protocol) { p.Method, p.Tuning = "sequential", 4000 }), radius+z80)
	// Inflations of the largest sample over the fixed one, for two looks at equal steps and power 80% (rpact 3.3.4).
	looks := func(spending string) float64 {
		return detectable(func(p *model.Protocol) { p.Method, p.Looks, p.Spending = "group_sequential", 2, spending })
	}
	if got := math.Pow(looks("obrien_fleming")/fixed, 2); math.Abs(got-1.00372) > 1e-4 {
		t.Errorf("two looks of O'Brien and Fleming inflate by %v", got)
	}
	hybrid := detectable(func(p *model.Protocol) { p.Method = "hybrid" })
	nearly(t, "hybrid, at half of alpha", hybrid, 2.241402727604947+z80)
	oneSided := detectable(func(p *model.Protocol) { p.Sides = "one" })
	closeTo(t, "one-sided", oneSided, 1.6448536269514722+z80)
	flat := detectable(func(p *model.Protocol) { p.Method, p.Prior = "bayesian", model.Prior{SD: 1e6} })
	if math.Abs(flat-fixed) > 1e-6 {
		t.Errorf("under a flat prior %v standard errors are found, and %v by a fixed test", flat, fixed)
	}
	if sceptic := detectable(func(p *model.Protocol) { p.Method, p.Prior = "bayesian", model.Prior{SD: 0.05} }); sceptic < fixed {
		t.Errorf("a sceptic finds %v, sooner than %v", sceptic, fixed)
	}
}

// TestGuardrailMargin: a margin is excluded by one end of the interval.
func TestGuardrailMargin(t *testing.T) {
	g := asking("tickets", model.Guardrail, 0.2)
	g.Use.Metric.Decl.DesiredChange = wrote(project.Decrease)
	f := rehearsed(t, 8, 1000, planned(g), Asked{Lifts: []float64{0.01}}, g)
	if need := f.Curves[0].Needs; len(need) != 1 || need[0].Lift != 0.2 || *need[0].Days != int(math.Ceil(4*math.Pow((z975+z80)*2/0.2, 2)*7/1000)) {
		t.Errorf("the margin needs %+v", need)
	}
}

func TestAskedInstead(t *testing.T) {
	m := asking("orders", model.Primary, 0)
	if f := rehearsed(t, 2, 1000, planned(m), Asked{}, m); len(f.Curves[0].Needs) != 0 || !f.Curves[0].Longest {
		t.Error("without a lift no time is told, and the metric that finds the least is the longest")
	}
	f := rehearsed(t, 2, 1000, planned(m), Asked{Lifts: []float64{0.3, 0.2}, Power: ptr(0.9)}, m)
	if len(f.Curves[0].Needs) != 2 || f.Power != 0.9 || *f.Curves[0].Asked != 0.3 {
		t.Errorf("asked for 30%% and 20%% at 90%%: %+v", f.Curves[0])
	}
}

// TestWithoutAnswer: what cannot be told says so at its place, and the others go on.
func TestWithoutAnswer(t *testing.T) {
	flat, fine := asking("flat", model.Primary, 0.1), asking("fine", model.Primary, 0.1)
	flat.Slices[0].Arms[0] = arm(model.Everyone, 1, 10, 0)
	f := rehearsed(t, 2, 1000, planned(flat, fine), Asked{}, flat, fine)
	if len(f.Problems) != 1 || f.Problems[0].Span != somewhere || f.Curves[0].Points[1].Undefined == nil {
		t.Errorf("one metric cannot be told of: %+v", f.Problems)
	}
	if f.Curves[1].Points[1].Detectable == nil || !f.Curves[1].Longest {
		t.Error("the other can")
	}
	rows := f.Rows("run-1")
	if rows[0].Status != Undefined || rows[0].Warnings[0].Code != string(stats.ZeroVariance) || rows[2].Status != OK {
		t.Errorf("the rows say so: %+v", rows[0])
	}
}

// TestHistoryTooShort: rehearsals from before anything is known would count weeks without units.
func TestHistoryTooShort(t *testing.T) {
	m := asking("orders", model.Primary, 0.1)
	x := planned(m)
	asOf := x.Start
	observed := func(weeks int) Rehearsal {
		start := asOf.AddDate(0, 0, -7*weeks)
		return Rehearsal{Days: 7 * weeks, Observed: &plan.Observed{Experiment: x.Rehearsals([]time.Time{start})[0], AsOf: asOf,
			Exposures: plan.Exposures{Daily: []plan.DailyUnits{{Variant: model.Everyone, Day: asOf.AddDate(0, 0, -17), Units: 5}}}}}
	}
	known := covered([]Rehearsal{observed(1), observed(2), observed(3), observed(4)})
	if len(known) != 2 || known[1].Days != 14 {
		t.Errorf("17 days of history cover two weeks: %+v", known)
	}
	f := Plan(thisRun, x, asOf, nil, Asked{})
	if len(f.Problems) != 1 || f.Problems[0].Code != "no-history" {
		t.Errorf("without history: %+v", f.Problems)
	}
}

// TestFactsTooShort: weeks before a model's oldest row are not counted as weeks in which nobody did anything, and a lookback beyond it
// is told of.
func TestFactsTooShort(t *testing.T) {
	m := asking("orders", model.Primary, 0.1)
	x := planned(m)
	asOf := x.Start.AddDate(0, 0, -1)
	for _, c := range []struct {
		oldest   time.Time
		lookback int
		weeks    int
		says     string
	}{
		{asOf.AddDate(0, 0, -28), 0, 4, ""},
		{asOf.AddDate(0, 0, -22), 0, 4, ""}, // nobody did anything in the first days
		{asOf.AddDate(0, 0, -15), 0, 3, "the oldest row of `events` that counts is of 2025-12-16: the weeks before are left out"},
		{asOf, 0, 1, "are left out"},
		{asOf.AddDate(0, 0, -28), 30, 4, "covariates that look further back"},
		{asOf.AddDate(0, 0, -55), 30, 4, ""},
	} {
		m.Facts, m.Use.Settings.CUPED = []plan.Facts{{Model: "events", Oldest: c.oldest}, {Model: "people"}}, nil
		if c.lookback > 0 {
			m.Use.Settings.CUPED = &model.CUPED{Lookback: time.Duration(c.lookback) * 24 * time.Hour}
		}
		f := rehearsed(t, 4, 1000, x, Asked{}, m, m)
		said := ""
		for _, d := range f.Problems {
			said += d.Message
		}
		if len(f.Entered) != c.weeks || (said == "") != (c.says == "") || !strings.Contains(said, c.says) || strings.Count(said, "oldest") > 1 {
			t.Errorf("facts from %s: %d weeks, %q", c.oldest.Format(time.DateOnly), len(f.Entered), said)
		}
	}
}

// TestFollow: what runs is told by its own data, and goes on at the pace of the last days.
func TestFollow(t *testing.T) {
	m := metric("orders", model.Primary, arm("control", 700, 10, 20), arm("treatment", 700, 10.5, 20))
	m.Use.Decl, m.Use.Settings.MDE = &project.MetricEntry{Metric: wrote("orders")}, ptr(0.25)
	o := standard(m)
	o.AsOf, o.Experiment.End, o.Experiment.ObserveUntil = day(15), day(29), day(29)
	for d := 1; d < 15; d++ {
		for _, v := range []string{"control", "treatment"} {
			o.Exposures.Daily = append(o.Exposures.Daily, plan.DailyUnits{Variant: v, Day: day(d), Units: 50})
		}
	}
	f := Follow(thisRun, o, Asked{})
	c, row := f.Curves[0], Experiment(thisRun, o).Results[0]
	closeTo(t, "progress", *c.Progress, *row.Progress)
	closeTo(t, "days left", *c.DaysLeft, *row.DaysLeft)
	alike := *row.EffectSE / 10.25 // the lift's standard error if both arms had the mean of all units
	nearly(t, "what is found today", *c.Points[0].Detectable, (z975+z80)*alike)
	needed := math.Pow((z975+z80)*alike/0.25, 2) * 14 // days, as information comes with units
	if want := int(math.Ceil(needed)); *c.Needs[0].Days != want || *f.DaysToGo != want-14 {
		t.Errorf("a quarter needs %d days, %d more; want %d", *c.Needs[0].Days, *f.DaysToGo, want)
	}
	closeTo(t, "the decision's progress", *f.Progress, *c.Progress)
}
