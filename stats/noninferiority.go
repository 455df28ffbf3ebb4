package stats

import "math"

// A NonInferiority is the answer on whether a variant is worse than the control by less than a margin. Its estimate has the good
// side up, an interval that is open there, and a test against the margin.
type NonInferiority struct {
	Estimate
	NonInferior bool // the test's p-value is below alpha
}

// A NonInferiorityTest asks whether the variant is worse by less than Margin > 0, one-sided at Alpha.
type NonInferiorityTest struct {
	Margin float64
	Good   Direction
	Alpha  float64
}

// Absolute takes the margin in the metric's unit: the estimate is of the difference of the arms.
func (t NonInferiorityTest) Absolute(control, variant Arm) (NonInferiority, error) {
	return t.against(control, variant, 1, -t.Margin)
}

// Relative takes the margin as a fraction of the control's mean, which must be above 0. The estimate is of variant − (1−margin)·
// control, 1+margin where lower is better, so that the control's own error counts (Schuirmann's ratio hypothesis made linear;
// Fieller 1954).
func (t NonInferiorityTest) Relative(control, variant Arm) (NonInferiority, error) {
	if !(control.Adjusted > 0) {
		return NonInferiority{}, undefined(ZeroDenominator,
			"the control is %v; a relative margin needs a control above 0, so give an absolute one", control.Adjusted)
	}
	return t.against(control, variant, 1-t.Good.good(t.Margin), 0)
}

// RelativePlugIn takes the margin as a fraction of the control's mean and that mean as known. It is for comparison with platforms
// that do so; Relative is right where the control's error is not negligible.
func (t NonInferiorityTest) RelativePlugIn(control, variant Arm) (NonInferiority, error) {
	return t.against(control, variant, 1, -t.Margin*math.Abs(control.Adjusted))
}

// against tests variant − scale·control, its good side up, to be above null.
func (t NonInferiorityTest) against(control, variant Arm, scale, null float64) (NonInferiority, error) {
	err := firstError(control.Undefined, variant.Undefined, checkPositive("the margin", t.Margin), t.Good.check())
	if err != nil {
		return NonInferiority{}, err
	}
	control.Adjusted, control.Variance = scale*control.Adjusted, scale*scale*control.Variance
	e, df := welch(control, variant)
	e.Value = t.Good.good(e.Value)
	est, err := FixedTest{Null: null, Alpha: t.Alpha, Sides: Greater}.Estimate(e, df)
	return NonInferiority{Estimate: est, NonInferior: err == nil && est.Test.P < t.Alpha}, err
}

// welch is variant − control with its degrees of freedom.
func welch(control, variant Arm) (Effect, float64) {
	variance, df := references[Welch](control, variant)
	return Effect{variant.Adjusted - control.Adjusted, math.Sqrt(variance)}, df
}

// An Equivalence is the answer on whether the arms differ by less than a margin either way.
type Equivalence struct {
	// Estimate is of variant − control, with the interval at 1−2α and the larger p-value of the two tests.
	Estimate
	AboveLower, BelowUpper Test // of the difference against −margin and +margin
	Equivalent             bool // both reject: the interval lies within the margins
}

// EquivalenceTest is two one-sided tests at alpha against ±margin, in the metric's unit (Schuirmann 1987).
func EquivalenceTest(control, variant Arm, margin, alpha float64) (Equivalence, error) {
	err := firstError(control.Undefined, variant.Undefined, checkPositive("the margin", margin))
	if err != nil {
		return Equivalence{}, err
	}
	e, df := welch(control, variant)
	lower, err := FixedTest{Null: -margin, Alpha: alpha, Sides: Greater}.Estimate(e, df)
	if err != nil {
		return Equivalence{}, err
	}
	upper, err := FixedTest{Null: margin, Alpha: alpha, Sides: Less}.Estimate(e, df)
	if err != nil {
		return Equivalence{}, err
	}
	both := Equivalence{Estimate: lower, AboveLower: lower.Test, BelowUpper: upper.Test}
	both.Interval.High = upper.Interval.High
	if upper.Test.P > lower.Test.P {
		both.Test = upper.Test
	}
	both.Equivalent = both.Test.P < alpha
	return both, nil
}
