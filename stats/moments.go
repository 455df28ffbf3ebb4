package stats

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Moments are the first two moments of k quantities measured on each of n units of one arm: what a warehouse is asked for and
// all that leaves it. Quantities are addressed by position; an estimator's doc says which position holds what.
type Moments struct {
	// N is the number of units.
	N int64
	// Mean holds the k sample means.
	Mean []float64
	// Cov holds the sample covariances (divisor n−1) of the pairs i ≤ j, packed by rows: see PairIndex. A pair that nobody asked
	// for is NaN, so that reading it by mistake cannot pass for an answer.
	Cov []float64
}

// A Pair names the covariance of quantities I and J, I ≤ J; I = J is a variance.
type Pair struct{ I, J int }

// PairIndex is the position in Moments.Cov of the covariance of quantities i and j among k; the order of i and j is free.
func PairIndex(i, j, k int) int {
	if i > j {
		i, j = j, i
	}
	return i*k - i*(i-1)/2 + j - i
}

// NewMoments has room for k quantities, every covariance still unasked for (NaN).
func NewMoments(n int64, k int) Moments {
	m := Moments{N: n, Mean: make([]float64, k), Cov: make([]float64, k*(k+1)/2)}
	for i := range m.Cov {
		m.Cov[i] = math.NaN()
	}
	return m
}

// Var is the sample variance of quantity i.
func (m Moments) Var(i int) float64 { return m.Covar(i, i) }

// Covar is the sample covariance of quantities i and j.
func (m Moments) Covar(i, j int) float64 { return m.Cov[PairIndex(i, j, len(m.Mean))] }

// SetCovar stores the sample covariance of quantities i and j.
func (m Moments) SetCovar(i, j int, c float64) { m.Cov[PairIndex(i, j, len(m.Mean))] = c }

// Sample is quantity i alone.
func (m Moments) Sample(i int) Sample { return Sample{N: m.N, Mean: m.Mean[i], Var: m.Var(i)} }

// Select is the quantities at the given positions alone, in that order.
func (m Moments) Select(positions []int) Moments {
	out := NewMoments(m.N, len(positions))
	for a, i := range positions {
		out.Mean[a] = m.Mean[i]
		for b := a; b < len(positions); b++ {
			out.SetCovar(a, b, m.Covar(i, positions[b]))
		}
	}
	return out
}

// A Sample is one quantity measured on N units of an arm: its mean and its sample variance (divisor n−1, undefined for N < 2).
type Sample struct {
	N         int64
	Mean, Var float64
}

// SampleOf summarises raw values.
func SampleOf(values []float64) Sample {
	mean, variance := stat.MeanVariance(values, nil)
	return Sample{N: int64(len(values)), Mean: mean, Var: variance}
}

// MergeMoments adds up the moments of disjoint sets of the same arm's units, such as slices, days or shards (Chan, Golub and
// LeVeque 1983). Sets without units change nothing. A pair is NaN where a set of two or more units was not asked for it. All sets
// hold the same quantities.
func MergeMoments(parts ...Moments) Moments {
	var sum CentralSums
	for _, part := range parts {
		sum = sum.Merge(part.central())
	}
	return sum.Moments()
}

// central undoes the divisor. A single unit does not vary, whatever its undefined covariance was stored as.
func (m Moments) central() CentralSums {
	s := CentralSums{N: m.N, Mean: m.Mean, Co: make([]float64, len(m.Cov))}
	if m.N < 2 {
		return s
	}
	for i, c := range m.Cov {
		s.Co[i] = c * float64(m.N-1)
	}
	return s
}

// check refuses moments that no data could have: it looks at the given quantities and the pairs among them.
func (m Moments) check(arm string, quantities ...int) error {
	if m.N < 2 {
		return undefined(InsufficientData, "%s has %d units; a variance needs at least 2", arm, m.N)
	}
	for _, i := range quantities {
		if err := m.checkQuantity(arm, i); err != nil {
			return err
		}
		for _, j := range quantities {
			if bound := math.Sqrt(m.Var(i)) * math.Sqrt(m.Var(j)); !(math.Abs(m.Covar(i, j)) <= bound*(1+1e-6)) {
				return undefined(InvalidInput, "%s: the covariance of quantities %d and %d is %v, beyond what their variances allow (%v)",
					arm, i, j, m.Covar(i, j), bound)
			}
		}
	}
	return nil
}

func (m Moments) checkQuantity(arm string, i int) error {
	if mean := m.Mean[i]; math.IsNaN(mean) || math.IsInf(mean, 0) {
		return undefined(InvalidInput, "%s: the mean of quantity %d is %v; give a finite number", arm, i, mean)
	}
	if v := m.Var(i); !(v >= 0) || math.IsInf(v, 1) {
		return undefined(InvalidInput, "%s: the variance of quantity %d is %v; a variance is finite and not negative", arm, i, v)
	}
	return nil
}
