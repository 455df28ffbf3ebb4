package judge

import (
	"math"
	"testing"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
)

// revenue is a metric whose effect is 0.5 with a standard error of about 0.089, in 10,200 units.
func revenue() *plan.ObservedMetric {
	return metric("revenue", model.Primary, arm("control", 5000, 10, 4), arm("treatment", 5200, 10.5, 5))
}

var revenueSE = math.Sqrt(16/5000.0 + 25/5200.0)

// under is the standard experiment under a method, observed on a day.
func under(method string, asOf time.Time, metrics ...*plan.ObservedMetric) *plan.Observed {
	o := standard(metrics...)
	o.AsOf, o.Experiment.Protocol.Method = asOf, method
	return o
}

// The sequence keeps the ν of the protocol's α and is read at half of it; at the planned end the fixed interval is narrower. Both
// p-values are doubled: half of α is compared with each.
func TestHybrid(t *testing.T) {
	logA := -2 * math.Log(0.05)
	nu, n := 10000/(logA+math.Log(1+logA)), 10200.0
	radius := revenueSE * math.Sqrt((n+nu)/n*math.Log((n+nu)/(nu*0.025*0.025)))
	interim := only(t, under("hybrid", day(14), revenue()))
	near(t, "low before the end", interim.EffectLow, 0.5-radius, 9)
	final := only(t, under("hybrid", day(15), revenue()))
	near(t, "low at the end", final.EffectLow, 0.5-2.241402727604947*revenueSE, 3)
	near(t, "p at the end", final.PValue, 2*math.Erfc(0.5/revenueSE/math.Sqrt2), 1)
	if interim.Method != "hybrid" || final.Method != "hybrid" {
		t.Errorf("methods %s and %s", interim.Method, final.Method)
	}
}

// A metric whose windows are open after the last unit has come is not at its planned end yet.
func TestHybridWaitsForWindows(t *testing.T) {
	week := 7 * 24 * time.Hour
	open, closed := revenue(), revenue()
	open.Use.Settings.WindowEnd, closed.Use.Settings.WindowEnd = &week, &week
	before, after := only(t, under("hybrid", day(21), open)), only(t, under("hybrid", day(22), closed))
	if *before.EffectLow >= *after.EffectLow {
		t.Errorf("the interval begins at %v while windows are open, and at %v afterwards", *before.EffectLow, *after.EffectLow)
	}
}

// Bounds of two looks at an error rate of 5%, spent as O'Brien and Fleming (rpact 3.3: 2.962588, 1.968596) and as Pocock
// (2.156999, 2.200983); a look that nobody planned spends what is due by then, and is warned of.
func TestGroupSequential(t *testing.T) {
	for name, c := range map[string]struct {
		asOf     time.Time
		spending string
		window   time.Duration
		critical float64
		planned  bool
	}{
		"first of two":       {day(8), "obrien_fleming", 0, 2.962588, true},
		"last of two":        {day(15), "obrien_fleming", 0, 1.968596, true},
		"after the end":      {day(30), "obrien_fleming", 0, 1.968596, true},
		"first, Pocock":      {day(8), "pocock", 0, 2.156999, true},
		"last, Pocock":       {day(15), "pocock", 0, 2.200983, true},
		"first, Kim-DeMets":  {day(8), "kim_demets", 0, 2.497705, true}, // the normal's for 0.05/4
		"half of its window": {day(15), "obrien_fleming", 14 * 24 * time.Hour, 2.962588, true},
		"in between":         {day(8).Add(12 * time.Hour), "pocock", 0, 2.65, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := revenue()
			if c.window > 0 {
				m.Use.Settings.WindowEnd = &c.window
			}
			o := under("group_sequential", c.asOf, m)
			o.Experiment.Protocol.Looks, o.Experiment.Protocol.Spending = 2, c.spending
			row := only(t, o)
			if c.planned {
				near(t, "critical value", ptr((0.5-*row.EffectLow)/revenueSE), c.critical, 5)
			}
			if (len(row.Warnings) == 0) != c.planned {
				t.Errorf("warnings %v", row.Warnings)
			}
		})
	}
}

// The conjugate normal by hand: precisions add up, and the mean is theirs weighted (Gelman et al. 2013, section 2.5).
func TestBayesian(t *testing.T) {
	o := under("bayesian", day(15), revenue())
	o.Experiment.Protocol.Prior = model.Prior{Mean: 0.01, SD: 0.02}
	row := only(t, o)
	vc, vt := 16/5000.0, 25/5200.0
	precision := 1 / (vt/100 + vc*10.5*10.5/1e4)
	mean := (0.05*precision + 0.01/0.0004) / (precision + 1/0.0004)
	sd := math.Sqrt(1 / (precision + 1/0.0004))
	near(t, "lift", row.Lift, mean, 9)
	near(t, "lift_se", row.LiftSE, sd, 9)
	near(t, "lift_low", row.LiftLow, mean-1.959963984540054*sd, 9)
	near(t, "effect", row.Effect, 10*mean, 9)
	near(t, "effect_high", row.EffectHigh, 10*(mean+1.959963984540054*sd), 9)
	near(t, "chance_to_win", row.ChanceToWin, math.Erfc(-mean/sd/math.Sqrt2)/2, 9)
	density := math.Exp(-mean*mean/sd/sd/2) / math.Sqrt(2*math.Pi)
	near(t, "expected_loss", row.ExpectedLoss, sd*density-mean*math.Erfc(mean/sd/math.Sqrt2)/2, 6)
	near(t, "value", row.ValueVariant, 10.5, 12)
	if row.PValue != nil || row.PAdjusted != nil || *row.Verdict != Better {
		t.Errorf("p %v, p_adjusted %v, %s", row.PValue, row.PAdjusted, *row.Verdict)
	}
}

