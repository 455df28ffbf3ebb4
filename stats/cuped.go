package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

import "slices"

// Pooling says over which units the slopes of a covariate adjustment are estimated.
type Pooling uint8

const (
	// PooledWithin: one slope, from the spread within arms (the ANCOVA slope). The default: it is not moved by the effect, and
	// one slope keeps the arms comparable.
	PooledWithin Pooling = iota
	// PooledTotal: one slope from all units together. Where the effect is large it absorbs some of it into the slope.
	PooledTotal
	// PerArm: each arm its own (Lin 2013). The narrowest for large samples when slopes differ.
	PerArm
)

// An Adjustment is a set of arms whose values are adjusted to the mean covariate of all of them.
type Adjustment struct {
	Arms []Arm
	// Slopes are θ of each arm, a number for each covariate.
	Slopes [][]float64
	// Dropped are the positions among the quantities of covariates that do not vary or repeat those before them.
	Dropped []int
}

// CUPED adjusts quantity 0 for the covariates in quantities 1…, taken before the experiment (Deng, Xu, Kohavi and Walker 2013):
// ȳ − θ'(x̄ − x̄ of all arms), with variance (s²_y − 2θ's_xy + θ'S_x θ)/n, θ taken as known. A covariate that does not vary has
// θ = 0. Missing values are 0, with an indicator as one more covariate. All arms hold the same quantities.
func CUPED(pooling Pooling, variants ...Moments) Adjustment {
	k := quantities(variants)
	centre, swept := NewMoments(0, k), NewMoments(0, k)
	switch pooling {
	case PooledTotal:
		if complete := passing(variants, func(m Moments) error { return m.check(k) }); len(complete) > 0 {
			centre = MergeMoments(complete...)
		}
	default:
		poolWithin(centre, variants)
	}
	adj := Adjustment{Dropped: centre.regress(swept)}
	for _, m := range variants {
		if pooling == PerArm && m.check(k) == nil {
			adj.Dropped = m.regress(swept)
		}
		adj.Arms = append(adj.Arms, m.adjusted(swept, centre))
		adj.Slopes = append(adj.Slopes, swept.slopes())
	}
	return adj
}

// appendMeans is CUPED pooled within, for one who compares many experiments: arms go to dst and nothing else is kept.
func appendMeans(dst []Arm, variants []Moments) (arms []Arm, dropped []int) {
	var pooledSpace, sweptSpace [20]float64 // up to four covariates need no more
	k := quantities(variants)
	pooled, swept := momentsIn(pooledSpace[:], k), momentsIn(sweptSpace[:], k)
	poolWithin(pooled, variants)
	dropped = pooled.regress(swept)
	for _, m := range variants {
		dst = append(dst, m.adjusted(swept, pooled))
	}
	return dst, dropped
}

// momentsIn are k quantities in the given space, where it has room.
func momentsIn(space []float64, k int) Moments {
	size := k + k*(k+1)/2
	if len(space) < size {
		space = make([]float64, size)
	}
	return Moments{Mean: space[:k:k], Cov: space[k:size:size]}
}

// quantities is the number of quantities of the arms that have any; at least one.
func quantities(variants []Moments) int {
	k := 1
	for _, m := range variants {
		k = max(k, len(m.Mean))
	}
	return k
}

// passing are the arms that a check has nothing against.
func passing(variants []Moments, check func(Moments) error) []Moments {
	return slices.DeleteFunc(slices.Clone(variants), func(m Moments) bool { return check(m) != nil })
}

// poolWithin writes into pooled the overall means and the covariances about each arm's own means, of the arms that have them.
func poolWithin(pooled Moments, variants []Moments) {
	clear(pooled.Cov)
	units, df := 0.0, 0.0
	for _, m := range variants {
		if m.N < 1 || len(m.Mean) != len(pooled.Mean) || checkFinite("mean", floats.Sum(m.Mean)) != nil {
			continue
		}
		n := float64(m.N)
		units += n
		for i := range pooled.Mean {
			pooled.Mean[i] += (m.Mean[i] - pooled.Mean[i]) * n / units
		}
		if m.N < 2 || m.check(len(pooled.Mean)) != nil {
			continue // one unit has a mean, and no covariance
		}
		df += n - 1
		for i := range pooled.Cov {
			pooled.Cov[i] += (m.Cov[i] - pooled.Cov[i]) * (n - 1) / df
		}
	}
}

// adjusted is the arm of quantity 0 with the slopes that regress left, moved to the centre's covariates.
func (m Moments) adjusted(swept, centre Moments) Arm {
	if m.N < 1 || len(m.Mean) == 0 {
		return undefinedArm(m.N, 0, m.checkSize(len(swept.Mean)))
	}
	m, err := m.independent()
	if err := firstError(err, m.check(len(swept.Mean))); err != nil {
		return undefinedArm(m.N, m.Mean[0], err).moved(m.shift(swept, centre))
	}
	arm := MeanArm(m.Sample(0))
	arm.Clusters = m.clusters()
	// size is that of the terms one by one: in an arm of few units the covariates' own terms may cancel each other.
	shared, explained, size := 0.0, 0.0, m.Var(0)
	for i := 1; i < len(m.Mean); i++ {
		slope := swept.Covar(0, i)
		shared += slope * m.Covar(0, i)
		size += 2 * math.Abs(slope*m.Covar(0, i))
		for j := 1; j < len(m.Mean); j++ {
			term := slope * swept.Covar(0, j) * m.Covar(i, j)
			explained, size = explained+term, size+math.Abs(term)
		}
	}
	n := float64(m.N)
	variance, err := notNegative(m.Var(0)-2*shared+explained, size)
	if variance <= roundedSlopes*roundedSlopes*centre.Var(0) {
		variance = 0
	}
	arm.Adjusted = m.Mean[0] - m.shift(swept, centre)
	arm.Variance, arm.Covariance, arm.Undefined = variance/n, (m.Var(0)-shared)/n, err
	return arm.checked()
}

// roundedSlopes is the share of how all arms vary that the rounding of their slopes leaves in an arm that does not.
const roundedSlopes = 1e-12

// moved is an undefined arm whose value is at the centre's covariates as those of others are, where it lacks no more than units or
// clusters for a variance.
func (a Arm) moved(shift float64) Arm {
	if a.N >= 1 && reasonOf(a.Undefined) == InsufficientData && checkFinite("shift", a.Adjusted-shift) == nil {
		a.Adjusted -= shift
	}
	return a
}

// shift is how far the arm's covariates put its mean above what it would be at the centre's; that takes no variance of the arm.
func (m Moments) shift(swept, centre Moments) float64 {
	shift := 0.0
	for i := 1; i < len(m.Mean); i++ {
		shift += swept.Covar(0, i) * (m.Mean[i] - centre.Mean[i])
	}
	return shift
}
