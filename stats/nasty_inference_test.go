package stats

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// entry draws arguments for one exported function and says what is wrong with its answer.
type entry func(t *rapid.T) error

func drawEffect(t *rapid.T) Effect { return Effect{nasty.Draw(t, "value"), nasty.Draw(t, "se")} }

func drawSides(t *rapid.T) Sides {
	return rapid.SampledFrom([]Sides{TwoSided, Greater, Less}).Draw(t, "sides")
}

func drawDirection(t *rapid.T) Direction {
	return rapid.SampledFrom([]Direction{HigherIsBetter, LowerIsBetter, 0}).Draw(t, "good")
}

func drawNumbers(t *rapid.T, name string) []float64 { return rapid.SliceOfN(nasty, 0, 6).Draw(t, name) }

func drawEffects(t *rapid.T) []Effect {
	return rapid.SliceOfN(rapid.Custom(drawEffect), 0, 5).Draw(t, "effects")
}

func drawArm(t *rapid.T) Arm {
	return MeanArm(Sample{N: nastyCount.Draw(t, "n"), Mean: nasty.Draw(t, "mean"), Var: nasty.Draw(t, "var")})
}

func drawCells(t *rapid.T) Cells {
	cells := make(Cells, rapid.IntRange(0, 3).Draw(t, "rows"))
	for a := range cells {
		cells[a] = rapid.SliceOfN(rapid.Custom(drawArm), 2, 2).Draw(t, "row")
	}
	return cells
}

func drawFamily(t *rapid.T) []Test {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Test {
		return Test{P: nasty.Draw(t, "p"), Defined: rapid.Bool().Draw(t, "defined")}
	}), 0, 6).Draw(t, "family")
}

// drawInformation is mostly what a plan could be: the recursion has a price, and nonsense is refused before it.
func drawInformation(t *rapid.T) []float64 {
	if rapid.Bool().Draw(t, "planned") {
		return EqualLooks(rapid.IntRange(0, 4).Draw(t, "looks"))
	}
	return drawNumbers(t, "info")
}

func drawGroupTest(t *rapid.T) GroupSequentialTest {
	shape := nasty.Draw(t, "shape")
	return GroupSequentialTest{
		Alpha: nasty.Draw(t, "alpha"), Sides: drawSides(t),
		Boundary: rapid.SampledFrom([]Boundary{
			nil, Spending(nil), Spending(OBrienFlemingSpending), Spending(PocockSpending), KimDeMetsSpending(shape),
			HwangShihDeCaniSpending(shape), TableSpending([]float64{0.5, 1}, []float64{0.01, 0.05}), WangTsiatis{shape},
		}).Draw(t, "boundary"),
	}
}

func drawProcedure(t *rapid.T) Procedure {
	alpha, sides := nasty.Draw(t, "alpha"), drawSides(t)
	return rapid.SampledFrom([]Procedure{
		nil, ZTest{alpha, sides}, TTest{alpha, sides}, SequenceTest{ConfidenceSequence{nasty.Draw(t, "nu")}, alpha, sides},
		BoundsTest{}, CredibleTest{NormalPrior{0, nasty.Draw(t, "sd")}, alpha, sides},
	}).Draw(t, "procedure")
}

func drawMeanDesign(t *rapid.T) MeanDesign {
	sd := nasty.Draw(t, "sd")
	return MeanDesign{
		Procedure: drawProcedure(t), SDControl: sd, SDVariant: sd,
		Ratio: nasty.Draw(t, "ratio"), Correlation: nasty.Draw(t, "rho"),
	}
}

func drawProportionDesign(t *rapid.T) ProportionDesign {
	return ProportionDesign{
		Test:  rapid.SampledFrom([]ProportionTest{PooledNull, Unpooled, Arcsine, "exact"}).Draw(t, "test"),
		Alpha: nasty.Draw(t, "alpha"), Sides: drawSides(t), Ratio: nasty.Draw(t, "ratio"),
	}
}

