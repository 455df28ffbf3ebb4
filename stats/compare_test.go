package stats

import (
	"strings"
	"testing"
)

func TestBeliefAboutNegativeControl(t *testing.T) {
	in := simulatedInference(Bayesian)
	up := must(in.Compare(KindMean, observed(100, 10, 0.01), observed(100, 11, 0.01)))
	down := must(in.Compare(KindMean, observed(100, -10, 0.01), observed(100, -9, 0.01)))
	if up.Effect.Value <= 0 || down.Effect.Value <= 0 || down.Lift.Value >= 0 || up.Lift.Value <= 0 {
		t.Errorf("effects %v and %v, lifts %v and %v", up.Effect.Value, down.Effect.Value, up.Lift.Value, down.Lift.Value)
	}
	if up.Effect.Test.Defined {
		t.Error("a posterior has no p-value")
	}
}

func TestNothingLeftByCovariates(t *testing.T) {
	explained := func(value float64) Arm {
		return Arm{N: 100, Value: value, Adjusted: value, UnadjustedVariance: 0.01}
	}
	c, err := simulatedInference(Fixed).Compare(KindMean, explained(10), explained(11))
	if reasonOf(err) != ZeroVariance || !strings.Contains(err.Error(), "covariates explain all") || c.Effect.Value != 1 {
		t.Errorf("effect %v, error %v", c.Effect.Value, err)
	}
}
