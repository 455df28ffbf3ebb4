package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// walkOfEffects are estimates of one effect as data come in: at look i of n the information is i/n of the whole, where the
// estimate has standard error 1.
func walkOfEffects(rng *rand.Rand, effect float64, looks int) []Effect {
	path, score := make([]Effect, looks), 0.0
	for i := range path {
		t := float64(i+1) / float64(looks)
		score += effect/float64(looks) + rng.NormFloat64()/math.Sqrt(float64(looks))
		path[i] = Effect{Value: score / t, SE: 1 / math.Sqrt(t)}
	}
	return path
}

const manyLooks = 50

// Tests that may be stopped at any look find what is not there at most α of the time over all of them, and their intervals hold
// the truth at every look at once.
var _ = simulated("normal walks watched at every look", 2000, func(rng *rand.Rand, runs int) []rate {
	tests := []struct {
		name string
		at   func(e Effect, look int) Estimate
	}{
		{"sequential, one-sided", func(e Effect, look int) Estimate {
			return must(ConfidenceSequence{Nu: 1000}.At(e, int64(200*look), simulatedAlpha, Greater))
		}},
		{"mSPRT", func(e Effect, _ int) Estimate { return must(MixtureSPRT{Tau2: 4}.At(e, simulatedAlpha)) }},
		{"anytime regression", func(e Effect, look int) Estimate {
			return must(AnytimeRegression{G: 1000}.At(e, int64(200*look), 2, simulatedAlpha))
		}},
	}
	var rates []rate
	for _, test := range tests {
		positives := rate{"normal", test.name, "false positives ever, 50 looks", atMost, simulatedAlpha, 0, 0}
		covered := rate{"normal", test.name, "effect covered at every look of 50", atLeast, 1 - simulatedAlpha, 0, 0}
		for range runs {
			const truth = 1.5
			positives.count(slices.ContainsFunc(estimates(walkOfEffects(rng, 0, manyLooks), test.at), func(est Estimate) bool {
				return est.Test.P <= simulatedAlpha
			}))
			covered.count(!slices.ContainsFunc(estimates(walkOfEffects(rng, truth, manyLooks), test.at), func(est Estimate) bool {
				return !est.Interval.Contains(truth)
			}))
		}
		rates = append(rates, positives, covered)
	}
	return rates
})

// estimates are a test's answers at the looks, counted from 1.
func estimates(path []Effect, at func(e Effect, look int) Estimate) []Estimate {
	answers := make([]Estimate, len(path))
	for i, e := range path {
		answers[i] = at(e, i+1)
	}
	return answers
}

// A design that is planned for 80% power has it, and stops as early as it says.
var _ = simulated("power as planned", 4000, func(rng *rand.Rand, runs int) []rate {
	const power, effect = 0.8, 0.2
	groups := GroupSequentialTest{Boundary: Spending(PocockSpending), Alpha: simulatedAlpha}
	bounds := must(groups.Bounds(EqualLooks(4), nil))
	sequence := must(Tuned(1000, simulatedAlpha, TwoSided))
	designs := []struct {
		name      string
		procedure Procedure
		promise   promise
	}{
		{"fixed, normal", ZTest{Alpha: simulatedAlpha}, is},
		{"group sequential, 4 looks", BoundsTest{Bounds: bounds}, is},
		{"sequential, at its end", SequenceTest{Sequence: sequence, Alpha: simulatedAlpha}, is},
	}
	var rates []rate
	for _, d := range designs {
		plan := must(MeanDesign{Procedure: d.procedure, SDControl: 1, SDVariant: 1, Ratio: 1}.SampleSize(effect, power))
		drift := effect / math.Sqrt(1/plan.Control+1/plan.Variant)
		found := rate{"normal", d.name, "effect planned for found", d.promise, power, 0, 0}
		for range runs {
			found.count(finds(d.procedure, walkOfEffects(rng, drift, 4), plan))
		}
		rates = append(rates, found)
	}
	return rates
})

