package oracle

import (
	"math"
	"slices"
)

// An arm is one variant's units in a slice: its value, and per unit how it moves the value, so that the variance of the value is
// that of the scores over n.
type arm struct {
	n       int
	value   float64
	defined bool
	total   float64
	scores  []float64
	groups  []string // what was assigned, of each unit
	scale   float64  // how large the numbers are that scores are differences of

	features    [][]float64 // covariates, a column each; of a ratio the past ratio linearised
	past        float64     // of a ratio: the ratio before
	pastDefined bool
	pastMeans   []float64
}

// arm is of the units at some places.
func (sm *sample) arm(rows []int) *arm {
	a := &arm{n: len(rows)}
	if a.n == 0 {
		return a
	}
	a.groups = sm.groups(rows)
	if sm.before != nil {
		a.addPast(sm, rows)
	}
	m := means(sm.after, rows)
	a.total = m[0] * float64(a.n)
	value, ok := sm.formula.at(m)
	a.value, a.defined = value.value, ok
	if !ok {
		return a
	}
	a.scores, a.scale = linearised(value.gradient, sm.after, m, rows)
	for _, f := range sm.covariates {
		a.features = append(a.features, at(f.values, rows))
	}
	return a
}

func (a *arm) addPast(sm *sample, rows []int) {
	a.pastMeans = means(sm.before, rows)
	past, ok := sm.formula.at(a.pastMeans)
	a.past, a.pastDefined = past.value, ok
	if ok {
		column, scale := linearised(past.gradient, sm.before, a.pastMeans, rows)
		if variance(column) <= 1e-24*scale*scale {
			column = make([]float64, a.n) // it does not vary but by rounding
		}
		a.features = [][]float64{column}
	}
}

// linearised are the units' moves of a formula by its gradient at the means.
func linearised(gradient []float64, list []measured, means []float64, rows []int) (scores []float64, scale float64) {
	for _, i := range rows {
		score, size := 0.0, 0.0
		for k, m := range list {
			score += gradient[k] * (m.value[i] - means[k])
			size += math.Abs(gradient[k] * m.value[i])
		}
		scores = append(scores, score)
		scale = math.Max(scale, size)
	}
	return scores, scale
}

// sd is how scores vary, 0 where no more than by rounding.
func (a *arm) sd() float64 {
	sd := math.Sqrt(variance(a.scores))
	if sd <= 1e-12*a.scale {
		return 0
	}
	return sd
}

// cancels is whether nothing but rounding is left of how a formula's parts vary.
func (a *arm) cancels() bool { return a.n > 1 && a.defined && a.sd() == 0 && variance(a.scores) > 0 }

// An estimate is what comparisons read of an arm.
type estimate struct {
	n               int
	assigned        int // units, or clusters of them
	value, adjusted float64
	valued          bool    // there is a value
	tested          bool    // and an error of it
	v, u, cov       float64 // variances of adjusted and of value, and their covariance
	terms           float64 // what v is left of: the value's variance, and what each covariate moves of it
	scale           float64
	flat            bool // a quantile whose bracket is of one value
}

// onEdge is whether rounding decides if a lift over the value can be told.
func (e estimate) onEdge() bool {
	bound := 3 * math.Sqrt(e.u)
	return e.tested && bound > 0 && math.Abs(math.Abs(e.value)-bound) <= 1e-12*bound
}

// estimate takes off an arm what its covariates explain; a nil adjustment takes off nothing.
func (a *arm) estimate(j *adjustment) estimate {
	e := estimate{n: a.n, value: a.value, adjusted: a.value, valued: a.n > 0 && a.defined, scale: a.scale}
	if !e.valued {
		return e
	}
	left := a.scores
	if j != nil && (!j.ratio || a.pastDefined) { // what has no error is not adjusted
		var shift float64
		shift, left = j.of(a)
		e.adjusted -= shift
	}
	e.assigned = a.assigned()
	e.tested = e.assigned > 1
	if !e.tested {
		return e
	}
	n := float64(a.n)
	if u := a.covariance(a.scores, a.scores); a.sd() > 0 && math.Sqrt(u) > 1e-12*a.scale { // clusters may be alike where units are not
		e.u, e.cov = u/n, a.covariance(a.scores, left)/n
	}
	e.v, e.terms = a.covariance(left, left)/n, e.u
	if j != nil {
		e.terms += j.moved(a) / n
	}
	return e
}

// assigned is the number of what was: units, or clusters of them.
func (a *arm) assigned() int { return countDistinct(a.groups) }

func countDistinct(names []string) int {
	return len(slices.Compact(slices.Sorted(slices.Values(names))))
}

// covariance is that of independent units whose means would err as these do: where clusters were assigned, their sums about the
// arm's mean vary together.
func (a *arm) covariance(x, y []float64) float64 {
	groups := a.assigned()
	if groups == a.n {
		return covariance(x, y)
	}
	mx, my := mean(x), mean(y)
	sums := map[string]*[2]float64{}
	for i, group := range a.groups {
		if sums[group] == nil {
			sums[group] = &[2]float64{}
		}
		sums[group][0] += x[i] - mx
		sums[group][1] += y[i] - my
	}
	total := 0.0
	for _, sum := range sums {
		total += sum[0] * sum[1]
	}
	return total * float64(groups) / float64(groups-1) / float64(a.n)
}
