package stats

import "math"

// A FixedTest is the classical test and interval of a sample whose size was settled beforehand. Looking at it again and again
// while data come in, and stopping at the first significant look, breaks its α: use a sequential method for that.
type FixedTest struct {
	Reference Reference
	// Null is the value tested against: 0 for "no effect".
	Null float64
	// Alpha is the level of the test, and 1−Alpha that of the interval.
	Alpha float64
	Sides Sides
}

// A Reference says how a difference's variance comes from those of two arms, and which distribution it is referred to.
type Reference uint8

const (
	// Welch: own variances, t with Satterthwaite's degrees of freedom (Welch 1947). The default: it costs nothing when variances
	// are equal.
	Welch Reference = iota
	// Student: one variance pooled over both arms, t with n−2. Only where the variances are known to be equal.
	Student
	// Normal: own variances, normal. For large samples, and for estimates whose degrees of freedom are unknown.
	Normal
)

// references give the variance of the difference of two arms and its degrees of freedom.
var references = [...]func(control, variant Arm) (variance, df float64){
	Welch:   func(c, v Arm) (float64, float64) { return c.Variance + v.Variance, welchDF(c, v) },
	Student: pooledVariance,
	Normal:  func(c, v Arm) (float64, float64) { return c.Variance + v.Variance, math.Inf(1) },
}

// welchDF is Satterthwaite's (1946) number of degrees of freedom, in shares so that no scale over- or underflows.
func welchDF(control, variant Arm) float64 {
	share := control.Variance / (control.Variance + variant.Variance)
	return 1 / (share*share/control.df() + (1-share)*(1-share)/variant.df())
}

func pooledVariance(control, variant Arm) (variance, df float64) {
	nc, nv := float64(control.N), float64(variant.N)
	df = nc + nv - 2
	pooled := ((nc-1)*nc*control.Variance + (nv-1)*nv*variant.Variance) / df
	return pooled * (1/nc + 1/nv), df
}

// Difference is variant − control, adjusted for covariates where the arms are. Where both arms are without variance there is a
// value and the error ZeroVariance.
func (t FixedTest) Difference(control, variant Arm) (Estimate, error) {
	if err := firstError(t.check(), checkComparable(control, variant)); err != nil {
		return valueBeside(control, variant, err)
	}
	variance, df := references[t.Reference](control, variant)
	return t.Estimate(Effect{variant.Adjusted - control.Adjusted, math.Sqrt(variance)}, df)
}

// Estimate refers an effect to t with df degrees of freedom, or to the normal where df is +Inf. The value stands also beside an
// error about its spread.
func (t FixedTest) Estimate(e Effect, df float64) (Estimate, error) {
	est := Estimate{Value: e.Value, SE: e.SE}
	if err := firstError(t.check(), e.check(), checkDF(df)); err != nil {
		return est, err
	}
	return t.within(e, df, t.radius(df)), nil
}

// within is Estimate for a radius already known: an effect and its lift share one.
func (t FixedTest) within(e Effect, df, radius float64) Estimate {
	stat := (e.Value - t.Null) / e.SE
	p := t.Sides.tails() * studentSurvival(t.Sides.towards(stat), df)
	return Estimate{
		Value: e.Value, SE: e.SE, DF: df, Method: Fixed,
		Interval: e.around(radius, t.Sides),
		Test:     Test{Statistic: stat, P: math.Min(1, p), Defined: true},
	}
}

// radius is the half-width of the interval in standard errors.
func (t FixedTest) radius(df float64) float64 {
	return studentUpperQuantile(t.Alpha/t.Sides.tails(), df)
}

func (t FixedTest) check() error {
	if int(t.Reference) >= len(references) {
		return undefined(InvalidInput, "there is no reference %d; choose Welch, Student or Normal", t.Reference)
	}
	return firstError(checkLevel(t.Alpha, t.Sides), checkFinite("the null", t.Null))
}

func checkLevel(alpha float64, sides Sides) error {
	if sides > Less {
		return undefined(InvalidInput, "there is no side %d; choose TwoSided, Greater or Less", sides)
	}
	if sides != TwoSided && alpha >= 0.5 {
		return undefined(InvalidInput, "alpha is %v; a one-sided interval holds its estimate only below 0.5", alpha)
	}
	return checkAlpha(alpha)
}

// leastDF is well below the one degree of freedom that two units have; with fewer still, quantiles leave float64.
const leastDF = 0.1

func checkDF(df float64) error {
	if !(df >= leastDF) {
		return undefined(InsufficientData, "%v degrees of freedom; a t distribution needs at least %v", df, leastDF)
	}
	return nil
}
