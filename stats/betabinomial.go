package stats

import "math"

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

// CompareBeta updates a prior by each arm's successes (Gelman et al. 2013, section 2.4).
func CompareBeta(prior BetaPrior, control, variant Successes) (BetaComparison, error) {
	if err := firstError(prior.check(), control.check("control"), variant.check("variant")); err != nil {
		return BetaComparison{}, err
	}
	c := BetaComparison{Control: prior.after(control), Variant: prior.after(variant)}
	c.MeanDifference = c.Variant.mean() - c.Control.mean()
	if c.Control.oddsVariance() < c.Variant.oddsVariance() {
		c.ChanceToWin, c.LossOfKeeping, c.LossOfShipping = compareOdds(c.Control.odds(), c.Variant.odds())
	} else {
		var chance float64
		chance, c.LossOfShipping, c.LossOfKeeping = compareOdds(c.Variant.odds(), c.Control.odds())
		c.ChanceToWin = 1 - chance
	}
	return c, nil
}

func (s Successes) check(arm string) error {
	if s.Successes < 0 || s.Trials < s.Successes || float64(s.Trials) > mostUnits {
		return undefined(InvalidInput, "%d successes of %d trials in the %s; give 0 ≤ successes ≤ trials ≤ %v",
			s.Successes, s.Trials, arm, mostUnits)
	}
	return nil
}

// check: a prior is worth between a thousandth of a unit and more units than there are.
func (p BetaPrior) check() error {
	if !(math.Min(p.A, p.B) >= 1e-3 && math.Max(p.A, p.B) <= mostUnits) {
		return undefined(InvalidInput, "the prior is Beta(%v, %v); give both between 0.001 and %v, such as 1 and 1", p.A, p.B,
			mostUnits)
	}
	return nil
}

func (p BetaPrior) after(s Successes) BetaPrior {
	return BetaPrior{A: p.A + float64(s.Successes), B: p.B + float64(s.Trials-s.Successes)}
}

func (p BetaPrior) mean() float64 { return p.A / (p.A + p.B) }

// oddsVariance is about that of the log-odds, exact for large A and B.
func (p BetaPrior) oddsVariance() float64 { return 1/p.A + 1/p.B }
