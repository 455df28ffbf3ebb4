package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// A TailShape is what the third and fourth moments say of whether a normal approximation can be trusted.
type TailShape struct {
	Skewness       float64 // g₁ = (m₃/n)/(m₂/n)^1.5
	ExcessKurtosis float64 // g₂ = (m₄/n)/(m₂/n)² − 3
	// UnitsNeeded is the number of units per variant, 355·g₁², from which the error of either tail of a 95% interval for the mean
	// stays within a hundredth (Boos and Hughes-Oliver 2000; Kohavi et al. 2014, rule 7).
	UnitsNeeded float64
}

// TailShape is that of quantity i, whose third and fourth powers must have been summed about the mean: raw power sums lose their
// digits even sooner than sums of squares.
func (a CentralSums) TailShape(i int) (TailShape, error) {
	skewness, err := a.Skewness(i)
	if err != nil {
		return TailShape{}, err
	}
	if a.M4 == nil {
		return TailShape{}, undefined(InvalidInput, "the sums hold no fourth powers; sum them before asking for a kurtosis")
	}
	m2 := a.m2(i)
	return TailShape{
		Skewness:       skewness,
		ExcessKurtosis: float64(a.N)*a.M4[i]/m2/m2 - 3,
		UnitsNeeded:    UnitsForSkewness(skewness),
	}, nil
}

// UnitsForSkewness is TailShape.UnitsNeeded for a skewness known from elsewhere.
func UnitsForSkewness(skewness float64) float64 { return 355 * skewness * skewness }

// UnbiasedSkewness is G₁ = g₁√(n(n−1))/(n−2), for at least 3 units.
func UnbiasedSkewness(skewness float64, n int64) (float64, error) {
	if n < 3 {
		return 0, undefined(InsufficientData, "%d units; an unbiased skewness needs at least 3", n)
	}
	x := float64(n)
	return skewness * math.Sqrt(x*(x-1)) / (x - 2), nil
}

// CentralSumsOf are the sums of one quantity's raw values about their mean, third and fourth powers among them. Deviations are
// from the mean less what rounding left in it, so that values of 1e9 ± 1 keep their digits.
func CentralSumsOf(values []float64) CentralSums {
	deviations := slices.Clone(values)
	mean := stat.Mean(values, nil)
	floats.AddConst(-mean, deviations)
	left := stat.Mean(deviations, nil)
	a := CentralSums{N: int64(len(values)), Mean: []float64{mean + left}, Co: []float64{0}, M3: []float64{0}, M4: []float64{0}}
	for _, d := range deviations {
		d -= left
		a.Co[0] += d * d
		a.M3[0] += d * d * d
		a.M4[0] += d * d * d * d
	}
	return a
}
