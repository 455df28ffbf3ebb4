package stats

import "math"

// A ProportionTest is how two proportions are compared when an experiment is sized.
type ProportionTest string

const (
	// PooledNull takes the variance of the null from the pooled proportion (Fleiss, Levin and Paik 2003, section 4.2); the far tail
	// is left out.
	PooledNull ProportionTest = "pooled_null"
	// Unpooled takes each arm's own variance; the far tail is left out.
	Unpooled ProportionTest = "unpooled"
	// Arcsine compares on the scale where the variance is constant (Cohen 1988, section 6.4).
	Arcsine ProportionTest = "arcsine"
)

// proportionPowers are the powers of the tests at critical value z, by test.
var proportionPowers = map[ProportionTest]func(d ProportionDesign, z float64, n armUnits, control, variant float64) float64{
	PooledNull: func(_ ProportionDesign, z float64, n armUnits, control, variant float64) float64 {
		pooled := (n.control*control + n.variant*variant) / n.total()
		null := math.Sqrt(bernoulli(pooled) * (1/n.control + 1/n.variant))
		return normalCDF((math.Abs(variant-control) - z*null) / seOfProportions(n, control, variant))
	},
	Unpooled: func(_ ProportionDesign, z float64, n armUnits, control, variant float64) float64 {
		return normalCDF(math.Abs(variant-control)/seOfProportions(n, control, variant) - z)
	},
	Arcsine: func(d ProportionDesign, z float64, n armUnits, control, variant float64) float64 {
		h := 2 * math.Abs(math.Asin(math.Sqrt(variant))-math.Asin(math.Sqrt(control)))
		return d.Sides.beyond(z, h*math.Sqrt(n.control*n.variant/n.total()))
	},
}

// bernoulli is the variance of one unit.
func bernoulli(p float64) float64 { return p * (1 - p) }

func seOfProportions(n armUnits, control, variant float64) float64 {
	return math.Sqrt(bernoulli(control)/n.control + bernoulli(variant)/n.variant)
}

// A ProportionDesign is a planned comparison of two proportions.
type ProportionDesign struct {
	Test  ProportionTest
	Alpha float64
	Sides Sides
	// Ratio is the units of the variant per unit of the control.
	Ratio float64
}

// Power is that of telling the two proportions apart with the given units of the control.
func (d ProportionDesign) Power(units, control, variant float64) (Plan, error) {
	err := firstError(d.check(), checkUnits(units), checkProportion(control), checkProportion(variant))
	if err != nil {
		return Plan{}, err
	}
	return d.plan(units, control, variant), nil
}

// SampleSize is the units that tell the two proportions apart with the given power.
func (d ProportionDesign) SampleSize(control, variant, power float64) (Plan, error) {
	err := firstError(
		d.check(), checkProportion(control), checkProportion(variant), checkPlannedEffect(variant-control), checkPower(power, d.Alpha),
	)
	if err != nil {
		return Plan{}, err
	}
	units, err := smallestSample(func(units float64) float64 { return d.plan(units, control, variant).Power - power })
	return d.plan(units, control, variant), err
}

// MDE is the smallest rise of the control's proportion that the units find with the given power.
func (d ProportionDesign) MDE(units, control, power float64) (Plan, error) {
	err := firstError(d.check(), checkUnits(units), checkProportion(control), checkPower(power, d.Alpha))
	if err != nil {
		return Plan{}, err
	}
	shortfall := func(variant float64) float64 { return d.plan(units, control, variant).Power - power }
	highest := math.Nextafter(1, 0)
	if shortfall(highest) < 0 {
		return Plan{}, undefined(InsufficientData, "%v units of the control cannot reach power %v, whatever the effect", units, power)
	}
	return d.plan(units, control, findRoot(shortfall, control, highest)), nil
}

func (d ProportionDesign) plan(units, control, variant float64) Plan {
	n := armUnits{control: units, variant: units * d.Ratio}
	z := normalUpperQuantile(d.Alpha / d.Sides.tails())
	power := proportionPowers[d.Test](d, z, n, control, variant)
	return Plan{Control: n.control, Variant: n.variant, Effect: variant - control, Power: math.Min(1, power)}
}

func (d ProportionDesign) check() error {
	if _, known := proportionPowers[d.Test]; !known {
		return undefined(InvalidInput, "no test of proportions is called %q", string(d.Test))
	}
	return firstError(checkAlpha(d.Alpha), checkPositive("the allocation ratio", d.Ratio))
}

func checkProportion(p float64) error {
	if !(p > 0 && p < 1) {
		return undefined(InvalidInput, "a proportion is %v; give a number between 0 and 1", p)
	}
	return nil
}
