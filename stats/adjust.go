package stats

import (
	"math"
	"sort"
)

// Adjusted p-values, each list in the order of its input. Ranked ones are made monotone: going up, a step-down procedure's may
// not fall (Holm); coming down, a step-up procedure's may not rise (Hochberg, Benjamini–Hochberg).

// perShare is p over a share of α; a test without a share never rejects.
func perShare(p, shares []float64) []float64 {
	relative := make([]float64, len(p))
	for i := range p {
		relative[i] = math.Inf(1)
		if shares[i] > 0 {
			relative[i] = p[i] / shares[i]
		}
	}
	return relative
}

func adjustBonferroni(p, shares []float64) []float64 {
	adjusted := perShare(p, shares)
	for i := range adjusted {
		adjusted[i] = math.Min(1, adjusted[i])
	}
	return adjusted
}

func adjustSidak(p []float64) []float64 {
	adjusted := make([]float64, len(p))
	for i := range p {
		adjusted[i] = sidak(p[i], float64(len(p)))
	}
	return adjusted
}

// adjustHolm hands the share of each rejected test on to those that are left, in proportion to theirs.
func adjustHolm(p, shares []float64) []float64 {
	relative := perShare(p, shares)
	order, left := ascending(relative), 1.0
	return stepDown(order, func(rank int) float64 {
		i := order[rank]
		if shares[i] == 0 {
			return 1
		}
		adjusted := relative[i] * left
		left -= shares[i]
		return adjusted
	})
}

func adjustHolmSidak(p []float64) []float64 {
	order := ascending(p)
	return stepDown(order, func(rank int) float64 { return sidak(p[order[rank]], float64(len(p)-rank)) })
}

func adjustHochberg(p []float64) []float64 {
	order := ascending(p)
	return stepUp(order, func(rank int) float64 { return p[order[rank]] * float64(len(p)-rank) })
}

func adjustBenjaminiHochberg(p, shares []float64) []float64 {
	relative := perShare(p, shares)
	order := ascending(relative)
	return stepUp(order, func(rank int) float64 { return relative[order[rank]] / float64(rank+1) })
}

func adjustBenjaminiYekutieli(p []float64) []float64 {
	order, harmonic := ascending(p), 0.0
	for k := range p {
		harmonic += 1 / float64(k+1)
	}
	return stepUp(order, func(rank int) float64 {
		return p[order[rank]] * float64(len(p)) * harmonic / float64(rank+1)
	})
}

// adjustHommel closes Simes' test over all subsets of the family (Hommel 1988), by the algorithm of Wright (1992): among subsets
// of a size, the hardest to reject holds the test itself and the largest p-values.
func adjustHommel(p []float64) []float64 {
	order, m := ascending(p), len(p)
	hardest := make([]float64, m)
	for size := 1; size <= m; size++ {
		first := m - size
		others := math.Inf(1)
		for j := 2; j <= size; j++ {
			others = math.Min(others, float64(size)*p[order[first+j-1]]/float64(j))
		}
		for rank := range m {
			smallest := p[order[min(rank, first)]]
			hardest[rank] = math.Max(hardest[rank], math.Min(float64(size)*smallest, others))
		}
	}
	return stepDown(order, func(rank int) float64 { return hardest[rank] })
}

// ascending are the positions of x from its smallest value to its largest, ties in order.
func ascending(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return x[order[a]] < x[order[b]] })
	return order
}

// stepDown puts the values of the ranks back in place, none below the one before and none above 1.
func stepDown(order []int, value func(rank int) float64) []float64 {
	adjusted, largest := make([]float64, len(order)), 0.0
	for rank, i := range order {
		largest = math.Min(1, math.Max(largest, value(rank)))
		adjusted[i] = largest
	}
	return adjusted
}

// stepUp puts the values of the ranks back in place, none above the one after and none above 1.
func stepUp(order []int, value func(rank int) float64) []float64 {
	adjusted, smallest := make([]float64, len(order)), 1.0
	for rank := len(order) - 1; rank >= 0; rank-- {
		smallest = math.Min(smallest, value(rank))
		adjusted[order[rank]] = smallest
	}
	return adjusted
}
