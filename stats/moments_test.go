package stats

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawRows are units of k quantities about the given level.
func drawRows(t *rapid.T, k, least int, level float64) [][]float64 {
	row := rapid.SliceOfN(rapid.Float64Range(-3, 3), k, k)
	rows := rapid.SliceOfN(row, least, 30).Draw(t, "rows")
	for _, r := range rows {
		for i := range r {
			r[i] += level
		}
	}
	return rows
}

// momentsOf rows by two passes.
func momentsOf(rows [][]float64) Moments {
	k := len(rows[0])
	m := NewMoments(int64(len(rows)), k)
	for _, r := range rows {
		for i := range r {
			m.Mean[i] += r[i] / float64(len(rows))
		}
	}
	for i := range k {
		for j := i; j < k; j++ {
			sum := 0.0
			for _, r := range rows {
				sum += (r[i] - m.Mean[i]) * (r[j] - m.Mean[j])
			}
			m.SetCovar(i, j, sum/float64(len(rows)-1))
		}
	}
	return m
}

func closeTo(t *rapid.T, what string, got, want, abs float64) {
	t.Helper()
	if !(math.Abs(got-want) <= abs) {
		t.Fatalf("%s = %v, want %v", what, got, want)
	}
}

func TestMergingPartsIsTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.SampledFrom([]float64{0, 1e6}).Draw(t, "level")
		rows := drawRows(t, 3, 2, level)
		whole := momentsOf(rows)
		var parts []Moments
		for part := range slices.Chunk(rows, rapid.IntRange(1, 10).Draw(t, "part")) {
			parts = append(parts, momentsOf(part)) // the covariances of a part of one unit are NaN: 0/0
		}
		merged := MergeMoments(append(parts, NewMoments(0, 3))...)
		for i := range merged.Cov {
			closeTo(t, "covariance", merged.Cov[i], whole.Cov[i], 1e-8)
		}
		closeTo(t, "mean", merged.Mean[2], whole.Mean[2], 1e-9)
	})
}

// A pair that a part was not asked for is not known of the whole.
func TestMergeKeepsWhatNobodyAskedFor(t *testing.T) {
	part := NewMoments(5, 2)
	part.SetCovar(0, 0, 1)
	merged := MergeMoments(part, part)
	if merged.Var(0) == 0 || !math.IsNaN(merged.Covar(0, 1)) {
		t.Errorf("merged covariances %v", merged.Cov)
	}
}

// Raw sums are refused, or right.
func TestRawSumsAreRefusedOrRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level := math.Pow(10, rapid.Float64Range(0, 12).Draw(t, "log level"))
		shift := rapid.SampledFrom([]float64{0, level}).Draw(t, "shift")
		rows := drawRows(t, 1, 2, level)
		sums := RawSums{N: int64(len(rows)), Shift: shift}
		centred := make([][]float64, len(rows))
		for i, r := range rows {
			sums.Sum += r[0] - shift
			sums.SumSq += (r[0] - shift) * (r[0] - shift)
			centred[i] = []float64{r[0] - level} // exact: they are close
		}
		central, err := sums.Central()
		if err != nil {
			return
		}
		want := momentsOf(centred).Var(0)
		closeTo(t, "variance", central.Moments().Var(0), want, 1e-5*want)
	})
}
