package stats

import "math"

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
