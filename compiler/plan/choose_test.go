package plan

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"assay/stats"
)

// TestChoose offers twelve covariates, of which the first is the metric's own, the third does not vary, and the others correlate with
// it the better the later they are.
func TestChoose(t *testing.T) {
	const candidates = 12
	m := stats.NewMoments(100, 1+perCandidate*candidates)
	for i := range m.Mean {
		for j := i; j < len(m.Mean); j++ {
			m.SetCovar(i, j, 0)
		}
		m.SetCovar(i, i, 1)
		m.Mean[i] = float64(i)
	}
	for candidate := 1; candidate < candidates; candidate++ {
		m.SetCovar(1, 1+perCandidate*candidate, -float64(candidate)/20)
	}
	constant := 1 + perCandidate*2
	m.SetCovar(1, constant, 0)
	m.SetCovar(constant, constant, 0)
	o := &ObservedMetric{Shape: stats.Shape{Kind: stats.KindMean, Covariates: perCandidate * candidates}, Labels: []string{"value"},
		Slices: []Slice{{Arms: []Arm{{Moments: m}, {Moments: stats.NewMoments(0, len(m.Mean))}}}}}
	for candidate := range candidates {
		o.Labels = append(o.Labels, fmt.Sprint("pre:", candidate), fmt.Sprint("missing:", candidate))
	}
	o.choose()
	want := []string{"value", "pre:0", "missing:0"}
	for _, candidate := range []int{3, 4, 5, 6, 7, 8, 9, 10, 11} {
		want = append(want, fmt.Sprint("pre:", candidate), fmt.Sprint("missing:", candidate))
	}
	if diff := cmp.Diff(want, o.Labels); diff != "" {
		t.Error(diff)
	}
	kept := o.Slices[0].Arms[0].Moments
	if o.Shape.Covariates != len(want)-1 || len(kept.Mean) != len(want) {
		t.Fatalf("%d covariates, %d means; want %d labels", o.Shape.Covariates, len(kept.Mean), len(want))
	}
	if kept.Mean[3] != 7 || kept.Covar(1, 3) != -0.15 || kept.N != 100 {
		t.Errorf("the first of the others has mean %v and covariance %v", kept.Mean[3], kept.Covar(1, 3))
	}
}
