package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// A Heterogeneity is how effects differ over the slices of a dimension, each unit in one slice: a meta-analysis of the slices.
type Heterogeneity struct {
	Fixed Effect // the inverse-variance mean, as if all slices had one effect
	// Q is Cochran's test that they do; undefined for one slice. DF is its degrees of freedom.
	Q  Test
	DF int
	I2 float64 // the share of the variation between slices that is not noise (Higgins and Thompson 2002)
	// Tau2DL is the variance of the true effects by DerSimonian and Laird (1986).
	Tau2DL float64
	// Random is the mean of the true effects, with Tau2DL.
	Random Effect
	Slices []SliceEffect
}

// A SliceEffect is one slice's effect in the light of the others.
type SliceEffect struct {
	Effect Effect
	// Shrunk is the effect pulled towards the mean of all (empirical Bayes), with a standard error that counts the mean's own error;
	// PlugInSE takes the mean as known. Both take the variance between slices as known, so that intervals of few slices are a
	// little too narrow.
	Shrunk   Effect
	PlugInSE float64
	Test     Test      // of no effect in this slice
	BH       Corrected // that test corrected over the slices by Benjamini and Hochberg
	// FromRest is the test that the slice's effect is that of the other slices together; undefined for one slice.
	FromRest Test
}

// Heterogeneous analyses the effects of the slices of one dimension; alpha is that of the corrected tests.
func Heterogeneous(effects []Effect, alpha float64) (Heterogeneity, error) {
	if err := firstError(checkAlpha(alpha), checkSlices(effects)); err != nil {
		return Heterogeneity{}, err
	}
	h := Heterogeneity{Fixed: pooledEffect(effects, 0), DF: len(effects) - 1}
	h.Q.Statistic = cochranQ(effects, 0)
	if h.DF > 0 {
		h.Q.P, h.Q.Defined = chiSquareSurvival(h.Q.Statistic, float64(h.DF)), true
		h.I2 = math.Max(0, 1-float64(h.DF)/h.Q.Statistic)
		h.Tau2DL = derSimonianLaird(effects, h.Q.Statistic)
	}
	h.Random = pooledEffect(effects, h.Tau2DL)
	family := make([]Test, len(effects))
	for i, e := range effects {
		s := SliceEffect{Effect: e, Test: e.normalTest()}
		s.Shrunk, s.PlugInSE = h.shrink(e)
		if h.DF > 0 {
			s.FromRest = fromRest(effects, i).normalTest()
		}
		h.Slices, family[i] = append(h.Slices, s), s.Test
	}
	corrected, err := BenjaminiHochberg.Adjust(family, nil, alpha)
	for i := range h.Slices {
		h.Slices[i].BH = corrected[i]
	}
	return h, err
}

func checkSlices(effects []Effect) error {
	if len(effects) == 0 {
		return undefined(InsufficientData, "no slices")
	}
	for _, e := range effects {
		if err := e.check(); err != nil {
			return err
		}
	}
	return nil
}

func (e Effect) normalTest() Test {
	return Test{Statistic: e.z(), P: math.Min(1, 2*normalSurvival(math.Abs(e.z()))), Defined: true}
}

// sliceWeights are 1/(SE² + τ²).
func sliceWeights(effects []Effect, tau2 float64) []float64 {
	w := make([]float64, len(effects))
	for i, e := range effects {
		w[i] = 1 / (e.SE*e.SE + tau2)
	}
	return w
}

// pooledEffect is the weighted mean of the effects.
func pooledEffect(effects []Effect, tau2 float64) Effect {
	w, mean := sliceWeights(effects, tau2), 0.0
	total := floats.Sum(w)
	for i, e := range effects {
		mean += w[i] / total * e.Value
	}
	return Effect{mean, math.Sqrt(1 / total)}
}

// cochranQ is Σw(effect − mean)².
func cochranQ(effects []Effect, tau2 float64) float64 {
	w, mean, q := sliceWeights(effects, tau2), pooledEffect(effects, tau2).Value, 0.0
	for i, e := range effects {
		q += w[i] * (e.Value - mean) * (e.Value - mean)
	}
	return q
}

