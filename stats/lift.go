package stats

import "math"

// A Lift is an effect as a fraction of the control's value as observed, (variant − control)/control, whose sign turns where the
// control is negative.
type Lift struct {
	Estimate
	// OverMagnitude is the effect over the absolute value of the control: it has the effect's sign.
	OverMagnitude float64
	// ControlCV is the coefficient of variation of the control's value.
	ControlCV float64
}

// unstableCV is the coefficient of variation of a control above which a symmetric interval for a lift is not to be trusted.
const unstableCV = 0.1

// Lift is the relative effect by the delta method, with the degrees of freedom of the difference. For adjusted arms the numerator
// is the adjusted effect, the denominator the control as observed, and their covariance is accounted for (Deng, Xu, Kohavi and
// Walker 2013; Deng, Knoblich and Lu 2018, section 3.1).
func (t FixedTest) Lift(control, variant Arm) (Lift, error) {
	if err := firstError(t.check(), checkComparable(control, variant), checkBaseline(control)); err != nil {
		return Lift{}, err
	}
	_, df := references[t.Reference](control, variant)
	e := liftEffect(control, variant)
	est, err := t.Estimate(e, df)
	lift := Lift{Estimate: est, OverMagnitude: math.Copysign(1, control.Value) * e.Value, ControlCV: control.CV()}
	if err == nil && lift.ControlCV > unstableCV {
		lift.Warnings = append(lift.Warnings, Warning{"unstable_control",
			"the control's value is within ten standard errors of 0: read the lift's interval with care, or use Fieller's"})
	}
	return lift, err
}

// LogLift is the same lift, its interval taken on the scale of ln(variant/control) and brought back: not symmetric, and never
// below −100%. SE and the test are those of the logarithm. It needs both values on one side of 0.
func (t FixedTest) LogLift(control, variant Arm) (Estimate, error) {
	lift, err := t.Lift(control, variant)
	if err != nil {
		return lift.Estimate, err
	}
	if !(lift.Value > -1) {
		return Estimate{Value: lift.Value},
			undefined(InvalidInput, "a lift of %v has no logarithm: both values must have one sign", lift.Value)
	}
	est, err := t.Estimate(Effect{math.Log1p(lift.Value), lift.SE / (1 + lift.Value)}, lift.DF)
	est.Value = lift.Value
	est.Interval = est.Interval.through(math.Expm1, est.Value)
	return est, err
}

// through is the interval under a function that rises; rounding may not part it from its estimate.
func (iv Interval) through(f func(float64) float64, estimate float64) Interval {
	iv.Low, iv.High = math.Min(f(iv.Low), estimate), math.Max(f(iv.High), estimate)
	return iv
}

// liftEffect is the lift and its standard error by the delta method over the adjusted effect D and the control's value m:
// (v_t + v_c − 2·D/m·cov(D, m) + D²/m²·u_c)/m², where cov(D, m) = −cov of the control's adjusted and observed values.
func liftEffect(control, variant Arm) Effect {
	m := control.Value
	lift := (variant.Adjusted - control.Adjusted) / m
	variance := variant.Variance + control.Variance + 2*lift*control.Covariance + lift*lift*control.UnadjustedVariance
	return Effect{lift, math.Sqrt(math.Max(0, variance)) / math.Abs(m)}
}

func checkBaseline(control Arm) error {
	if control.Value == 0 {
		return undefined(ZeroDenominator, "the control's value is 0: a lift over it does not exist; read the difference")
	}
	return nil
}
