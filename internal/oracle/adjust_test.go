package oracle

import "math"

// An adjustment takes off each arm what its covariates explain.
type adjustment struct {
	theta  []float64
	centre []float64 // mean covariates of all variants, or the past ratio of all
}

// adjustment is the slope pooled within the arms; none where there is no covariate that works.
func (sm *sample) adjustment(arms []*arm) *adjustment {
	if sm.before == nil {
		return nil
	}
	var used []*arm
	for _, a := range arms {
		if a.n == 0 {
			continue
		}
		if a.n > 1 && a.defined && !a.preDefined {
			return nil
		}
		used = append(used, a)
	}
	if len(used) == 0 {
		return nil
	}
	if sm.setup.isRatio() {
		return sm.ratioAdjustment(used)
	}
	return &adjustment{theta: slope(used), centre: centre(used)}
}

// ratioAdjustment has the θ that makes the variance of the difference least: Σcov/n ÷ Σvar/n.
func (sm *sample) ratioAdjustment(arms []*arm) *adjustment {
	cov, v := 0.0, 0.0
	all := &arm{}
	for _, a := range arms {
		all.rows = append(all.rows, a.rows...)
		if a.n > 1 && a.defined {
			cov += covariance(a.scores, a.covariates[0]) / float64(a.n)
			v += variance(a.covariates[0]) / float64(a.n)
		}
	}
	all.n = len(all.rows)
	pooled, _ := sm.formula.at(all.means(sm.before))
	if v == 0 {
		return &adjustment{theta: []float64{0}, centre: []float64{pooled.value}}
	}
	return &adjustment{theta: []float64{cov / v}, centre: []float64{pooled.value}}
}

func centre(arms []*arm) []float64 {
	total, n := make([]float64, len(arms[0].covariates)), 0.0
	for _, a := range arms {
		n += float64(a.n)
		for k, column := range a.covariates {
			total[k] += mean(column) * float64(a.n)
		}
	}
	for k := range total {
		total[k] /= n
	}
	return total
}

// slope regresses the scores on the covariates, both less their arm's mean, by orthogonal columns; one that adds nothing has 0.
func slope(arms []*arm) []float64 {
	y := within(arms, func(a *arm) []float64 { return a.scores })
	columns := make([][]float64, len(arms[0].covariates))
	for k := range columns {
		columns[k] = within(arms, func(a *arm) []float64 { return a.covariates[k] })
	}
	theta := make([]float64, len(columns))
	x0, x1 := columns[0], columns[1]
	norm0, norm1 := dot(x0, x0), dot(x1, x1)
	switch {
	case norm0 == 0 && norm1 == 0:
	case norm0 == 0:
		theta[1] = dot(x1, y) / norm1
	case norm1 == 0:
		theta[0] = dot(x0, y) / norm0
	default:
		share := dot(x0, x1) / norm0
		rest := make([]float64, len(x1))
		for i := range rest {
			rest[i] = x1[i] - share*x0[i]
		}
		if left := dot(rest, rest); left > 1e-12*norm1 {
			theta[1] = dot(rest, y) / left
		}
		theta[0] = dot(x0, y)/norm0 - theta[1]*share
	}
	return theta
}

func within(arms []*arm, of func(*arm) []float64) []float64 {
	var all []float64
	for _, a := range arms {
		column := of(a)
		m := mean(column)
		for _, v := range column {
			all = append(all, v-m)
		}
	}
	return all
}

func dot(x, y []float64) float64 {
	total := 0.0
	for i := range x {
		total += x[i] * y[i]
	}
	return total
}

// of is an arm's adjusted value, and its scores less what the covariates explain.
func (j *adjustment) of(sm *sample, a *arm) (value float64, scores []float64) {
	value, scores = a.value, append([]float64(nil), a.scores...)
	if j == nil {
		return value, scores
	}
	for k, theta := range j.theta {
		at := a.pre
		if !sm.setup.isRatio() {
			at = mean(a.covariates[k])
		}
		value -= theta * (at - j.centre[k])
		for i := range scores {
			scores[i] -= theta * a.covariates[k][i]
		}
	}
	return value, scores
}

func (a *arm) standardError() float64 { return math.Sqrt(variance(a.scores) / float64(a.n)) }
