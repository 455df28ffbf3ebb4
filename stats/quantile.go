package stats

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mathext"
)

// QuantileRanks say which ranks of an arm's sorted values to fetch for a quantile and its error: three numbers leave the
// warehouse, not the values.
type QuantileRanks struct {
	// N is the number of values, P the quantile, in (0, 1).
	N int64
	P float64
	// PLow and PHigh are P ∓ z·√(P(1−P)/N).
	PLow, PHigh float64
	// Rank is that of the quantile (type 1, the smallest value whose rank is at least P·N); Low and High bracket it. They count
	// from 1.
	Rank, Low, High int64

	z float64
}

// RanksOf are the ranks of quantile p among n values, with a bracket at level 1−alpha (Deng, Knoblich and Lu 2018, section 4;
// David and Nagaraja 2003, section 7.1). A p stands for the shortest decimal that it is the nearest float64 to: 0.1 of 10 is
// rank 1.
func RanksOf(n int64, p, alpha float64) (QuantileRanks, error) {
	if err := firstError(checkAlpha(alpha), checkProbability(p)); err != nil {
		return QuantileRanks{}, err
	}
	if n < 1 {
		return QuantileRanks{}, undefined(InsufficientData, "no values; a quantile needs at least one")
	}
	z := normalUpperQuantile(alpha / 2)
	half := z * math.Sqrt(binomialVariance(p, float64(n)))
	return QuantileRanks{
		N: n, P: p, PLow: p - half, PHigh: p + half, z: z,
		Rank: rankAt(n, p), Low: rankAt(n, p-half), High: rankAt(n, p+half),
	}, nil
}

// rankAt is ⌈n·p⌉ within 1…n, for a product that is whole but for the rounding of p.
func rankAt(n int64, p float64) int64 {
	const rounding = 1e-14
	return min(n, max(1, int64(math.Ceil(float64(n)*p*(1-rounding)))))
}

func checkProbability(p float64) error {
	if !(p > 0 && p < 1) {
		return undefined(InvalidInput, "the quantile is at %v; give a probability between 0 and 1, such as 0.9", p)
	}
	return nil
}

// Bracketed reports whether both ends of the bracket lie among the values: otherwise there are too few of them so far out.
func (r QuantileRanks) Bracketed() bool { return r.PLow > 0 && r.PHigh < 1 }

// A Bracket is the values at the ranks Low, Rank and High.
type Bracket struct{ Low, Point, High float64 }

// Flat reports whether the values tie across the whole bracket, so that they say nothing of the error.
func (b Bracket) Flat() bool { return b.Low == b.High }

// Arm is the quantile with standard error (High − Low)/(2z), for values that are independent of one another. Ties over the whole
// bracket give it no error: where both arms have none, their difference has no test.
func (r QuantileRanks) Arm(b Bracket) Arm {
	if err := b.check(); err != nil {
		return undefinedArm(r.N, 0, err)
	}
	if err := r.check(); err != nil {
		return undefinedArm(r.N, b.Point, err)
	}
	se := decimalDifference(b.High, b.Low) / (2 * r.z)
	return observed(r.N, b.Point, se*se)
}

// check asks for ends in order. The quantile of a few values need not lie between them where it is taken between two values.
func (b Bracket) check() error {
	err := firstError(checkFinite("a bracket's low end", b.Low), checkFinite("a quantile", b.Point),
		checkFinite("a bracket's high end", b.High))
	if err == nil && b.Low > b.High {
		return undefined(InvalidInput, "the bracket %v … %v is the wrong way round", b.Low, b.High)
	}
	return err
}

func (r QuantileRanks) check() error {
	if r.N < 1 || !(r.z > 0) {
		return undefined(InvalidInput, "no ranks; make them with RanksOf")
	}
	if !r.Bracketed() {
		return undefined(InsufficientData,
			"%d values are too few for an error of quantile %v, whose bracket reaches beyond them; wait, or ask nearer the median",
			r.N, r.P)
	}
	return nil
}

// QuantileDifference is variant − control of two quantiles, by the normal whatever the test's reference. They are values of a
// column and not results of arithmetic, so that their decimals are subtracted. Where the standard error is 0 there is a value
// and the error ZeroVariance.
func (t FixedTest) QuantileDifference(control, variant Arm) (Estimate, error) {
	if err := checkComparable(control, variant); err != nil {
		return valueBeside(control, variant, err)
	}
	effect, df := quantileDifference(control, variant)
	return t.Estimate(effect, df)
}

// A ClusteredQuantile is a quantile over events of units, whose events are not independent.
type ClusteredQuantile struct {
	Arm Arm // N counts units
	// Share of events at or below the quantile; its variance were events independent, and as units vary; their ratio.
	Share, IndependentVariance, ClusterVariance, DesignEffect float64
	// IndependentSE is the quantile's standard error were events independent.
	IndependentSE float64
}

// Clustered corrects the error of a quantile over events for the units they belong to. units are the moments of the units' counts
// of events at or below the quantile (quantity 0) and of events (1), shaped as KindRatio (Deng, Knoblich and Lu 2018, section
// 4.2). The ranks' N counts events.
func (r QuantileRanks) Clustered(b Bracket, units Moments) (ClusteredQuantile, error) {
	independent, share := r.Arm(b), RatioArm(units)
	if err := firstError(independent.Undefined, share.Undefined); err != nil {
		return ClusteredQuantile{}, err
	}
	q := ClusteredQuantile{
		Share: share.Value, ClusterVariance: share.Variance, IndependentVariance: binomialVariance(r.P, float64(r.N)),
		IndependentSE: math.Sqrt(independent.Variance),
	}
	q.DesignEffect = q.ClusterVariance / q.IndependentVariance
	q.Arm = observed(units.N, b.Point, independent.Variance*q.DesignEffect)
	return q, nil
}

// ExactRanks are ranks whose values bracket the quantile of n independent values with probability at least 1−alpha whatever their
// distribution: [Low, High], 0 where no rank is far enough out (David and Nagaraja 2003, eq. 7.1.2). Coverage is the probability
// that they do; 0 where an end is missing.
type ExactRanks struct {
	Low, High int64
	Coverage  float64
}

// ExactRanksOf finds the narrowest such ranks with at most alpha/2 on either side.
func ExactRanksOf(n int64, p, alpha float64) (ExactRanks, error) {
	if _, err := RanksOf(n, p, alpha); err != nil {
		return ExactRanks{}, err
	}
	low := sort.Search(int(n), func(i int) bool { return fewerSuccesses(int64(i)+1, n, p) > alpha/2 })
	high := sort.Search(int(n), func(i int) bool { return atLeastSuccesses(int64(i)+1, n, p) <= alpha/2 }) + 1
	ranks := ExactRanks{Low: int64(low)}
	if int64(high) <= n {
		ranks.High = int64(high)
	}
	if ranks.Low > 0 && ranks.High > 0 {
		ranks.Coverage = 1 - fewerSuccesses(ranks.Low, n, p) - atLeastSuccesses(ranks.High, n, p)
	}
	return ranks, nil
}

// fewerSuccesses is P(Binomial(n, p) < k), 1 ≤ k ≤ n.
func fewerSuccesses(k, n int64, p float64) float64 {
	return mathext.RegIncBeta(float64(n-k+1), float64(k), 1-p)
}

// atLeastSuccesses is P(Binomial(n, p) ≥ k), 1 ≤ k ≤ n.
func atLeastSuccesses(k, n int64, p float64) float64 {
	return mathext.RegIncBeta(float64(k), float64(n-k+1), p)
}
