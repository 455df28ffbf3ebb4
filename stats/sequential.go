package stats

import "math"

// A ConfidenceSequence is the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024, Theorem
// 2.2): intervals that hold at every look at once, however often and for whatever reason one looks. Use it where an experiment is
// watched while it runs. It is valid for large samples, and wider than a fixed interval at any single look.
type ConfidenceSequence struct {
	// Nu is ν = 1/ρ² in units of the experiment: the sample that the mixing distribution is worth. See Tuned.
	Nu float64
}

// Tuned is the sequence that is about as tight as it can be at the given number of units, both arms together, for a test of the
// given level: ν = N*/(−2 ln α + ln(1 − 2 ln α)) (eq. 10). A one-sided sequence is tuned at 2α. A level that is corrected for
// many tests belongs in At, not here: the sequence is part of a protocol and must not move with the number of metrics.
func Tuned(units, alpha float64, sides Sides) (ConfidenceSequence, error) {
	log, err := tuningLevel(units, alpha, sides)
	return ConfidenceSequence{Nu: units / (log + math.Log1p(log))}, err
}

// TunedExactly is Tuned by the exact optimum, ν = N*/(−W₋₁(−α²/e) − 1) with Lambert's W (eq. 9). It is within a few percent of
// Tuned, which is the form most platforms use.
func TunedExactly(units, alpha float64, sides Sides) (ConfidenceSequence, error) {
	log, err := tuningLevel(units, alpha, sides)
	return ConfidenceSequence{Nu: units / minusLambertMinusOne(log)}, err
}

// tuningLevel is −2 ln α, α doubled where the sequence is one-sided.
func tuningLevel(units, alpha float64, sides Sides) (float64, error) {
	if err := firstError(checkPositive("the number of units to tune for", units), checkAlpha(alpha)); err != nil {
		return 1, err
	}
	level := alpha * 2 / sides.tails()
	if level >= 1 {
		return 1, undefined(InvalidInput, "alpha is %v; a one-sided sequence needs less than 0.5", alpha)
	}
	return -2 * math.Log(level), nil
}

// minusLambertMinusOne is y = −W₋₁(−e^(−1−log)) − 1 > 0, the solution of y − ln(1+y) = log, by Newton's method, which converges
// from the right because the left side is convex.
func minusLambertMinusOne(log float64) float64 {
	y := log + math.Sqrt(2*log)
	for range 100 {
		step := (y - math.Log1p(y) - log) * (1 + y) / y
		y -= step
		if math.Abs(step) <= 1e-15*y {
			break
		}
	}
	return y
}

// At is the sequence's answer at one look: an effect estimated from n units of both arms together. The interval and the test hold
// at level alpha over all looks; Test.Statistic is the log of the evidence against no effect and P = exp(−Statistic), at most 1,
// is this look's always-valid p-value.
func (s ConfidenceSequence) At(e Effect, n int64, alpha float64, sides Sides) (Estimate, error) {
	if err := firstError(e.check(), s.check(n), checkAlpha(alpha)); err != nil {
		return Estimate{}, err
	}
	m := mixtureOf(s.Nu, float64(n))
	est := Estimate{Value: e.Value, SE: e.SE, DF: math.Inf(1), Method: Sequential}
	if sides == TwoSided {
		est.Interval, est.Test = e.around(m.radius(alpha), sides), evidence(m.logE(e.z()))
	} else {
		est.Interval, est.Test = e.around(m.radiusOneSided(alpha), sides), evidence(m.logOneSided(sides.towards(e.z())))
	}
	if n < asymptoticUnits {
		est.Warnings = append(est.Warnings, Warning{"few_units",
			"the confidence sequence is valid for large samples; wait for at least 100 units before acting on it"})
	}
	return est, nil
}

// asymptoticUnits is the number of units below which the normal approximation behind a sequence is not to be trusted.
const asymptoticUnits = 100

func (s ConfidenceSequence) check(n int64) error {
	if n < 2 {
		return undefined(InsufficientData, "%d units; a difference of two arms needs at least 2", n)
	}
	return checkPositive("nu", s.Nu)
}

// EValue is the evidence against no effect in a two-sided sequence after n units: e-values of independent experiments multiply.
func (s ConfidenceSequence) EValue(e Effect, n int64) float64 {
	return math.Exp(mixtureOf(s.Nu, float64(n)).logE(e.z()))
}

// Rho2 is ρ² = 1/ν, the parameter in the paper's terms.
func (s ConfidenceSequence) Rho2() float64 { return 1 / s.Nu }

// Radius is the half-width of the interval in standard errors after n units of both arms together: what planning asks.
func (s ConfidenceSequence) Radius(n, alpha float64, sides Sides) float64 {
	m := mixtureOf(s.Nu, n)
	if sides == TwoSided {
		return m.radius(alpha)
	}
	return m.radiusOneSided(alpha)
}

// A Path is what a sequence of looks says, each test's P the smallest so far: an always-valid p-value never needs to be taken
// back.
type Path struct {
	Looks []Estimate
	// FirstRejection is the first look, counted from 1, whose p-value is at most α; 0 if there is none.
	FirstRejection int
}

// pathOf takes the running minimum of anytime-valid p-values.
func pathOf(looks []Estimate, alpha float64) Path {
	path := Path{Looks: looks}
	smallest := 1.0
	for i := range looks {
		smallest = min(smallest, looks[i].Test.P)
		looks[i].Test.P = smallest
		if path.FirstRejection == 0 && smallest <= alpha {
			path.FirstRejection = i + 1
		}
	}
	return path
}
