package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

var somePs = rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(0, 1), rapid.Float64Range(0, 0.05)), 1, 6)

func adjusted(t *rapid.T, c Correction, p, weights []float64) []float64 {
	family := make([]Test, len(p))
	for i := range p {
		family[i] = Test{P: p[i], Defined: true}
	}
	corrected, err := c.Adjust(family, weights, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(p))
	for i := range corrected {
		out[i] = corrected[i].P
	}
	return out
}

// closed is the closed testing procedure by brute force: a hypothesis falls when every intersection with it does.
func closed(p []float64, intersection func(subset []int) float64) []float64 {
	out := make([]float64, len(p))
	for set := 1; set < 1<<len(p); set++ {
		var subset []int
		for i := range p {
			if set&(1<<i) != 0 {
				subset = append(subset, i)
			}
		}
		local := math.Min(1, intersection(subset))
		for _, i := range subset {
			out[i] = math.Max(out[i], local)
		}
	}
	return out
}

// Holm and Hommel are shortcuts of closed testing, with Bonferroni's and Simes' test of each intersection.
func TestShortcutsCloseTheirTests(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somePs.Draw(t, "p")
		weights := rapid.SliceOfN(rapid.Float64Range(0.1, 1), len(p), len(p)).Draw(t, "weights")
		holm := closed(p, func(subset []int) float64 {
			total, least := 0.0, math.Inf(1)
			for _, i := range subset {
				total += weights[i]
			}
			for _, i := range subset {
				least = math.Min(least, p[i]*total/weights[i])
			}
			return least
		})
		hommel := closed(p, func(subset []int) float64 {
			inSubset := make([]float64, len(subset))
			for rank, i := range subset {
				inSubset[rank] = p[i]
			}
			least := math.Inf(1)
			for rank, at := range ascending(inSubset) {
				least = math.Min(least, float64(len(subset))*inSubset[at]/float64(rank+1))
			}
			return least
		})
		for i, got := range adjusted(t, Holm, p, weights) {
			within(t, "Holm", got, holm[i], 1e-12)
		}
		for i, got := range adjusted(t, Hommel, p, nil) {
			within(t, "Hommel", got, hommel[i], 1e-12)
		}
	})
}

// From the most to the least cautious, and none below the p-value itself.
func TestCorrectionsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somePs.Draw(t, "p")
		for _, order := range [][]Correction{
			{Bonferroni, Holm, Hochberg, Hommel, BenjaminiHochberg, NoCorrection},
			{Bonferroni, Sidak, HolmSidak, NoCorrection},
			{BenjaminiYekutieli, BenjaminiHochberg},
		} {
			above := adjusted(t, order[0], p, nil)
			for _, c := range order[1:] {
				below := adjusted(t, c, p, nil)
				for i := range p {
					if below[i] > above[i]*(1+1e-12) {
						t.Fatalf("%s adjusts %v to %v, above %v", c, p[i], below[i], above[i])
					}
				}
				above = below
			}
		}
	})
}

// A single-step correction's level decides as its adjusted p-value does.
func TestLevelsDecideAsAdjustedPValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		family := []Test{{P: rapid.Float64Range(0, 0.1).Draw(t, "p"), Defined: true}, {P: 0.5, Defined: true}, {}}
		weights := map[Correction][]float64{Bonferroni: {0.6, 0.2, 0.2}, Sidak: nil}
		for c, w := range weights {
			corrected, err := c.Adjust(family, w, 0.05)
			if err != nil {
				t.Fatal(err)
			}
			if (family[0].P <= corrected[0].Level) != corrected[0].Rejected {
				t.Fatalf("%s: p-value %v at level %v, %+v", c, family[0].P, corrected[0].Level, corrected[0])
			}
		}
	})
}

// An undefined test has no part in an unweighted family, and keeps its share of a weighted one.
func TestUndefinedTests(t *testing.T) {
	family := []Test{{P: 0.02, Defined: true}, {}, {P: 0.03, Defined: true}}
	plain, err := Bonferroni.Adjust(family, nil, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := Bonferroni.Adjust(family, []float64{0.5, 0.25, 0.25}, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	if plain[0].P != 0.04 || plain[1].Defined || shared[0].P != 0.04 || math.Abs(shared[2].P-0.12) > 1e-15 {
		t.Errorf("got %+v and %+v", plain, shared)
	}
}

func TestPreferentialSharesAddUp(t *testing.T) {
	primary, other, err := PreferentialShares(0.5, 1, 4, 2)
	if err != nil {
		t.Fatal(err)
	}
	if primary != 0.25 || other != 0.0625 || 2*(primary+4*other) != 1 {
		t.Errorf("got %v and %v, want 0.25 and 0.0625", primary, other)
	}
}
