package oracle

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// A member of the family of tests that are corrected together: its p-value and its share of α.
type member struct{ p, share float64 }

// A corrected test has its p-value after correction, and the α of its interval.
type corrected struct{ p, alpha float64 }

func (s statistics) correction() string {
	if s.Correction == nil {
		return "none"
	}
	return s.Correction.Method
}

// stepwise corrections leave intervals as they are, and decide by p-values.
func (s statistics) stepwise() bool {
	return !slices.Contains([]string{"none", "bonferroni", "sidak", "preferential_bonferroni"}, s.correction())
}

// gamma is the share of α that primary metrics have under preferential weights.
func (s statistics) gamma() float64 {
	if s.Correction == nil || s.Correction.Gamma == "" {
		return 0.5
	}
	gamma, err := strconv.ParseFloat(s.Correction.Gamma.String(), 64)
	if err != nil {
		panic(err)
	}
	return gamma
}

// correct adjusts a family at a level.
func (s statistics) correct(family []member, alpha float64) []corrected {
	m := float64(len(family))
	switch s.correction() {
	case "bonferroni":
		return single(family, func(x member) (float64, float64) { return m * x.p, alpha / m })
	case "sidak":
		return single(family, func(x member) (float64, float64) {
			return -math.Expm1(m * math.Log1p(-x.p)), -math.Expm1(math.Log1p(-alpha) / m)
		})
	case "preferential_bonferroni":
		return single(family, func(x member) (float64, float64) {
			if x.share == 0 {
				return 1, 0
			}
			return x.p / x.share, alpha * x.share
		})
	}
	var all []corrected
	for _, p := range s.ranked(family) {
		all = append(all, corrected{p, alpha})
	}
	return all
}

func single(family []member, of func(member) (p, alpha float64)) []corrected {
	var all []corrected
	for _, x := range family {
		p, alpha := of(x)
		all = append(all, corrected{math.Min(1, p), alpha})
	}
	return all
}

// ranked are the p-values of stepwise corrections: each from the p-values in their order, and monotone as these are.
func (s statistics) ranked(family []member) []float64 {
	order := make([]int, len(family))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(family[a].p, family[b].p) })
	var p []float64
	for _, i := range order {
		p = append(p, family[i].p)
	}
	adjusted := make([]float64, len(p))
	for rank, v := range s.monotone(p) {
		adjusted[order[rank]] = math.Min(1, v)
	}
	return adjusted
}

// monotone adjusts p-values that rise: step-down procedures by the greatest so far, step-up ones by the least to come.
func (s statistics) monotone(p []float64) []float64 {
	m := float64(len(p))
	left := func(k int) float64 { return m - float64(k) }
	place := func(k int) float64 { return float64(k + 1) }
	harmonic := 0.0
	for k := range p {
		harmonic += 1 / place(k)
	}
	switch s.correction() {
	case "holm":
		return greatestSoFar(p, func(k int) float64 { return left(k) * p[k] })
	case "holm_sidak":
		return greatestSoFar(p, func(k int) float64 { return -math.Expm1(left(k) * math.Log1p(-p[k])) })
	case "hochberg":
		return leastToCome(p, func(k int) float64 { return left(k) * p[k] })
	case "bh":
		return leastToCome(p, func(k int) float64 { return m / place(k) * p[k] })
	case "by":
		return leastToCome(p, func(k int) float64 { return harmonic * m / place(k) * p[k] })
	case "hommel":
		return hommel(p)
	}
	panic(s.correction())
}

func greatestSoFar(p []float64, of func(k int) float64) []float64 {
	adjusted, reached := make([]float64, len(p)), 0.0
	for k := range p {
		reached = math.Max(reached, of(k))
		adjusted[k] = reached
	}
	return adjusted
}

func leastToCome(p []float64, of func(k int) float64) []float64 {
	adjusted, reached := make([]float64, len(p)), math.Inf(1)
	for k := len(p) - 1; k >= 0; k-- {
		reached = math.Min(reached, of(k))
		adjusted[k] = reached
	}
	return adjusted
}

// hommel closes the family under Simes' test: a hypothesis goes when every subset that holds it does. Of the subsets of a size, all
// that matters of a test's fellows is that they may be those with the largest p-values.
func hommel(p []float64) []float64 {
	m := len(p)
	adjusted := make([]float64, m)
	for k := range p {
		for size := 1; size <= m; size++ {
			subset := slices.Clone(p[max(m-size, 0):])
			if k < m-size {
				subset[0] = p[k] // the largest others, and the test itself
			}
			slices.Sort(subset)
			least := math.Inf(1)
			for j, v := range subset {
				least = math.Min(least, float64(size)/float64(j+1)*v)
			}
			adjusted[k] = math.Max(adjusted[k], least)
		}
	}
	return adjusted
}
