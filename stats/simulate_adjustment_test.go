package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// adjustmentCorrelation is that of value and covariate.
const adjustmentCorrelation = 0.8

// correlatedArm draws n units of a value with slope and covariate, both of variance 1.
func correlatedArm(rng *rand.Rand, n int, effect, slope, noise float64) Moments {
	e := experiment{population: population{
		metric: Metric{Shape: Shape{Kind: KindMean, Covariates: 1}},
		unit: func(rng *rand.Rand, _ float64, out []float64) {
			out[1] = rng.NormFloat64()
			out[0] = 10 + effect + slope*out[1] + noise*rng.NormFloat64()
		},
	}, rng: rng}
	e.addUnits(0, n)
	return e.moments[0].Moments()
}

// draws are estimates of a known effect with the standard errors that they claim.
type draws struct {
	effects []float64
	claimed float64 // mean of the claimed variances
}

func (d *draws) add(effect, se float64, runs int) {
	d.effects = append(d.effects, effect)
	d.claimed += se * se / float64(runs)
}

// check holds the draws to being unbiased, to vary as claimed, and as theory says: each within 4 of its own standard errors.
func (d draws) check(t *testing.T, name string, effect, variance float64) {
	t.Helper()
	s := SampleOf(d.effects)
	n := float64(s.N)
	if off := math.Abs(s.Mean-effect) / math.Sqrt(s.Var/n); off > 4 {
		t.Errorf("%s: mean effect %v, %.1f standard errors from %v", name, s.Mean, off, effect)
	}
	for what, expected := range map[string]float64{"claimed": d.claimed, "theoretical": variance} {
		if off := math.Abs(s.Var/expected-1) / math.Sqrt(2/n); off > 4 {
			t.Errorf("%s: variance of effects %v, %.1f standard errors from the %s %v", name, s.Var, off, what, expected)
		}
	}
}

func TestAdjustmentIsUnbiasedAndNarrow(t *testing.T) {
	const units, effect = 400, 0.5
	runs := 2000 * *simulations
	rng := seeded("adjustment")
	noise := math.Sqrt(1 - adjustmentCorrelation*adjustmentCorrelation)
	var cuped, common, separate draws
	for range runs {
		control := correlatedArm(rng, units, 0, adjustmentCorrelation, noise)
		variant := correlatedArm(rng, units, effect, adjustmentCorrelation, noise)
		arms := CUPED(PooledWithin, control, variant).Arms
		est := must(FixedTest{Alpha: simulatedAlpha}.Difference(arms[0], arms[1]))
		cuped.add(est.Value, est.SE, runs)
		ancova := must(RegressCommon(control, variant, simulatedAlpha))
		common.add(ancova.Value, ancova.SE, runs)
		lin := must(RegressSeparately(control, variant))
		separate.add(lin.Effect, lin.SENeyman, runs)
	}
	narrow := 2 * noise * noise / units
	cuped.check(t, "CUPED", effect, narrow)
	common.check(t, "ANCOVA", effect, narrow)
	separate.check(t, "Lin", effect, narrow)
}

// Where slopes differ, a new sample of units varies by the effect's own dependence on the covariate, which Neyman's error
// ignores.
func TestLinSuperpopulationError(t *testing.T) {
	const units, effect, slopeControl, slopeVariant, noise = 200, 0.5, 0.2, 1.8, 0.5
	runs := 2000 * *simulations
	rng := seeded("superpopulation")
	var lin draws
	for range runs {
		control := correlatedArm(rng, units, 0, slopeControl, noise)
		variant := correlatedArm(rng, units, effect, slopeVariant, noise)
		fit := must(RegressSeparately(control, variant))
		lin.add(fit.Effect, fit.SESuperpopulation, runs)
	}
	apart := slopeVariant - slopeControl
	lin.check(t, "Lin, slopes differ", effect, 2*noise*noise/units+apart*apart/(2*units))
}

