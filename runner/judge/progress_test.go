package judge

import (
	"math"
	"math/rand/v2"
	"testing"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/stats"
)

// What is lacking of a whole progress costs little of the power asked for, whatever that is and however often one looks.
func TestSufficientIsNearlyAll(t *testing.T) {
	bounds, err := stats.GroupSequentialTest{Boundary: spendings["obrien_fleming"], Alpha: 0.05, Sides: stats.TwoSided}.
		Bounds(stats.EqualLooks(4), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]stats.Procedure{
		"one look": stats.ZTest{Alpha: 0.05, Sides: stats.TwoSided}, "at 1%": stats.ZTest{Alpha: 0.01, Sides: stats.TwoSided},
		"one side": stats.ZTest{Alpha: 0.05, Sides: stats.Greater}, "four looks": stats.BoundsTest{Bounds: bounds, Sides: stats.TwoSided},
	} {
		for _, power := range []float64{0.5, 0.8, 0.9, 0.95} {
			const lift = 0.05
			design := stats.MeanDesign{Procedure: test, SDControl: 2, SDVariant: 2, Ratio: 1}
			needed, err := design.SampleSize(lift, power)
			if err != nil {
				t.Fatal(err)
			}
			got, err := design.Power(sufficient*needed.Control, lift)
			if err != nil || got.Power < power-0.03 || got.Power > power {
				t.Errorf("%s: %.4f of a power of %g, %v", name, got.Power, power, err)
			}
		}
	}
}

// Experiments in which nothing changes, on a rate and on a mean, come to the end of what was planned nearly always, and by what they
// know themselves.
func TestProgressOfWhatWasPlannedIsWhole(t *testing.T) {
	const times, lift = 2000, 0.05
	for name, c := range map[string]struct{ mean, sd float64 }{
		"a rate": {0.2, 0.4}, "a mean": {10, 20},
	} {
		t.Run(name, func(t *testing.T) {
			source := rand.New(rand.NewPCG(firstSeed, secondSeed))
			n := math.Ceil(2 * math.Pow((z975+z80)*c.sd/c.mean/lift, 2))
			whole, least := 0, 1.0
			for range times {
				var arms []plan.Arm
				for _, variant := range []string{"control", "treatment"} {
					mean, sd := c.mean+c.sd/math.Sqrt(n)*source.NormFloat64(), c.sd
					if name == "a rate" {
						sd = math.Sqrt(mean * (1 - mean))
					}
					arms = append(arms, arm(variant, int64(n), mean, sd))
				}
				m := metric("orders", model.Primary, arms...)
				m.Use.Settings.MDE = ptr(lift)
				progress := *only(t, standard(m)).Progress
				least = min(least, progress)
				if progress >= 1 {
					whole++
				}
			}
			if share := float64(whole) / times; share < 0.98 || least < 0.9 {
				t.Errorf("whole in %.4f, the least is %.3f", share, least)
			}
		})
	}
}
