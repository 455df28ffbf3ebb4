package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// A BetaPrior is what is believed of a proportion before the data: Beta(A, B). A = B = 1 is uniform.
type BetaPrior struct{ A, B float64 }

// Successes of Trials are what one arm's units did.
type Successes struct{ Successes, Trials int64 }

// A BetaComparison is what is believed of two proportions after the data, each under the same prior.
type BetaComparison struct {
	Control, Variant BetaPrior // the posteriors
	// ChanceToWin is the probability that the variant's proportion is the higher.
	ChanceToWin float64
	// LossOfShipping is E max(control − variant, 0) and LossOfKeeping E max(variant − control, 0).
	LossOfShipping, LossOfKeeping float64
	// MeanDifference is E (variant − control).
	MeanDifference float64
}

// CompareBeta updates a prior by each arm's successes (Gelman et al. 2013, section 2.4). The probability and the losses are
// expectations over the narrower posterior of closed forms in the wider, by Gauss–Legendre quadrature on the scale of log-odds,
// where both are smooth whatever the counts.
func CompareBeta(prior BetaPrior, control, variant Successes) (BetaComparison, error) {
	err := firstError(
		checkPositive("the prior's A", prior.A), checkPositive("the prior's B", prior.B),
		control.check("control"), variant.check("variant"),
	)
	if err != nil {
		return BetaComparison{}, err
	}
	c := BetaComparison{Control: prior.after(control), Variant: prior.after(variant)}
	c.MeanDifference = c.Variant.mean() - c.Control.mean()
	if c.Control.variance() < c.Variant.variance() {
		c.ChanceToWin, c.LossOfKeeping, c.LossOfShipping = c.Control.compare(c.Variant)
	} else {
		var chance float64
		chance, c.LossOfShipping, c.LossOfKeeping = c.Variant.compare(c.Control)
		c.ChanceToWin = 1 - chance
	}
	return c, nil
}

func (s Successes) check(arm string) error {
	if s.Successes < 0 || s.Trials < s.Successes {
		return undefined(InvalidInput, "%d successes of %d trials in the %s; give 0 ≤ successes ≤ trials", s.Successes, s.Trials, arm)
	}
	return nil
}

func (p BetaPrior) after(s Successes) BetaPrior {
	return BetaPrior{A: p.A + float64(s.Successes), B: p.B + float64(s.Trials-s.Successes)}
}

func (p BetaPrior) mean() float64 { return p.A / (p.A + p.B) }

func (p BetaPrior) variance() float64 { return p.mean() * (1 - p.mean()) / (p.A + p.B + 1) }

// compare is, of X under p and Y under the wider distribution: P(Y > X), E max(Y − X, 0) and E max(X − Y, 0).
func (p BetaPrior) compare(wider BetaPrior) (above, gain, loss float64) {
	nodes := p.nodes()
	for i, u := range nodes.x {
		x, rest := 1/(1+math.Exp(-u)), 1/(1+math.Exp(u))
		aboveX, belowX := mathext.RegIncBeta(wider.B, wider.A, rest), mathext.RegIncBeta(wider.A, wider.B, x)
		meanAbove := wider.mean() * mathext.RegIncBeta(wider.B, wider.A+1, rest)
		meanBelow := wider.mean() * mathext.RegIncBeta(wider.A+1, wider.B, x)
		above += nodes.w[i] * aboveX
		gain += nodes.w[i] * math.Max(0, meanAbove-x*aboveX)
		loss += nodes.w[i] * math.Max(0, x*belowX-meanBelow)
	}
	return math.Min(1, above), gain, loss
}

// nodes is a quadrature for expectations over the log-odds u, whose density is proportional to e^(Au)/(1+e^u)^(A+B).
func (p BetaPrior) nodes() nodeSet {
	logDensity := func(u float64) float64 {
		if u > 0 {
			return -p.B*u - (p.A+p.B)*math.Log1p(math.Exp(-u))
		}
		return p.A*u - (p.A+p.B)*math.Log1p(math.Exp(u))
	}
	return densityNodes(logDensity, math.Log(p.A/p.B), math.Sqrt(1/p.A+1/p.B))
}
