package stats

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Cells are the arms of the units that were in two experiments at once: Cells[a][b] had variant a of the first and b of the
// second, 0 the control of each.
type Cells [][]Arm

// check: a full table of at least 2×2 arms, each with a variance, and not all of them 0.
func (c Cells) check() error {
	if len(c) < 2 || len(c[0]) < 2 {
		return undefined(InsufficientData, "a table of less than 2×2 cells has no interaction")
	}
	total := 0.0
	for a, row := range c {
		if len(row) != len(c[0]) {
			return undefined(InvalidInput, "row %d has %d cells and row 0 has %d; give one cell per pair of variants", a, len(row),
				len(c[0]))
		}
		for _, cell := range row {
			if cell.Undefined != nil {
				return cell.Undefined
			}
			total += cell.Variance
		}
	}
	if total == 0 {
		return undefined(ZeroVariance, "no cell varies, so no interaction can be tested")
	}
	return nil
}

// A WaldTest is a joint test of several contrasts.
type WaldTest struct {
	DF   int
	Test Test // Test.Statistic is χ²
}

// InteractionTest is the joint Wald test that the effect of one experiment is the same under every variant of the other, for k×m
// cells with their own variances (MacKinnon and White 1985, HC2): (k−1)(m−1) differences in differences.
func InteractionTest(cells Cells) (WaldTest, error) {
	if err := cells.check(); err != nil {
		return WaldTest{}, err
	}
	effects, covariance := cells.contrasts()
	var factor mat.Cholesky
	if !factor.Factorize(covariance) {
		return WaldTest{}, undefined(ZeroVariance, "too few cells vary for a joint test; merge variants whose metric is constant")
	}
	var solved mat.VecDense
	if err := factor.SolveVecTo(&solved, effects); err != nil {
		return WaldTest{}, undefined(IllConditioned, "the variances of the cells differ too much for a joint test: %v", err)
	}
	df := effects.Len()
	statistic := mat.Dot(effects, &solved)
	return WaldTest{DF: df, Test: Test{Statistic: statistic, P: chiSquareSurvival(statistic, float64(df)), Defined: true}}, nil
}

// contrasts are the differences in differences against the controls, and their covariances: cells are independent, so that two
// contrasts share the variances of the cells that they share.
func (c Cells) contrasts() (*mat.VecDense, *mat.SymDense) {
	k, m := len(c)-1, len(c[0])-1
	effects, covariance := mat.NewVecDense(k*m, nil), mat.NewSymDense(k*m, nil)
	for i := range k * m {
		a, b := i/m+1, i%m+1
		effects.SetVec(i, c[a][b].Adjusted-c[a][0].Adjusted-c[0][b].Adjusted+c[0][0].Adjusted)
		for j := i; j < k*m; j++ {
			shared := c[0][0].Variance
			if a == j/m+1 {
				shared += c[a][0].Variance
			}
			if b == j%m+1 {
				shared += c[0][b].Variance
			}
			if i == j {
				shared += c[a][b].Variance
			}
			covariance.SetSym(i, j, shared)
		}
	}
	return effects, covariance
}

// An Interaction is how two two-arm experiments act on one another.
type Interaction struct {
	// Additive is the difference in differences, with Welch–Satterthwaite degrees of freedom; NormalP is its test by the normal.
	Additive Estimate
	NormalP  float64
	// Multiplicative is the log of the ratio of ratios, zero where lifts multiply; its Test is undefined where a value is not above
	// 0, or so near it that its logarithm says nothing.
	Multiplicative Estimate
	// Marginal is the effect of the first experiment ignoring the second; AtControl and AtVariant are under each of its arms.
	Marginal, AtControl, AtVariant float64
}

