package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// PoissonThresholds are P(Poisson(1) ≤ k) for k = 0, 1, …: a uniform u has weight k where u lies between the thresholds k−1 and
// k. They are what a warehouse compares the hash of unit, replicate and salt with; ten of them leave out 1e-8 of the mass. The
// hash must not be the assignment's.
func PoissonThresholds() []float64 { return slices.Clone(poissonThresholds[:]) }

// The partial sums of Σ1/k!, exact as constants, over e.
const (
	sum0  = 1
	sum1  = sum0 + 1.0
	sum2  = sum1 + 1.0/2
	sum3  = sum2 + 1.0/6
	sum4  = sum3 + 1.0/24
	sum5  = sum4 + 1.0/120
	sum6  = sum5 + 1.0/720
	sum7  = sum6 + 1.0/5040
	sum8  = sum7 + 1.0/40320
	sum9  = sum8 + 1.0/362880
	sum10 = sum9 + 1.0/3628800
	sum11 = sum10 + 1.0/39916800
	sum12 = sum11 + 1.0/479001600
	sum13 = sum12 + 1.0/6227020800
	sum14 = sum13 + 1.0/87178291200
	sum15 = sum14 + 1.0/1307674368000
	sum16 = sum15 + 1.0/20922789888000
	sum17 = sum16 + 1.0/355687428096000
)

var poissonThresholds = [...]float64{
	sum0 / math.E, sum1 / math.E, sum2 / math.E, sum3 / math.E, sum4 / math.E, sum5 / math.E, sum6 / math.E, sum7 / math.E,
	sum8 / math.E, sum9 / math.E, sum10 / math.E, sum11 / math.E, sum12 / math.E, sum13 / math.E, sum14 / math.E,
	sum15 / math.E, sum16 / math.E, sum17 / math.E,
}

// PoissonWeight is the weight of a unit whose hash is u, uniform in [0, 1), in one bootstrap replicate: the smallest k with
// P(Poisson(1) ≤ k) > u (Chamandy et al. 2012). A unit has one weight for all its rows and metrics.
func PoissonWeight(u float64) (int, error) {
	if !(u >= 0 && u < 1) {
		return 0, undefined(InvalidInput, "u is %v; give a hash scaled to [0, 1)", u)
	}
	at, found := slices.BinarySearch(poissonThresholds[:], u)
	if found { // u at a threshold belongs to the next weight
		at++
	}
	return at, nil
}

// A Contrast compares the statistics of two arms.
type Contrast string

const (
	DifferenceContrast Contrast = "diff" // variant − control
	LiftContrast       Contrast = "lift" // (variant − control)/control
)

// of is the contrast, and false where it does not exist.
func (c Contrast) of(control, variant float64) (float64, bool) {
	difference := variant - control
	if c == LiftContrast {
		difference /= control
	}
	return difference, math.Abs(difference) <= representable
}

// A Bootstrap is what replicates of two arms' statistics say of their contrast.
type Bootstrap struct {
	Value float64
	SE    float64 // the standard deviation of the replicates
	Bias  float64 // the replicates' mean − Value
	// The three intervals (Davison and Hinkley 1997, chapter 5): of the replicates' quantiles; of their reflection about the value,
	// which undoes a bias; and the normal one. The first two need not be symmetric about the value, nor the first hold it.
	Percentile, Basic, Normal Interval
	// PercentileTest and NormalTest are of no effect; the second is undefined where replicates do not vary.
	PercentileTest, NormalTest Test
	Dropped                    int // replicates without a contrast, as a lift over 0
	Warnings                   []Warning
}

// leastReplicates is the number of replicates that leaves a few beyond each end of a 95% interval.
const leastReplicates = 200

// BootstrapContrast compares the observed statistics by B ≥ 2 replicates of each arm, pair by pair, at level alpha.
func BootstrapContrast(control, variant float64, controls, variants []float64, c Contrast, alpha float64) (Bootstrap, error) {
	if err := firstError(checkAlpha(alpha), checkReplicates(controls, variants, c)); err != nil {
		return Bootstrap{}, err
	}
	value, exists := c.of(control, variant)
	if err := firstError(checkFinite("the control's statistic", control), checkFinite("the variant's statistic",
		variant)); err != nil {
		return Bootstrap{}, err
	}
	if !exists {
		return Bootstrap{}, undefined(ZeroDenominator, "the control's statistic is 0, so that there is no lift; use the difference")
	}
	replicates := contrasts(controls, variants, c)
	b := Bootstrap{Value: value, Dropped: len(controls) - len(replicates)}
	if len(replicates) < 2 {
		return Bootstrap{}, undefined(InsufficientData, "%d replicates have a contrast; a bootstrap needs at least 2", len(replicates))
	}
	b.summarise(replicates, alpha)
	b.warn(len(replicates))
	return b, nil
}

func checkReplicates(controls, variants []float64, c Contrast) error {
	if c != DifferenceContrast && c != LiftContrast {
		return undefined(InvalidInput, "no contrast is called %q", string(c))
	}
	if len(controls) != len(variants) {
		return undefined(InvalidInput, "%d replicates of the control and %d of the variant; give as many of each",
			len(controls), len(variants))
	}
	return firstError(checkValues(controls), checkValues(variants))
}

// contrasts are those of the replicates that have one, in rising order.
func contrasts(controls, variants []float64, c Contrast) []float64 {
	replicates := make([]float64, 0, len(controls))
	for i := range controls {
		if x, exists := c.of(controls[i], variants[i]); exists {
			replicates = append(replicates, x)
		}
	}
	slices.Sort(replicates)
	return replicates
}

// summarise fills in what sorted replicates say.
func (b *Bootstrap) summarise(sorted []float64, alpha float64) {
	mean, sd := stat.MeanStdDev(sorted, nil)
	b.SE, b.Bias = sd, mean-b.Value
	b.Percentile = Interval{Low: sampleQuantile(sorted, alpha/2, Continuous), High: sampleQuantile(sorted, 1-alpha/2, Continuous)}
	b.Basic = Interval{Low: 2*b.Value - b.Percentile.High, High: 2*b.Value - b.Percentile.Low}
	e := Effect{b.Value, b.SE}
	b.Normal = e.around(normalUpperQuantile(alpha/2), TwoSided)
	b.PercentileTest = Test{Statistic: b.Value, P: percentileP(sorted), Defined: true}
	if sd > 0 {
		b.NormalTest = Test{Statistic: e.z(), P: math.Min(1, 2*normalSurvival(math.Abs(e.z()))), Defined: true}
	}
}

// percentileP is twice the smaller share of replicates on one side of 0, counting the observed statistic as one more on each.
func percentileP(sorted []float64) float64 {
	atMost, atLeast := 1, 1
	for _, x := range sorted {
		if x <= 0 {
			atMost++
		}
		if x >= 0 {
			atLeast++
		}
	}
	return math.Min(1, 2*float64(min(atMost, atLeast))/float64(len(sorted)+1))
}

func (b *Bootstrap) warn(replicates int) {
	if b.Dropped > 0 {
		b.Warnings = append(b.Warnings, Warning{"replicates_dropped",
			"some replicates have a control of 0 and no lift; use the difference, or a larger control"})
	}
	if replicates < leastReplicates {
		b.Warnings = append(b.Warnings, Warning{"few_replicates",
			"too few replicates for the tails of an interval; take at least 200, or 1000 where it decides"})
	}
}
