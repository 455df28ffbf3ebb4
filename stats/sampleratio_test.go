package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The evidence is of the counts, not of the batches they came in, and by log-gammas where counts are few.
func TestMonitorForgetsBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64Range(0.1, 1), 2, 4).Draw(t, "weights")
		m := SampleRatioMonitor{Weights: weights, Prior: ConcentratedPrior(weights, rapid.Float64Range(0.1, 1000).Draw(t,
			"concentration"))}
		batches := rapid.SliceOfN(rapid.SliceOfN(rapid.Int64Range(0, 300), len(weights), len(weights)), 1, 5).Draw(t, "batches")
		looks, err := m.Path(batches)
		if err != nil {
			t.Fatal(err)
		}
		counts := make([]int64, len(weights))
		for _, batch := range batches {
			for i, units := range batch {
				counts[i] += units
			}
		}
		want := logBayesFactorByGammas(m, counts)
		within(t, "log Bayes factor", looks[len(looks)-1].LogBayesFactor, want, 1e-9*(1+math.Abs(want)))
	})
}

func logBayesFactorByGammas(m SampleRatioMonitor, counts []int64) float64 {
	lgamma := func(x float64) float64 { y, _ := math.Lgamma(x); return y }
	prior, total, weights, units := 0.0, 0.0, 0.0, 0.0
	for i := range counts {
		weights += m.Weights[i]
		prior += m.Prior[i]
		units += float64(counts[i])
	}
	for i := range counts {
		s := float64(counts[i])
		total += lgamma(m.Prior[i]+s) - lgamma(m.Prior[i]) - s*math.Log(m.Weights[i]/weights)
	}
	return total + lgamma(prior) - lgamma(prior+units)
}

// At a billion units the evidence keeps its digits: doubling an even split of them changes ½ ln 2 and next to nothing else.
func TestMonitorAtBillions(t *testing.T) {
	m := SampleRatioMonitor{Weights: []float64{1, 1}, Prior: ConcentratedPrior([]float64{1, 1}, 10000)}
	once, err := m.LogBayesFactor([]int64{4e12, 4e12})
	if err != nil {
		t.Fatal(err)
	}
	twice, err := m.LogBayesFactor([]int64{8e12, 8e12})
	if err != nil {
		t.Fatal(err)
	}
	if got := once - twice; math.Abs(got-math.Ln2/2) > 1e-8 {
		t.Errorf("difference %v, want ½ ln 2", got)
	}
}

// Weights matter only by their ratios, and an arm without weight or units not at all.
func TestSampleRatioForgetsScale(t *testing.T) {
	a, err := SampleRatio([]int64{510, 0, 480}, []float64{1, 0, 1}, 0.001)
	if err != nil {
		t.Fatal(err)
	}
	b, err := SampleRatio([]int64{510, 480}, []float64{50, 50}, 0.001)
	if err != nil {
		t.Fatal(err)
	}
	if a.Test != b.Test || a.DF != 1 || b.DF != 1 {
		t.Errorf("got %+v and %+v", a, b)
	}
}
