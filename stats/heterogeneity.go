package stats

import (
	"math"

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
	// PlugInSE takes the mean and the variance between slices as known.
	Shrunk   Effect
	PlugInSE float64
	Test     Test      // of no effect in this slice
	BH       Corrected // that test corrected over the slices by Benjamini and Hochberg
	// FromRest is the test that the slice's effect is that of the other slices together; undefined for one slice.
	FromRest Test
}

// Heterogeneous analyses the effects of the slices of one dimension; alpha is that of the corrected tests.
func Heterogeneous(slices []Effect, alpha float64) (Heterogeneity, error) {
	if err := firstError(checkAlpha(alpha), checkSlices(slices)); err != nil {
		return Heterogeneity{}, err
	}
	h := Heterogeneity{Fixed: pooledEffect(slices, 0), DF: len(slices) - 1}
	h.Q.Statistic = cochranQ(slices, 0)
	if h.DF > 0 {
		h.Q.P, h.Q.Defined = chiSquareSurvival(h.Q.Statistic, float64(h.DF)), true
		h.I2 = math.Max(0, 1-float64(h.DF)/h.Q.Statistic)
		h.Tau2DL = derSimonianLaird(slices, h.Q.Statistic)
	}
	h.Random = pooledEffect(slices, h.Tau2DL)
	family := make([]Test, len(slices))
	for i, e := range slices {
		s := SliceEffect{Effect: e, Test: e.normalTest()}
		s.Shrunk, s.PlugInSE = h.shrink(e)
		if h.DF > 0 {
			s.FromRest = fromRest(e, h.Fixed).normalTest()
		}
		h.Slices, family[i] = append(h.Slices, s), s.Test
	}
	corrected, err := BenjaminiHochberg.Adjust(family, nil, alpha)
	for i := range h.Slices {
		h.Slices[i].BH = corrected[i]
	}
	return h, err
}

func checkSlices(slices []Effect) error {
	if len(slices) == 0 {
		return undefined(InsufficientData, "no slices")
	}
	for _, e := range slices {
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
func sliceWeights(slices []Effect, tau2 float64) []float64 {
	w := make([]float64, len(slices))
	for i, e := range slices {
		w[i] = 1 / (e.SE*e.SE + tau2)
	}
	return w
}

// pooledEffect is the weighted mean of the effects.
func pooledEffect(slices []Effect, tau2 float64) Effect {
	w, mean := sliceWeights(slices, tau2), 0.0
	total := floats.Sum(w)
	for i, e := range slices {
		mean += w[i] / total * e.Value
	}
	return Effect{mean, math.Sqrt(1 / total)}
}

// cochranQ is Σw(effect − mean)².
func cochranQ(slices []Effect, tau2 float64) float64 {
	w, mean, q := sliceWeights(slices, tau2), pooledEffect(slices, tau2).Value, 0.0
	for i, e := range slices {
		q += w[i] * (e.Value - mean) * (e.Value - mean)
	}
	return q
}

func derSimonianLaird(slices []Effect, q float64) float64 {
	w := sliceWeights(slices, 0)
	total := floats.Sum(w)
	return math.Max(0, (q-float64(len(slices)-1))/(total-floats.Dot(w, w)/total))
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

// fromRest is the slice's effect less that of the others: of all, take away what the slice put in. Their mean is
// (all/V − e/v)/(1/V − 1/v) with variances V and v.
func fromRest(e, all Effect) Effect {
	share := all.SE * all.SE / (e.SE * e.SE) // of the slice in the mean of all
	return Effect{
		Value: (e.Value - all.Value) / (1 - share),
		SE:    e.SE / math.Sqrt(1-share),
	}
}

// PauleMandel is the variance of the true effects over the slices under which Q is what it should be (Paule and Mandel 1982).
func PauleMandel(slices []Effect) (float64, error) {
	if err := checkVariation(slices); err != nil {
		return 0, err
	}
	excess := func(tau2 float64) float64 { return float64(len(slices)-1) - cochranQ(slices, tau2) }
	if excess(0) >= 0 {
		return 0, nil
	}
	return findRoot(excess, 0, expandUp(excess, slices[0].SE*slices[0].SE)), nil
}

// RestrictedMaximumLikelihood is the variance of the true effects over the slices that makes the restricted likelihood largest, by
// Fisher scoring from Hedges' estimate (Viechtbauer 2005).
func RestrictedMaximumLikelihood(slices []Effect) (float64, error) {
	if err := checkVariation(slices); err != nil {
		return 0, err
	}
	tau2 := hedges(slices)
	for range 1000 {
		next := math.Max(0, tau2+remlStep(slices, tau2))
		change := math.Abs(next - tau2)
		tau2 = next
		if change <= 1e-12*(tau2+smallestVariance(slices)) {
			break
		}
	}
	return tau2, nil
}

func checkVariation(slices []Effect) error {
	if len(slices) == 1 {
		return undefined(InsufficientData, "one slice; a variance between slices needs at least 2")
	}
	return checkSlices(slices)
}

// hedges is the sample variance of the effects less the mean of their noise.
func hedges(slices []Effect) float64 {
	values, noise := make([]float64, len(slices)), 0.0
	for i, e := range slices {
		values[i] = e.Value
		noise += e.SE * e.SE / float64(len(slices))
	}
	return math.Max(0, stat.Variance(values, nil)-noise)
}

// remlStep is the score of the restricted likelihood over its expected information, with P = W − W11'W/1'W1.
func remlStep(slices []Effect, tau2 float64) float64 {
	w, mean := sliceWeights(slices, tau2), pooledEffect(slices, tau2).Value
	total, squares, cubes, fit := floats.Sum(w), floats.Dot(w, w), 0.0, 0.0
	for i, e := range slices {
		cubes += w[i] * w[i] * w[i]
		fit += w[i] * w[i] * (e.Value - mean) * (e.Value - mean)
	}
	traceP := total - squares/total
	tracePP := squares - 2*cubes/total + squares*squares/(total*total)
	return (fit - traceP) / tracePP
}

func smallestVariance(slices []Effect) float64 {
	least := math.Inf(1)
	for _, e := range slices {
		least = math.Min(least, e.SE*e.SE)
	}
	return least
}
