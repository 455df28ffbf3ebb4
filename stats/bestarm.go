package stats

import (
	"math"
	"slices"
)

// ChanceToBeBest is, for each of K ≥ 2 independent posteriors, the probability that its arm is the best of all: the integral of
// one density times the others' distribution functions, by Gauss–Legendre quadrature between the points where any of them turns.
func ChanceToBeBest(arms []Posterior, good Direction) ([]float64, error) {
	if err := checkArms(arms, good); err != nil {
		return nil, err
	}
	turned := make([]Posterior, len(arms))
	for k, arm := range arms {
		turned[k] = Posterior{Mean: good.good(arm.Mean), SD: arm.SD}
	}
	chances := make([]float64, len(arms))
	for k := range turned {
		chances[k] = chanceToBeHighest(turned, k)
	}
	return chances, nil
}

func checkArms(arms []Posterior, good Direction) error {
	if len(arms) < 2 {
		return undefined(InsufficientData, "%d arms; the best of them needs at least 2", len(arms))
	}
	for _, arm := range arms {
		if err := (Effect{arm.Mean, arm.SD}).check(); err != nil {
			return err
		}
	}
	return good.check()
}

// chanceToBeHighest is P(X_k is the largest).
func chanceToBeHighest(arms []Posterior, k int) float64 {
	const edge = 8.5 // standard deviations; beyond lies 1e-17
	low, high := arms[k].Mean-edge*arms[k].SD, arms[k].Mean+edge*arms[k].SD
	breaks := []float64{low, high}
	for _, arm := range arms {
		for _, z := range []float64{-edge, -5, -2.5, 0, 2.5, 5, edge} {
			if x := arm.Mean + z*arm.SD; low < x && x < high {
				breaks = append(breaks, x)
			}
		}
	}
	slices.Sort(breaks)
	chance := compositeNodes(breaks).sum(func(x float64) float64 {
		product := normalDensity((x-arms[k].Mean)/arms[k].SD) / arms[k].SD
		for j, arm := range arms {
			if j != k {
				product *= normalCDF((x - arm.Mean) / arm.SD)
			}
		}
		return product
	})
	return math.Min(1, chance)
}