// soundPlan also asks the plan what a reader would.
func soundPlan(plan Plan, err error) error {
	if err == nil {
		plan.Units()
		_, _ = plan.Days(100)
		_, _ = plan.RelativeEffect(plan.Effect)
	}
	return sound(plan, err)
}

var inferenceEntries = map[string]entry{
	"ConfidenceSequence.At": func(t *rapid.T) error {
		sequence, err := Tuned(nasty.Draw(t, "units"), nasty.Draw(t, "tuning alpha"), drawSides(t))
		if err != nil {
			return sound(sequence, err)
		}
		return sound(sequence.At(drawEffect(t), nastyCount.Draw(t, "n"), nasty.Draw(t, "alpha"), drawSides(t)))
	},
	"TunedExactly": func(t *rapid.T) error {
		return sound(TunedExactly(nasty.Draw(t, "units"), nasty.Draw(t, "alpha"), drawSides(t)))
	},
	"MixtureSPRT.Path": func(t *rapid.T) error {
		return sound(MixtureSPRT{nasty.Draw(t, "tau2")}.Path(drawEffects(t), nasty.Draw(t, "alpha")))
	},
	"AnytimeRegression.At": func(t *rapid.T) error {
		rows, columns := nastyCount.Draw(t, "rows"), nastyCount.Draw(t, "columns")
		return sound(AnytimeRegression{nasty.Draw(t, "g")}.At(drawEffect(t), rows, columns, nasty.Draw(t, "alpha")))
	},
	"HybridTest.AtEnd": func(t *rapid.T) error {
		h := HybridTest{ConfidenceSequence{nasty.Draw(t, "nu")}}
		return sound(h.AtEnd(drawEffect(t), nastyCount.Draw(t, "n"), rapid.Float64Range(-1, 1e6).Draw(t, "df"), nasty.Draw(t,
			"alpha"), drawSides(t)))
	},
	"GroupSequentialTest.At": func(t *rapid.T) error {
		g := drawGroupTest(t)
		b, err := g.Bounds(drawInformation(t), rapid.SliceOfN(nasty, 0, 1).Draw(t, "frozen"))
		if err != nil {
			return sound(b, err)
		}
		return sound(g.At(drawEffect(t), b))
	},
	"GroupSequentialTest.Plan": func(t *rapid.T) error {
		return sound(drawGroupTest(t).Plan(drawInformation(t), nasty.Draw(t, "power")))
	},
	"BayesianNormal": func(t *rapid.T) error {
		prior := NormalPrior{nasty.Draw(t, "prior mean"), nasty.Draw(t, "prior sd")}
		return sound(BayesianNormal(drawEffect(t), prior, nasty.Draw(t, "alpha"), drawDirection(t)))
	},
	"CompareBeta": func(t *rapid.T) error {
		draw := func() Successes {
			return Successes{nastyCount.Draw(t, "successes"), nastyCount.Draw(t, "trials")}
		}
		return sound(CompareBeta(BetaPrior{nasty.Draw(t, "a"), nasty.Draw(t, "b")}, draw(), draw()))
	},
	"ChanceToBeBest": func(t *rapid.T) error {
		var arms []Posterior
		for _, e := range drawEffects(t) {
			arms = append(arms, Posterior{e.Value, e.SE})
		}
		return sound(ChanceToBeBest(arms, drawDirection(t)))
	},
	"SampleRatio": func(t *rapid.T) error {
		counts := rapid.SliceOfN(nastyCount, 0, 4).Draw(t, "counts")
		return sound(SampleRatio(counts, drawNumbers(t, "weights"), nasty.Draw(t, "alpha")))
	},
	"SampleRatioMonitor.Path": func(t *rapid.T) error {
		weights := drawNumbers(t, "weights")
		m := SampleRatioMonitor{Weights: weights, Prior: ConcentratedPrior(weights, nasty.Draw(t, "concentration"))}
		return sound(m.Path(rapid.SliceOfN(rapid.SliceOfN(nastyCount, len(weights), len(weights)), 0, 3).Draw(t, "batches")))
	},
	"Correction.Adjust": func(t *rapid.T) error {
		family := drawFamily(t)
		weights := rapid.SampledFrom([][]float64{nil, drawNumbers(t, "weights")}).Draw(t, "weighted")
		c := rapid.SampledFrom(append(slices.Sorted(maps.Keys(procedures)), "unheard of")).Draw(t, "correction")
		return sound(c.Adjust(family, weights, nasty.Draw(t, "alpha")))
	},
	"PreferentialShares": func(t *rapid.T) error {
		few := rapid.IntRange(-1, 5)
		primary, other, err := PreferentialShares(nasty.Draw(t, "gamma"), few.Draw(t, "primaries"), few.Draw(t, "others"), few.Draw(t, "k"))
		return sound([]float64{primary, other}, err)
	},
	"ShipRule.Decide": func(t *rapid.T) error {
		rule := ShipRule{nasty.Draw(t, "alpha"), nasty.Draw(t, "power"), rapid.IntRange(-1, 3).Draw(t, "comparisons")}
		var success []SuccessMetric
		var guardrails []Guardrail
		for _, e := range drawEffects(t) {
			success = append(success, SuccessMetric{e, drawDirection(t)})
			guardrails = append(guardrails, Guardrail{e, drawDirection(t), nasty.Draw(t, "margin")})
		}
		return sound(rule.Decide(success, guardrails))
	},
	"MeanDesign.Power": func(t *rapid.T) error {
		return soundPlan(drawMeanDesign(t).Power(nasty.Draw(t, "n"), nasty.Draw(t, "effect")))
	},
	"MeanDesign.SampleSize": func(t *rapid.T) error {
		return soundPlan(drawMeanDesign(t).SampleSize(nasty.Draw(t, "effect"), nasty.Draw(t, "power")))
	},
	"MeanDesign.MDE": func(t *rapid.T) error {
		return soundPlan(drawMeanDesign(t).MDE(nasty.Draw(t, "n"), nasty.Draw(t, "power")))
	},
	"MeanDesign.NonInferiority": func(t *rapid.T) error {
		return soundPlan(drawMeanDesign(t).NonInferiority(nasty.Draw(t, "effect"), nasty.Draw(t, "margin"), nasty.Draw(t, "power")))
	},
	"ProportionDesign.Power": func(t *rapid.T) error {
		return soundPlan(drawProportionDesign(t).Power(nasty.Draw(t, "n"), nasty.Draw(t, "control"), nasty.Draw(t, "variant")))
	},
	"ProportionDesign.SampleSize": func(t *rapid.T) error {
		return soundPlan(drawProportionDesign(t).SampleSize(nasty.Draw(t, "control"), nasty.Draw(t, "variant"), nasty.Draw(t, "power")))
	},
	"ProportionDesign.MDE": func(t *rapid.T) error {
		return soundPlan(drawProportionDesign(t).MDE(nasty.Draw(t, "n"), nasty.Draw(t, "control"), nasty.Draw(t, "power")))
	},
	"DetectableEffect": func(t *rapid.T) error {
		return sound(DetectableEffect(nasty.Draw(t, "se"), nasty.Draw(t, "alpha"), nasty.Draw(t, "power"), drawSides(t)))
	},
	"Progress": func(t *rapid.T) error {
		est, err := aSequence.At(drawEffect(t), 100, 0.05, drawSides(t))
		if err != nil {
			return sound(est, err)
		}
		progress, err := Progress(nasty.Draw(t, "mde"), est)
		if err != nil {
			return sound(progress, err)
		}
		return sound(DaysLeft(progress, nastyCount.Draw(t, "units"), nasty.Draw(t, "daily")))
	},
	"NonInferiorityTest": func(t *rapid.T) error {
		test := NonInferiorityTest{nasty.Draw(t, "margin"), drawDirection(t), nasty.Draw(t, "alpha")}
		ask := rapid.SampledFrom([]func(control, variant Arm) (NonInferiority, error){
			test.Absolute, test.Relative, test.RelativePlugIn,
		}).Draw(t, "margin kind")
		return sound(ask(drawArm(t), drawArm(t)))
	},
	"EquivalenceTest": func(t *rapid.T) error {
		return sound(EquivalenceTest(drawArm(t), drawArm(t), nasty.Draw(t, "margin"), nasty.Draw(t, "alpha")))
	},
	"Interaction2x2":  func(t *rapid.T) error { return sound(Interaction2x2(drawCells(t), nasty.Draw(t, "alpha"))) },
	"InteractionTest": func(t *rapid.T) error { return sound(InteractionTest(drawCells(t))) },
	"Independence":    func(t *rapid.T) error { return sound(Independence(drawCells(t))) },
	"ScreenInteractions": func(t *rapid.T) error {
		return sound(ScreenInteractions([]Cells{drawCells(t), drawCells(t)}, nasty.Draw(t, "alpha")))
	},
	"CrossProducts.Regress": func(t *rapid.T) error {
		c := CrossProducts{Rows: nastyCount.Draw(t, "rows"), XtY: drawNumbers(t, "xty"), YtY: nasty.Draw(t, "yty")}
		for range c.XtY {
			c.XtX = append(c.XtX, rapid.SliceOfN(nasty, len(c.XtY), len(c.XtY)).Draw(t, "xtx"))
		}
		return sound(c.Regress(nasty.Draw(t, "alpha")))
	},
	"CapsAt": func(t *rapid.T) error {
		values := drawNumbers(t, "values")
		kind := rapid.SampledFrom([]QuantileType{Discrete, Continuous}).Draw(t, "kind")
		caps, err := CapsAt(values, nasty.Draw(t, "low"), nasty.Draw(t, "high"), kind)
		if err != nil {
			return sound(caps, err)
		}
		return sound(caps.Winsorize(values), nil)
	},
	"TopShare":      func(t *rapid.T) error { return sound(TopShare(drawNumbers(t, "values"), nasty.Draw(t, "fraction"))) },
	"HillIndex":     func(t *rapid.T) error { return sound(HillIndex(drawNumbers(t, "values"))) },
	"PoissonWeight": func(t *rapid.T) error { return sound(PoissonWeight(nasty.Draw(t, "u"))) },
	"BootstrapContrast": func(t *rapid.T) error {
		n := rapid.IntRange(0, 5).Draw(t, "replicates")
		replicates := func(name string) []float64 { return rapid.SliceOfN(nasty, n, n).Draw(t, name) }
		c := rapid.SampledFrom([]Contrast{DifferenceContrast, LiftContrast, "sum"}).Draw(t, "contrast")
		return sound(BootstrapContrast(nasty.Draw(t, "control"), nasty.Draw(t, "variant"), replicates("controls"),
			replicates("variants"),
			c, nasty.Draw(t, "alpha")))
	},
	"Compound": func(t *rapid.T) error {
		lifts := drawEffects(t)
		kept := make([]bool, len(lifts))
		for i := range kept {
			kept[i] = i%2 == 0
		}
		return sound(Compound(lifts, kept, nasty.Draw(t, "alpha")))
	},
	"Heterogeneous": func(t *rapid.T) error { return sound(Heterogeneous(drawEffects(t), nasty.Draw(t, "alpha"))) },
	"PauleMandel":   func(t *rapid.T) error { return sound(PauleMandel(drawEffects(t))) },
	"RestrictedMaximumLikelihood": func(t *rapid.T) error {
		return sound(RestrictedMaximumLikelihood(drawEffects(t)))
	},
}

// TestInferenceIsSound: no arguments make an entry point panic or answer with nonsense.
func TestInferenceIsSound(t *testing.T) {
	for name, try := range inferenceEntries {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				if err := try(t); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func FuzzInference(f *testing.F) {
	names := slices.Sorted(maps.Keys(inferenceEntries))
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		if err := inferenceEntries[rapid.SampledFrom(names).Draw(t, "entry")](t); err != nil {
			t.Fatal(err)
		}
	}))
}
