package stats

import "testing"

// twoArms are moments of two arms with a covariate and its indicator of missing history, as most metrics have.
func twoArms() []Moments {
	cov := []float64{40, 18, -0.2, 30, -0.6, 0.16}
	return []Moments{
		{N: 10_000, Mean: []float64{10.0, 8.0, 0.2}, Cov: cov},
		{N: 10_100, Mean: []float64{10.3, 8.1, 0.2}, Cov: cov},
	}
}

// BenchmarkCompare10000 estimates 10,000 two-arm comparisons with CUPED and lift from their moments.
func BenchmarkCompare10000(b *testing.B) {
	variants := twoArms()
	metric, inference := Metric{Shape: Shape{Kind: KindMean, Covariates: 2}}, Inference{Method: Fixed, Alpha: 0.05}
	var space [2]Arm
	b.ReportAllocs()
	for b.Loop() {
		for range 10_000 {
			arms, _ := metric.Arms(space[:0], variants)
			if _, err := inference.Compare(metric.Kind, arms[0], arms[1]); err != nil {
				b.Fatal(err)
			}
		}
	}
}
