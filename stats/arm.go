package stats

import "math"

// An Arm is one variant's estimate of a metric, whatever the metric's kind: all that a comparison of two variants reads.
// Variances are of the estimates, so that s²/n and not s². Their errors are independent between arms.
type Arm struct {
	// N is the number of units.
	N int64
	// Clusters is the number of clusters that they were randomised in; 0 where units were, each by itself.
	Clusters int64
	// Value is the metric as observed.
	Value float64
	// Adjusted is the metric at the mean covariate of all variants; Value where there are no covariates.
	Adjusted float64
	// Variance is that of Adjusted, UnadjustedVariance that of Value, Covariance that of the two.
	Variance, UnadjustedVariance, Covariance float64
	// Undefined says why there is no variance, or no value either; nil where all is defined. A Value that is defined stays.
	Undefined error
}

// df is the degrees of freedom of the arm's variance.
func (a Arm) df() float64 {
	if a.Clusters > 0 {
		return float64(a.Clusters - 1)
	}
	return float64(a.N - 1)
}

// observed is an arm without covariates.
func observed(n int64, value, variance float64) Arm {
	arm := Arm{
		N: n, Value: value, Adjusted: value,
		Variance: variance, UnadjustedVariance: variance, Covariance: variance,
	}
	return arm.checked()
}

// undefinedArm has a value, where that is a number, and no error of it.
func undefinedArm(n int64, value float64, reason error) Arm {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		value = 0
	}
	return Arm{N: n, Value: value, Adjusted: value, Undefined: reason}
}

// checked is the arm, undefined where its numbers are none that data have.
func (a Arm) checked() Arm {
	if err := a.check(); err != nil {
		return undefinedArm(a.N, a.Value, err)
	}
	return a
}

func (a Arm) check() error {
	if a.Undefined != nil {
		return a.Undefined
	}
	for _, x := range [...]float64{a.Value, a.Adjusted, a.Covariance} {
		if err := checkFinite("an arm's value or covariance", x); err != nil {
			return err
		}
	}
	if !(a.Variance >= 0 && a.UnadjustedVariance >= 0) || math.IsInf(a.Variance+a.UnadjustedVariance, 1) {
		return undefined(InvalidInput, "an arm's variance is %v, unadjusted %v; a variance is finite and not negative",
			a.Variance, a.UnadjustedVariance)
	}
	return nil
}

// MeanArm is the mean of one quantity without covariates; also a proportion, with the sample variance of its zeros and ones.
func MeanArm(s Sample) Arm {
	if s.N < 2 {
		return undefinedArm(s.N, s.Mean, undefined(InsufficientData, "%d units; a variance needs at least 2", s.N))
	}
	return observed(s.N, s.Mean, s.Var/float64(s.N))
}

// AsAdjusted is the arm as if its adjusted value had been observed: a lift of it is over the adjusted control.
func (a Arm) AsAdjusted() Arm {
	return Arm{N: a.N, Clusters: a.Clusters, Value: a.Adjusted, Adjusted: a.Adjusted, Undefined: a.Undefined,
		Variance: a.Variance, UnadjustedVariance: a.Variance, Covariance: a.Variance}
}

// checkComparable refuses arms that are undefined, or that no estimator would have made.
func checkComparable(control, variant Arm) error { return firstError(control.check(), variant.check()) }

// valueBeside is the effect of arms that the given error keeps from a test: their values stand, unless they are what is wrong.
func valueBeside(control, variant Arm, err error) (Estimate, error) {
	if reasonOf(err) == InvalidInput {
		return Estimate{}, err
	}
	return Estimate{Value: variant.Adjusted - control.Adjusted}, err
}

// SE is the standard error of the adjusted value.
func (a Arm) SE() float64 { return math.Sqrt(a.Variance) }

// CV is the coefficient of variation of the value as observed: its standard error over its size.
func (a Arm) CV() float64 { return math.Sqrt(a.UnadjustedVariance) / math.Abs(a.Value) }

// VarianceReduction is the share of the variance of variant − control that the covariates took away: 0 without any, negative
// where they did harm. It is undefined where nothing varied before.
func VarianceReduction(control, variant Arm) (float64, error) {
	if err := checkComparable(control, variant); err != nil {
		return 0, err
	}
	before := control.UnadjustedVariance + variant.UnadjustedVariance
	if before == 0 {
		return 0, undefined(ZeroVariance, "neither arm varies, so that nothing can be reduced")
	}
	return 1 - (control.Variance+variant.Variance)/before, nil
}
