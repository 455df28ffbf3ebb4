package stats

import "math"

// DetectableEffect is the smallest effect that a fixed test would find with the given power at the present standard error:
// (z_{α/2} + z_power)·SE, with z_α where one side is tested.
func DetectableEffect(se, alpha, power float64, sides Sides) (float64, error) {
	if err := firstError(checkPositive("the standard error", se), checkAlpha(alpha)); err != nil {
		return 0, err
	}
	if err := checkPower(power, alpha); err != nil {
		return 0, err
	}
	return (normalUpperQuantile(alpha/sides.tails()) + normalQuantile(power)) * se, nil
}

// Progress is how far an experiment has come towards an interval as narrow as the effect worth detecting, as a share of the
// information it takes: (mde/half-width)², above 1 when it is past it. An interval without a finite end has come nowhere.
func Progress(mde float64, e Estimate) (float64, error) {
	half := e.HalfWidth()
	if err := checkPositive("the effect worth detecting", mde); err != nil {
		return 0, err
	}
	if !(half > 0) {
		return 0, undefined(ZeroVariance, "the interval has no width, so there is nothing to make narrower")
	}
	return (mde / half) * (mde / half), nil
}

// DaysLeft is the whole days until progress reaches 1 when units have brought it this far and daily new ones keep coming; 0 when
// it has.
func DaysLeft(progress float64, units int64, daily float64) (int64, error) {
	err := firstError(checkPositive("the progress", progress), checkPositive("the number of units a day", daily))
	if err != nil {
		return 0, err
	}
	if units < 1 {
		return 0, undefined(InsufficientData, "%d units; progress is of at least one", units)
	}
	days := math.Ceil(float64(units) * math.Max(0, 1/progress-1) / daily)
	if days > mostUnits {
		return 0, undefined(InsufficientData, "%v units a day would take %v days; find more traffic or a larger effect", daily, days)
	}
	return int64(days), nil
}
