package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Where all experiments are equally sure, each lift moves by the same share towards their mean; by hand in R:
// x = c(.10,.04,.02,0,-.06); se = .02; tau2 = var(x) - se^2; s = se^2/(tau2+se^2); prod(1+(1-s)*x[1:2]+s*mean(x))-1
func TestCompoundByHand(t *testing.T) {
	values := []float64{0.10, 0.04, 0.02, 0, -0.06}
	lifts := make([]Effect, len(values))
	for i, value := range values {
		lifts[i] = Effect{value, 0.02}
	}
	got, err := Compound(lifts, []bool{true, true, false, false, false}, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	const mean, variance = 0.02, 0.0034
	share := 0.0004 / variance
	first, second := 0.10+share*(mean-0.10), 0.04+share*(mean-0.04)
	near(t, "observed", got.Observed, 1.10*1.04-1, 1e-12)
	near(t, "shrunk", got.Shrunk, (1+first)*(1+second)-1, 1e-12)
	plugIn, ofMean := 0.02*math.Sqrt(1-share), share*math.Sqrt(variance/5)
	ofShare := share * math.Sqrt(2.0/(5-3)) // the standard error of the share itself, Morris 1983
	se := math.Sqrt(math.Pow(plugIn/(1+first), 2) + math.Pow(plugIn/(1+second), 2) +
		math.Pow(ofMean/(1+first)+ofMean/(1+second), 2) + math.Pow(ofShare*(0.08/(1+first)+0.02/(1+second)), 2))
	near(t, "low", got.Interval.Low, (1+got.Shrunk)*math.Exp(-1.959963984540054*se)-1, 1e-12)
	near(t, "high", got.Interval.High, (1+got.Shrunk)*math.Exp(1.959963984540054*se)-1, 1e-12)
}

func TestCompoundRefusesWhatSaysTooLittle(t *testing.T) {
	four := []Effect{{0.1, 0.02}, {0.04, 0.02}, {0.02, 0.02}, {0, 0.02}}
	for name, lifts := range map[string][]Effect{
		"too few":   four,
		"no spread": append(four[:4:4], Effect{0.1, 0}),
		"all lost":  append(four[:4:4], Effect{-1, 0.02}),
	} {
		kept := make([]bool, len(lifts))
		kept[len(kept)-1] = true
		if got, err := Compound(lifts, kept, 0.05); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What was kept because it was found better is worth what the shrunk lifts say, and less than the lifts found.
var _ = simulated("winner's curse", 1000, func(rng *rand.Rand, runs int) []rate {
	covered := rate{"200 experiments", "compound lift", "true lifts of winners covered", is, 1 - simulatedAlpha, 0, 0}
	coveredOfFew := rate{"12 experiments", "compound lift", "true lifts of winners covered", atLeast, 1 - simulatedAlpha, 0, 0}
	above := rate{"200 experiments", "lifts as found", "above the true ones", atLeast, 0.95, 0, 0}
	for range runs {
		found, truth := winners(rng, 200)
		covered.count(found.Interval.Contains(truth))
		above.count(found.Observed > truth)
		found, truth = winners(rng, 12)
		coveredOfFew.count(found.Interval.Contains(truth))
	}
	return []rate{covered, coveredOfFew, above}
})

// winners are what experiments found better at once, and what that is worth.
func winners(rng *rand.Rand, experiments int) (found CompoundLift, truth float64) {
	lifts, kept := make([]Effect, experiments), make([]bool, experiments)
	for i := range lifts {
		of := 0.002 + 0.01*rng.NormFloat64()
		lifts[i] = Effect{of + 0.01*rng.NormFloat64(), 0.01}
		if kept[i] = lifts[i].Value > 0.0196; kept[i] {
			truth += math.Log1p(of)
		}
	}
	return must(Compound(lifts, kept, simulatedAlpha)), math.Expm1(truth)
}
