package stats

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSlopesSolveTheNormalEquations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := momentsOf(drawRows(t, 4, 8, 0))
		swept := NewMoments(0, 4)
		if dropped := m.regress(swept); dropped != nil {
			t.Skip("covariates repeat one another")
		}
		for i := 1; i < 4; i++ {
			sum := 0.0
			for j := 1; j < 4; j++ {
				sum += swept.Covar(0, j) * m.Covar(i, j)
			}
			closeTo(t, "normal equation", sum, m.Covar(0, i), 1e-6)
		}
	})
}

// A covariate that repeats another is dropped and changes nothing.
func TestRepeatedCovariateChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var with, without []Moments
		for range 2 {
			rows := drawRows(t, 2, 3, 0)
			repeated := make([][]float64, len(rows))
			for i, r := range rows {
				repeated[i] = []float64{r[0], r[1], 3 - 2*r[1]}
			}
			without, with = append(without, momentsOf(rows)), append(with, momentsOf(repeated))
		}
		metric := Metric{Shape: Shape{Kind: KindMean, Covariates: 2}}
		arms, notes := metric.Arms(nil, with)
		same, _ := Metric{Shape: Shape{Kind: KindMean, Covariates: 1}}.Arms(nil, without)
		if !slices.Contains(notes.Dropped, 2) {
			t.Fatalf("dropped %v", notes.Dropped)
		}
		closeTo(t, "adjusted", arms[1].Adjusted, same[1].Adjusted, 1e-9)
		closeTo(t, "variance", arms[1].Variance, same[1].Variance, 1e-9)
	})
}

// An arm of one unit has no variance, but its unit counts towards the covariates' mean; the others' difference does not move.
func TestUndefinedArmDisturbsNoDifference(t *testing.T) {
	variants := twoArms()
	metric := Metric{Shape: Shape{Kind: KindMean, Covariates: 2}}
	want, _ := metric.Arms(nil, variants)
	got, _ := metric.Arms(nil, append(variants, Moments{}, Moments{N: 1, Mean: []float64{7, 1e6, 0}}))
	if moved := (got[1].Adjusted - got[0].Adjusted) - (want[1].Adjusted - want[0].Adjusted); math.Abs(moved) > 1e-9 {
		t.Errorf("the difference moved by %v", moved)
	}
	if got[0].Variance != want[0].Variance || got[1].Variance != want[1].Variance {
		t.Errorf("arms %v, want %v", got[:2], want)
	}
	if got[3].Value != 7 || reasonOf(got[3].Undefined) != InsufficientData {
		t.Errorf("an arm of one unit: %+v", got[3])
	}
}

// In an arm of two units the covariates repeat each other, and the variance that the common slopes leave there may be no more than
// their rounding: that is a variance of 0, not data that cannot be.
func TestTwoUnitsWhoseCovariatesRepeatEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		others := []Moments{momentsOf(drawRows(t, 3, 8, 1)), momentsOf(drawRows(t, 3, 8, 1))}
		before := rapid.Float64Range(1, 500).Draw(t, "before")
		two := momentsOf([][]float64{{0, before, 0}, {0, 0, 1}})
		arms, _ := Metric{Shape: Shape{Kind: KindMean, Covariates: 2}}.Arms(nil, append(others, two))
		if reasonOf(arms[2].Undefined) == InvalidInput {
			t.Fatalf("%v", arms[2].Undefined)
		}
	})
}

// The ratio of an arm may be the same for each unit: its variance is then 0, and its covariance with the ratio before is rounding.
func TestRatioThatDoesNotVaryIsAdjustedByNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := func(each func(denominator float64) float64) Moments {
			var units [][]float64
			for range rapid.IntRange(3, 9).Draw(t, "units") {
				d, before := float64(rapid.IntRange(1, 9).Draw(t, "d")), rapid.Float64Range(-5, 5).Draw(t, "before")
				n := each(d)
				units = append(units, []float64{n, d, n - 1.4*d, before, 1, before - 0.7})
			}
			return momentsOf(units)
		}
		free := func(d float64) float64 { return d * rapid.Float64Range(0, 3).Draw(t, "ratio") }
		variants := []Moments{rows(free), rows(func(d float64) float64 { return 1.5 * d })}
		arms, _ := Metric{Shape: Shape{Kind: KindRatio, Covariates: 1}}.Arms(nil, variants)
		if reasonOf(arms[1].Undefined) == InvalidInput {
			t.Fatalf("%v", arms[1].Undefined)
		}
	})
}

// The mean of an arm of one unit is at the common mean of the covariates, too: with the slope of 2 within the others, whose
// covariates' mean is 3 with its own, 10 at 7 is 2 at 3.
func TestOneUnitIsAdjusted(t *testing.T) {
	two := momentsOf([][]float64{{1, 1}, {3, 2}})
	arms, _ := Metric{Shape: Shape{Kind: KindMean, Covariates: 1}}.Arms(nil,
		[]Moments{two, momentsOf([][]float64{{2, 2}, {4, 3}}), {N: 1, Mean: []float64{10, 7}}})
	if got := arms[2].Adjusted; math.Abs(got-2) > 1e-12 {
		t.Errorf("the unit's value moves to %v, want 2", got)
	}
}

// Slopes that are rounding leave no variance in an arm that does not vary, also where the other arm's covariates explain it all.
func TestRoundedSlopesLeaveNoVariance(t *testing.T) {
	arms, _ := Metric{Shape: Shape{Kind: KindMean, Covariates: 2}}.Arms(nil, []Moments{
		momentsOf([][]float64{{2, 4, 0}, {5, 0, 1}}), momentsOf([][]float64{{3, 2, 0}, {3, 1, 0}})})
	if arms[0].Variance != 0 || arms[1].Variance != 0 {
		t.Errorf("variances %v and %v, want 0", arms[0].Variance, arms[1].Variance)
	}
}

// An arm that varies little keeps its variance beside one that varies hundreds of millions of times as much.
func TestSmallVarianceBesideALargeOne(t *testing.T) {
	quiet := momentsOf([][]float64{{1.5, 2}, {2, 1}, {2.5, 2}})
	loud := momentsOf([][]float64{{1e8, 1}, {-1e8, 1}, {1e8, 3}, {-1e8, 3}})
	arms, _ := Metric{Shape: Shape{Kind: KindMean, Covariates: 1}}.Arms(nil, []Moments{quiet, loud})
	alone, _ := Metric{Shape: Shape{Kind: KindMean}}.Arms(nil, []Moments{quiet.Select(0)})
	if math.Abs(arms[0].Variance-alone[0].Variance) > 1e-9 {
		t.Errorf("variance %v, want %v", arms[0].Variance, alone[0].Variance)
	}
}
