package stats

import "math"

// An AnytimeRegression is the anytime-valid t-test of a coefficient of a linear model (Lindon, Ham, Tingley and Bojinov 2022,
// section 3): ConfidenceSequence for small samples and classical standard errors. With robust standard errors it is a heuristic.
type AnytimeRegression struct {
	// G > 0 is the precision of the mixing distribution in rows; it plays the part of ConfidenceSequence.Nu.
	G float64
}

// At is the test of a coefficient of a model with the given number of coefficients, the intercept among them, fitted to rows. The
// reference is t with rows − coefficients degrees of freedom; the interval is the whole line while there are too few rows.
func (a AnytimeRegression) At(coefficient Effect, rows, coefficients int64, alpha float64) (Estimate, error) {
	if err := firstError(coefficient.check(), a.check(rows, coefficients), checkAlpha(alpha)); err != nil {
		return Estimate{}, err
	}
	df, radius := float64(rows-coefficients), a.Radius(rows, coefficients, alpha)
	est := Estimate{
		Value: coefficient.Value, SE: coefficient.SE, DF: df, Method: Sequential,
		Interval: coefficient.around(radius, TwoSided),
		Test:     evidence(mixtureOf(a.G, float64(rows)).studentLogE(coefficient.z(), df)),
	}
	if math.IsInf(radius, 1) {
		est.Warnings = append(est.Warnings, Warning{"unbounded_interval",
			"too few rows for an interval at this level: collect more, or choose a smaller G"})
	}
	return est, nil
}

// Radius is the half-width of the interval in standard errors, +Inf while there are too few rows for one.
func (a AnytimeRegression) Radius(rows, coefficients int64, alpha float64) float64 {
	return mixtureOf(a.G, float64(rows)).studentRadius(float64(rows-coefficients), alpha)
}

func (a AnytimeRegression) check(rows, coefficients int64) error {
	if coefficients < 1 || rows <= coefficients {
		return undefined(InsufficientData, "%d rows for %d coefficients leave no degrees of freedom", rows, coefficients)
	}
	return checkPositive("g", a.G)
}

// studentLogE is the log of the averaged ratio of t densities at t; for large df it is logE.
func (m normalMixture) studentLogE(t, df float64) float64 {
	return (math.Log(m.noise) + (df+1)*math.Log1p(m.signal/(df/(t*t)+m.noise))) / 2
}

// studentRadius is the t at which studentLogE reaches −ln α, infinite where no t does.
func (m normalMixture) studentRadius(df, alpha float64) float64 {
	shortfall := math.Expm1((math.Log(m.noise) + 2*math.Log(alpha)) / (df + 1))
	excess := m.signal + shortfall
	if excess <= 0 {
		return math.Inf(1)
	}
	return math.Sqrt(df * -shortfall / excess)
}
