package plan

import (
	"cmp"
	"slices"

	"assay/stats"
)

// mostChosen is how many covariates `all` keeps, the metric's own among them.
const mostChosen = 10

// choose keeps, of a metric's candidate covariates, those that correlate best with its own value before assignment, over all units of
// the experiment: nothing after assignment has a say. Ties go by the order of candidates, which is that of their names. What is kept
// is in the labels.
func (o *ObservedMetric) choose() {
	var whole []stats.Moments
	for _, arm := range o.Slices[0].Arms {
		whole = append(whole, arm.Moments)
	}
	kept := chosen(stats.MergeMoments(whole...), o.Shape.Covariates/perCandidate)
	labels := make([]string, len(kept))
	for i, at := range kept {
		labels[i] = o.Labels[at]
	}
	o.Labels, o.Shape.Covariates = labels, len(kept)-1
	for _, slice := range o.Slices {
		restrict(slice.Arms, kept)
		for _, stratum := range slice.Strata {
			restrict(stratum.Arms, kept)
		}
	}
}

// perCandidate is a value before assignment and the indicator that there is none.
const perCandidate = 2

// chosen are the positions of the metric's value and of what is kept, the metric's own first. No units choose nothing.
func chosen(all stats.Moments, candidates int) []int {
	const own = 1
	valueOf := func(candidate int) int { return 1 + perCandidate*candidate }
	others := make([]int, 0, candidates)
	for i := 1; i < candidates; i++ {
		others = append(others, i)
	}
	explained := func(candidate int) float64 {
		at := valueOf(candidate)
		if all.N < 2 || !(all.Var(own) > 0) || !(all.Var(at) > 0) {
			return 0
		}
		return all.Covar(own, at) * all.Covar(own, at) / all.Var(own) / all.Var(at)
	}
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(explained(b), explained(a)) })
	others = others[:min(len(others), mostChosen-1)]
	slices.Sort(others)
	kept := []int{0, own, own + 1}
	for _, candidate := range others {
		kept = append(kept, valueOf(candidate), valueOf(candidate)+1)
	}
	return kept
}

// restrict keeps the quantities at the given positions.
func restrict(arms []Arm, kept []int) {
	for i := range arms {
		arms[i].Moments = arms[i].Moments.Select(kept...)
	}
}
