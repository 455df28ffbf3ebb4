package judge

import (
	"math"
	"slices"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/stats"
)

// A lens is how a look reads a lift that it observes, its good side up: the centre of the interval as a linear function of it,
// and how far the ends are from there.
type lens struct{ base, slope, below, above float64 }

// lens is how a look on a day reads a lift, as a run on that day would.
func (p *planner) lens(c Curve, day, end float64) lens {
	k := c.growth.at(day)
	blind := lens{slope: 1, below: math.Inf(1), above: math.Inf(1)}
	if !(k.information > 0) {
		return blind
	}
	sides := p.decidingSides(c.Use)
	if sides == stats.Less {
		sides = stats.Greater
	}
	in := p.lookingAt(day, end).inference(c.Use, sides, c.Alpha)
	if desired(c.Use) == project.Decrease {
		in.Prior.Mean = -in.Prior.Mean
	}
	control, variant := k.variances()
	at := func(lift float64) (stats.Estimate, error) {
		compared, err := in.Compare(stats.KindMean, plainArm(k.control, 1, control), plainArm(k.variant, 1+lift, variant))
		return compared.Effect, err
	}
	none, err := at(0)
	if err != nil {
		return blind
	}
	const step = 0.01
	some, _ := at(step)
	return lens{base: none.Value, slope: (some.Value - none.Value) / step,
		below: none.Value - none.Interval.Low, above: none.Interval.High - none.Value}
}

func plainArm(units, value, variance float64) stats.Arm {
	return stats.Arm{N: int64(math.Round(units)), Value: value, Adjusted: value,
		Variance: variance, UnadjustedVariance: variance, Covariance: variance}
}

// lookingAt is the evidence of a day of an experiment that ends on another, nothing more to come after that.
func (p *planner) lookingAt(day, end float64) evidence {
	x, decl := *p.Observed.Experiment, *p.Observed.Experiment.Decl
	x.Decl, x.Start = &decl, time.Unix(0, 0)
	x.End = x.Start.Add(inDays(end))
	x.ObserveUntil = x.End
	decl.ObserveUntil = project.Value[project.Moment]{V: project.Moment{Time: x.End}, Span: decl.Name.Span}
	return evidence{Observed: &plan.Observed{Experiment: &x, AsOf: x.Start.Add(inDays(day))}}
}

func inDays(days float64) time.Duration { return time.Duration(days * float64(24*time.Hour)) }

// verdicts are those of a metric by the lift observed: each up to the lift where the next begins.
type verdicts []verdictUpTo

type verdictUpTo struct {
	lift float64
	seen verdictSet
}

// verdicts are found between the lifts at which the interval's centre or ends pass what a verdict compares them with.
func (l lens) verdicts(use *model.MetricUse) verdicts {
	f := finding{Desired: project.Increase, MDE: use.Settings.MDE, Margin: use.Margin}
	if desired(use) == project.None {
		f.Desired = project.None
	}
	cuts := l.cuts(f)
	edges := slices.Concat([]float64{cuts[0] - 1}, cuts, []float64{cuts[len(cuts)-1] + 1})
	var all verdicts
	for i, edge := range edges[1:] {
		inside := (edges[i] + edge) / 2
		all = append(all, verdictUpTo{edge, setOf(l.find(f, inside).verdict(use.Role))})
	}
	all[len(all)-1].lift = math.Inf(1)
	return all
}

// cuts are those lifts, in order; at least the one where the centre passes 0.
func (l lens) cuts(f finding) []float64 {
	bounds := []float64{0}
	for _, bound := range []*float64{f.MDE, f.Margin} {
		if bound != nil {
			bounds = append(bounds, *bound, -*bound)
		}
	}
	var cuts []float64
	for _, bound := range bounds {
		for _, end := range []float64{0, -l.below, l.above} {
			if cut := (bound - end - l.base) / l.slope; !math.IsInf(cut, 0) {
				cuts = append(cuts, cut)
			}
		}
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// find is what a look at a lift would find.
func (l lens) find(f finding, lift float64) finding {
	f.Effect = l.base + l.slope*lift
	f.Lift = &span{f.Effect - l.below, f.Effect + l.above}
	f.Found = f.Lift.Low > 0 || f.Lift.High < 0
	return f
}

// at is the verdict on an observed lift.
func (v verdicts) at(lift float64) verdictSet {
	i := 0
	for lift > v[i].lift {
		i++
	}
	return v[i].seen
}

// probabilities of the verdicts on an estimate of a true lift.
func (v verdicts) probabilities(of stats.Effect) map[verdictSet]float64 {
	all, before := map[verdictSet]float64{}, 0.0
	for _, up := range v {
		below := of.Below(up.lift)
		all[up.seen] += below - before
		before = below
	}
	return all
}