// Interaction2x2 is the answer for two experiments of two arms each.
func Interaction2x2(cells Cells, alpha float64) (Interaction, error) {
	if err := cells.check(); err != nil {
		return Interaction{}, err
	}
	if len(cells) != 2 || len(cells[0]) != 2 {
		return Interaction{}, undefined(InvalidInput, "%d×%d cells; use InteractionTest for more than two arms", len(cells),
			len(cells[0]))
	}
	c00, c01, c10, c11 := cells[0][0], cells[0][1], cells[1][0], cells[1][1]
	result := Interaction{
		AtControl: c10.Adjusted - c00.Adjusted,
		AtVariant: c11.Adjusted - c01.Adjusted,
		Marginal:  pooledValue(c10, c11) - pooledValue(c00, c01),
	}
	effect, df := differenceInDifferences(c00, c01, c10, c11)
	var err error
	result.Additive, err = FixedTest{Alpha: alpha}.Estimate(effect, df)
	if err != nil {
		return Interaction{}, err
	}
	result.NormalP = math.Min(1, 2*normalSurvival(math.Abs(effect.z())))
	if math.Min(math.Min(c00.Adjusted, c01.Adjusted), math.Min(c10.Adjusted, c11.Adjusted)) > 0 {
		multiplicative, err := FixedTest{Alpha: alpha}.Estimate(ratioOfRatios(c00, c01, c10, c11), math.Inf(1))
		if err == nil {
			result.Multiplicative = multiplicative
		}
	}
	return result, nil
}

// differenceInDifferences has variance Σv and Satterthwaite's degrees of freedom (Σv)²/Σ v²/(n−1).
func differenceInDifferences(c00, c01, c10, c11 Arm) (Effect, float64) {
	variance, spread := 0.0, 0.0
	for _, cell := range []Arm{c00, c01, c10, c11} {
		variance += cell.Variance
	}
	for _, cell := range []Arm{c00, c01, c10, c11} {
		share := cell.Variance / variance
		spread += share * share / cell.df()
	}
	effect := Effect{c11.Adjusted - c10.Adjusted - c01.Adjusted + c00.Adjusted, math.Sqrt(variance)}
	return effect, 1 / spread
}

// ratioOfRatios is on the log scale, by the delta method.
func ratioOfRatios(c00, c01, c10, c11 Arm) Effect {
	variance := 0.0
	for _, cell := range []Arm{c00, c01, c10, c11} {
		variance += cell.Variance / (cell.Adjusted * cell.Adjusted)
	}
	log := math.Log(c11.Adjusted) - math.Log(c10.Adjusted) - math.Log(c01.Adjusted) + math.Log(c00.Adjusted)
	return Effect{log, math.Sqrt(variance)}
}

// pooledValue is of the units of two cells together.
func pooledValue(a, b Arm) float64 {
	share := float64(a.N) / float64(a.N+b.N)
	return share*a.Adjusted + (1-share)*b.Adjusted
}

// Independence is Pearson's χ² test that the two experiments' assignments are independent, by the counts of the cells. Where they
// are not, effects that ignore the other experiment mix the two.
func Independence(cells Cells) (WaldTest, error) {
	if len(cells) < 2 || len(cells[0]) < 2 {
		return WaldTest{}, undefined(InsufficientData, "a table of less than 2×2 cells has no dependence")
	}
	rows, columns, total := make([]float64, len(cells)), make([]float64, len(cells[0])), 0.0
	for a, row := range cells {
		if len(row) != len(columns) {
			return WaldTest{}, undefined(InvalidInput, "row %d has %d cells and row 0 has %d", a, len(row), len(columns))
		}
		for b, cell := range row {
			n := float64(cell.N)
			rows[a], columns[b], total = rows[a]+n, columns[b]+n, total+n
		}
	}
	statistic := 0.0
	for a, row := range cells {
		for b, cell := range row {
			expected := rows[a] * columns[b] / total
			if !(expected > 0) {
				return WaldTest{}, undefined(InsufficientData, "variant %d of the first or %d of the second experiment has no units", a, b)
			}
			statistic += (float64(cell.N) - expected) * (float64(cell.N) - expected) / expected
		}
	}
	df := (len(rows) - 1) * (len(columns) - 1)
	return WaldTest{DF: df, Test: Test{Statistic: statistic, P: chiSquareSurvival(statistic, float64(df)), Defined: true}}, nil
}
