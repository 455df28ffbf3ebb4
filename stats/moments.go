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
	// Clusters are the same units by the clusters that were randomised, nil where each unit was by itself. They hold the same
	// quantities. Estimates are of units all the same; their errors are those of clusters.
	Clusters []ClusterGroup
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
func (m Moments) Select(positions ...int) Moments {
	out := NewMoments(m.N, len(positions))
	for a, i := range positions {
		out.Mean[a] = m.Mean[i]
		for b, j := range positions[:a+1] {
			out.SetCovar(a, b, m.Covar(i, j))
		}
	}
	for _, g := range m.Clusters {
		out.Clusters = append(out.Clusters, ClusterGroup{g.Size, g.Sums.Select(positions...)})
	}
	return out
}

// PlainRatio shapes moments of a numerator and a denominator, and perhaps of both before, as KindRatio: each numerator is its own
// residual (R₀ = 0). Prefer residuals from the data themselves where a ratio is large against its spread.
func (m Moments) PlainRatio() Moments {
	if len(m.Mean) == 2 {
		return m.Select(0, 1, 0)
	}
	return m.Select(0, 1, 0, 2, 3, 2)
}

// KeepCovariates is quantity 0 with the covariates of the given numbers alone; covariate 0 is quantity 1.
func (m Moments) KeepCovariates(kept []int) Moments {
	positions := []int{0}
	for _, covariate := range kept {
		positions = append(positions, covariate+1)
	}
	return m.Select(positions...)
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
// LeVeque 1983). Sets without units change nothing. A pair is NaN where a set of two or more units was not asked for it. Sets
// that hold units hold the same number of quantities; it panics where they do not.
func MergeMoments(parts ...Moments) Moments {
	var sum CentralSums
	for _, part := range parts {
		sum = sum.Merge(part.central())
	}
	merged := sum.Moments()
	merged.Clusters = mergeGroups(parts)
	return merged
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

// checkSize refuses moments without a variance, and those that do not hold k quantities.
func (m Moments) checkSize(k int) error {
	switch {
	case m.N < 2:
		return undefined(InsufficientData, "%d units; a variance needs at least 2", m.N)
	case len(m.Mean) != k || len(m.Cov) != k*(k+1)/2:
		return undefined(InvalidInput, "%d means and %d covariances; %d quantities have %d and %d",
			len(m.Mean), len(m.Cov), k, k, k*(k+1)/2)
	}
	return nil
}

// check refuses moments of k quantities that no data could have. It looks at every pair and mean.
func (m Moments) check(k int) error {
	if err := m.checkSize(k); err != nil {
		return err
	}
	for i := range k {
		for j := i; j < k; j++ {
			if err := m.checkPair(Pair{i, j}); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkPairs is check of the given pairs and the means of their quantities alone.
func (m Moments) checkPairs(k int, pairs []Pair) error {
	if err := m.checkSize(k); err != nil {
		return err
	}
	for _, p := range pairs {
		if err := m.checkPair(p); err != nil {
			return err
		}
	}
	return nil
}

// beyondCorrelation is how far a correlation may exceed 1 before it is not rounding.
const beyondCorrelation = 1e-6

func (m Moments) checkPair(p Pair) error {
	cov := m.Covar(p.I, p.J)
	if p.I == p.J {
		if !(cov >= 0) || math.IsInf(cov, 1) {
			return undefined(InvalidInput, "the variance of quantity %d is %v; a variance is finite and not negative", p.I, cov)
		}
		return checkFinite("the mean of a quantity", m.Mean[p.I])
	}
	if bound := math.Sqrt(m.Var(p.I)) * math.Sqrt(m.Var(p.J)); !(math.Abs(cov) <= bound*(1+beyondCorrelation)) {
		return undefined(InvalidInput, "the covariance of quantities %d and %d is %v, beyond what their variances allow (%v)",
			p.I, p.J, cov, bound)
	}
	return nil
}
