package stats

import "math"

// A walk is where an experiment that has not stopped yet may stand: the distribution of the score B(t) = Z√t over the paths that
// stayed inside every boundary so far, on the nodes of a quadrature. Under drift θ the score is Brownian motion with mean θt, so
// that looks are joined by normal steps (Armitage, McPherson and Rowe 1969; Jennison and Turnbull 2000, chapter 19).
type walk struct {
	drift, t float64
	paths    nodeSet // scores, and the probability mass at each
}

// newWalk stands at 0 with certainty at t = 0.
func newWalk(drift float64) walk {
	return walk{drift: drift, paths: nodeSet{x: []float64{0}, w: []float64{1}}}
}

// step is the mean and the standard deviation of the score's move until t.
func (w walk) step(t float64) (mean, sd float64) { return w.drift * (t - w.t), math.Sqrt(t - w.t) }

// above is the probability that the walk goes on until t and stands above b there.
func (w walk) above(b, t float64) float64 {
	mean, sd := w.step(t)
	return w.paths.sum(func(from float64) float64 { return normalSurvival((b - from - mean) / sd) })
}

// below is the probability that the walk goes on until t and stands below b there.
func (w walk) below(b, t float64) float64 {
	mean, sd := w.step(t)
	return w.paths.sum(func(from float64) float64 { return normalCDF((b - from - mean) / sd) })
}

// density is the density of the score at t.
func (w walk) density(b, t float64) float64 {
	mean, sd := w.step(t)
	return w.paths.sum(func(from float64) float64 { return normalDensity((b - from - mean) / sd) }) / sd
}

// highest is the highest score that a path may stand at; +Inf where none goes on.
func (w walk) highest() float64 {
	if len(w.paths.x) == 0 {
		return math.Inf(1)
	}
	return w.paths.x[len(w.paths.x)-1]
}

// critical is the z above which the walk stands at t with probability tail. The log of that probability is concave in z, so that
// Newton's steps converge from the right. Two quantiles are to the right, and the lower one is near enough that some paths get
// there: that without earlier looks, for stopping only takes paths away, and that of all paths at the highest score so far.
func (w walk) critical(t, tail float64) float64 {
	if !(tail > 0) {
		return math.Inf(1)
	}
	root := math.Sqrt(t)
	mean, sd := w.step(t)
	deviate := normalUpperQuantile(tail)
	z := math.Min(w.drift*root+deviate, (w.highest()+mean+deviate*sd)/root)
	for range 50 {
		p := w.above(z*root, t)
		if p == 0 { // too far out for earlier looks to matter
			break
		}
		step := math.Log(p/tail) * p / (w.density(z*root, t) * root)
		z += step
		if !(math.Abs(step) > 1e-7) { // quadratic: the error left is below 1e-13
			break
		}
	}
	return z
}

// How many standard deviations from its mean a score is followed: where nothing bounds it, until 1e-19 lies beyond; towards a
// boundary further, until 1e-88, for the tail of an extreme bound comes from there.
const (
	openReach    = 9
	boundedReach = 20
)

// survivors is the walk at t of the paths within z standard errors of 0, on the sides that have a boundary. The panels are narrow
// against this step, which shapes the density, and the next, which is integrated against it.
func (w walk) survivors(t, z, next float64, sides Sides) walk {
	root, mean := math.Sqrt(t), w.drift*t
	low, high := mean-openReach*root, math.Min(z*root, mean+boundedReach*root)
	if sides == TwoSided {
		low = math.Max(-z*root, mean-boundedReach*root)
	}
	after := walk{drift: w.drift, t: t}
	if high > low {
		after.paths = evenNodes(low, high, 4*math.Sqrt(math.Min(t-w.t, next-t)))
	}
	for i, b := range after.paths.x {
		after.paths.w[i] *= w.density(b, t)
	}
	return after
}

// crossing is the probability of having left the boundary by each look, both sides counted where there are two.
func crossing(info, critical []float64, sides Sides, drift float64) []float64 {
	w := newWalk(drift)
	cumulative := make([]float64, len(info))
	total := 0.0
	for k, t := range info {
		b := critical[k] * math.Sqrt(t)
		total += w.above(b, t)
		if sides == TwoSided {
			total += w.below(-b, t)
		}
		cumulative[k] = total
		if k+1 < len(info) {
			w = w.survivors(t, critical[k], info[k+1], sides)
		}
	}
	return cumulative
}
