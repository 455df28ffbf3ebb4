package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// An ANCOVA is the effect of treatment in the linear model y ~ 1 + T + x, one slope for both arms.
type ANCOVA struct {
	// Estimate has the classical standard error, which supposes one residual variance, with n−p−2 degrees of freedom.
	Estimate
	// SEUnequal allows the arms their own residual variances, as CUPED's does.
	SEUnequal float64
	Slopes    []float64
}

// RegressCommon fits the analysis of covariance from each arm's moments: quantity 0 on the covariates 1…p (Fisher 1932; Deng, Xu,
// Kohavi and Walker 2013 for its part in CUPED). The errors are InsufficientData where an arm has fewer than p+2 units and
// SingularCovariates where covariates repeat one another: see IndependentCovariates.
func RegressCommon(control, variant Moments, alpha float64) (ANCOVA, error) {
	if err := checkRegression(control, variant); err != nil {
		return ANCOVA{}, err
	}
	adj := CUPED(PooledWithin, control, variant)
	if len(adj.Dropped) > 0 {
		return ANCOVA{}, singular(adj.Dropped)
	}
	pooled, swept := NewMoments(0, len(control.Mean)), NewMoments(0, len(control.Mean))
	poolWithin(pooled, []Moments{control, variant})
	pooled.regress(swept)
	nc, nv := float64(control.N), float64(variant.N)
	withinDF := nc + nv - 2
	df := withinDF - float64(len(control.Mean)-1)
	residual := swept.Var(0) * withinDF / df
	apart := swept.leverage(difference(variant.Mean[1:], control.Mean[1:])) / withinDF
	c, v := adj.Arms[0], adj.Arms[1]
	est, err := FixedTest{Alpha: alpha}.Estimate(Effect{v.Adjusted - c.Adjusted, math.Sqrt(residual * (1/nc + 1/nv + apart))}, df)
	return ANCOVA{Estimate: est, SEUnequal: math.Sqrt(c.Variance + v.Variance), Slopes: adj.Slopes[0]}, err
}

// A LinFit is the average effect in the linear model y ~ 1 + T + x + T·x with covariates centred at the mean of both arms,
// which is two regressions, one an arm (Lin 2013). It needs no equal slopes and never loses to the unadjusted difference in
// large samples.
type LinFit struct {
	Effect           float64
	Control, Variant LinArm
	// SENeyman ignores that the covariates' means are random: what CUPED with own slopes reports.
	SENeyman float64
	// SEConditional holds the covariates fixed.
	SEConditional float64
	// SESuperpopulation adds to Neyman's what a new sample of units would vary (Negi and Wooldridge 2021).
	SESuperpopulation float64
	// SEClassical is that of the interacted model with one residual variance.
	SEClassical float64
}

// A LinArm is one arm's regression.
type LinArm struct {
	// Mean is the prediction at the covariate mean of both arms.
	Mean   float64
	Slopes []float64
	// ResidualVariance has n−p−1 degrees of freedom.
	ResidualVariance float64

	residualDF float64
	// spread is d'S⁻¹d of the distance d from the arm's covariate mean to that of both, S their sums of squares and products.
	spread float64
}

// RegressSeparately fits Lin's model from each arm's moments; errors as RegressCommon.
func RegressSeparately(control, variant Moments) (LinFit, error) {
	if err := checkRegression(control, variant); err != nil {
		return LinFit{}, err
	}
	both := MergeMoments(control, variant)
	c, err := linArm(control, both)
	if err != nil {
		return LinFit{}, err
	}
	v, err := linArm(variant, both)
	if err != nil {
		return LinFit{}, err
	}
	nc, nv := float64(control.N), float64(variant.N)
	vc, vv := c.ResidualVariance, v.ResidualVariance
	neyman := vc/nc + vv/nv
	apart, err := both.varianceOfSum(difference(v.Slopes, c.Slopes), 1)
	if err != nil {
		return LinFit{}, err
	}
	classical := (vc*c.residualDF + vv*v.residualDF) / (c.residualDF + v.residualDF)
	fit := LinFit{
		Effect: v.Mean - c.Mean, Control: c, Variant: v,
		SENeyman:          math.Sqrt(neyman),
		SEConditional:     math.Sqrt(neyman + vc*c.spread + vv*v.spread),
		SESuperpopulation: math.Sqrt(neyman + apart/(nc+nv)),
		SEClassical:       math.Sqrt(classical * (1/nc + 1/nv + c.spread + v.spread)),
	}
	return fit, checkFinite("the sum of all errors", fit.SEConditional+fit.SESuperpopulation+fit.SEClassical)
}

func linArm(m, both Moments) (LinArm, error) {
	swept := NewMoments(0, len(m.Mean))
	if dropped := m.regress(swept); len(dropped) > 0 {
		return LinArm{}, singular(dropped)
	}
	arm := LinArm{Mean: m.Mean[0], Slopes: swept.slopes(), residualDF: float64(m.N) - float64(len(m.Mean))}
	distance := difference(both.Mean[1:], m.Mean[1:])
	for j, slope := range arm.Slopes {
		arm.Mean += slope * distance[j]
	}
	df := float64(m.N - 1)
	arm.ResidualVariance = math.Max(0, swept.Var(0)) * df / arm.residualDF
	arm.spread = swept.leverage(distance) / df
	return arm, nil
}

func difference(a, b []float64) []float64 { return floats.SubTo(make([]float64, len(a)), a, b) }

// IndependentCovariates are the numbers, from 0, of the covariates that add something to those before them in every arm: what
// Moments.KeepCovariates takes to mend SingularCovariates.
func IndependentCovariates(variants ...Moments) []int {
	k := len(variants[0].Mean)
	swept := NewMoments(0, k)
	repeats := make([]bool, k)
	for _, m := range variants {
		for _, j := range m.regress(swept) {
			repeats[j] = true
		}
	}
	var kept []int
	for j := 1; j < k; j++ {
		if !repeats[j] {
			kept = append(kept, j-1)
		}
	}
	return kept
}

func checkRegression(arms ...Moments) error {
	for _, m := range arms {
		if m.N < int64(len(m.Mean))+1 {
			return undefined(InsufficientData, "%d units for %d covariates; an arm needs at least two more than covariates",
				m.N, len(m.Mean)-1)
		}
		if err := m.check(quantities(arms)); err != nil {
			return err
		}
	}
	return nil
}

func singular(dropped []int) error {
	return undefined(SingularCovariates,
		"quantities %v do not vary or repeat the covariates before them; leave them out (IndependentCovariates)", dropped)
}
