package stats

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

func somePlannedTest(t *rapid.T) Procedure {
	alpha, sides := anAlpha.Draw(t, "alpha"), drawSides(t)
	sequence, err := Tuned(1000, alpha, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	bounds, err := GroupSequentialTest{Boundary: Spending(PocockSpending), Alpha: alpha, Sides: sides}.Bounds(EqualLooks(2), nil)
	if err != nil {
		t.Fatal(err)
	}
	return rapid.SampledFrom([]Procedure{
		ZTest{alpha, sides}, TTest{alpha, sides}, SequenceTest{sequence, alpha, sides},
		BoundsTest{bounds, sides}, CredibleTest{NormalPrior{0, 2}, alpha, sides},
	}).Draw(t, "procedure")
}

// Sample size, detectable effect and power are one relation solved for each of its parts.
func TestPlansSolveOneRelation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		design := MeanDesign{
			Procedure: somePlannedTest(t), SDControl: 1, SDVariant: 1,
			Ratio: rapid.Float64Range(0.2, 5).Draw(t, "ratio"), Correlation: rapid.Float64Range(0, 0.9).Draw(t, "rho"),
		}
		effect, power := rapid.Float64Range(0.01, 0.3).Draw(t, "effect"), rapid.Float64Range(0.4, 0.99).Draw(t, "power")
		sized, err := design.SampleSize(effect, power)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "the power of the sample", sized.Power, power, 1e-9)
		detectable, err := design.MDE(sized.Control, power)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "the effect it detects", detectable.Effect, effect, 1e-6*effect)
	})
}

func TestProportionPlansSolveOneRelation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		design := ProportionDesign{
			Test:  rapid.SampledFrom([]ProportionTest{PooledNull, Unpooled, Arcsine}).Draw(t, "test"),
			Alpha: anAlpha.Draw(t, "alpha"), Sides: drawSides(t), Ratio: rapid.Float64Range(0.2, 5).Draw(t, "ratio"),
		}
		control, rise := rapid.Float64Range(0.01, 0.6).Draw(t, "control"), rapid.Float64Range(0.01, 0.3).Draw(t, "rise")
		power := rapid.Float64Range(0.4, 0.99).Draw(t, "power")
		sized, err := design.SampleSize(control, control+rise, power)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "the power of the sample", sized.Power, power, 1e-9)
		if sized.Control < 1 {
			return
		}
		detectable, err := design.MDE(sized.Control, control, power)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "the rise it detects", detectable.Effect, rise, 1e-6)
	})
}

// The power of a t-test against gonum's noncentral t, which is right to 1e-8 where degrees of freedom are few.
func TestPowerOfTTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, z := rapid.Float64Range(2, 200).Draw(t, "n"), rapid.Float64Range(0, 6).Draw(t, "effect in standard errors")
		df := 2*n - 2
		noncentral := distuv.NoncentralT{Nu: df, Mu: z}
		critical := studentUpperQuantile(0.025, df)
		want := 1 - noncentral.CDF(critical) + noncentral.CDF(-critical)
		within(t, "power", TTest{Alpha: 0.05}.power(Effect{z, 1}, armUnits{n, n}), want, 1e-7)
	})
}

// CUPED saves the share of units that it takes from the variance, and a sequence costs the square of its radius.
func TestWhatMethodsCost(t *testing.T) {
	plain, err := aMeanDesign.SampleSize(0.05, 0.8)
	if err != nil {
		t.Fatal(err)
	}
	withCovariate := aMeanDesign
	withCovariate.Correlation = 0.6
	adjusted, err := withCovariate.SampleSize(0.05, 0.8)
	if err != nil {
		t.Fatal(err)
	}
	if ratio := adjusted.Control / plain.Control; math.Abs(ratio-(1-0.36)) > 1e-9 {
		t.Errorf("CUPED takes %v of the units, want 0.64", ratio)
	}
	watched, err := withProcedure(SequenceTest{aSequence, 0.05, TwoSided}).SampleSize(0.05, 0.8)
	if err != nil {
		t.Fatal(err)
	}
	z := normalUpperQuantile(0.025) + normalQuantile(0.8)
	radius := aSequence.Radius(watched.Control+watched.Variant, 0.05, TwoSided) + normalQuantile(0.8)
	if ratio := watched.Control / plain.Control; math.Abs(ratio-radius*radius/z/z) > 1e-4 { // both leave out the far tail
		t.Errorf("watching takes %v of the units, want %v", ratio, radius*radius/z/z)
	}
}

// Half of the way in information is half of the units, and the effect that is detectable now is the plan's at these units.
func TestProgressOfAnExperiment(t *testing.T) {
	est := must(FixedTest{Alpha: 0.05}.Estimate(Effect{0.01, 0.02}, math.Inf(1)))
	progress := must(Progress(est.HalfWidth()*math.Sqrt(0.5), est))
	if days := must(DaysLeft(progress, 7000, 1000)); math.Abs(progress-0.5) > 1e-12 || days != 7 {
		t.Errorf("progress %v and %d days left, want 0.5 and 7", progress, days)
	}
	n := 5000.0
	planned := must(aMeanDesign.MDE(n, 0.8))
	if now := must(DetectableEffect(math.Sqrt(2/n), 0.05, 0.8, TwoSided)); math.Abs(now-planned.Effect) > 1e-5*now {
		t.Errorf("detectable now %v, planned %v", now, planned.Effect)
	}
}
