package stats

import "math"

// A FiellerSet is Fieller's confidence set for the ratio of two means: exact under normality at any baseline, and for that reason
// not always an interval. When the control is not significantly different from 0, it is the outside of an interval or the whole
// line: the data then do not bound the ratio.
type FiellerSet struct {
	Ratio float64  // variant/control
	Set   Interval // of the ratio
	// G is q²·v_c/m_c², the squared significance of the control against 0; the set is bounded exactly where it is below 1.
	G float64
}

// Lift is the set for the lift, ratio − 1.
func (f FiellerSet) Lift() Interval {
	lift := f.Set
	lift.Low--
	lift.High--
	return lift
}

// Fieller is the two-sided set at level 1−alpha for independent arms, as observed (Fieller 1954; Franz 2007). df is +Inf for the
// normal.
func Fieller(control, variant Arm, df, alpha float64) (FiellerSet, error) {
	if err := firstError(checkAlpha(alpha), checkDF(df), checkComparable(control, variant), checkBaseline(control)); err != nil {
		return FiellerSet{}, err
	}
	if control.UnadjustedVariance+variant.UnadjustedVariance == 0 {
		return FiellerSet{}, undefined(ZeroVariance, "neither arm varies, so nothing can be tested; look at the metric's values")
	}
	q := studentUpperQuantile(alpha/2, df)
	ratio := variant.Value / control.Value
	g := squared(q * control.CV())
	spread := variant.UnadjustedVariance * squared(q/control.Value)
	discriminant := spread + ratio*ratio*g - g*spread
	if err := checkFinite("the discriminant of Fieller's set", discriminant); err != nil {
		return FiellerSet{}, err
	}
	return FiellerSet{Ratio: ratio, G: g, Set: quadraticSet(1-g, ratio, ratio*ratio-spread, discriminant)}, nil
}

func squared(x float64) float64 { return x * x }

// quadraticSet is where a·r² − 2·b·r + c ≤ 0, given the discriminant b² − a·c, which the caller knows without cancellation.
func quadraticSet(a, b, c, discriminant float64) Interval {
	if discriminant < 0 || a < 0 && discriminant == 0 {
		return Interval{Kind: WholeLine, Low: math.Inf(-1), High: math.Inf(1)}
	}
	far := b + math.Copysign(math.Sqrt(discriminant), b) // the sum that does not cancel
	if far == 0 {                                        // b and c are 0: the variant is 0 without error
		return Interval{}
	}
	if a == 0 { // a half line, the limit of the other two shapes
		if b > 0 {
			return Interval{Low: c / far, High: math.Inf(1)}
		}
		return Interval{Low: math.Inf(-1), High: c / far}
	}
	first, second := far/a, c/far
	set := Interval{Low: math.Min(first, second), High: math.Max(first, second)}
	if a < 0 {
		set.Kind = Complement
	}
	return set
}