// finds is whether a procedure rejects on a walk of four looks, by the rule that it plans for.
func finds(procedure Procedure, path []Effect, plan Plan) bool {
	last := math.Abs(path[len(path)-1].z())
	switch p := procedure.(type) {
	case BoundsTest:
		for k, e := range path {
			if math.Abs(e.z()) >= p.Bounds.Critical[k] {
				return true
			}
		}
		return false
	case SequenceTest:
		return last >= p.Sequence.Radius(plan.Control+plan.Variant, p.Alpha, p.Sides)
	default:
		return last >= normalUpperQuantile(simulatedAlpha/2)
	}
}

// The t-test of few units has the power planned for.
var _ = simulated("power of small t-tests", 4000, func(rng *rand.Rand, runs int) []rate {
	const power, effect = 0.8, 1.0
	plan := must(MeanDesign{Procedure: TTest{Alpha: simulatedAlpha}, SDControl: 1, SDVariant: 1, Ratio: 1}.SampleSize(effect, power))
	n, _ := plan.Units()
	exact := must(MeanDesign{Procedure: TTest{Alpha: simulatedAlpha}, SDControl: 1, SDVariant: 1, Ratio: 1}.Power(float64(n),
		effect))
	found := rate{"normal", "fixed, pooled t", "effect planned for found", is, exact.Power, 0, 0}
	for range runs {
		control, variant := normalSample(rng, n, 0), normalSample(rng, n, effect)
		est := must(FixedTest{Reference: Student, Alpha: simulatedAlpha}.Difference(MeanArm(control), MeanArm(variant)))
		found.count(est.Test.P <= simulatedAlpha)
	}
	return []rate{found}
})

func normalSample(rng *rand.Rand, n int64, mean float64) Sample {
	values := make([]float64, n)
	for i := range values {
		values[i] = mean + rng.NormFloat64()
	}
	return SampleOf(values)
}

// Corrections keep the chance of any false finding, or the share of false ones among those found, over ten metrics of which three
// have an effect.
var _ = simulated("many tests", 4000, func(rng *rand.Rand, runs int) []rate {
	const metrics, real = 10, 3
	var rates []rate
	for _, c := range []Correction{Bonferroni, Sidak, Holm, HolmSidak, Hochberg, Hommel} {
		wrong := rate{"ten metrics", string(c), "any false finding", atMost, simulatedAlpha, 0, 0}
		for range runs {
			wrong.count(falseFindings(rng, c, metrics, real) > 0)
		}
		rates = append(rates, wrong)
	}
	for _, c := range []Correction{BenjaminiHochberg, BenjaminiYekutieli} {
		// A finding drawn at random is false with probability the false discovery rate.
		wrong := rate{"ten metrics", string(c), "false share of findings", atMost, simulatedAlpha, 0, 0}
		for range runs {
			wrong.count(rng.Float64() < falseFindings(rng, c, metrics, real))
		}
		rates = append(rates, wrong)
	}
	return rates
})

// falseFindings is the share of an experiment's findings that are of metrics without an effect, the first real of them having
// one.
func falseFindings(rng *rand.Rand, c Correction, metrics, real int) float64 {
	family := make([]Test, metrics)
	for i := range family {
		e := Effect{Value: rng.NormFloat64(), SE: 1}
		if i < real {
			e.Value += 3
		}
		family[i] = e.normalTest()
	}
	found, wrong := 0, 0
	for i, corrected := range must(c.Adjust(family, nil, simulatedAlpha)) {
		if corrected.Rejected {
			found++
			if i >= real {
				wrong++
			}
		}
	}
	return float64(wrong) / float64(max(found, 1))
}

