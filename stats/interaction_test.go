package stats

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func someCells(t *rapid.T, k, m int) Cells {
	cells := make(Cells, k)
	for a := range cells {
		for range m {
			cells[a] = append(cells[a], MeanArm(Sample{
				N: rapid.Int64Range(2, 1000).Draw(t, "n"), Mean: someZ.Draw(t, "mean"), Var: rapid.Float64Range(0.1, 10).Draw(t, "var"),
			}))
		}
	}
	return cells
}

// No variant is special to the joint test: any may be called the control of its experiment.
func TestInteractionForgetsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := someCells(t, rapid.IntRange(2, 4).Draw(t, "k"), rapid.IntRange(2, 4).Draw(t, "m"))
		want, err := InteractionTest(cells)
		if err != nil {
			t.Fatal(err)
		}
		turned := slices.Clone(cells)
		slices.Reverse(turned)
		got, err := InteractionTest(turned)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "Wald", got.Test.Statistic, want.Test.Statistic, 1e-8*(1+want.Test.Statistic))
	})
}

// The joint test of one contrast is its z-test, and effects that add up exactly do not interact.
func TestInteractionOfOneContrast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := someCells(t, 2, 2)
		wald, err := InteractionTest(cells)
		if err != nil {
			t.Fatal(err)
		}
		pair, err := Interaction2x2(cells, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		stat := pair.Additive.Test.Statistic
		within(t, "Wald", wald.Test.Statistic, stat*stat, 1e-9*(1+stat*stat))
		within(t, "p-value", wald.Test.P, pair.NormalP, 1e-9)
		within(t, "the interaction", pair.AtVariant-pair.AtControl, pair.Additive.Value, 1e-12)
	})
}

// An empty cell takes its pair out of the screen and out of the correction.
func TestScreenSkipsEmptyCells(t *testing.T) {
	full := square(anArm, anArm, anArm, MeanArm(Sample{N: 100, Mean: 1.5, Var: 1}))
	alone, err := ScreenInteractions([]Cells{full}, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	both, err := ScreenInteractions([]Cells{square(anArm, anArm, anArm, anEmptyArm), full}, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	if both[0].Test.Defined || both[0].Corrected.Defined || both[1] != alone[0] {
		t.Errorf("got %+v, want the second alone as %+v", both, alone[0])
	}
}

// Least squares on the columns 1 and x is the line through two points of many rows.
func TestRegressALine(t *testing.T) {
	products := CrossProducts{Rows: 4, XtX: [][]float64{{4, 6}, {6, 14}}, XtY: []float64{10, 21.5}, YtY: 34.5} // y = 0.5, 2, 2.5, 5
	got, err := products.Regress(0.05)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got[0].Value-(0.55)) > 1e-12 || math.Abs(got[1].Value-1.3) > 1e-12 || got[0].DF != 2 {
		t.Errorf("got %+v, want 0.55 + 1.3x", got)
	}
}
