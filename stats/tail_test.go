package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

var someValues = rapid.SliceOfN(rapid.Float64Range(-100, 100), 1, 50)

// Capped values lie within the caps, their counts add up, and capping again changes nothing.
func TestWinsorizeIsDone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := someValues.Draw(t, "values")
		caps, err := CapsAt(values, 0.1, 0.9, rapid.SampledFrom([]QuantileType{Discrete, Continuous}).Draw(t, "kind"))
		if err != nil {
			t.Fatal(err)
		}
		capped := caps.Winsorize(values)
		changed := 0
		for i, x := range capped.Values {
			if x < caps.Low || x > caps.High {
				t.Fatalf("%v is beyond %+v", x, caps)
			}
			if x != values[i] {
				changed++
			}
		}
		again := caps.Winsorize(capped.Values)
		if changed != capped.CappedLow+capped.CappedHigh || again.CappedLow+again.CappedHigh != 0 {
			t.Fatalf("%d changed, %+v and then %+v", changed, capped, again)
		}
	})
}

// A rank that is whole in decimals is not pushed up by the rounding of its probability: 0.9·160 = 144.00000000000003.
func TestDiscreteQuantileOfWholeRanks(t *testing.T) {
	values := make([]float64, 160)
	for i := range values {
		values[i] = float64(i + 1)
	}
	for _, p := range []float64{0.1, 0.3, 0.7, 0.9} {
		caps, err := CapsAt(values, p, 1, Discrete)
		if err != nil {
			t.Fatal(err)
		}
		if want := math.Round(p * 160); caps.Low != want {
			t.Errorf("quantile %v is %v, want %v", p, caps.Low, want)
		}
	}
}

// Skewness knows neither where nor how wide values lie, only which way they lean.
func TestSkewnessHasNoUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-100, 100), 5, 50).Draw(t, "values")
		shape, err := CentralSumsOf(values).TailShape(0)
		if err != nil {
			t.Skip("all alike")
		}
		mirrored := make([]float64, len(values))
		for i, x := range values {
			mirrored[i] = 1e6 - 3*x
		}
		other, err := CentralSumsOf(mirrored).TailShape(0)
		if err != nil {
			t.Skip("all alike at 1e6")
		}
		within(t, "skewness", other.Skewness, -shape.Skewness, 1e-5*(1+math.Abs(shape.Skewness)))
		within(t, "kurtosis", other.ExcessKurtosis, shape.ExcessKurtosis, 1e-5*(3+math.Abs(shape.ExcessKurtosis)))
	})
}

// Weights of hashes spread evenly over [0, 1) have mean and variance 1, as Poisson(1) has.
func TestPoissonWeightsOfEvenHashes(t *testing.T) {
	const n = 1 << 20
	sum, squares := 0, 0
	for i := range n {
		weight, err := PoissonWeight((float64(i) + 0.5) / n)
		if err != nil {
			t.Fatal(err)
		}
		sum, squares = sum+weight, squares+weight*weight
	}
	if mean, second := float64(sum)/n, float64(squares)/n; math.Abs(mean-1) > 1e-5 || math.Abs(second-2) > 1e-4 {
		t.Errorf("mean %v and second moment %v, want 1 and 2", mean, second)
	}
}

// Thresholds are the distribution function of Poisson(1), and weights go up exactly there.
func TestPoissonThresholds(t *testing.T) {
	thresholds := PoissonThresholds()
	if thresholds[0] != math.Exp(-1) || thresholds[1] != 2*math.Exp(-1) {
		t.Errorf("thresholds begin %v", thresholds[:2])
	}
	for k, u := range thresholds[:10] {
		at, err := PoissonWeight(u)
		if err != nil {
			t.Fatal(err)
		}
		below, err := PoissonWeight(math.Nextafter(u, 0))
		if err != nil {
			t.Fatal(err)
		}
		if at != k+1 || below != k {
			t.Errorf("at threshold %d the weight is %d, below it %d", k, at, below)
		}
	}
}

// Replicates without a lift are left out and counted.
func TestBootstrapDropsWhatHasNoLift(t *testing.T) {
	b, err := BootstrapContrast(1, 2, []float64{1, 0, 1, 2}, []float64{2, 1, 3, 3}, LiftContrast, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	if b.Dropped != 1 || len(b.Warnings) != 2 || b.Value != 1 {
		t.Errorf("got %+v", b)
	}
}
