package stats

import "math"

// A Plan is how many units find how large an effect with what power.
type Plan struct {
	Control float64 // units of the control that solve it, not rounded
	Variant float64 // units of the variant that go with them
	Effect  float64 // in the metric's unit
	Power   float64
}

// Units are whole units of each arm: those of the control rounded up, and those of the variant that keep the allocation.
func (p Plan) Units() (control, variant int64) {
	whole := math.Ceil(p.Control)
	return int64(whole), int64(math.Ceil(whole * (p.Variant / p.Control)))
}

// RelativeEffect is the effect as a fraction of the baseline.
func (p Plan) RelativeEffect(baseline float64) (float64, error) {
	if baseline == 0 {
		return 0, undefined(ZeroDenominator, "the baseline is 0; state the effect in the metric's unit")
	}
	return p.Effect / baseline, checkFinite("the baseline", baseline)
}

// Days is the runtime at a number of new units a day, both arms together, rounded up to whole days.
func (p Plan) Days(daily float64) (int64, error) {
	if err := checkPositive("the number of units a day", daily); err != nil {
		return 0, err
	}
	control, variant := p.Units()
	days := math.Ceil(float64(control+variant) / daily)
	if days > mostUnits {
		return 0, undefined(InvalidInput, "%v units a day would take %v days; find more traffic or a larger effect", daily, days)
	}
	return int64(days), nil
}

// mostUnits is more than any experiment has.
const mostUnits = 1e15

// A MeanDesign is a planned comparison of two estimates that narrow as the root of the units: means, and ratios and quantiles
// with √n times their standard error in place of a unit's standard deviation.
type MeanDesign struct {
	Procedure            Procedure
	SDControl, SDVariant float64 // of one unit; equal under a TTest
	// Ratio is the units of the variant per unit of the control.
	Ratio float64
	// Correlation is that with the covariate of CUPED, which leaves 1 − Correlation² of the variance; 0 without a covariate.
	Correlation float64
}

// Power is that of finding an effect with the given units of the control.
func (d MeanDesign) Power(control, effect float64) (Plan, error) {
	err := firstError(d.check(), checkUnits(control), checkFinite("the effect", effect))
	if err != nil {
		return Plan{}, err
	}
	return d.plan(control, effect), nil
}

// SampleSize is the units that find an effect with the given power.
func (d MeanDesign) SampleSize(effect, power float64) (Plan, error) {
	if err := firstError(d.checkWith(power), checkPlannedEffect(effect)); err != nil {
		return Plan{}, err
	}
	control, err := smallestSample(func(control float64) float64 { return d.plan(control, effect).Power - power })
	return d.plan(control, effect), err
}

// MDE is the smallest effect above 0 that the units find with the given power.
func (d MeanDesign) MDE(control, power float64) (Plan, error) {
	if err := firstError(d.checkWith(power), checkUnits(control)); err != nil {
		return Plan{}, err
	}
	shortfall := func(effect float64) float64 { return d.plan(control, effect).Power - power }
	high := expandUp(shortfall, d.se(d.units(control)))
	if shortfall(high) < 0 {
		return Plan{}, undefined(InsufficientData, "%v units of the control cannot reach power %v, whatever the effect", control, power)
	}
	return d.plan(control, findRoot(shortfall, 0, high)), nil
}

// NonInferiority is the sample that shows an effect to be above −margin with the given power when it truly is as given, its good
// side up. The procedure is one-sided.
func (d MeanDesign) NonInferiority(effect, margin, power float64) (Plan, error) {
	if !(effect+margin > 0) {
		return Plan{}, undefined(InvalidInput, "the true effect %v is beyond the margin %v; no sample shows non-inferiority",
			effect, margin)
	}
	plan, err := d.SampleSize(effect+margin, power)
	plan.Effect = effect
	return plan, err
}

func (d MeanDesign) plan(control, effect float64) Plan {
	n := d.units(control)
	e := Effect{Value: math.Abs(effect), SE: d.se(n)}
	return Plan{Control: n.control, Variant: n.variant, Effect: effect, Power: math.Min(1, d.Procedure.power(e, n))}
}

func (d MeanDesign) units(control float64) armUnits {
	return armUnits{control: control, variant: control * d.Ratio}
}

// se is the standard error of the difference.
func (d MeanDesign) se(n armUnits) float64 {
	kept := (1 - d.Correlation) * (1 + d.Correlation)
	return math.Sqrt(kept * (d.SDControl*d.SDControl/n.control + d.SDVariant*d.SDVariant/n.variant))
}

func (d MeanDesign) check() error {
	if d.Procedure == nil {
		return undefined(InvalidInput, "no procedure; choose one, such as ZTest")
	}
	if _, pooled := d.Procedure.(TTest); pooled && d.SDControl != d.SDVariant {
		return undefined(InvalidInput, "a TTest pools variances, and they are planned to differ; use ZTest")
	}
	if !(math.Abs(d.Correlation) < 1) {
		return undefined(InvalidInput, "the correlation with the covariate is %v; give a number between −1 and 1", d.Correlation)
	}
	return firstError(
		d.Procedure.check(), checkPositive("the control's standard deviation", d.SDControl),
		checkPositive("the variant's standard deviation", d.SDVariant), checkPositive("the allocation ratio", d.Ratio),
	)
}

func (d MeanDesign) checkWith(power float64) error {
	if err := d.check(); err != nil {
		return err
	}
	return checkPower(power, d.Procedure.falsePositives())
}

func checkUnits(control float64) error {
	if !(control >= 1 && control <= mostUnits) {
		return undefined(InvalidInput, "%v units of the control; give a number between 1 and %v", control, mostUnits)
	}
	return nil
}

func checkPlannedEffect(effect float64) error {
	if effect == 0 {
		return undefined(InvalidInput, "the planned effect is 0, which no sample can show; give the smallest effect that matters")
	}
	return checkFinite("the planned effect", effect)
}

// smallestSample is where a shortfall of power, which falls in the units of the control, is made up.
func smallestSample(shortfall func(control float64) float64) (float64, error) {
	const fewest = 1e-3
	high := expandUp(shortfall, fewest)
	switch {
	case high == fewest:
		return fewest, nil
	case high > mostUnits:
		return mostUnits, undefined(InvalidInput, "more than %v units would be needed; plan for a larger effect", mostUnits)
	}
	return findRoot(shortfall, high/2, high), nil
}
