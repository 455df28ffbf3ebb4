package stats

import (
	"math"
	"math/big"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/floats"
)

// Caps bound the values of a metric that a few units would otherwise decide. They are taken once, over all variants together or
// before the experiment, never per variant. An end without a cap is infinite.
type Caps struct{ Low, High float64 }

// NoCaps leaves values as they are.
var NoCaps = Caps{Low: math.Inf(-1), High: math.Inf(1)}

// A QuantileType is a definition of sample quantiles, by the numbers of Hyndman and Fan (1996).
type QuantileType uint8

const (
	// Discrete is type 1: the smallest value whose rank is at least p·n.
	Discrete QuantileType = 1
	// Continuous is type 7: linear between the order statistics about (n−1)p.
	Continuous QuantileType = 7
)

// CapsAt are the quantiles of the values at probabilities low and high; 0 and 1 leave an end uncapped. A probability stands for
// the shortest decimal that it is the nearest float64 to.
func CapsAt(values []float64, low, high float64, kind QuantileType) (Caps, error) {
	caps := NoCaps
	if !(low >= 0 && high <= 1 && low < high) {
		return caps, undefined(InvalidInput, "caps at %v and %v; give probabilities between 0 and 1 that rise", low, high)
	}
	if err := checkValues(values); err != nil {
		return caps, err
	}
	sorted := slices.Sorted(slices.Values(values))
	if low > 0 {
		caps.Low = sampleQuantile(sorted, low, kind)
	}
	if high < 1 {
		caps.High = sampleQuantile(sorted, high, kind)
	}
	return caps, nil
}

func checkValues(values []float64) error {
	if len(values) == 0 {
		return undefined(InsufficientData, "no values")
	}
	for _, x := range values {
		if err := checkFinite("a value", x); err != nil {
			return err
		}
	}
	return nil
}

// sampleQuantile of sorted values. Products p·n are taken to be whole when they are so but for the rounding of p.
func sampleQuantile(sorted []float64, p float64, kind QuantileType) float64 {
	const rounding = 1e-14
	n := float64(len(sorted))
	if kind == Discrete {
		rank := math.Ceil(p * n * (1 - rounding))
		return sorted[int(max(rank, 1))-1]
	}
	position := (n - 1) * p
	below := int(position)
	if below+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[below] + (position-float64(below))*(sorted[below+1]-sorted[below])
}

// NonZero are the values that are not 0: what caps of a metric that most units never touch are taken from.
func NonZero(values []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(values), func(x float64) bool { return x == 0 })
}

// A Winsorized sample has its values pulled in to the caps.
type Winsorized struct {
	Values                []float64
	CappedLow, CappedHigh int // values that were beyond
}

// Winsorize applies the caps.
func (c Caps) Winsorize(values []float64) Winsorized {
	w := Winsorized{Values: slices.Clone(values)}
	for i, x := range values {
		switch {
		case x < c.Low:
			w.Values[i], w.CappedLow = c.Low, w.CappedLow+1
		case x > c.High:
			w.Values[i], w.CappedHigh = c.High, w.CappedHigh+1
		}
	}
	return w
}

// TopShare is the share of the total that the largest fraction of the values hold, their number rounded up.
func TopShare(values []float64, fraction float64) (float64, error) {
	if err := checkValues(values); err != nil {
		return 0, err
	}
	if !(fraction > 0 && fraction <= 1) {
		return 0, undefined(InvalidInput, "the fraction is %v; give a share of the values, above 0 and at most 1", fraction)
	}
	sorted := slices.Sorted(slices.Values(values))
	total := floats.Sum(sorted)
	if !(total > 0) {
		return 0, undefined(ZeroDenominator, "the values add up to %v; a share needs a total above 0", total)
	}
	top := int(math.Ceil(fraction * float64(len(sorted))))
	return floats.Sum(sorted[len(sorted)-top:]) / total, nil
}

// HillIndex is the tail index α of a distribution whose upper tail falls like x^−α, from the k = max(2, ⌊√n⌋) largest values
// against the next one (Hill 1975). Below 2 the variance is infinite and no interval for the mean can be trusted.
func HillIndex(values []float64) (float64, error) {
	if err := checkValues(values); err != nil {
		return 0, err
	}
	sorted := slices.Sorted(slices.Values(values))
	k := max(2, int(math.Sqrt(float64(len(sorted)))))
	first := len(sorted) - k
	if first < 1 || !(sorted[first-1] > 0) {
		return 0, undefined(InsufficientData, "too few values above 0; the index needs %d", k+1)
	}
	sum := 0.0
	for _, x := range sorted[first:] {
		sum += math.Log1p(decimalDifference(x, sorted[first-1]) / sorted[first-1])
	}
	if sum == 0 {
		return 0, undefined(ZeroVariance, "the largest values are all equal; they have no tail")
	}
	return float64(k) / sum, nil
}

// decimalDifference is a − b of the shortest decimals that a and b are nearest to. Two prices of 1e9 are a cent apart to all
// digits as decimals, and to seven as float64.
func decimalDifference(a, b float64) float64 {
	difference, _ := new(big.Rat).Sub(shortestDecimal(a), shortestDecimal(b)).Float64()
	return difference
}

func shortestDecimal(x float64) *big.Rat {
	decimal, _ := new(big.Rat).SetString(strconv.FormatFloat(x, 'g', -1, 64))
	return decimal
}
