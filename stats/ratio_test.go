package stats

import (
	"testing"

	"pgregory.net/rapid"
)

// The variance of a ratio does not depend on the R₀ that its residuals are taken about.
func TestRatioDoesNotDependOnItsResidual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t, 2, 3, 5)
		common := rapid.Float64Range(-2, 2).Draw(t, "R0")
		residuals := make([][]float64, len(rows))
		for i, r := range rows {
			residuals[i] = []float64{r[0], r[1], r[0] - common*r[1]}
		}
		plain, about := RatioArm(momentsOf(rows).PlainRatio()), RatioArm(momentsOf(residuals))
		closeTo(t, "ratio", about.Value, plain.Value, 1e-12)
		closeTo(t, "variance", about.Variance, plain.Variance, 1e-12)
	})
}

// At 1e9 ± 1 the residual keeps the digits that the numerator's variance has lost.
func TestRatioAtLargeMean(t *testing.T) {
	const level = 1e9
	var rows [][]float64
	for i := range 1000 {
		visits, noise := float64(1+i%5), float64(i%7)-3
		rows = append(rows, []float64{visits*level + noise, visits, noise})
	}
	arm := RatioArm(momentsOf(rows))
	noise := momentsOf(rows).Var(2)
	near(t, "variance", arm.Variance, noise/1000/9, 1e-3) // the mean denominator is 3, and noise nearly independent of it
}

// A rate of 1 in every unit has no error, also where the two sums of a unit were added up in another order.
func TestRatioOfSumsAddedInAnotherOrder(t *testing.T) {
	terms := []float64{0.1, 0.2, 0.3, 0.7}
	var rows [][]float64
	for i := range 20 {
		forth, back := 0.0, 0.0
		for k := range i%3 + 2 {
			forth += terms[k]
			back += terms[i%3+1-k]
		}
		rows = append(rows, []float64{forth, back, forth - back})
	}
	if arm := RatioArm(momentsOf(rows)); arm.Variance != 0 || arm.Undefined != nil {
		t.Errorf("variance %v (%v) of a ratio of %v, want 0", arm.Variance, arm.Undefined, arm.Value)
	}
}
