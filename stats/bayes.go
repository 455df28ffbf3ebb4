package stats

import "math"

// A NormalPrior is what is believed of an effect before the data: N(Mean, SD²) on the effect's scale. FlatPrior has
// an infinite SD.
type NormalPrior struct{ Mean, SD float64 }

// FlatPrior believes every effect alike.
var FlatPrior = NormalPrior{SD: math.Inf(1)}

// Scaled is the prior of an effect that is factor times the one this prior is of: a prior on the lift, scaled by the absolute
// value of the control, is a prior on the difference.
func (p NormalPrior) Scaled(factor float64) NormalPrior {
	return NormalPrior{Mean: p.Mean * factor, SD: p.SD * math.Abs(factor)}
}

// A Posterior is what is believed of an effect after the data: N(Mean, SD²).
type Posterior struct{ Mean, SD float64 }

// Posterior updates the prior by an estimate whose error is normal with known variance (Gelman et al. 2013, section 2.5).
func (p NormalPrior) Posterior(e Effect) (Posterior, error) {
	if err := firstError(e.check(), p.check()); err != nil {
		return Posterior{}, err
	}
	shares := mixtureOf(e.SE*e.SE, p.SD*p.SD)
	return Posterior{
		Mean: shares.noise*p.Mean + shares.signal*e.Value,
		SD:   1 / math.Hypot(1/e.SE, 1/p.SD),
	}, nil
}

func (p NormalPrior) check() error {
	if p == FlatPrior {
		return nil
	}
	return firstError(checkFinite("the prior's mean", p.Mean), checkPositive("the prior's standard deviation", p.SD))
}

// Interval is the central credible interval that holds the effect with probability 1−α; α is in (0, 1).
func (p Posterior) Interval(alpha float64) Interval {
	return Effect{p.Mean, p.SD}.around(normalUpperQuantile(alpha/2), TwoSided)
}

// ChanceToWin is the probability that the effect is good.
func (p Posterior) ChanceToWin(good Direction) float64 { return normalCDF(good.good(p.Mean) / p.SD) }

// LossOfShipping is the mean of what is lost by shipping a variant that is worse, and nothing where it is better: E max(−d, 0) of
// the effect d with its good side up, in the effect's unit.
func (p Posterior) LossOfShipping(good Direction) float64 { return p.meanAbove(-good.good(p.Mean)) }

// LossOfKeeping is the mean of what is lost by keeping a control that is worse: E max(d, 0).
func (p Posterior) LossOfKeeping(good Direction) float64 { return p.meanAbove(good.good(p.Mean)) }

// meanAbove is E max(X, 0) of X ~ N(mean, SD²). For a mean far below 0 the two terms cancel, but only by a factor of (mean/SD)².
func (p Posterior) meanAbove(mean float64) float64 {
	x := mean / p.SD
	return math.Max(0, p.SD*normalDensity(x)+mean*normalCDF(x))
}

// A BayesianEstimate is a posterior as a result: its Estimate has a credible interval and no test.
type BayesianEstimate struct {
	Estimate
	ChanceToWin                   float64
	LossOfShipping, LossOfKeeping float64
}

// BayesianNormal is the answer on an effect under a prior, at credibility 1−α, with the good side as given.
func BayesianNormal(e Effect, prior NormalPrior, alpha float64, good Direction) (BayesianEstimate, error) {
	posterior, err := prior.Posterior(e)
	if err := firstError(err, checkAlpha(alpha), good.check()); err != nil {
		return BayesianEstimate{}, err
	}
	return BayesianEstimate{
		Estimate: Estimate{
			Value: posterior.Mean, SE: posterior.SD, DF: math.Inf(1), Method: Bayesian,
			Interval: posterior.Interval(alpha),
		},
		ChanceToWin:    posterior.ChanceToWin(good),
		LossOfShipping: posterior.LossOfShipping(good),
		LossOfKeeping:  posterior.LossOfKeeping(good),
	}, nil
}