// The ship rule ships at most α of variants that move no success metric, with guardrails at their margins or not, and as often as
// its power says those that should be.
var _ = simulated("ship rule", 4000, func(rng *rand.Rand, runs int) []rate {
	rule := ShipRule{Alpha: simulatedAlpha, Power: 0.8, Comparisons: 1}
	planned := must(rule.Decide([]SuccessMetric{{anEffect, HigherIsBetter}}, []Guardrail{
		{anEffect, HigherIsBetter, 1}, {anEffect, HigherIsBetter, 1},
	}))
	reaches := func(alpha float64) float64 { return normalUpperQuantile(alpha) + normalQuantile(planned.PowerPerTest) }
	decide := func(success, guardrail float64) bool {
		draw := func(mean float64) Effect { return Effect{Value: mean + rng.NormFloat64(), SE: 1} }
		margin := reaches(planned.AlphaGuardrail)
		return must(rule.Decide([]SuccessMetric{{draw(success), HigherIsBetter}}, []Guardrail{
			{draw(guardrail), HigherIsBetter, margin}, {draw(guardrail), HigherIsBetter, margin},
		})).Ship
	}
	useless := rate{"three metrics", "ship rule", "useless variants shipped", atMost, simulatedAlpha, 0, 0}
	harmful := rate{"three metrics", "ship rule", "variants at a margin shipped", atMost, simulatedAlpha, 0, 0}
	good := rate{"three metrics", "ship rule", "good variants shipped", atLeast, 0.8, 0, 0}
	for range runs {
		useless.count(decide(0, 0))
		harmful.count(decide(10, -reaches(planned.AlphaGuardrail)))
		good.count(decide(reaches(planned.AlphaSuccess), 0))
	}
	return []rate{useless, harmful, good}
})

// The sample ratio: χ² at one look is exact, and the monitor keeps its level over every batch until it stops.
var _ = simulated("sample ratio", 2000, func(rng *rand.Rand, runs int) []rate {
	const level, batches, units = 0.01, 30, 300
	weights := []float64{0.5, 0.3, 0.2}
	once := rate{"counts of three arms", "χ²", "false alarms, one look", is, level, 0, 0}
	peeked := rate{"counts of three arms", "χ²", "false alarms ever, 30 looks", atLeast, 2 * level, 0, 0}
	watched := rate{"counts of three arms", "sequential", "false alarms ever, 30 looks", atMost, level, 0, 0}
	noticed := rate{"counts of three arms", "sequential", "a loss of 10% of one arm noticed", atLeast, 0.9, 0, 0}
	monitor := SampleRatioMonitor{Weights: weights, Prior: ConcentratedPrior(weights, 1000)}
	for range runs {
		counts, alarms := drawBatches(rng, weights, batches, units), 0
		cumulative := make([]int64, len(weights))
		for _, batch := range counts {
			for i := range batch {
				cumulative[i] += batch[i]
			}
			if must(SampleRatio(cumulative, weights, level)).Mismatch {
				alarms++
			}
		}
		once.count(must(SampleRatio(cumulative, weights, level)).Mismatch)
		peeked.count(alarms > 0)
		watched.count(lastP(monitor, counts) <= level)
		noticed.count(lastP(monitor, drawBatches(rng, []float64{0.45, 0.3, 0.2}, batches, units)) <= level)
	}
	return []rate{once, peeked, watched, noticed}
})

func lastP(m SampleRatioMonitor, batches [][]int64) float64 {
	looks := must(m.Path(batches))
	return looks[len(looks)-1].P
}

// drawBatches divides units among arms by shares, which need not add up to 1.
func drawBatches(rng *rand.Rand, shares []float64, batches, units int) [][]int64 {
	total := 0.0
	for _, s := range shares {
		total += s
	}
	drawn := make([][]int64, batches)
	for b := range drawn {
		drawn[b] = make([]int64, len(shares))
		for range units {
			u, arm := rng.Float64()*total, 0
			for u >= shares[arm] && arm < len(shares)-1 {
				u -= shares[arm]
				arm++
			}
			drawn[b][arm]++
		}
	}
	return drawn
}

// A chance to win is one: among variants that truths drawn from the prior give it to, that share wins.
var _ = simulated("chances to win", 400, func(rng *rand.Rand, runs int) []rate {
	won := rate{"proportions", "Beta posterior", "wins among chances of 70% to 90%", is, 0.8, 0, 0}
	expected := 0.0
	for range runs {
		control, variant := rng.Float64(), rng.Float64()
		c := must(CompareBeta(BetaPrior{1, 1}, drawSuccesses(rng, control, 20), drawSuccesses(rng, variant, 30)))
		if c.ChanceToWin > 0.7 && c.ChanceToWin < 0.9 {
			won.count(variant > control)
			expected += c.ChanceToWin
		}
	}
	won.nominal = expected / float64(won.runs)
	return []rate{won}
})

