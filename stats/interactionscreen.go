package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// A ScreenedPair is one pair of experiments in a screen for interactions. A pair with an empty cell has no test and no part in
// the correction.
type ScreenedPair struct {
	Effect    Effect // the difference in differences
	Test      Test   // by the normal
	Corrected Corrected
}

// ScreenInteractions looks at all pairs of two-arm experiments that run at once, each by the four cells of the units in both, and
// holds the false discovery rate at alpha (Benjamini and Hochberg 1995).
func ScreenInteractions(pairs []Cells, alpha float64) ([]ScreenedPair, error) {
	screened, family := make([]ScreenedPair, len(pairs)), make([]Test, len(pairs))
	for i, cells := range pairs {
		answer, err := Interaction2x2(cells, alpha)
		if reason := reasonOf(err); reason == InvalidInput {
			return nil, err
		}
		if err == nil {
			effect := Effect{answer.Additive.Value, answer.Additive.SE}
			family[i] = Test{Statistic: effect.z(), P: answer.NormalP, Defined: true}
			screened[i] = ScreenedPair{Effect: effect, Test: family[i]}
		}
	}
	corrected, err := BenjaminiHochberg.Adjust(family, nil, alpha)
	if err != nil {
		return nil, err
	}
	for i := range screened {
		screened[i].Corrected = corrected[i]
	}
	return screened, nil
}

// CrossProducts are the sums over rows that a linear regression reads: X'X, X'y and y'y. They add up over partitions of the rows.
type CrossProducts struct {
	Rows int64
	XtX  [][]float64 // k×k
	XtY  []float64   // k
	YtY  float64
}

// Regress is ordinary least squares with classical standard errors: an estimate per column, t with rows − k degrees of freedom.
// Columns that repeat one another are an error; centre y first where its mean is large against its spread.
func (c CrossProducts) Regress(alpha float64) ([]Estimate, error) {
	k := len(c.XtY)
	if err := c.check(k); err != nil {
		return nil, err
	}
	beta, inverse, err := c.solve(k)
	if err != nil {
		return nil, err
	}
	df := float64(c.Rows - int64(k))
	residual := c.YtY - floats.Dot(beta, c.XtY)
	if !(residual > c.YtY/mostCondition) {
		return nil, undefined(IllConditioned, "the residual sum of squares has lost its digits; centre the outcome before summing")
	}
	estimates := make([]Estimate, k)
	for i := range estimates {
		coefficient := Effect{beta[i], math.Sqrt(residual / df * inverse.At(i, i))}
		if estimates[i], err = (FixedTest{Alpha: alpha}).Estimate(coefficient, df); err != nil {
			return nil, err
		}
	}
	return estimates, nil
}

// solve is (X'X)⁻¹X'y and (X'X)⁻¹.
func (c CrossProducts) solve(k int) ([]float64, *mat.SymDense, error) {
	gram := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			gram.SetSym(i, j, c.XtX[i][j])
		}
	}
	var factor mat.Cholesky
	if !factor.Factorize(gram) || factor.Cond() > mostCondition {
		return nil, nil, undefined(SingularCovariates, "columns of the regression repeat one another; drop one of them")
	}
	var beta mat.VecDense
	var inverse mat.SymDense
	if err := firstError(factor.SolveVecTo(&beta, mat.NewVecDense(k, c.XtY)), factor.InverseTo(&inverse)); err != nil {
		return nil, nil, undefined(SingularCovariates, "columns of the regression repeat one another: %v", err)
	}
	return beta.RawVector().Data, &inverse, nil
}

// mostCondition leaves four digits of a float64's sixteen.
const mostCondition = 1e12

func (c CrossProducts) check(k int) error {
	if k == 0 || len(c.XtX) != k {
		return undefined(InvalidInput, "%d rows of X'X for %d entries of X'y; give k×k and k", len(c.XtX), k)
	}
	if c.Rows <= int64(k) {
		return undefined(InsufficientData, "%d rows for %d columns leave no degrees of freedom", c.Rows, k)
	}
	for i, row := range c.XtX {
		if len(row) != k {
			return undefined(InvalidInput, "row %d of X'X has %d entries; give %d", i, len(row), k)
		}
		for _, x := range row {
			if err := checkFinite("an entry of X'X", x); err != nil {
				return err
			}
		}
		if err := checkFinite("an entry of X'y", c.XtY[i]); err != nil {
			return err
		}
	}
	return checkFinite("y'y", c.YtY)
}

// A JointScreen is a screen for interactions by one regression on all experiments at once.
type JointScreen struct {
	Coefficients []Estimate
	// Interactions are the corrected tests of the last coefficients, one per pair of experiments.
	Interactions []Corrected
}

// ScreenJointly regresses on the columns 1, T₁…T_E and TᵢTⱼ for i < j in lexicographic order, and holds the false discovery rate
// over the interactions at alpha. It spares each pair the noise of the other experiments.
func ScreenJointly(products CrossProducts, experiments int, alpha float64) (JointScreen, error) {
	if columns := 1 + experiments + experiments*(experiments-1)/2; experiments < 2 || columns != len(products.XtY) {
		return JointScreen{}, undefined(InvalidInput,
			"%d experiments and %d columns; give 1 + E + E(E−1)/2 columns for E ≥ 2 experiments",
			experiments, len(products.XtY))
	}
	coefficients, err := products.Regress(alpha)
	if err != nil {
		return JointScreen{}, err
	}
	var family []Test
	for _, c := range coefficients[1+experiments:] {
		family = append(family, c.Test)
	}
	corrected, err := BenjaminiHochberg.Adjust(family, nil, alpha)
	return JointScreen{Coefficients: coefficients, Interactions: corrected}, err
}
