package stats

import "math"

// The checks below turn input that no data could look like into the typed error that names it.

func checkAlpha(alpha float64) error {
	if !(alpha > 0 && alpha < 1) {
		return undefined(InvalidInput, "alpha is %v; give a probability between 0 and 1, such as 0.05", alpha)
	}
	return nil
}

func checkFinite(name string, x float64) error {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return undefined(InvalidInput, "%s is %v; give a finite number", name, x)
	}
	return nil
}

func checkPositive(name string, x float64) error {
	if !(x > 0) || math.IsInf(x, 1) {
		return undefined(InvalidInput, "%s is %v; give a finite number above 0", name, x)
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
