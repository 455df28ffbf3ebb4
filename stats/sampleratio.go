package stats

import (
	"errors"

	"gonum.org/v1/gonum/floats"
)

// UnitsInZeroWeightArm: units where the design sends none. There is no test, because there is no doubt.
const UnitsInZeroWeightArm Reason = "units_in_zero_weight_arm"

// A SampleRatioTest says whether units were divided among arms as designed.
type SampleRatioTest struct {
	Expected []float64 // expected counts of the arms that have a weight, in their order
	DF       int
	Test     Test
	Mismatch bool
}

// SampleRatio is Pearson's χ² test of counts of units against traffic weights, which need not add up to 1; its degrees of freedom
// are one less than the arms of positive weight (Fabijan et al. 2019). A mismatch is a p-value below alpha: take 0.001, not 0.05,
// for a check of every experiment. Units in an arm of weight 0 are a mismatch and an error at once.
func SampleRatio(counts []int64, weights []float64, alpha float64) (SampleRatioTest, error) {
	observed, shares, err := weightedArms(counts, weights)
	if err := firstError(checkAlpha(alpha), err); err != nil {
		return SampleRatioTest{Mismatch: reasonOf(err) == UnitsInZeroWeightArm}, err
	}
	total := floats.Sum(observed)
	if total == 0 {
		return SampleRatioTest{}, undefined(InsufficientData, "no units in any arm; check that assignments are being recorded")
	}
	result := SampleRatioTest{DF: len(shares) - 1, Test: Test{P: 1, Defined: true}}
	for i, share := range shares {
		expected := total * share
		result.Expected = append(result.Expected, expected)
		result.Test.Statistic += (observed[i] - expected) / expected * (observed[i] - expected)
	}
	if result.DF > 0 {
		result.Test.P = chiSquareSurvival(result.Test.Statistic, float64(result.DF))
	}
	result.Mismatch = result.Test.P < alpha
	return result, nil
}

// weightedArms are the counts and normalised weights of the arms that have a weight.
func weightedArms(counts []int64, weights []float64) (observed, shares []float64, err error) {
	if len(counts) != len(weights) {
		return nil, nil, undefined(InvalidInput, "%d counts for %d weights; give one weight per arm", len(counts), len(weights))
	}
	for i, w := range weights {
		switch {
		case counts[i] < 0 || float64(counts[i]) > mostUnits:
			return nil, nil, undefined(InvalidInput, "%d units in arm %d; a count is between 0 and %v", counts[i], i, mostUnits)
		case w == 0 && counts[i] > 0:
			return nil, nil, undefined(UnitsInZeroWeightArm, "%d units in arm %d, whose weight is 0; find what assigned them",
				counts[i], i)
		case w == 0:
			continue
		}
		if err := checkPositive("a weight", w); err != nil {
			return nil, nil, err
		}
		observed, shares = append(observed, float64(counts[i])), append(shares, w)
	}
	if len(shares) == 0 {
		return nil, nil, undefined(InvalidInput, "no arm has a weight; give the shares of traffic that were designed")
	}
	floats.Scale(1/floats.Sum(shares), shares)
	return observed, shares, nil
}

// reasonOf is the reason of a typed error, "" of any other.
func reasonOf(err error) Reason {
	var typed *Error
	if errors.As(err, &typed) {
		return typed.Reason
	}
	return ""
}
