package stats

import "math"

// The checks below turn input that no data could look like into the typed error that names it.

// leastAlpha leaves room below for halves and shares of it.
const leastAlpha = 1e-300

func checkAlpha(alpha float64) error {
	if !(alpha >= leastAlpha && alpha < 1) {
		return undefined(InvalidInput, "alpha is %v; give a probability between 0 and 1, such as 0.05", alpha)
	}
	return nil
}

// representable bounds the numbers that are taken: beyond it fourth powers and products of squares overflow or vanish, and no
// unit of measurement needs them.
const representable = 1e50

func checkFinite(name string, x float64) error {
	if !(math.Abs(x) <= representable) {
		return undefined(InvalidInput, "%s is %v; give a finite number of at most %v, in another unit if need be", name, x,
			representable)
	}
	return nil
}

func checkPositive(name string, x float64) error {
	if !(x >= 1/representable && x <= representable) {
		return undefined(InvalidInput, "%s is %v; give a number above 0, between %v and %v", name, x, 1/representable, representable)
	}
	return nil
}

// firstError is the first of the errors that is one: checks are listed, and the caller hears of the first to fail.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
