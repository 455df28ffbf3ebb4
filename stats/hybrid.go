package stats

import "math"

// A HybridTest spends half of α on watching an experiment and half on the look that was planned from the start: one may stop
// early as under a confidence sequence, and at the planned end the interval is nearly as narrow as a fixed one. By the union
// bound the two together keep α.
type HybridTest struct{ Sequence ConfidenceSequence }

// Interim is the answer at any look before the planned end: the sequence at α/2, its p-value doubled so that it compares to α.
func (h HybridTest) Interim(e Effect, n int64, alpha float64, sides Sides) (Estimate, error) {
	est, err := h.Sequence.At(e, n, alpha/2, sides)
	if err := firstError(checkAlpha(alpha), err); err != nil {
		return Estimate{}, err
	}
	return halfOfAlpha(est), nil
}

// AtEnd is the answer on the data as of the planned end: the narrower of the sequence and the fixed interval, each at α/2. df is
// the fixed test's degrees of freedom, +Inf for the normal.
func (h HybridTest) AtEnd(e Effect, n int64, df, alpha float64, sides Sides) (Estimate, error) {
	sequential, err := h.Interim(e, n, alpha, sides)
	if err != nil {
		return Estimate{}, err
	}
	if err := checkDF(df); err != nil {
		return Estimate{}, err
	}
	radius := studentUpperQuantile(alpha/2/sides.tails(), df)
	if !(radius < h.Sequence.Radius(float64(n), alpha/2, sides)) {
		return sequential, nil
	}
	p := math.Min(1, sides.tails()*studentSurvival(sides.towards(e.z()), df))
	return halfOfAlpha(Estimate{
		Value: e.Value, SE: e.SE, DF: df,
		Interval: e.around(radius, sides),
		Test:     Test{Statistic: e.z(), P: p, Defined: true},
	}), nil
}

// halfOfAlpha turns an answer at α/2 into the hybrid's at α.
func halfOfAlpha(est Estimate) Estimate {
	est.Method = Hybrid
	est.Test.P = math.Min(1, 2*est.Test.P)
	return est
}
