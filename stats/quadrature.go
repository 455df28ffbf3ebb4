package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/integrate/quad"
)

// gauss is the Gauss–Legendre rule on [−1, 1] that every panel uses.
var gauss = legendre(16)

type rule struct{ x, w []float64 }

func legendre(n int) rule {
	r := rule{make([]float64, n), make([]float64, n)}
	quad.Legendre{}.FixedLocations(r.x, r.w, -1, 1)
	return r
}

// A nodeSet are the nodes and weights of a quadrature.
type nodeSet struct{ x, w []float64 }

// panel adds the nodes of one panel [a, b].
func (s *nodeSet) panel(a, b float64) {
	middle, half := (a+b)/2, (b-a)/2
	for i, x := range gauss.x {
		s.x = append(s.x, middle+half*x)
		s.w = append(s.w, half*gauss.w[i])
	}
}

// compositeNodes joins panels between consecutive breaks, which must not fall.
func compositeNodes(breaks []float64) nodeSet {
	var s nodeSet
	for i := 1; i < len(breaks); i++ {
		if breaks[i] > breaks[i-1] {
			s.panel(breaks[i-1], breaks[i])
		}
	}
	return s
}

// evenNodes covers [low, high] with equal panels of at most the given width.
func evenNodes(low, high, width float64) nodeSet {
	panels := math.Ceil((high - low) / width)
	breaks := make([]float64, int(panels)+1)
	floats.Span(breaks, low, high)
	return compositeNodes(breaks)
}

// sum is the integral of f.
func (s nodeSet) sum(f func(float64) float64) float64 {
	total := 0.0
	for i, x := range s.x {
		total += s.w[i] * f(x)
	}
	return total
}

// densityNodes is a quadrature for expectations under a log-concave density known up to a factor: its weights add up to 1.
func densityNodes(logDensity func(float64) float64, mode, scale float64) nodeSet {
	s := compositeNodes(densityBreaks(logDensity, mode, scale))
	top := logDensity(mode)
	for i, x := range s.x {
		s.w[i] *= math.Exp(logDensity(x) - top)
	}
	floats.Scale(1/floats.Sum(s.w), s.w)
	return s
}

// densityBreaks are the ends of panels over all of such a density.
func densityBreaks(logDensity func(float64) float64, mode, scale float64) []float64 {
	left := tailBreaks(logDensity, mode, -scale)
	slices.Reverse(left)
	return slices.Concat(left, []float64{mode}, tailBreaks(logDensity, mode, scale))
}

// tailBreaks are the ends of panels that widen from the mode until the density is negligible, so that Gaussian tails and
// exponential ones both end.
func tailBreaks(logDensity func(float64) float64, mode, step float64) []float64 {
	const negligible = -50 // e^−50 = 2e-22
	var breaks []float64
	step *= 1.5
	floor := logDensity(mode) + negligible
	for end := mode; logDensity(end) > floor && len(breaks) < 100; step *= 1.5 {
		end += step
		breaks = append(breaks, end)
	}
	return breaks
}
