package stats

import "math"

// A normalMixture is the one idea behind the anytime-valid normal methods: the likelihood ratio against "no effect", averaged
// over a normal prior for the effect, is a martingale under the null, and by Ville's inequality passes 1/α with probability at
// most α over all looks together (Robbins 1970). It depends on one number alone: the share of the variance of the estimate in
// the sum of that variance and the prior's. Both shares are kept, because 1 − share loses digits at either end.
type normalMixture struct {
	noise  float64 // share of the estimate's variance
	signal float64 // share of the prior's variance
}

// mixtureOf divides variance and prior, both positive, by their sum.
func mixtureOf(variance, prior float64) normalMixture {
	if variance < prior {
		r := variance / prior
		return normalMixture{noise: r / (1 + r), signal: 1 / (1 + r)}
	}
	r := prior / variance
	return normalMixture{noise: 1 / (1 + r), signal: r / (1 + r)}
}

// logE is the log of the averaged likelihood ratio at z standard errors.
func (m normalMixture) logE(z float64) float64 { return (math.Log(m.noise) + z*z*m.signal) / 2 }

// radius is the z at which the ratio reaches 1/α.
func (m normalMixture) radius(alpha float64) float64 {
	return math.Sqrt((-2*math.Log(alpha) - math.Log(m.noise)) / m.signal)
}

// logOneSided is −ln of the one-sided p-value at z standard errors towards the alternative: radiusOneSided solved for α.
func (m normalMixture) logOneSided(z float64) float64 {
	q := z * z * m.signal / 2
	if z <= 0 || q == 0 {
		return 0
	}
	return math.Max(0, math.Ln2+math.Log(m.noise)/2+q+log1mexp(q))
}

// radiusOneSided is the z of the one-sided boundary (Waudby-Smith et al. 2024, section 2.5).
func (m normalMixture) radiusOneSided(alpha float64) float64 {
	return math.Sqrt(2 / m.signal * math.Log1p(1/(2*alpha*math.Sqrt(m.noise))))
}

// log1mexp is ln(1 − e^−x) for x > 0.
func log1mexp(x float64) float64 {
	if x < math.Ln2 {
		return math.Log(-math.Expm1(-x))
	}
	return math.Log1p(-math.Exp(-x))
}

// evidence is a test whose p-value is exp(−logE), at most 1; its statistic is logE.
func evidence(logE float64) Test {
	return Test{Statistic: logE, P: math.Min(1, math.Exp(-logE)), Defined: true}
}
