package judge

import (
	"math"
	"slices"
	"sort"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/stats"
)

// A knot is what a comparison has after so many days: units of its arms, and information, 1/SE² of its lift.
type knot struct{ days, control, variant, information float64 }

func (k knot) plus(o knot) knot {
	return knot{k.days + o.days, k.control + o.control, k.variant + o.variant, k.information + o.information}
}

func (k knot) times(f float64) knot {
	return knot{k.days * f, k.control * f, k.variant * f, k.information * f}
}

// knowing is what so many units know whose lift has a standard error.
func knowing(control, variant int64, se float64) knot {
	return knot{control: float64(control), variant: float64(variant), information: 1 / (se * se)}
}

// growth is how a comparison comes to know, linear between what was measured and, beyond it, at a pace: a knot a day.
type growth struct {
	knots []knot
	pace  knot
}

// growthOf has the pace of the later half, so that one week's noise does not make it. Points without an answer know nothing.
func growthOf(points []Point) growth {
	var g growth
	for _, p := range points {
		k := knot{}
		if p.Undefined == nil {
			k = knowing(p.Control, p.Variant, p.LiftSE)
		}
		k.days = float64(p.Days)
		g.knots = append(g.knots, k)
	}
	if n := len(points); n > 0 {
		middle, last := knot{}, g.knots[n-1]
		if n > 1 {
			middle = g.knots[(n-1)/2]
		}
		g.pace = last.plus(middle.times(-1)).times(1 / (last.days - middle.days))
	}
	return g
}

// known reports whether anything was measured at last.
func (g growth) known() bool { return len(g.knots) > 0 && g.knots[len(g.knots)-1].information > 0 }

func (g growth) measured() int { return int(g.knots[len(g.knots)-1].days) }

func (g growth) at(days float64) knot {
	before := knot{}
	for _, k := range g.knots {
		if days <= k.days {
			return before.plus(k.plus(before.times(-1)).times((days - before.days) / (k.days - before.days)))
		}
		before = k
	}
	beyond := before.plus(g.pace.times(days - before.days))
	beyond.days = days
	return beyond
}

// newCurve is a comparison before anything is measured.
func (p *planner) newCurve(use *model.MetricUse, variant string) Curve {
	c := Curve{Use: use, Variant: variant, Asked: p.askedOf(use)}
	c.Alpha, c.FirstStep = p.level(use)
	return c
}

// askedOf a metric is the lift that it is to find: of a guardrail with a margin, the harm that it is to exclude.
func (p *planner) askedOf(use *model.MetricUse) *float64 {
	switch {
	case use.Role == model.Guardrail && use.Margin != nil:
		return use.Margin
	case len(p.asked.Lifts) > 0:
		return &p.asked.Lifts[0]
	default:
		return use.Settings.MDE
	}
}

// completed adds to a curve's points what they can find, and how long its lifts take.
func (p *planner) completed(c Curve, g growth) Curve {
	test, err := p.plannedTest(c.Use, c.Alpha)
	c.growth, c.test = g, test
	for i := range c.Points {
		at := &c.Points[i]
		if at.Undefined == nil {
			at.Undefined = err
		}
		if at.Undefined == nil {
			p.look(c, at, g.knots[i])
		}
	}
	if err != nil || !g.known() {
		return c
	}
	for _, lift := range p.liftsOf(c) {
		c.Needs = append(c.Needs, p.need(c, lift))
	}
	return c
}

// look is what a comparison finds with the information of a knot.
func (p *planner) look(c Curve, at *Point, k knot) {
	if plan, err := k.design(c.test).MDE(k.control, p.forecast.Power); err == nil {
		at.Detectable = &plan.Effect
	}
	if c.Asked != nil {
		at.Power = ptr(c.power(k, *c.Asked))
	}
}

// design is a comparison of lifts whose arms vary alike.
func (k knot) design(test stats.Procedure) stats.MeanDesign {
	sd := 1 / math.Sqrt(k.information*(1/k.control+1/k.variant))
	return stats.MeanDesign{Procedure: test, SDControl: sd, SDVariant: sd, Ratio: k.variant / k.control}
}

// sufficient is the share of the units needed from which on a progress is whole. What is needed, 2(z+z)²·(sd/mean)²/lift² in an arm,
// is estimated from the data as well: by the delta method with a relative standard error of about 0.2 times the lift to be found for
// a rate at a power of 80%, and of 0.4 times it for a mean, more where values are skewed. So without a tolerance half of all
// experiments that took what was planned would fall short by chance. Of a power of 80%, the last 5% of the units are 2 points.
const sufficient = 0.95

// shareOf the units that find a lift with a power.
func (k knot) shareOf(test stats.Procedure, lift, power float64) (float64, error) {
	needed, err := k.design(test).SampleSize(lift, power)
	if err != nil {
		return 0, err
	}
	share := k.control / needed.Control
	if sufficient <= share && share < 1 {
		return 1, nil
	}
	return share, nil
}

// power of finding a lift; none where there are too few units to speak of.
func (c Curve) power(k knot, lift float64) float64 {
	plan, err := k.design(c.test).Power(k.control, lift)
	if err != nil {
		return 0
	}
	return plan.Power
}

// twice the lift asked for shows how fast the time falls.
const further = 2

