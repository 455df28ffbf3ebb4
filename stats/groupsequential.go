package stats

import (
	"math"
	"slices"
)

// A GroupSequentialTest looks at an experiment a few times, planned by share of its information, and keeps α over all of them.
// Use it where looks are few and the end is known; it is then far more powerful than a confidence sequence.
type GroupSequentialTest struct {
	Boundary Boundary
	Alpha    float64 // over all looks, and over both sides where there are two
	Sides    Sides
}

// A Boundary turns information fractions into critical values: a Spending or WangTsiatis.
type Boundary interface {
	check(info []float64, alpha float64) error
	critical(info, frozen []float64, alpha float64, sides Sides) []float64
	// repeatedP is the smallest α whose bound at the last look is at most z.
	repeatedP(info []float64, sides Sides, z float64) float64
}

// Bounds are a test's critical values at the looks up to now.
type Bounds struct {
	Info     []float64 // information fractions, the last at most 1
	Critical []float64 // on the scale of z; +Inf where nothing may be spent
	Spent    []float64 // the α spent by each look, over both sides where there are two
	NominalP []float64 // the p-value of a single look at the bound
}

// Bounds are the critical values at information fractions that rise: those of the looks as they happened, then those planned. A
// fraction beyond 1 counts as 1, so that all that is left of α is spent there. The bounds of looks already taken are given as
// frozen, first look first, and stay as they are; what they have really spent is integrated. Accurate to 1e-6 (Jennison and
// Turnbull 2000, chapter 19).
func (g GroupSequentialTest) Bounds(info, frozen []float64) (Bounds, error) {
	if err := g.check(info, frozen); err != nil {
		return Bounds{}, err
	}
	info = clipped(info)
	b := Bounds{Info: info, Critical: g.Boundary.critical(info, frozen, g.Alpha, g.Sides)}
	b.Spent = crossing(info, b.Critical, g.Sides, 0)
	for _, c := range b.Critical {
		b.NominalP = append(b.NominalP, g.Sides.tails()*normalSurvival(c))
	}
	return b, nil
}

func (g GroupSequentialTest) check(info, frozen []float64) error {
	if g.Boundary == nil {
		return undefined(InvalidInput, "no boundary; choose one, such as Spending(OBrienFlemingSpending)")
	}
	if err := firstError(checkAlpha(g.Alpha), checkInformation(info)); err != nil {
		return err
	}
	if g.Sides != TwoSided && g.Alpha >= 0.5 {
		return undefined(InvalidInput, "alpha is %v; a one-sided interval holds its estimate only below 0.5", g.Alpha)
	}
	if err := g.Boundary.check(clipped(info), g.Alpha); err != nil {
		return err
	}
	if len(frozen) > len(info) {
		return undefined(InvalidInput, "%d frozen bounds for %d looks; give an information fraction for each", len(frozen), len(info))
	}
	for k, c := range frozen {
		if math.IsNaN(c) || c <= 0 {
			return undefined(InvalidInput, "the frozen bound of look %d is %v; give the critical value it had", k+1, c)
		}
	}
	return nil
}

// leastInformation is the smallest step between looks, so that a thousand of them are the most there can be.
const leastInformation = 1e-3

// checkInformation: fractions rise, and none follows one that has reached 1.
func checkInformation(info []float64) error {
	if len(info) == 0 {
		return undefined(InsufficientData, "no looks; give their information fractions, such as 0.5 and 1")
	}
	before := 0.0
	for k, t := range info {
		switch {
		case before >= 1:
			return undefined(InvalidInput, "look %d comes after all information: all of alpha is spent", k+1)
		case !(t-before >= leastInformation) || math.IsInf(t, 1):
			return undefined(InvalidInput, "the information fraction of look %d is %v after %v; fractions rise by at least %v",
				k+1, t, before, leastInformation)
		}
		before = t
	}
	return nil
}

// clipped takes the last look, which may have gathered more than was planned, back to 1.
func clipped(info []float64) []float64 {
	info = slices.Clone(info)
	last := len(info) - 1
	info[last] = math.Min(info[last], 1)
	return info
}