// Where nobody says what is good, nobody can win; and without p-values there is nothing to correct.
func TestBayesianWithoutDirection(t *testing.T) {
	m := revenue()
	m.Use.Metric.Decl.DesiredChange = wrote(project.None)
	o := under("bayesian", day(15), m)
	o.Experiment.Protocol.Prior, o.Experiment.Protocol.Correction = model.Prior{SD: 1}, "holm"
	row := only(t, o)
	if row.ChanceToWin != nil || row.ExpectedLoss != nil || *row.Verdict != Changed || *row.Alpha != 0.05 {
		t.Errorf("chance %v, loss %v, %s, alpha %v", row.ChanceToWin, row.ExpectedLoss, *row.Verdict, row.Alpha)
	}
}

// One-sided intervals are open on the side nobody tests; over a negative control the lift's open side is the other.
func TestOneSide(t *testing.T) {
	const z = 1.6448536269514722
	for name, c := range map[string]struct {
		desired    project.DesiredChange
		sign       float64
		low, high  *float64 // of the effect
		liftIsOpen bool     // above
		verdict    Verdict
	}{
		"increase":                     {project.Increase, 1, ptr(0.5 - z*revenueSE), nil, true, Better},
		"decrease":                     {project.Decrease, 1, nil, ptr(0.5 + z*revenueSE), false, Undecided},
		"increase of a negative value": {project.Increase, -1, ptr(-0.5 - z*revenueSE), nil, false, Undecided},
		"decrease of a negative value": {project.Decrease, -1, nil, ptr(-0.5 + z*revenueSE), true, Better},
	} {
		t.Run(name, func(t *testing.T) {
			m := revenue()
			m.Use.Metric.Decl.DesiredChange = wrote(c.desired)
			for i := range m.Slices[0].Arms {
				m.Slices[0].Arms[i].Moments.Mean[0] *= c.sign
			}
			o := standard(m)
			both := only(t, o)
			o.Experiment.Protocol.Sides = "one"
			row := only(t, o)
			if *row.PValue != *both.PValue {
				t.Errorf("p %v, to both sides %v", *row.PValue, *both.PValue)
			}
			if c.low != nil {
				near(t, "low", row.EffectLow, *c.low, 3)
			}
			if c.high != nil {
				near(t, "high", row.EffectHigh, *c.high, 3)
			}
			if (row.EffectLow == nil) != (c.low == nil) || (row.EffectHigh == nil) != (c.high == nil) {
				t.Errorf("effect in %v to %v", row.EffectLow, row.EffectHigh)
			}
			if (row.LiftHigh == nil) != c.liftIsOpen || (row.LiftLow == nil) == c.liftIsOpen {
				t.Errorf("lift in %v to %v", row.LiftLow, row.LiftHigh)
			}
			if *row.Verdict != c.verdict {
				t.Errorf("%s, want %s", *row.Verdict, c.verdict)
			}
			near(t, "mde_now", row.MDENow, (z+0.8416212335729143)**row.LiftSE, 9)
		})
	}
}

// Further confidences have rows of their own, which follow the deciding one and have no verdict.
func TestShownConfidences(t *testing.T) {
	o := standard(revenue(), metric("orders", model.Primary, arm("control", 5000, 1, 1), arm("treatment", 5200, 1, 1)))
	o.Experiment.Protocol.Show = []float64{0.8, 0.9}
	o.Experiment.Protocol.Correction = "bonferroni"
	rows := Experiment(thisRun, o).Results
	z := []float64{2.241402727604947, 1.6448536269514722, 1.959963984540054} // at half of 5%, 20% and 10%
	for i, row := range rows {
		want := []float64{0.95, 0.8, 0.9}[i%3]
		if row.Confidence != want || row.Decides != (i%3 == 0) || (row.Verdict != nil) != row.Decides {
			t.Errorf("row %d: confidence %v, decides %v, verdict %v", i, row.Confidence, row.Decides, row.Verdict)
		}
		near(t, "alpha", row.Alpha, (1-want)/2, 9)
		near(t, "half-width", ptr(*row.Effect-*row.EffectLow), z[i%3]**row.EffectSE, 3)
	}
	if len(rows) != 6 {
		t.Errorf("%d rows, want 6", len(rows))
	}
}