// liftsOf a curve are those whose time is told: a guardrail's margin alone.
func (p *planner) liftsOf(c Curve) []float64 {
	switch {
	case c.Asked == nil:
		return nil
	case c.Use.Role == model.Guardrail && c.Use.Margin != nil:
		return []float64{*c.Asked}
	case len(p.asked.Lifts) > 0:
		return p.asked.Lifts
	default:
		return []float64{*c.Asked, further * *c.Asked}
	}
}

// farthest is as many days as anyone looks ahead.
const farthest = 3650

// need finds the first day on which a lift is found with the power asked for: power grows within each stretch.
func (p *planner) need(c Curve, lift float64) Need {
	found := func(day int) bool { return c.power(c.growth.at(float64(day)), lift) >= p.forecast.Power }
	from := 0
	ends := []int{}
	for _, k := range c.growth.knots {
		ends = append(ends, int(k.days))
	}
	for _, end := range append(ends, farthest) {
		if found(end) {
			days := from + 1 + sort.Search(end-from-1, func(i int) bool { return found(from + 1 + i) })
			return Need{Lift: lift, Days: &days, Beyond: days > c.growth.measured()}
		}
		from = end
	}
	return Need{Lift: lift}
}

// markLongest marks the comparison that takes longest among those that decide: primary metrics, and guardrails with margins.
// Where no lift is asked for, it is the one that finds the least.
func (p *planner) markLongest() {
	longest := -1
	for i, c := range p.forecast.Curves {
		if c.decides() && (longest < 0 || c.slowerThan(p.forecast.Curves[longest])) {
			longest = i
		}
	}
	if longest >= 0 {
		p.forecast.Curves[longest].Longest = true
	}
}

func (c Curve) decides() bool {
	return c.growth.known() && (c.Use.Role == model.Primary || c.Use.Role == model.Guardrail && c.Use.Margin != nil)
}

// slowerThan compares the share of what is asked that either finds at last, in which each day counts as it does in time.
func (c Curve) slowerThan(o Curve) bool {
	if (c.Asked == nil) != (o.Asked == nil) {
		return c.Asked != nil
	}
	if c.Asked != nil && c.days() != o.days() {
		return c.days() > o.days()
	}
	return c.detectable() > o.detectable()
}

// days until what is asked is found; more than any where that cannot be foreseen.
func (c Curve) days() int {
	if len(c.Needs) == 0 || c.Needs[0].Days == nil {
		return math.MaxInt
	}
	return *c.Needs[0].Days
}

// detectable is the lift that is found at last, in units of the one asked for where there is one.
func (c Curve) detectable() float64 {
	found := c.Points[len(c.Points)-1].Detectable
	switch {
	case found == nil:
		return math.Inf(1)
	case c.Asked != nil:
		return *found / *c.Asked
	default:
		return *found
	}
}

// level is the α of a metric's tests after correction. Of a stepwise one it is the first step's, at which a test is found whatever
// the others say.
func (e evidence) level(use *model.MetricUse) (alpha float64, firstStep bool) {
	alpha = alphaOf(e.Observed.Experiment.Protocol.Confidence)
	family := e.familyMetrics()
	place := slices.Index(family, use)
	if place < 0 || stats.Method(e.Observed.Experiment.Protocol.Method) == stats.Bayesian {
		return alpha, false
	}
	const found = 1e-9
	place *= len(e.variants())
	tests := make([]stats.Test, len(family)*len(e.variants()))
	for i := range tests {
		tests[i] = stats.Test{P: 1, Defined: true}
	}
	tests[place].P = found
	method, weights := e.correction()
	corrected, err := method.Adjust(tests, weights, alpha)
	switch {
	case err != nil:
		return alpha, false
	case method.SingleStep():
		return corrected[place].Level, false
	default:
		return alpha * found / corrected[place].P, true
	}
}

// plannedTest is a metric's test as planning sees it. A hybrid's last look has half of α.
func (e evidence) plannedTest(use *model.MetricUse, alpha float64) (stats.Procedure, error) {
	p, sides := e.Observed.Experiment.Protocol, e.decidingSides(use)
	switch stats.Method(p.Method) {
	case stats.Sequential:
		return stats.SequenceTest{Sequence: tuned(p, sides), Alpha: alpha, Sides: sides}, nil
	case stats.Hybrid:
		return stats.ZTest{Alpha: alpha / 2, Sides: sides}, nil
	case stats.GroupSequential:
		test := stats.GroupSequentialTest{Boundary: spendings[p.Spending], Alpha: alpha, Sides: sides}
		bounds, err := test.Bounds(stats.EqualLooks(int(p.Looks)), nil)
		return stats.BoundsTest{Bounds: bounds, Sides: sides}, err
	case stats.Bayesian:
		return stats.CredibleTest{Prior: goodPrior(p, use), Alpha: alpha, Sides: sides}, nil
	default:
		return stats.ZTest{Alpha: alpha, Sides: sides}, nil
	}
}

// goodPrior is the protocol's with the good side up; of a guardrail with a margin, above what it must exclude.
func goodPrior(p *model.Protocol, use *model.MetricUse) stats.NormalPrior {
	prior := stats.NormalPrior(p.Prior)
	if desired(use) == project.Decrease {
		prior.Mean = -prior.Mean
	}
	if use.Role == model.Guardrail && use.Margin != nil {
		prior.Mean += *use.Margin
	}
	return prior
}
