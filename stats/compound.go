package stats

import "math"

// A CompoundLift is the lift of several changes together, one on top of the other.
type CompoundLift struct {
	Observed float64 // as if each had the lift that its experiment estimated
	Shrunk   float64 // with each lift shrunk for what all the experiments say of it
	Interval Interval
}

// fewestLifts are what it takes to tell how much true lifts vary: the variance between fewer is little but noise (Friede and
// others 2017).
const fewestLifts = 5

// Compound is the lift of the changes that were kept. Lifts of changes that were kept for their lift are too large together,
// since luck helped to choose them: the winner's curse (Lee and Shen 2018). So each is shrunk towards the mean of all lifts, those
// of what was not kept among them, by empirical Bayes: posterior means hold whatever they were chosen by (Efron 2011). Lifts add up
// on the scale of logarithms, and there the interval counts, beside each lift's own error, what all of them share: the errors of
// the mean and of how far to shrink towards it (Morris 1983).
func Compound(lifts []Effect, kept []bool, alpha float64) (CompoundLift, error) {
	if len(lifts) < fewestLifts {
		return CompoundLift{}, undefined(InsufficientData, "fewer than %d experiments", fewestLifts)
	}
	h, err := Heterogeneous(lifts, alpha)
	if err != nil {
		return CompoundLift{}, err
	}
	var observed, shrunk, own, ofMean, ofShrinkage float64
	for i, s := range h.Slices {
		if !kept[i] {
			continue
		}
		factor := 1 + s.Shrunk.Value
		if lifts[i].Value <= -1 || factor <= 0 {
			return CompoundLift{}, undefined(InsufficientData, "a lift of -100%% or less")
		}
		variance := lifts[i].SE*lifts[i].SE + h.Tau2DL
		noise := lifts[i].SE * lifts[i].SE / variance
		observed += math.Log1p(lifts[i].Value)
		shrunk += math.Log(factor)
		own += math.Pow(s.PlugInSE/factor, 2)
		ofMean += noise * h.Random.SE / factor
		ofShrinkage += noise / variance * (lifts[i].Value - h.Random.Value) / factor
	}
	se := math.Sqrt(own + ofMean*ofMean + ofShrinkage*ofShrinkage*tau2Variance(lifts, h.Tau2DL))
	logs := Effect{shrunk, se}.around(normalUpperQuantile(alpha/2), TwoSided)
	return CompoundLift{Observed: math.Expm1(observed), Shrunk: math.Expm1(shrunk),
		Interval: Interval{Low: math.Expm1(logs.Low), High: math.Expm1(logs.High)}}, nil
}

// tau2Variance is that of an estimate of τ²: the inverse of its expected information (Viechtbauer 2005), and a little
// more where effects are few (Morris 1983).
func tau2Variance(effects []Effect, tau2 float64) float64 {
	k, information := float64(len(effects)), 0.0
	for _, w := range sliceWeights(effects, tau2) {
		information += w * w / 2
	}
	return k / (k - 3) / information
}
