package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// An ArmPair is the two arms of a comparison, or of one stratum of it.
type ArmPair struct{ Control, Variant Arm }

func (p ArmPair) units() float64 { return float64(p.Control.N + p.Variant.N) }

// A Stratified comparison has arms weighted to the same mix of strata; compare them as any others.
type Stratified struct {
	Control, Variant Arm
	// SESuperpopulation adds to the standard error of the difference that the strata's shares are themselves a sample; 0 where
	// the weights were given.
	SESuperpopulation float64
	// Unstratified is the difference that ignores the strata, for metrics that are means.
	Unstratified float64
}

// PostStratify weights the strata of a comparison: by the given weights, which are scaled to add up to 1, or by the strata's
// shares of all units where weights is nil (Miratrix, Sekhon and Yu 2013). Variances are conditional on the strata's sizes. It
// needs two units of each arm in each stratum: decide beforehand which strata to merge (MergeThinStrata), never by their
// outcomes.
func PostStratify(strata []ArmPair, weights []float64) (Stratified, error) {
	shares, err := stratumShares(strata, weights)
	if err != nil {
		return Stratified{}, err
	}
	var result Stratified
	squares := 0.0
	for i, s := range strata {
		result.Control = result.Control.plus(s.Control, shares[i])
		result.Variant = result.Variant.plus(s.Variant, shares[i])
		effect := s.Variant.Adjusted - s.Control.Adjusted
		squares += shares[i] * effect * effect
	}
	result.Unstratified = unstratified(strata)
	result.Control, result.Variant = result.Control.checked(), result.Variant.checked()
	if weights == nil {
		effect := result.Variant.Adjusted - result.Control.Adjusted
		between := math.Max(0, squares-effect*effect) / float64(result.Control.N+result.Variant.N)
		result.SESuperpopulation = math.Sqrt(result.Control.Variance + result.Variant.Variance + between)
	}
	return result, firstError(checkFinite("the strata's standard error", result.SESuperpopulation),
		checkFinite("the unstratified difference", result.Unstratified))
}

// plus adds an independent arm of another stratum with its weight.
func (a Arm) plus(b Arm, weight float64) Arm {
	square := weight * weight
	a.N += b.N
	a.Clusters += b.Clusters
	a.Value += weight * b.Value
	a.Adjusted += weight * b.Adjusted
	a.Variance += square * b.Variance
	a.UnadjustedVariance += square * b.UnadjustedVariance
	a.Covariance += square * b.Covariance
	return a
}

func stratumShares(strata []ArmPair, weights []float64) ([]float64, error) {
	if len(strata) == 0 || weights != nil && len(weights) != len(strata) {
		return nil, undefined(InvalidInput, "%d weights for %d strata; give one each, or none", len(weights), len(strata))
	}
	shares := make([]float64, len(strata))
	for i, s := range strata {
		for _, arm := range []Arm{s.Control, s.Variant} {
			if arm.N == 0 {
				return nil, undefined(InsufficientData, "stratum %d has an empty arm; merge it with another beforehand", i)
			}
			if arm.Undefined != nil {
				return nil, arm.Undefined
			}
		}
		shares[i] = s.units()
		if weights != nil {
			shares[i] = weights[i]
		}
		if !(shares[i] >= 0) || math.IsInf(shares[i], 1) {
			return nil, undefined(InvalidInput, "stratum %d has weight %v; a weight is finite and not negative", i, shares[i])
		}
	}
	total := floats.Sum(shares)
	if !(total > 0) {
		return nil, undefined(InvalidInput, "the strata's weights add up to %v; one must be above 0", total)
	}
	floats.Scale(1/total, shares)
	return shares, nil
}

// unstratified is the difference of the arms' means over all their units.
func unstratified(strata []ArmPair) float64 {
	var c, v, nc, nv float64
	for _, s := range strata {
		nc, nv = nc+float64(s.Control.N), nv+float64(s.Variant.N)
		c += (s.Control.Value - c) * float64(s.Control.N) / nc
		v += (s.Variant.Value - v) * float64(s.Variant.N) / nv
	}
	return v - c
}

// A Stratum is the moments of one stratum's arms. Others are those that are not compared, in an order that is the same in every
// stratum: they share the slopes of an adjustment.
type Stratum struct {
	Control, Variant Moments
	Others           []Moments
}

// MergeThinStrata merges each stratum that has fewer than least units of an arm (clusters where those were randomised) with the
// next, the last with the one before, in the order given. It looks at counts alone, so that the outcome cannot choose the strata;
// give neighbours next to one another.
func MergeThinStrata(strata []Stratum, least int64) []Stratum {
	var merged []Stratum
	thin := false
	for _, s := range strata {
		if thin {
			merged[len(merged)-1] = merged[len(merged)-1].merge(s)
		} else {
			merged = append(merged, s)
		}
		last := merged[len(merged)-1]
		thin = min(last.Control.Randomised(), last.Variant.Randomised()) < least
	}
	if n := len(merged); thin && n > 1 {
		return append(merged[:n-2], merged[n-2].merge(merged[n-1]))
	}
	return merged
}

func (s Stratum) merge(other Stratum) Stratum {
	both := Stratum{Control: MergeMoments(s.Control, other.Control), Variant: MergeMoments(s.Variant, other.Variant)}
	for i := range s.Others {
		both.Others = append(both.Others, MergeMoments(s.Others[i], other.Others[i]))
	}
	return both
}
