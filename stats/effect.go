package stats

import "math"

// An Effect is what one look at an experiment says of a difference or a lift: its value and the standard error of that value, in
// the same unit. Methods that only need an approximately normal estimate take it in this form, whatever metric it came from.
type Effect struct{ Value, SE float64 }

func (e Effect) check() error {
	if e.SE == 0 {
		return undefined(ZeroVariance, "the standard error is 0: nothing varies, so nothing can be tested; look at the metric's values")
	}
	return firstError(checkFinite("the effect", e.Value), checkPositive("the standard error", e.SE))
}

// z is the effect in standard errors.
func (e Effect) z() float64 { return e.Value / e.SE }

// around is the set of values within radius standard errors of the effect, on the sides asked for.
func (e Effect) around(radius float64, sides Sides) Interval {
	iv := Interval{Low: e.Value - radius*e.SE, High: e.Value + radius*e.SE}
	if math.IsInf(radius, 1) {
		iv.Kind = WholeLine
	}
	switch sides {
	case Greater:
		iv.High = math.Inf(1)
	case Less:
		iv.Low = math.Inf(-1)
	}
	return iv
}

// HalfWidth is the distance from the estimate to the finite end of its interval, +Inf where there is none.
func (e Estimate) HalfWidth() float64 {
	return math.Min(e.Interval.High-e.Value, e.Value-e.Interval.Low)
}

// towards is z as seen by a test of the given sides: large is evidence against the null.
func (s Sides) towards(z float64) float64 {
	switch s {
	case Greater:
		return z
	case Less:
		return -z
	default:
		return math.Abs(z)
	}
}

// mirrored are the sides of the quantity with its sign turned.
func (s Sides) mirrored() Sides {
	switch s {
	case Greater:
		return Less
	case Less:
		return Greater
	default:
		return TwoSided
	}
}

// tails is the number of tails that alpha is divided over.
func (s Sides) tails() float64 {
	if s == TwoSided {
		return 2
	}
	return 1
}

// A Direction says which way a metric should move.
type Direction int8

const (
	HigherIsBetter Direction = 1
	LowerIsBetter  Direction = -1
)

// good is x with its sign turned so that positive is good.
func (d Direction) good(x float64) float64 { return float64(d) * x }

func (d Direction) check() error {
	if d != HigherIsBetter && d != LowerIsBetter {
		return undefined(InvalidInput, "direction is %d; give HigherIsBetter or LowerIsBetter", d)
	}
	return nil
}

// Below is the probability that an estimate of a true effect e.Value, its error normal with standard deviation e.SE, falls below x.
func (e Effect) Below(x float64) float64 { return normalCDF((x - e.Value) / e.SE) }
