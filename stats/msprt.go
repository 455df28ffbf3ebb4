package stats

import "math"

// A MixtureSPRT is the mixture sequential probability ratio test of Johari, Koomen, Pekelis and Walsh (2022, section 4): the
// effect is mixed over N(0, Tau2) on its own scale. It is the confidence sequence with a prior stated in the metric's unit rather
// than in units of the sample; it is sharpest where √Tau2 is about the effect one expects.
type MixtureSPRT struct{ Tau2 float64 }

// At is the test at one look. Test.Statistic is ln Λ and P = 1/Λ, at most 1.
func (m MixtureSPRT) At(e Effect, alpha float64) (Estimate, error) {
	if err := firstError(e.check(), checkPositive("tau2", m.Tau2), checkAlpha(alpha)); err != nil {
		return Estimate{}, err
	}
	mix := mixtureOf(e.SE*e.SE, m.Tau2)
	return Estimate{
		Value: e.Value, SE: e.SE, DF: math.Inf(1), Method: Sequential,
		Interval: e.around(mix.radius(alpha), TwoSided),
		Test:     evidence(mix.logE(e.z())),
	}, nil
}

// Path is the test over looks in the order they were taken. Intervals are each look's own; p-values are the smallest so far.
func (m MixtureSPRT) Path(looks []Effect, alpha float64) (Path, error) {
	estimates := make([]Estimate, len(looks))
	for i, look := range looks {
		est, err := m.At(look, alpha)
		if err != nil {
			return Path{}, err
		}
		estimates[i] = est
	}
	return pathOf(estimates, alpha), nil
}
