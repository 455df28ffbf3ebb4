package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// A betaOdds is a Beta distribution on the scale of log-odds, where its density is smooth and log-concave whatever the counts.
// (mathext.RegIncBeta has lost six digits at counts of 1e8.)
type betaOdds struct {
	BetaPrior
	mode   float64
	breaks []float64 // ends of panels that hold the distribution, from the mode
	total  float64   // the integral of a density that is 1 at the mode
}

func (p BetaPrior) odds() betaOdds {
	d := betaOdds{BetaPrior: p, mode: math.Log(p.A / p.B), total: 1}
	d.breaks = densityBreaks(d.logDensity, 0, math.Sqrt(p.oddsVariance()))
	d.total = floats.Sum(d.between(math.Inf(-1), math.Inf(1)).w)
	return d
}

// logDensity is ln of x^A (1−x)^B at u from the mode, less its value there. Of its two forms it takes the one whose terms are of
// the size of the smaller count: those of the size of the larger would cancel.
func (d betaOdds) logDensity(u float64) float64 {
	n := d.A + d.B
	if d.A > d.B {
		return -d.B*u - n*math.Log1p(d.B/n*math.Expm1(-u))
	}
	return d.A*u - n*math.Log1p(d.A/n*math.Expm1(u))
}

// between is a quadrature for expectations over the log-odds between low and high.
func (d betaOdds) between(low, high float64) nodeSet {
	ends := make([]float64, len(d.breaks))
	for i, b := range d.breaks {
		ends[i] = math.Min(math.Max(b, low-d.mode), high-d.mode)
	}
	s := compositeNodes(ends)
	for i, u := range s.x {
		s.x[i] = d.mode + u
		s.w[i] *= math.Exp(d.logDensity(u)) / d.total
	}
	return s
}

// compareOdds is, of the proportions X and Y: P(Y > X), E max(Y − X, 0) and E max(X − Y, 0). It integrates over X, which should
// be the narrower one in its log-odds, what Y has on either side of it.
func compareOdds(x, y betaOdds) (above, gain, loss float64) {
	xs := x.between(math.Inf(-1), math.Inf(1))
	for i, u := range xs.x {
		higher := y.between(u, math.Inf(1))
		for j, v := range higher.x {
			mass := xs.w[i] * higher.w[j]
			above += mass
			gain += mass * proportionsApart(u, v)
		}
		lower := y.between(math.Inf(-1), u)
		for j, v := range lower.x {
			loss += xs.w[i] * lower.w[j] * proportionsApart(v, u)
		}
	}
	return math.Min(1, above), gain, loss
}

// proportionsApart is the proportion at log-odds high less that at low: p_high·(1 − p_low)·(1 − e^(low−high)), which
// neither cancels nor overflows.
func proportionsApart(low, high float64) float64 {
	return -math.Expm1(low-high) / ((1 + math.Exp(low)) * (1 + math.Exp(-high)))
}
