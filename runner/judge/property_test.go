package judge

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"assay/compiler/model"
	"assay/compiler/plan"
)

// drawArm is anything a warehouse may return of a metric, from no unit to very many, from no spread to a very large one.
func drawArm(t *rapid.T, variant string) plan.Arm {
	n := rapid.SampledFrom([]int64{0, 1, 2, 3, 50, 1000, 1e6}).Draw(t, "n")
	mean := rapid.SampledFrom([]float64{0, 1, -1, 1e-9, 0.2, 1e9, -37.5}).Draw(t, "mean")
	sd := rapid.SampledFrom([]float64{0, 1e-6, 0.4, 1, 1e4}).Draw(t, "sd")
	switch {
	case n == 0:
		return plan.Arm{Variant: variant}
	case n == 1:
		sd = math.NaN()
	}
	return arm(variant, n, mean, sd)
}

func drawObserved(t *rapid.T) *plan.Observed {
	var metrics []*plan.ObservedMetric
	for _, name := range []string{"a", "b", "c"} {
		role := rapid.SampledFrom([]model.Role{model.Primary, model.Secondary, model.Guardrail, model.Explore}).Draw(t, "role")
		metrics = append(metrics, metric(name, role, drawArm(t, "control"), drawArm(t, "treatment")))
	}
	o := standard(metrics...)
	p := o.Experiment.Protocol
	p.Method = rapid.SampledFrom([]string{"fixed", "sequential", "hybrid", "group_sequential", "bayesian"}).Draw(t, "method")
	p.Correction = rapid.SampledFrom([]string{"none", "bonferroni", "sidak", "preferential_bonferroni", "holm", "holm_sidak",
		"hochberg", "hommel", "bh", "by"}).Draw(t, "correction")
	p.Sides = rapid.SampledFrom([]string{"two", "one"}).Draw(t, "sides")
	p.Show = rapid.SampledFrom([][]float64{nil, {0.8}}).Draw(t, "show")
	p.Prior, p.Looks, p.Spending, p.Gamma = model.Prior{SD: 0.05}, 3, "pocock", 0.7
	o.AsOf = day(rapid.IntRange(2, 20).Draw(t, "as-of"))
	metrics[0].Use.Settings.MDE, metrics[1].Use.Margin = ptr(0.05), ptr(0.1)
	return o
}

// What must be true of every row, whatever was observed.
func TestRowsAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, row := range Experiment(thisRun, drawObserved(t)).Results {
			if row.Status == Undefined {
				if row.Effect != nil || row.PValue != nil || row.Verdict != nil || len(row.Warnings) == 0 {
					t.Fatalf("undefined, and yet %+v", row)
				}
				continue
			}
			soundEffect(t, row)
			soundLift(t, row)
			soundTest(t, row)
		}
	})
}

func soundEffect(t *rapid.T, row ResultRow) {
	low, high := ends(row)
	if *row.Effect < low || *row.Effect > high || *row.EffectSE <= 0 {
		t.Fatalf("effect %v in %v to %v", *row.Effect, low, high)
	}
	difference := *row.AdjustedVariant - *row.AdjustedControl
	if row.Method != "bayesian" && math.Abs(*row.Effect-difference) > 1e-9*math.Abs(difference) {
		t.Fatalf("effect %v of a difference of %v", *row.Effect, difference)
	}
}

// ends of the effect's interval, infinite where it is open.
func ends(row ResultRow) (low, high float64) {
	low, high = math.Inf(-1), math.Inf(1)
	if row.EffectLow != nil {
		low = *row.EffectLow
	}
	if row.EffectHigh != nil {
		high = *row.EffectHigh
	}
	return low, high
}

func soundLift(t *rapid.T, row ResultRow) {
	near := !(math.Abs(*row.ValueControl) > 3**row.SDControl/math.Sqrt(float64(*row.NControl)))
	switch {
	case row.Lift == nil && len(row.Warnings) == 0:
		t.Fatal("no reason for the missing lift")
	case row.Lift != nil && near:
		t.Fatalf("lift %v over %v", *row.Lift, *row.ValueControl)
	case row.Lift != nil && math.Abs(*row.Lift**row.ValueControl-*row.Effect) > 1e-9*math.Abs(*row.Effect):
		t.Fatalf("lift %v of effect %v over %v", *row.Lift, *row.Effect, *row.ValueControl)
	}
}

func soundTest(t *rapid.T, row ResultRow) {
	low, high := ends(row)
	found := low > 0 || high < 0
	bothEnds := row.EffectLow != nil && row.EffectHigh != nil
	if row.PValue != nil && row.Alpha != nil && bothEnds && math.Abs(*row.PValue-*row.Alpha) > 1e-6 && found != (*row.PValue < *row.Alpha) {
		t.Fatalf("p %v at %v, interval %v to %v", *row.PValue, *row.Alpha, low, high)
	}
	if row.PValue != nil && (*row.PValue < 0 || *row.PValue > 1 || row.PAdjusted != nil && *row.PAdjusted < *row.PValue-1e-9) {
		t.Fatalf("p %v, adjusted %v", *row.PValue, row.PAdjusted)
	}
	if (row.PValue == nil) != (row.Method == "bayesian") || row.PValue == nil && row.PAdjusted != nil {
		t.Fatalf("%s with p %v, adjusted %v", row.Method, row.PValue, row.PAdjusted)
	}
	soundVerdict(t, row, found)
}

// soundVerdict is by the interval, where a stepwise correction does not decide, and on deciding rows alone.
func soundVerdict(t *rapid.T, row ResultRow, found bool) {
	if (row.Verdict != nil) != row.Decides {
		t.Fatalf("decides %v, verdict %v", row.Decides, row.Verdict)
	}
	if row.Verdict == nil || row.Alpha == nil || row.Role == string(model.Guardrail) {
		return
	}
	if moved := slices.Contains([]Verdict{Better, Worse}, *row.Verdict); moved != found {
		t.Fatalf("%s, interval %v to %v", *row.Verdict, row.EffectLow, row.EffectHigh)
	}
}