// clusters draws the sizes and sums of an arm's clusters, whose units share a cluster's level.
func clusters(rng *rand.Rand, count int) []ClusterGroup {
	groups := make([]ClusterGroup, count)
	for i := range groups {
		size := 5 + math.Floor(30*rng.Float64())
		level := rng.NormFloat64()
		groups[i] = totals(size, 1, size*level+math.Sqrt(size)*2*rng.NormFloat64(), 0)
	}
	return groups
}

var _ = simulated("clusters", 4000, func(rng *rand.Rand, runs int) []rate {
	const name = "mean over clusters"
	corrected := rate{name, "CR2, Satterthwaite", "false positives, 8 and 12 clusters", is, simulatedAlpha, 0, 0}
	ignored := rate{name, "clusters ignored", "false positives, 8 and 12 clusters", atLeast, 2 * simulatedAlpha, 0, 0}
	arms := rate{name, "delta, Welch over clusters", "false positives, 8 and 12 clusters", atMost, 1.3 * simulatedAlpha, 0, 0}
	delta := rate{name, "delta", "false positives, 100 and 100 clusters", is, simulatedAlpha, 0, 0}
	for range runs {
		control, variant := clusters(rng, 8), clusters(rng, 12)
		few := must(CompareClusters(control, variant, simulatedAlpha))
		corrected.count(few.Test.P <= simulatedAlpha)
		ignored.count(math.Abs(few.Value) > 1.96*math.Sqrt(5/(8*20.0)+5/(12*20.0))) // the true variance of a unit over units
		pair, _ := Metric{Shape: Shape{Kind: KindMean}}.Arms(nil, []Moments{clusteredMean(control), clusteredMean(variant)})
		arms.count(must(simulatedInference(Fixed).Compare(KindMean, pair[0], pair[1])).Effect.Test.P <= simulatedAlpha)
		many := must(CompareClusters(clusters(rng, 100), clusters(rng, 100), simulatedAlpha))
		delta.count(many.Delta.Test.P <= simulatedAlpha)
	}
	return []rate{corrected, ignored, arms, delta}
})

var _ = simulated("strata", 2000, func(rng *rand.Rand, runs int) []rate {
	positives := rate{"mean", "post-stratified", "false positives, four strata", is, simulatedAlpha, 0, 0}
	for range runs {
		strata := make([]ArmPair, 4)
		for i := range strata {
			level := 10 * float64(i)
			arm := func() Arm {
				values := make([]float64, 30+rng.IntN(40))
				for j := range values {
					values[j] = level + rng.NormFloat64()
				}
				return MeanArm(SampleOf(values))
			}
			strata[i] = ArmPair{arm(), arm()}
		}
		both := must(PostStratify(strata, nil))
		est := must(FixedTest{Alpha: simulatedAlpha}.Difference(both.Control, both.Variant))
		positives.count(est.Test.P <= simulatedAlpha)
	}
	return []rate{positives}
})

// Fieller's set holds the ratio however near to 0 the control is, where the symmetric interval need not.
var _ = simulated("Fieller", 4000, func(rng *rand.Rand, runs int) []rate {
	const name = "ratio of means, control at one standard error of 0"
	covered := rate{name, "Fieller", "ratio covered", is, 1 - simulatedAlpha, 0, 0}
	for range runs {
		control := observed(100, 1+rng.NormFloat64(), 1)
		variant := observed(100, 2+rng.NormFloat64(), 1)
		set := must(Fieller(control, variant, math.Inf(1), simulatedAlpha))
		covered.count(set.Set.Contains(2))
	}
	return []rate{covered}
})

var _ = simulated("non-inferiority", 4000, func(rng *rand.Rand, runs int) []rate {
	wrong := rate{"mean", "non-inferiority", "a variant at the margin called non-inferior", is, simulatedAlpha, 0, 0}
	test := NonInferiorityTest{Margin: 0.05, Good: HigherIsBetter, Alpha: simulatedAlpha}
	for range runs {
		e := experiment{population: populations[0], rng: rng, lift: -test.Margin}
		control, variant := e.run(500)
		wrong.count(must(test.Relative(control, variant)).NonInferior)
	}
	return []rate{wrong}
})
