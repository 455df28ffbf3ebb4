package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

var someSlices = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Effect {
	return Effect{someZ.Draw(t, "value"), rapid.Float64Range(0.1, 5).Draw(t, "se")}
}), 2, 8)

// Slices that all move by the same amount differ no more than before, and their shrunk effects move along.
func TestHeterogeneityIsOfDifferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slices, shift := someSlices.Draw(t, "slices"), someZ.Draw(t, "shift")
		moved := make([]Effect, len(slices))
		for i, e := range slices {
			moved[i] = Effect{e.Value + shift, e.SE}
		}
		before, err := Heterogeneous(slices, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		after, err := Heterogeneous(moved, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "Q", after.Q.Statistic, before.Q.Statistic, 1e-8*(1+before.Q.Statistic))
		within(t, "τ²", after.Tau2DL, before.Tau2DL, 1e-8*(1+before.Tau2DL))
		for i := range slices {
			within(t, "shrunk", after.Slices[i].Shrunk.Value, before.Slices[i].Shrunk.Value+shift, 1e-7)
			within(t, "from rest", after.Slices[i].FromRest.P, before.Slices[i].FromRest.P, 1e-7)
		}
	})
}

// A shrunk effect lies between the slice's own and the mean of all, and knows no less than the slice alone.
func TestShrinkagePullsInwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, err := Heterogeneous(someSlices.Draw(t, "slices"), 0.05)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range h.Slices {
			low, high := math.Min(s.Effect.Value, h.Random.Value), math.Max(s.Effect.Value, h.Random.Value)
			if s.Shrunk.Value < low-1e-12 || s.Shrunk.Value > high+1e-12 || s.PlugInSE > s.Effect.SE {
				t.Fatalf("%+v, mean %v", s, h.Random.Value)
			}
		}
	})
}

// Each estimate of τ² solves its own equation, where it is above 0.
func TestVariancesBetweenSlicesSolveTheirEquations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slices := someSlices.Draw(t, "slices")
		pauleMandel, err := PauleMandel(slices)
		if err != nil {
			t.Fatal(err)
		}
		if pauleMandel > 0 {
			within(t, "Q at Paule and Mandel's", cochranQ(slices, pauleMandel), float64(len(slices)-1), 1e-8)
		}
		restricted, err := RestrictedMaximumLikelihood(slices)
		if err != nil {
			t.Fatal(err)
		}
		if restricted > 1e-9 {
			within(t, "the score", remlStep(slices, restricted), 0, 1e-6*(1+restricted))
		}
	})
}