// EqualLooks are the information fractions of k looks at equal steps, the last at 1.
func EqualLooks(k int) []float64 {
	info := make([]float64, k)
	for i := range info {
		info[i] = float64(i+1) / float64(k)
	}
	return info
}

// At is the answer at the last look of b: the repeated confidence interval effect ± c·SE (Jennison and Turnbull 1989), and the
// repeated p-value, the smallest α under which the test would stop at this look. The p-value belongs to the test without frozen
// bounds.
func (g GroupSequentialTest) At(e Effect, b Bounds) (Estimate, error) {
	if err := firstError(e.check(), g.check(b.Info, nil)); err != nil {
		return Estimate{}, err
	}
	if len(b.Critical) != len(b.Info) {
		return Estimate{}, undefined(InvalidInput, "%d critical values for %d looks; use the bounds as they were made",
			len(b.Critical), len(b.Info))
	}
	est := Estimate{
		Value: e.Value, SE: e.SE, DF: math.Inf(1), Method: GroupSequential,
		Interval: e.around(b.Critical[len(b.Critical)-1], g.Sides),
		Test:     Test{Statistic: e.z(), P: g.Boundary.repeatedP(b.Info, g.Sides, g.Sides.towards(e.z())), Defined: true},
	}
	if math.IsInf(est.Interval.High-est.Interval.Low, 1) && g.Sides == TwoSided {
		est.Warnings = append(est.Warnings, Warning{"nothing_to_spend",
			"this look may spend nothing of alpha, so it cannot stop the experiment; wait for the next one"})
	}
	return est, nil
}

// A GroupSequentialPlan is what a group-sequential test costs and gains before it starts.
type GroupSequentialPlan struct {
	Bounds Bounds
	// Drift is the mean of Z at full information under which the power is as asked.
	Drift float64
	// Inflation is the largest sample over that of a fixed test of the same α and power.
	Inflation float64
	// SampleNull and SampleEffect are the expected samples without an effect and with the one planned for, over the fixed test's.
	SampleNull, SampleEffect float64
	// RejectEffect is the probability of having stopped for the effect planned for by each look.
	RejectEffect []float64
}

// Plan sizes the test with looks at the given information fractions, the last of them 1, for a power above α. The fixed test it
// compares with is the normal one without its far tail.
func (g GroupSequentialTest) Plan(info []float64, power float64) (GroupSequentialPlan, error) {
	b, err := g.Bounds(info, nil)
	if err != nil {
		return GroupSequentialPlan{}, err
	}
	last := len(b.Info) - 1
	if err := checkPower(power, b.Spent[last]); err != nil {
		return GroupSequentialPlan{}, err
	}
	shortfall := func(drift float64) float64 { return crossing(b.Info, b.Critical, g.Sides, drift)[last] - power }
	fixed := normalUpperQuantile(g.Alpha/g.Sides.tails()) + normalQuantile(power)
	plan := GroupSequentialPlan{Bounds: b, Drift: findRoot(shortfall, 0, expandUp(shortfall, 1))}
	plan.Inflation = (plan.Drift / fixed) * (plan.Drift / fixed)
	plan.RejectEffect = crossing(b.Info, b.Critical, g.Sides, plan.Drift)
	plan.SampleNull = plan.Inflation * expectedInformation(b.Info, b.Spent)
	plan.SampleEffect = plan.Inflation * expectedInformation(b.Info, plan.RejectEffect)
	return plan, nil
}

// expectedInformation is the mean fraction at which a test ends that has stopped with the given probabilities by each look.
func expectedInformation(info, stopped []float64) float64 {
	last := len(info) - 1
	mean := info[last]
	for k := range last {
		mean -= stopped[k] * (info[k+1] - info[k])
	}
	return mean
}

// checkPower: a power no larger than the rate of false positives needs no sample at all.
func checkPower(power, alpha float64) error {
	if !(power > alpha && power < 1) {
		return undefined(InvalidInput, "power is %v; give a probability between alpha (%v) and 1, such as 0.8", power, alpha)
	}
	return nil
}

// expandUp doubles x until a rising f is no longer below 0.
func expandUp(f func(float64) float64, x float64) float64 {
	for range 1000 {
		if !(f(x) < 0) {
			break
		}
		x *= 2
	}
	return x
}
