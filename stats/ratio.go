package stats

// A linearised ratio y/d is the per-unit variable (y − R·d)/d̄, whose mean's error is the ratio's to first order (Deng, Knoblich
// and Lu 2018, section 3.2). It is read from the residual e = y − R₀·d about any common R₀: the arm's own ratio is R₀ + δ with
// δ = ē/d̄, and y − R·d = e − δ·d exactly, without the cancellation of s²_y − 2R·s_yd + R²·s²_d.
type linearised struct {
	denominator, residual int // positions of d and e; the numerator's is before the denominator's
	mean                  float64
	delta                 float64
	ratio                 float64
}

// linearise reads the ratio whose numerator, denominator and residual begin at the given position.
func (m Moments) linearise(first int) (linearised, error) {
	mean := m.Mean[first+1]
	if mean == 0 {
		return linearised{}, undefined(ZeroDenominator, "the denominator is 0 over the whole arm: no unit had any")
	}
	return linearised{
			denominator: first + 1, residual: first + 2,
			mean: mean, delta: m.Mean[first+2] / mean, ratio: m.Mean[first] / mean,
		}, firstError(checkFinite("a ratio's numerator", m.Mean[first]), checkFinite("a ratio's denominator", mean),
			checkFinite("a ratio's residual", m.Mean[first+2]))
}

// varianceOf is the variance of one unit's linearised value, 0 where units differ by the rounding of their two sums alone: the same
// values added up in another order are another float64.
func (m Moments) varianceOf(a linearised) (float64, error) {
	const rounding = 1e-14 // of a unit's numerator
	v, err := leftover(m.Var(a.residual), a.delta*m.Covar(a.residual, a.denominator), a.delta*a.delta*m.Var(a.denominator))
	if v <= rounding*rounding*a.ratio*a.ratio*(m.Var(a.denominator)+a.mean*a.mean) {
		v = 0
	}
	return v / a.mean / a.mean, err
}

// covarianceOf is the covariance of one unit's two linearised values.
func (m Moments) covarianceOf(a, b linearised) float64 {
	cov := m.Covar(a.residual, b.residual) - b.delta*m.Covar(a.residual, b.denominator) -
		a.delta*m.Covar(a.denominator, b.residual) + a.delta*b.delta*m.Covar(a.denominator, b.denominator)
	return cov / a.mean / b.mean
}

// RatioArm is a ratio of two means without covariates, from moments shaped as KindRatio (see Moments.PlainRatio for
// others), with the delta method's variance (Deng, Knoblich and Lu 2018, eq. 4; Kohavi, Tang and Xu 2020, ch. 18).
func RatioArm(m Moments) Arm {
	arm, _, _ := ratioArm(m)
	return arm
}

var (
	ratioShape         = Shape{Kind: KindRatio}
	ratioPairs         = ratioShape.Pairs()
	adjustedRatioShape = Shape{Kind: KindRatio, Covariates: 1}
	adjustedRatioPairs = adjustedRatioShape.Pairs()
)

// ratioArm is RatioArm, together with the linearised ratio and its per-unit variance.
func ratioArm(m Moments) (Arm, linearised, float64) {
	if m.N < 1 || len(m.Mean) < 3 {
		return undefinedArm(m.N, 0, m.checkSize(ratioShape.Quantities())), linearised{}, 0
	}
	ratio, err := m.linearise(0)
	if err == nil {
		err = m.checkPairs(len(m.Mean), ratioPairs)
	}
	if err == nil {
		m, err = m.independent()
	}
	if err != nil {
		return undefinedArm(m.N, ratio.ratio, err), ratio, 0
	}
	variance, err := m.varianceOf(ratio)
	if err != nil {
		return undefinedArm(m.N, ratio.ratio, err), ratio, 0
	}
	arm := observed(m.N, ratio.ratio, variance/float64(m.N))
	arm.Clusters = m.clusters()
	return arm, ratio, variance
}

// RatioPooling says how a ratio's θ is estimated.
type RatioPooling uint8

const (
	// MinimalVariance: Σcov/n over Σvar/n, which minimises the variance of the adjusted effect. The default.
	MinimalVariance RatioPooling = iota
	// RatioPooledTotal: from all arms' units together, linearised on their common ratio.
	RatioPooledTotal
	// EqualWeight: Σcov over Σvar, every arm alike.
	EqualWeight
)

