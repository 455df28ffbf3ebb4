package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// A population is what one kind of metric is drawn from.
type population struct {
	name   string
	metric Metric
	base   float64 // the control's true value; a variant's is base·(1+lift)
	// unit draws one unit's quantities; of a quantile, its value.
	unit func(rng *rand.Rand, lift float64, out []float64)
}

// populations has one of each kind of metric, with skewed values, dependent numerators and denominators, and units without
// history.
var populations = []population{
	{
		name: "mean (exponential)", metric: Metric{Shape: Shape{Kind: KindMean}}, base: 10,
		unit: func(rng *rand.Rand, lift float64, out []float64) { out[0] = 10 * (1 + lift) * rng.ExpFloat64() },
	},
	{
		name: "proportion", metric: Metric{Shape: Shape{Kind: KindMean}}, base: 0.2,
		unit: func(rng *rand.Rand, lift float64, out []float64) {
			out[0] = 0
			if rng.Float64() < 0.2*(1+lift) {
				out[0] = 1
			}
		},
	},
	{
		name: "mean with CUPED", metric: Metric{Shape: Shape{Kind: KindMean, Covariates: 2}}, base: 10,
		unit: func(rng *rand.Rand, lift float64, out []float64) {
			habit := 3 * rng.NormFloat64()
			out[0] = 10*(1+lift) + habit + 2*rng.NormFloat64()
			out[1], out[2] = 8+habit+rng.NormFloat64(), 0
			if rng.Float64() < 0.2 {
				out[1], out[2] = 0, 1
			}
		},
	},
	{
		name: "ratio", metric: Metric{Shape: Shape{Kind: KindRatio}}, base: 0.3,
		unit: func(rng *rand.Rand, lift float64, out []float64) {
			drawRatio(rng, 0.3*(1+lift)+0.1*rng.NormFloat64(), out)
		},
	},
	{
		name: "ratio with CUPED", metric: Metric{Shape: Shape{Kind: KindRatio, Covariates: 1}}, base: 0.3,
		unit: func(rng *rand.Rand, lift float64, out []float64) {
			habit := 0.15 * rng.NormFloat64()
			drawRatio(rng, 0.3*(1+lift)+habit, out)
			drawRatio(rng, 0.3+habit, out[3:])
		},
	},
	{
		name: "product of means", base: 12,
		metric: Metric{Shape: Shape{Kind: KindFunction, Arguments: 2}, Function: func(m []float64) (float64, []float64, error) {
			return m[0] * m[1], []float64{m[1], m[0]}, nil
		}},
		unit: func(rng *rand.Rand, lift float64, out []float64) {
			shared := rng.NormFloat64()
			out[0], out[1] = (1+lift)*(3+shared+rng.NormFloat64()), 4+shared+rng.NormFloat64()
		},
	},
	{
		name: "median", metric: Metric{Shape: Shape{Kind: KindQuantile}}, base: 10 * math.Ln2,
		unit: func(rng *rand.Rand, lift float64, out []float64) { out[0] = 10 * (1 + lift) * rng.ExpFloat64() },
	},
}

// drawRatio draws a numerator at the given rate over a denominator, and the residual about 0.3.
func drawRatio(rng *rand.Rand, rate float64, out []float64) {
	visits := 1 + math.Floor(5*rng.ExpFloat64())
	out[0], out[1] = visits*rate+0.2*rng.NormFloat64(), visits
	out[2] = out[0] - 0.3*out[1]
}

// An experiment gathers the units of two arms of a population.
type experiment struct {
	population
	rng     *rand.Rand
	lift    float64
	moments [2]CentralSums
	values  [2][]float64 // of quantiles
}

// run adds units to each arm, and estimates the arms over all so far.
func (e *experiment) run(units int) (control, variant Arm) {
	if e.metric.Kind == KindQuantile {
		return e.addValues(0, units), e.addValues(1, units)
	}
	e.addUnits(0, units)
	e.addUnits(1, units)
	arms, _ := e.metric.Arms(nil, []Moments{e.moments[0].Moments(), e.moments[1].Moments()})
	return arms[0], arms[1]
}

func (e *experiment) addUnits(arm, units int) {
	k := e.metric.Quantities()
	rows := make([]float64, units*k)
	day := CentralSums{N: int64(units), Mean: make([]float64, k), Co: make([]float64, k*(k+1)/2)}
	for at := 0; at < len(rows); at += k {
		e.unit(e.rng, e.lift*float64(arm), rows[at:at+k])
		for i := range k {
			day.Mean[i] += rows[at+i] / float64(units)
		}
	}
	for at := 0; at < len(rows); at += k {
		for i := range k {
			for j := i; j < k; j++ {
				day.Co[PairIndex(i, j, k)] += (rows[at+i] - day.Mean[i]) * (rows[at+j] - day.Mean[j])
			}
		}
	}
	e.moments[arm] = e.moments[arm].Merge(day)
}

func (e *experiment) addValues(arm, units int) Arm {
	var value [1]float64
	for range units {
		e.unit(e.rng, e.lift*float64(arm), value[:])
		e.values[arm] = append(e.values[arm], value[0])
	}
	sorted := e.values[arm]
	slices.Sort(sorted)
	ranks, err := RanksOf(int64(len(sorted)), 0.5, simulatedAlpha)
	if err != nil {
		panic(err)
	}
	return ranks.Arm(Bracket{Low: sorted[ranks.Low-1], Point: sorted[ranks.Rank-1], High: sorted[ranks.High-1]})
}