func drawSuccesses(rng *rand.Rand, p float64, trials int64) Successes {
	s := Successes{Trials: trials}
	for range trials {
		if rng.Float64() < p {
			s.Successes++
		}
	}
	return s
}

// Experiments that add up are seldom found to interact, and slices alike seldom to differ.
var _ = simulated("interactions and slices", 4000, func(rng *rand.Rand, runs int) []rate {
	joint := rate{"3×3 cells", "Wald", "false positives", is, simulatedAlpha, 0, 0}
	contrast := rate{"2×2 cells", "difference in differences", "false positives", is, simulatedAlpha, 0, 0}
	q := rate{"eight slices", "Q", "false positives", is, simulatedAlpha, 0, 0}
	for range runs {
		joint.count(must(InteractionTest(additiveCells(rng, 3, 400))).Test.P <= simulatedAlpha)
		contrast.count(must(Interaction2x2(additiveCells(rng, 2, 30), simulatedAlpha)).Additive.Test.P <= simulatedAlpha)
		q.count(must(Heterogeneous(drawSlices(rng, make([]float64, 8)), simulatedAlpha)).Q.P <= simulatedAlpha)
	}
	return []rate{joint, contrast, q}
})

// Effects shrunk by what many slices show of one another cover the truths that they were drawn with.
var _ = simulated("shrunk slices", 1000, func(rng *rand.Rand, runs int) []rate {
	covered := rate{"200 slices", "shrinkage", "true effects covered", is, 1 - simulatedAlpha, 0, 0}
	for range runs {
		truths := make([]float64, 200)
		for i := range truths {
			truths[i] = rng.NormFloat64()
		}
		first := must(Heterogeneous(drawSlices(rng, truths), simulatedAlpha)).Slices[0].Shrunk
		covered.count(first.around(normalUpperQuantile(simulatedAlpha/2), TwoSided).Contains(truths[0]))
	}
	return []rate{covered}
})

// additiveCells have means that add up and spreads that differ.
func additiveCells(rng *rand.Rand, k int, n int64) Cells {
	cells := make(Cells, k)
	for a := range cells {
		for b := range k {
			sd := 1 + float64(a+b)/4
			draw := normalSample(rng, n, 0)
			cells[a] = append(cells[a], MeanArm(Sample{N: n, Mean: float64(3*a-b) + sd*draw.Mean, Var: sd * sd * draw.Var}))
		}
	}
	return cells
}

func drawSlices(rng *rand.Rand, truths []float64) []Effect {
	slices := make([]Effect, len(truths))
	for i, truth := range truths {
		se := 0.3 + rng.Float64()
		slices[i] = Effect{truth + se*rng.NormFloat64(), se}
	}
	return slices
}

// Poisson replicates of skewed units cover as the bootstrap of so many units does: a little less than promised.
var _ = simulated("bootstrap", 300, func(rng *rand.Rand, runs int) []rate {
	const units, replicates = 200, 200
	covered := rate{"mean (exponential)", "Poisson bootstrap", "effect covered by percentiles", atLeast, 0.9, 0, 0}
	errors := rate{"mean (exponential)", "Poisson bootstrap", "standard error within a fifth of Welch's", atLeast, 0.95, 0, 0}
	for range runs {
		control, controls := resampled(rng, units, replicates)
		variant, variants := resampled(rng, units, replicates)
		b := must(BootstrapContrast(control.Mean, variant.Mean, controls, variants, DifferenceContrast, simulatedAlpha))
		covered.count(b.Percentile.Contains(0))
		e, _ := welch(MeanArm(control), MeanArm(variant))
		errors.count(math.Abs(b.SE/e.SE-1) < 0.2)
	}
	return []rate{covered, errors}
})

// resampled is a sample of exponential units and its mean under Poisson weights from hashes.
func resampled(rng *rand.Rand, units, replicates int) (Sample, []float64) {
	values, means := make([]float64, units), make([]float64, replicates)
	for i := range values {
		values[i] = rng.ExpFloat64()
	}
	for r := range means {
		sum, weights := 0.0, 0
		for _, x := range values {
			w := must(PoissonWeight(rng.Float64()))
			sum, weights = sum+float64(w)*x, weights+w
		}
		means[r] = sum / float64(weights)
	}
	return SampleOf(values), means
}