// RatioCUPED adjusts a ratio for the same ratio before the experiment, R − θ·(R_pre − R_pre of all arms), on the linearised scale
// (Deng, Xu, Kohavi and Walker 2013, appendix B; Deng, Knoblich and Lu 2018). Moments are shaped as KindRatio with a covariate. A
// covariate that does not vary has θ = 0. The error ZeroDenominator says that an arm had no denominator before.
func RatioCUPED(pooling RatioPooling, variants ...Moments) (Adjustment, error) {
	var adj Adjustment
	if int(pooling) >= len(ratioThetas) {
		return adj, undefined(InvalidInput, "there is no pooling %d of ratios; choose MinimalVariance", pooling)
	}
	theta, err := ratioThetas[pooling](variants)
	if err != nil {
		return adj, err
	}
	adj.Arms = appendAdjustedRatios(nil, variants, theta)
	for range variants {
		adj.Slopes = append(adj.Slopes, []float64{theta})
	}
	return adj, nil
}

// appendAdjustedRatios adjusts the arms to their common ratio before the experiment.
func appendAdjustedRatios(dst []Arm, variants []Moments, theta float64) []Arm {
	centre := ratioBefore(variants)
	for _, m := range variants {
		dst = append(dst, m.adjustedRatio(theta, centre))
	}
	return dst
}

// before is the position of the numerator of the ratio before the experiment.
const before = 3

// adjustedRatio is the arm moved by θ from its own ratio before to the centre's.
func (m Moments) adjustedRatio(theta, centre float64) Arm {
	arm, now, variance := ratioArm(m)
	if arm.Undefined != nil {
		return arm.moved(theta * (ratioBefore([]Moments{m}) - centre))
	}
	m, _ = m.independent() // it is defined where the arm is
	past, varBefore, err := m.past()
	if err != nil {
		return undefinedArm(m.N, arm.Value, err)
	}
	n, cov := float64(m.N), m.covarianceOf(now, past)
	if variance == 0 || varBefore == 0 {
		cov = 0 // what does not vary goes along with nothing: the rest is rounding
	}
	left, err := leftover(variance, theta*cov, theta*theta*varBefore)
	arm.Adjusted -= theta * (past.ratio - centre)
	arm.Variance, arm.Covariance, arm.Undefined = left/n, (variance-theta*cov)/n, err
	return arm.checked()
}

// past is the ratio before the experiment, linearised, and its per-unit variance.
func (m Moments) past() (linearised, float64, error) {
	if err := m.checkPast(); err != nil {
		return linearised{}, 0, err
	}
	past, err := m.linearise(before)
	if err != nil {
		return linearised{}, 0, err
	}
	variance, err := m.varianceOf(past)
	return past, variance, err
}

// checkPast is the check of a ratio's moments with those before the experiment.
func (m Moments) checkPast() error {
	return m.checkPairs(adjustedRatioShape.Quantities(), adjustedRatioPairs)
}

// ratioThetas are the estimators of θ.
var ratioThetas = [...]func([]Moments) (float64, error){
	MinimalVariance: func(variants []Moments) (float64, error) { return sharedTheta(variants, perUnit) },
	RatioPooledTotal: func(variants []Moments) (float64, error) {
		return sharedTheta([]Moments{MergeMoments(passing(variants, Moments.checkPast)...)}, alike)
	},
	EqualWeight: func(variants []Moments) (float64, error) { return sharedTheta(variants, alike) },
}

func perUnit(n float64) float64 { return 1 / n }
func alike(float64) float64     { return 1 }

// sharedTheta is Σ w·cov over Σ w·var of the linearised ratios now and before.
func sharedTheta(variants []Moments, weight func(n float64) float64) (float64, error) {
	cov, variance := 0.0, 0.0
	for _, m := range variants {
		arm, now, _ := ratioArm(m)
		if arm.Undefined != nil {
			continue
		}
		m, _ = m.independent()
		past, v, err := m.past()
		if err != nil {
			return 0, err
		}
		w := weight(float64(m.N))
		cov, variance = cov+w*m.covarianceOf(now, past), variance+w*v
	}
	if variance == 0 {
		return 0, nil
	}
	return cov / variance, nil
}

// ratioBefore is the ratio before the experiment over all units.
func ratioBefore(variants []Moments) float64 {
	numerator, denominator := 0.0, 0.0
	for _, m := range variants {
		if m.N > 0 && len(m.Mean) > before+1 {
			numerator += float64(m.N) * m.Mean[before]
			denominator += float64(m.N) * m.Mean[before+1]
		}
	}
	return numerator / denominator
}
