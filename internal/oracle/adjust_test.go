package oracle

import "math"

// An adjustment takes off each arm what its covariates explain.
type adjustment struct {
	theta  []float64
	centre []float64 // mean covariates of all variants, or the past ratio of all
	ratio  bool
}

// adjustment is the slope pooled within the arms; nil where there is no covariate that works.
func (sm *sample) adjustment(arms []*arm) *adjustment {
	var used []*arm
	for _, a := range arms {
		if sm.before != nil && a.assigned() > 1 && a.defined && !a.pastDefined {
			return nil
		}
		if a.n > 0 {
			used = append(used, a)
		}
	}
	switch {
	case len(used) == 0:
		return nil
	case sm.before != nil:
		return sm.ratioAdjustment(used)
	case sm.covariates != nil:
		return &adjustment{theta: slope(used), centre: centre(used)}
	}
	return nil
}

// ratioAdjustment has the θ that makes the variance of the difference least: Σcov/n ÷ Σvar/n.
func (sm *sample) ratioAdjustment(arms []*arm) *adjustment {
	cov, v, n := 0.0, 0.0, 0.0
	pooled := make([]float64, len(sm.before))
	for _, a := range arms {
		n += float64(a.n)
		for k, m := range a.pastMeans {
			pooled[k] += m * float64(a.n)
		}
		if a.assigned() > 1 && a.defined {
			cov += a.covariance(a.scores, a.features[0]) / float64(a.n)
			v += a.covariance(a.features[0], a.features[0]) / float64(a.n)
		}
	}
	for k := range pooled {
		pooled[k] /= n
	}
	all, _ := sm.formula.at(pooled)
	j := &adjustment{theta: []float64{0}, centre: []float64{all.value}, ratio: true}
	if v > 0 {
		j.theta[0] = cov / v
	}
	return j
}

func centre(arms []*arm) []float64 {
	total, n := make([]float64, len(arms[0].features)), 0.0
	for _, a := range arms {
		n += float64(a.n)
		for k, column := range a.features {
			total[k] += mean(column) * float64(a.n)
		}
	}
	for k := range total {
		total[k] /= n
	}
	return total
}

// of is by how much an arm's value lies off for its covariates, and its scores less what these explain.
func (j *adjustment) of(a *arm) (shift float64, left []float64) {
	left = append([]float64(nil), a.scores...)
	for k, theta := range j.theta {
		if theta == 0 {
			continue
		}
		from := a.past
		if !j.ratio {
			from = mean(a.features[k])
		}
		shift += theta * (from - j.centre[k])
		for i := range left {
			left[i] -= theta * a.features[k][i]
		}
	}
	return shift, left
}

// moved is the variance that each covariate moves of an arm's units, added up: where they cancel each other, more than what is moved.
func (j *adjustment) moved(a *arm) float64 {
	total := 0.0
	for k, theta := range j.theta {
		if theta != 0 {
			total += theta * theta * a.covariance(a.features[k], a.features[k])
		}
	}
	return total
}

// addsNothing is the share of its variance below which what is left of a covariate is rounding.
const addsNothing = 1e-10

// slope regresses the scores on the covariates, all less their arm's mean, by columns made orthogonal one after the other; one that
// adds nothing to those before it has 0.
func slope(arms []*arm) []float64 {
	y := within(arms, func(a *arm) []float64 { return a.scores })
	k := len(arms[0].features)
	theta, shares := make([]float64, k), make([][]float64, k)
	var columns [][]float64
	for i := range k {
		x := within(arms, func(a *arm) []float64 { return a.features[i] })
		whole := dot(x, x)
		shares[i] = make([]float64, k)
		for h, q := range columns {
			if q == nil {
				continue
			}
			shares[i][h] = dot(x, q) / dot(q, q)
			add(x, q, -shares[i][h])
		}
		if dot(x, x) <= addsNothing*whole {
			x = nil
		}
		columns = append(columns, x)
	}
	for i := k - 1; i >= 0; i-- {
		if columns[i] == nil {
			continue
		}
		theta[i] = dot(y, columns[i]) / dot(columns[i], columns[i])
		for h := i + 1; h < k; h++ {
			theta[i] -= theta[h] * shares[h][i]
		}
	}
	return theta
}

func within(arms []*arm, of func(*arm) []float64) []float64 {
	var all []float64
	for _, a := range arms {
		column := of(a)
		if len(column) == 0 {
			continue
		}
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

// add adds a multiple of y to x.
func add(x, y []float64, times float64) {
	for i := range x {
		x[i] += times * y[i]
	}
}

// explainedAll is whether covariates leave nothing of arms but the rounding of what moments hold.
func explainedAll(control, treated estimate) bool {
	left, all := control.v+treated.v, control.terms+treated.terms
	rounding := 1e-14 * math.Max(control.scale, treated.scale)
	return left < 1e-12*all || left < all && left < rounding*rounding || math.IsNaN(left)
}
