package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

var (
	anAlpha = rapid.Float64Range(0.001, 0.2)
	someZ   = rapid.Float64Range(-8, 8)
	someN   = rapid.Int64Range(10, 1e7)
	someSE  = rapid.Float64Range(1e-4, 100)
)

// agrees: a test rejects no effect exactly where its interval leaves it out. On the boundary itself rounding decides.
func agrees(t *rapid.T, est Estimate, alpha float64) {
	if math.Abs(est.Test.P-alpha) < 1e-6*alpha {
		return
	}
	if rejects, excludes := est.Test.P <= alpha, !est.Interval.Contains(0); rejects != excludes {
		t.Fatalf("p-value %v at alpha %v, interval %v", est.Test.P, alpha, est.Interval)
	}
}

func TestWatchedTestsAgreeWithTheirIntervals(t *testing.T) {
	answers := map[string]func(t *rapid.T, e Effect, n int64, alpha float64, sides Sides) (Estimate, error){
		"sequence": func(t *rapid.T, e Effect, n int64, alpha float64, sides Sides) (Estimate, error) {
			return ConfidenceSequence{Nu: someSE.Draw(t, "nu")}.At(e, n, alpha, sides)
		},
		"mSPRT": func(t *rapid.T, e Effect, _ int64, alpha float64, _ Sides) (Estimate, error) {
			return MixtureSPRT{Tau2: someSE.Draw(t, "tau2")}.At(e, alpha)
		},
		"regression": func(t *rapid.T, e Effect, n int64, alpha float64, _ Sides) (Estimate, error) {
			return AnytimeRegression{G: someSE.Draw(t, "g")}.At(e, n, rapid.Int64Range(1, 9).Draw(t, "columns"), alpha)
		},
		"hybrid interim": func(t *rapid.T, e Effect, n int64, alpha float64, sides Sides) (Estimate, error) {
			return HybridTest{ConfidenceSequence{someSE.Draw(t, "nu")}}.Interim(e, n, alpha, sides)
		},
		"hybrid at end": func(t *rapid.T, e Effect, n int64, alpha float64, sides Sides) (Estimate, error) {
			return HybridTest{ConfidenceSequence{someSE.Draw(t, "nu")}}.AtEnd(e, n, float64(n-2), alpha, sides)
		},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				se, alpha := someSE.Draw(t, "se"), anAlpha.Draw(t, "alpha")
				est, err := answer(t, Effect{someZ.Draw(t, "z") * se, se}, someN.Draw(t, "n"), alpha, drawSides(t))
				if err != nil {
					t.Fatal(err)
				}
				agrees(t, est, alpha)
			})
		})
	}
}

// The exact tuning is the one that makes the interval narrowest at the units tuned for.
func TestTunedExactlyIsTightest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units, alpha := rapid.Float64Range(100, 1e6).Draw(t, "units"), anAlpha.Draw(t, "alpha")
		best, err := TunedExactly(units, alpha, TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		for _, factor := range []float64{0.9, 1.1} {
			other := ConfidenceSequence{Nu: best.Nu * factor}
			if other.Radius(units, alpha, TwoSided) < best.Radius(units, alpha, TwoSided) {
				t.Fatalf("nu %v is tighter than %v", other.Nu, best.Nu)
			}
		}
	})
}

// A sequence never tightens below the fixed interval, and a t reference is wider than the normal.
func TestWatchingHasAPrice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, alpha, nu := someN.Draw(t, "n"), anAlpha.Draw(t, "alpha"), someSE.Draw(t, "nu")
		sequence := ConfidenceSequence{Nu: nu}
		fixed := normalUpperQuantile(alpha / 2)
		if r := sequence.Radius(float64(n), alpha, TwoSided); r <= fixed {
			t.Fatalf("radius %v is below the fixed %v", r, fixed)
		}
		if z, student := sequence.Radius(float64(n), alpha, TwoSided), (AnytimeRegression{G: nu}).Radius(n, 2,
			alpha); student < z*(1-1e-9) {
			t.Fatalf("radius by t %v, by the normal %v", student, z)
		}
	})
}

// A hybrid's last look has the fixed interval of half its alpha, and p-values twice a fixed test's.
func TestHybridAtEndIsFixedAtHalfAlpha(t *testing.T) {
	e := Effect{0.02, 0.01}
	est, err := HybridTest{aSequence}.AtEnd(e, 20000, 19998, 0.05, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	fixed, err := FixedTest{Alpha: 0.025}.Estimate(e, 19998)
	if err != nil {
		t.Fatal(err)
	}
	if est.Interval != fixed.Interval || math.Abs(est.Test.P-2*fixed.Test.P) > 1e-15 || est.Method != Hybrid {
		t.Errorf("got %+v, want the interval and twice the p-value of %+v", est, fixed)
	}
}

// The p-values of a path never rise, and it rejects from the first look at or below alpha.
func TestPathTakesNothingBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		looks := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Effect {
			return Effect{someZ.Draw(t, "value"), rapid.Float64Range(0.1, 3).Draw(t, "se")}
		}), 1, 8).Draw(t, "looks")
		path, err := MixtureSPRT{Tau2: 1}.Path(looks, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		first := 0
		for i, look := range path.Looks {
			if i > 0 && look.Test.P > path.Looks[i-1].Test.P {
				t.Fatalf("p-values rise at look %d", i+1)
			}
			if first == 0 && look.Test.P <= 0.05 {
				first = i + 1
			}
		}
		if path.FirstRejection != first {
			t.Fatalf("first rejection %d, want %d", path.FirstRejection, first)
		}
	})
}
