package stats

import "math"

// A Procedure is a test as planning sees it: how likely it is to find an effect at the planned end.
type Procedure interface {
	check() error
	// falsePositives is the rate at which it finds an effect that is not there.
	falsePositives() float64
	// power is the probability of finding e.Value ≥ 0, in the tested direction, when estimates of it have standard error e.SE.
	power(e Effect, n armUnits) float64
}

// armUnits are units of each arm, not necessarily whole.
type armUnits struct{ control, variant float64 }

func (n armUnits) total() float64 { return n.control + n.variant }

// A ZTest is the fixed test with a normal reference. For a HybridTest plan with half of its α: that is what its last look has.
type ZTest struct {
	Alpha float64
	Sides Sides
}

func (t ZTest) check() error            { return checkAlpha(t.Alpha) }
func (t ZTest) falsePositives() float64 { return t.Alpha }

func (t ZTest) power(e Effect, _ armUnits) float64 {
	return t.Sides.beyond(normalUpperQuantile(t.Alpha/t.Sides.tails()), e.z())
}

// beyond is the probability that a normal deviate about shift lies beyond critical, on either side where there are two.
func (s Sides) beyond(critical, shift float64) float64 {
	p := normalSurvival(critical - shift)
	if s == TwoSided {
		p += normalCDF(-critical - shift)
	}
	return p
}

// A TTest is the fixed pooled t-test of arms of equal variance, whose power follows the noncentral t distribution.
type TTest struct {
	Alpha float64
	Sides Sides
}

func (t TTest) check() error            { return checkAlpha(t.Alpha) }
func (t TTest) falsePositives() float64 { return t.Alpha }

// power averages the normal power over the distribution of the estimated standard deviation, on the scale of its logarithm.
func (t TTest) power(e Effect, n armUnits) float64 {
	df := n.total() - 2
	if df < 1 {
		return 0
	}
	critical := studentUpperQuantile(t.Alpha/t.Sides.tails(), df)
	logDensity := func(u float64) float64 { return df * (u - math.Expm1(2*u)/2) }
	return densityNodes(logDensity, 0, 1/math.Sqrt(2*df)).sum(func(u float64) float64 {
		return t.Sides.beyond(critical*math.Exp(u), e.z())
	})
}

// A SequenceTest is a ConfidenceSequence, planned for its look at the end. Earlier looks can only add power.
type SequenceTest struct {
	Sequence ConfidenceSequence
	Alpha    float64
	Sides    Sides
}

func (t SequenceTest) check() error {
	return firstError(checkAlpha(t.Alpha), checkPositive("nu", t.Sequence.Nu))
}
func (t SequenceTest) falsePositives() float64 { return t.Alpha }

func (t SequenceTest) power(e Effect, n armUnits) float64 {
	return t.Sides.beyond(t.Sequence.Radius(n.total(), t.Alpha, t.Sides), e.z())
}

// A BoundsTest is a group-sequential test with its planned bounds, the last at all of its information.
type BoundsTest struct {
	Bounds Bounds
	Sides  Sides
}

func (t BoundsTest) check() error {
	if len(t.Bounds.Info) == 0 || len(t.Bounds.Critical) != len(t.Bounds.Info) || len(t.Bounds.Spent) != len(t.Bounds.Info) {
		return undefined(InvalidInput, "no bounds; make them with GroupSequentialTest.Bounds")
	}
	return nil
}

func (t BoundsTest) falsePositives() float64 { return t.Bounds.Spent[len(t.Bounds.Spent)-1] }

func (t BoundsTest) power(e Effect, _ armUnits) float64 {
	return crossing(t.Bounds.Info, t.Bounds.Critical, t.Sides, e.z())[len(t.Bounds.Info)-1]
}

// A CredibleTest finds an effect where the credible interval of its posterior excludes 0. The prior's mean is positive in the
// tested direction.
type CredibleTest struct {
	Prior NormalPrior
	Alpha float64
	Sides Sides
}

func (t CredibleTest) check() error            { return firstError(checkAlpha(t.Alpha), t.Prior.check()) }
func (t CredibleTest) falsePositives() float64 { return 0 } // a prior bounds no rate of false positives

// power is that of the estimate lying where its shrunken mean passes the posterior's critical value.
func (t CredibleTest) power(e Effect, _ armUnits) float64 {
	shares := mixtureOf(e.SE*e.SE, t.Prior.SD*t.Prior.SD)
	pull := shares.noise * t.Prior.Mean
	needed := normalUpperQuantile(t.Alpha/t.Sides.tails()) * e.SE * math.Sqrt(shares.signal)
	p := normalSurvival(((needed-pull)/shares.signal - e.Value) / e.SE)
	if t.Sides == TwoSided {
		p += normalCDF(((-needed-pull)/shares.signal - e.Value) / e.SE)
	}
	return p
}