// derSimonianLaird solves E Q = (k−1) + τ²·tr(P) for τ².
func derSimonianLaird(effects []Effect, q float64) float64 {
	trace, _ := projectionTraces(sliceWeights(effects, 0))
	return math.Max(0, (q-float64(len(effects)-1))/trace)
}

// projectionTraces are tr(P) and tr(PP) of P = W − W11'W/1'W1, which weighs what is left of effects after their mean. They are
// sums of what is positive: as differences they would vanish where one weight is far above the others.
func projectionTraces(w []float64) (trace, ofSquare float64) {
	total := floats.Sum(w)
	for i := range w {
		diagonal := 0.0
		for j := range w {
			if j != i {
				shared := w[i] * (w[j] / total)
				diagonal += shared
				ofSquare += shared * shared
			}
		}
		trace += diagonal
		ofSquare += diagonal * diagonal
	}
	return trace, ofSquare
}

// shrink is the best linear prediction of a slice's true effect.
func (h Heterogeneity) shrink(e Effect) (Effect, float64) {
	noise := e.SE * e.SE / (h.Tau2DL + e.SE*e.SE)
	plugIn := e.SE * math.Sqrt(1-noise)
	return Effect{
		Value: (1-noise)*e.Value + noise*h.Random.Value,
		SE:    math.Hypot(plugIn, noise*h.Random.SE),
	}, plugIn
}

// fromRest is the effect of slice i less that of the others together.
func fromRest(all []Effect, i int) Effect {
	rest := pooledEffect(slices.Concat(all[:i], all[i+1:]), 0)
	return Effect{all[i].Value - rest.Value, math.Hypot(all[i].SE, rest.SE)}
}

// PauleMandel is the variance of the true effects over the slices under which Q is what it should be (Paule and Mandel 1982).
func PauleMandel(effects []Effect) (float64, error) {
	if err := checkVariation(effects); err != nil {
		return 0, err
	}
	excess := func(tau2 float64) float64 { return float64(len(effects)-1) - cochranQ(effects, tau2) }
	if excess(0) >= 0 {
		return 0, nil
	}
	return findRoot(excess, 0, expandUp(excess, effects[0].SE*effects[0].SE)), nil
}

// RestrictedMaximumLikelihood is the variance of the true effects over the slices that makes the restricted likelihood largest,
// by Fisher scoring from Hedges' estimate (Viechtbauer 2005).
func RestrictedMaximumLikelihood(effects []Effect) (float64, error) {
	if err := checkVariation(effects); err != nil {
		return 0, err
	}
	tau2 := hedges(effects)
	for range 1000 {
		next := math.Max(0, tau2+remlStep(effects, tau2))
		change := math.Abs(next - tau2)
		tau2 = next
		if change <= 1e-12*(tau2+smallestVariance(effects)) {
			break
		}
	}
	return tau2, nil
}

func checkVariation(effects []Effect) error {
	if len(effects) == 1 {
		return undefined(InsufficientData, "one slice; a variance between slices needs at least 2")
	}
	return checkSlices(effects)
}

// hedges is the sample variance of the effects less the mean of their noise.
func hedges(effects []Effect) float64 {
	values, noise := make([]float64, len(effects)), 0.0
	for i, e := range effects {
		values[i] = e.Value
		noise += e.SE * e.SE / float64(len(effects))
	}
	return math.Max(0, stat.Variance(values, nil)-noise)
}

// remlStep is the score of the restricted likelihood over its expected information.
func remlStep(effects []Effect, tau2 float64) float64 {
	w, mean, fit := sliceWeights(effects, tau2), pooledEffect(effects, tau2).Value, 0.0
	for i, e := range effects {
		fit += w[i] * w[i] * (e.Value - mean) * (e.Value - mean)
	}
	trace, ofSquare := projectionTraces(w)
	return (fit - trace) / ofSquare
}

func smallestVariance(effects []Effect) float64 {
	least := math.Inf(1)
	for _, e := range effects {
		least = math.Min(least, e.SE*e.SE)
	}
	return least
}
