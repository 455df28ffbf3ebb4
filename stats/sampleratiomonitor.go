package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// A SampleRatioMonitor is the sequential test of the sample ratio of Lindon and Malek (2022): the Bayes factor of a Dirichlet
// prior for the shares against the designed ones. It may be looked at after every batch for as long as one likes.
type SampleRatioMonitor struct {
	Weights []float64 // traffic weights, which need not add up to 1
	Prior   []float64 // the parameters of the Dirichlet prior of the arms' shares; see ConcentratedPrior
}

// ConcentratedPrior is the Dirichlet prior of the given concentration about the weights. 10000, the usual choice, looks for small
// deviations that only many units can show.
func ConcentratedPrior(weights []float64, concentration float64) []float64 {
	prior := make([]float64, len(weights))
	floats.AddScaled(prior, concentration/floats.Sum(weights), weights)
	return prior
}

// A SampleRatioLook is what the monitor says after a batch.
type SampleRatioLook struct {
	LogBayesFactor float64
	// P is the smallest of the always-valid p-values so far.
	P float64
	// ChanceOfMismatch is the posterior probability that the shares are not as designed, from even odds.
	ChanceOfMismatch float64
}

// Path is the test over batches of new units per arm, in the order they came.
func (m SampleRatioMonitor) Path(batches [][]int64) ([]SampleRatioLook, error) {
	cumulative := make([]int64, len(m.Weights))
	looks := make([]SampleRatioLook, 0, len(batches))
	smallest := 1.0
	for _, batch := range batches {
		if err := accumulate(cumulative, batch); err != nil {
			return nil, err
		}
		logBF, err := m.LogBayesFactor(cumulative)
		if err != nil {
			return nil, err
		}
		smallest = math.Min(smallest, math.Exp(-logBF))
		looks = append(looks, SampleRatioLook{LogBayesFactor: logBF, P: smallest, ChanceOfMismatch: 1 / (1 + math.Exp(-logBF))})
	}
	return looks, nil
}

// accumulate adds a batch to the counts so far.
func accumulate(cumulative, batch []int64) error {
	if len(batch) != len(cumulative) {
		return undefined(InvalidInput, "a batch has %d counts for %d weights; give one count per arm", len(batch), len(cumulative))
	}
	for i, units := range batch {
		if units < 0 || float64(units) > mostUnits {
			return undefined(InvalidInput, "a batch has %d units in arm %d; a count is between 0 and %v", units, i, mostUnits)
		}
		cumulative[i] += units
	}
	return nil
}

// LogBayesFactor is the log of the evidence for a mismatch after all the units counted, whatever their order.
func (m SampleRatioMonitor) LogBayesFactor(counts []int64) (float64, error) {
	observed, shares, err := weightedArms(counts, m.Weights)
	if err != nil {
		return 0, err
	}
	prior, err := m.prior()
	if err != nil {
		return 0, err
	}
	posterior := slices.Clone(prior)
	floats.Add(posterior, observed)
	return logDirichlet(posterior, shares) - logDirichlet(prior, shares), nil
}

// prior is that of the arms that have a weight.
func (m SampleRatioMonitor) prior() ([]float64, error) {
	if len(m.Prior) != len(m.Weights) {
		return nil, undefined(InvalidInput, "%d prior parameters for %d weights; use ConcentratedPrior", len(m.Prior), len(m.Weights))
	}
	var prior []float64
	for i, a := range m.Prior {
		if m.Weights[i] == 0 {
			continue
		}
		if err := checkPositive("a parameter of the prior", a); err != nil {
			return nil, err
		}
		prior = append(prior, a)
	}
	return prior, nil
}

// logDirichlet is Σ lnΓ(v_i) − lnΓ(Σv) − Σ v_i ln p_i, less terms that are the same for every v. Stirling's formula splits it
// into parts that do not cancel: the divergence of the shares of v from p, which is a sum of squares, and small corrections.
// Log-gammas of 1e9 units would leave an error of 1e-6.
func logDirichlet(v, p []float64) float64 {
	total := floats.Sum(v)
	sum := -stirlingError(total) - float64(len(v)-1)/2*math.Log(total)
	for i, a := range v {
		expected := total * p[i]
		excess := (a - expected) / expected
		logRatio := math.Log(a / expected)
		if math.Abs(excess) < 0.5 {
			logRatio = math.Log1p(excess)
		}
		sum += expected*divergence(excess, logRatio) - logRatio/2 + stirlingError(a)
	}
	return sum
}

// divergence is (1+e) ln(1+e) − e for e ≥ −1, by its series where the terms would cancel.
func divergence(e, logRatio float64) float64 {
	if math.Abs(e) > 0.01 {
		return (1+e)*logRatio - e
	}
	sum, power := 0.0, e*e
	for k := 2.0; k < 9; k++ {
		sum += power / (k * (k - 1))
		power *= -e
	}
	return sum
}

// stirlingError is lnΓ(x) less Stirling's (x−½) ln x − x + ½ ln 2π.
func stirlingError(x float64) float64 {
	if x < 20 {
		lnGamma, _ := math.Lgamma(x)
		return lnGamma - ((x-0.5)*math.Log(x) - x + logSqrt2Pi)
	}
	r := 1 / (x * x) // Abramowitz & Stegun 6.1.41
	return (1 - r*(1.0/30-r*(1.0/105-r/140))) / (12 * x)
}
