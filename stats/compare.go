package stats

import "math"

// An Inference is how a protocol draws conclusions. Fields that its method does not use are ignored.
type Inference struct {
	Method Method
	// Alpha is the level after any correction for many tests, and 1−Alpha that of the intervals.
	Alpha float64
	Sides Sides
	// Sequence is for Sequential and Hybrid, tuned by Tuned at the protocol's own level.
	Sequence ConfidenceSequence
	// Final says, for Hybrid, that the data are those of the planned end.
	Final bool
	// Groups and Bounds are for GroupSequential; the last of the bounds is the present look's.
	Groups GroupSequentialTest
	Bounds Bounds
	// Prior, on the lift over the control's magnitude, and Good, the side that is better, are for Bayesian.
	Prior NormalPrior
	Good  Direction
}

// A Comparison is what is known of a variant against the control.
type Comparison struct {
	// Effect is variant − control, adjusted where the arms are; the p-value belongs to it.
	Effect Estimate
	// Lift is the effect over the control's value as observed. NoLift says why there is none, and is nil where there is.
	Lift   Estimate
	NoLift error
	// Posterior is of the effect over the control's magnitude; under Bayesian only, where Effect and Lift are read from it.
	Posterior BayesianEstimate
}

// Compare holds a variant against the control: two arms of a metric of the given kind. Where the arms have values but no error,
// the effect has a value beside the error. It does not allocate where there is nothing to warn of.
func (in Inference) Compare(kind Kind, control, variant Arm) (Comparison, error) {
	compare, known := comparers[kind][in.Method]
	if !known {
		return Comparison{}, undefined(InvalidInput, "there is no method %q for this kind of metric", in.Method)
	}
	if err := firstError(checkLevel(in.Alpha, in.Sides), checkComparable(control, variant)); err != nil {
		est, err := valueBeside(control, variant, err)
		return Comparison{Effect: est}, err
	}
	if control.UnadjustedVariance+variant.UnadjustedVariance == 0 { // before adjustment, whose rounding could pass for variance
		est, err := valueBeside(control, variant,
			undefined(ZeroVariance, "neither arm varies, so nothing can be tested; look at the metric's values"))
		return Comparison{Effect: est}, err
	}
	if control.Variance+variant.Variance == 0 {
		est, err := valueBeside(control, variant, undefined(ZeroVariance,
			"covariates explain all of the values, so no error is left to test by; leave out the covariate that repeats the metric"))
		return Comparison{Effect: est}, err
	}
	return compare(in, control, variant)
}

// Level is what is known of an arm's value as observed, by the same method. There is none under Bayesian: a prior on lifts says
// nothing of it.
func (in Inference) Level(a Arm) (Estimate, error) {
	conclude, known := looks[in.Method]
	if !known {
		return Estimate{}, undefined(InvalidInput, "there is no method %q for the value of one arm", in.Method)
	}
	if err := firstError(checkLevel(in.Alpha, in.Sides), a.check()); err != nil {
		return Estimate{}, err
	}
	e := Effect{Value: a.Value, SE: math.Sqrt(a.UnadjustedVariance)}
	if e.SE == 0 {
		return in.certain(e, math.Inf(1)), nil
	}
	return conclude(in, e, float64(a.N-1), a.N)
}

// looks are the methods that conclude on an effect from its error alone.
var looks = map[Method]look{
	Fixed: Inference.fixed, Sequential: Inference.sequential, Hybrid: Inference.hybrid, GroupSequential: Inference.groupSequential,
}

// A comparer is one method for one kind of metric.
type comparer func(in Inference, control, variant Arm) (Comparison, error)

// comparers are the methods of each kind of metric. Means, ratios and functions differ in how an arm's variance came about, and
// are compared alike; quantiles have no degrees of freedom.
var comparers = map[Kind]map[Method]comparer{
	KindMean:     welchComparers,
	KindRatio:    welchComparers,
	KindFunction: welchComparers,
	KindQuantile: {
		Fixed:           frequentist(quantileDifference, Inference.fixed),
		Sequential:      frequentist(quantileDifference, Inference.sequential),
		Hybrid:          frequentist(quantileDifference, Inference.hybrid),
		GroupSequential: frequentist(quantileDifference, Inference.groupSequential),
		Bayesian:        compareBeliefs,
	},
}

var welchComparers = map[Method]comparer{
	Fixed:           frequentist(welch, Inference.fixed),
	Sequential:      frequentist(welch, Inference.sequential),
	Hybrid:          frequentist(welch, Inference.hybrid),
	GroupSequential: frequentist(welch, Inference.groupSequential),
	Bayesian:        compareBeliefs,
}

