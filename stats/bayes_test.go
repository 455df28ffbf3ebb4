package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func within(t *rapid.T, what string, got, want, tolerance float64) {
	if !(math.Abs(got-want) <= tolerance) {
		t.Fatalf("%s = %v, want %v", what, got, want)
	}
}

// What is gained less what is lost is the mean, whichever of the two distributions is the wider and however many the counts.
func TestBetaLossesBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Successes {
			trials := int64(math.Pow(10, rapid.Float64Range(0, 12).Draw(t, name)))
			return Successes{int64(rapid.Float64Range(0, 1).Draw(t, "share") * float64(trials)), trials}
		}
		prior, control, variant := BetaPrior{0.5, 0.5}, draw("control"), draw("variant")
		c, err := CompareBeta(prior, control, variant)
		if err != nil {
			t.Fatal(err)
		}
		swapped, err := CompareBeta(prior, variant, control)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "gain − loss", c.LossOfKeeping-c.LossOfShipping, c.MeanDifference, 1e-10*(c.LossOfKeeping+c.LossOfShipping)+1e-15)
		within(t, "the chance of the other", swapped.ChanceToWin, 1-c.ChanceToWin, 1e-12)
	})
}

// Proportions that are alike win half of the time, however rare their successes are.
func TestBetaOfRareSuccesses(t *testing.T) {
	for _, successes := range []int64{0, 1, 1000} {
		rare := Successes{successes, 1e12}
		c, err := CompareBeta(BetaPrior{0.5, 0.5}, rare, rare)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(c.ChanceToWin-0.5) > 1e-12 {
			t.Errorf("%d of 1e12 win with a chance of %v", successes, c.ChanceToWin)
		}
	}
}

// With the control all but known, the comparison is the variant's own distribution: Beta(a, 1) is below x with probability x^a.
func TestBetaAgainstAKnownControl(t *testing.T) {
	c, err := CompareBeta(BetaPrior{1, 1}, Successes{5e14, 1e15}, Successes{3, 3})
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 - math.Pow(0.5, 4); math.Abs(c.ChanceToWin-want) > 1e-7 {
		t.Errorf("chance %v, want %v", c.ChanceToWin, want)
	}
}

func BenchmarkCompareBeta(b *testing.B) {
	for b.Loop() {
		if _, err := CompareBeta(BetaPrior{1, 1}, Successes{5000, 100000}, Successes{520, 10000}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestChancesToBeBestAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		arms := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Posterior {
			return Posterior{rapid.Float64Range(-5, 5).Draw(t, "mean"), rapid.Float64Range(1e-3, 10).Draw(t, "sd")}
		}), 2, 6).Draw(t, "arms")
		chances, err := ChanceToBeBest(arms, HigherIsBetter)
		if err != nil {
			t.Fatal(err)
		}
		total := 0.0
		for _, c := range chances {
			total += c
		}
		within(t, "the sum", total, 1, 1e-9)
		if len(arms) == 2 {
			z := (arms[0].Mean - arms[1].Mean) / math.Hypot(arms[0].SD, arms[1].SD)
			within(t, "the chance of two arms", chances[0], normalCDF(z), 1e-10)
		}
	})
}

// A flat prior leaves the fixed interval, and a strong one leaves itself.
func TestPriorsAtTheirEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := Effect{someZ.Draw(t, "value"), someSE.Draw(t, "se")}
		flat, err := BayesianNormal(e, FlatPrior, 0.05, HigherIsBetter)
		if err != nil {
			t.Fatal(err)
		}
		fixed, err := FixedTest{Alpha: 0.05}.Estimate(e, math.Inf(1))
		if err != nil {
			t.Fatal(err)
		}
		within(t, "low end", flat.Interval.Low, fixed.Interval.Low, 1e-12*e.SE)
		within(t, "chance", flat.ChanceToWin, normalCDF(e.z()), 1e-15)
		strong, err := NormalPrior{0.3, 1e-9}.Posterior(e)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "mean", strong.Mean, 0.3, 1e-8)
		within(t, "loss of shipping − loss of keeping",
			flat.LossOfKeeping-flat.LossOfShipping, flat.Value, 1e-12*(math.Abs(flat.Value)+e.SE))
	})
}