// quantileDifference is variant − control of two quantiles, whose degrees of freedom are unknown: the normal.
func quantileDifference(control, variant Arm) (Effect, float64) {
	return Effect{decimalDifference(variant.Value, control.Value), math.Sqrt(control.Variance + variant.Variance)}, math.Inf(1)
}

// A look is a method's answer on an effect with df degrees of freedom in n units of both arms.
type look func(in Inference, e Effect, df float64, n int64) (Estimate, error)

// frequentist concludes on the effect and on the lift in the same way.
func frequentist(difference func(control, variant Arm) (Effect, float64), conclude look) comparer {
	return func(in Inference, control, variant Arm) (Comparison, error) {
		effect, df := difference(control, variant)
		n := control.N + variant.N
		est, err := conclude(in, effect, df, n)
		result := Comparison{Effect: est, NoLift: checkLift(control)}
		if err != nil || result.NoLift != nil {
			return result, err
		}
		lift, ofLift := liftEffect(control, variant), in.ofLift(control)
		if lift.SE == 0 {
			result.Lift = ofLift.certain(lift, df)
			return result, nil
		}
		result.Lift, result.NoLift = conclude(ofLift, lift, df, n)
		return result, nil
	}
}

// certain is an estimate that nothing varies about to first order, as the lift is of a variant where every unit has 0: −1, whatever
// the control. Its interval reaches nowhere on the sides asked for, and it has no test.
func (in Inference) certain(e Effect, df float64) Estimate {
	return Estimate{Value: e.Value, DF: df, Interval: e.around(0, in.Sides), Method: in.Method}
}

// ofLift looks at the side of a lift that is the effect's: over a negative control their signs differ.
func (in Inference) ofLift(control Arm) Inference {
	if control.Value < 0 {
		in.Sides, in.Groups.Sides = in.Sides.mirrored(), in.Groups.Sides.mirrored()
	}
	return in
}

// nearZero is the number of its own standard errors within which a control's value is too near 0 to divide by.
const nearZero = 3

func checkLift(control Arm) error {
	if !(math.Abs(control.Value) > nearZero*math.Sqrt(control.UnadjustedVariance)) {
		return undefined(ZeroDenominator,
			"the control's value is within %d standard errors of 0, so there is no lift over it; read the effect in its unit",
			nearZero)
	}
	return nil
}

func (in Inference) fixed(e Effect, df float64, _ int64) (Estimate, error) {
	return FixedTest{Alpha: in.Alpha, Sides: in.Sides}.Estimate(e, df)
}

func (in Inference) sequential(e Effect, _ float64, n int64) (Estimate, error) {
	return in.Sequence.At(e, n, in.Alpha, in.Sides)
}

func (in Inference) hybrid(e Effect, df float64, n int64) (Estimate, error) {
	test := HybridTest{Sequence: in.Sequence}
	if in.Final {
		return test.AtEnd(e, n, df, in.Alpha, in.Sides)
	}
	return test.Interim(e, n, in.Alpha, in.Sides)
}

func (in Inference) groupSequential(e Effect, _ float64, _ int64) (Estimate, error) {
	return in.Groups.At(e, in.Bounds)
}

// compareBeliefs updates the prior by the effect over the control's magnitude, and reads the effect and the lift from the
// posterior: their scales differ by the control, taken as observed. They have credible intervals and no p-value.
func compareBeliefs(in Inference, control, variant Arm) (Comparison, error) {
	if err := checkLift(control); err != nil {
		return Comparison{NoLift: err}, err
	}
	relative := liftEffect(control, variant)
	sign := math.Copysign(1, control.Value)
	relative.Value *= sign
	posterior, err := BayesianNormal(relative, in.Prior, in.Alpha, in.Good)
	if err != nil {
		return Comparison{}, err
	}
	posterior.Interval = Effect{posterior.Value, posterior.SE}.around(normalUpperQuantile(in.Alpha/in.Sides.tails()), in.Sides)
	return Comparison{
		Effect:    posterior.scaled(math.Abs(control.Value)),
		Lift:      posterior.scaled(sign),
		Posterior: posterior,
	}, nil
}

// scaled is the estimate of a multiple of the quantity.
func (e Estimate) scaled(factor float64) Estimate {
	low, high := e.Interval.Low*factor, e.Interval.High*factor
	e.Value, e.SE = e.Value*factor, e.SE*math.Abs(factor)
	e.Interval.Low, e.Interval.High = math.Min(low, high), math.Max(low, high)
	return e
}
