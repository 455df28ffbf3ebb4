package stats

import (
	"errors"
	"math"
	"testing"
)

// only drops the answer of a call that is made for its error.
func only[T any](_ T, err error) error { return err }

var (
	nan = math.NaN()
	inf = math.Inf(1)

	anEffect    = Effect{0.1, 0.05}
	anArm       = MeanArm(Sample{N: 100, Mean: 1, Var: 1})
	aConstant   = MeanArm(Sample{N: 100, Mean: 1, Var: 0})
	anEmptyArm  = MeanArm(Sample{})
	aSequence   = ConfidenceSequence{Nu: 600}
	aGroupTest  = GroupSequentialTest{Boundary: Spending(OBrienFlemingSpending), Alpha: 0.05}
	aMonitor    = SampleRatioMonitor{Weights: []float64{1, 1}, Prior: []float64{5000, 5000}}
	aMeanDesign = MeanDesign{Procedure: ZTest{Alpha: 0.05}, SDControl: 1, SDVariant: 1, Ratio: 1}
	aShareTest  = ProportionDesign{Test: Unpooled, Alpha: 0.05, Ratio: 1}
	aRule       = ShipRule{Alpha: 0.05, Power: 0.8, Comparisons: 1}
)

func withProcedure(p Procedure) MeanDesign {
	d := aMeanDesign
	d.Procedure = p
	return d
}

func square(cells ...Arm) Cells { return Cells{cells[:2], cells[2:]} }

// A refusal is a call whose arguments have no answer, with the reason that it must name.
type refusal struct {
	name   string
	err    error
	reason Reason
}

var inferenceRefusals = []refusal{
	{"sequence: no variance", only(aSequence.At(Effect{1, 0}, 100, 0.05, TwoSided)), ZeroVariance},
	{"sequence: negative error", only(aSequence.At(Effect{1, -1}, 100, 0.05, TwoSided)), InvalidInput},
	{"sequence: NaN effect", only(aSequence.At(Effect{nan, 1}, 100, 0.05, TwoSided)), InvalidInput},
	{"sequence: infinite effect", only(aSequence.At(Effect{inf, 1}, 100, 0.05, TwoSided)), InvalidInput},
	{"sequence: one unit", only(aSequence.At(anEffect, 1, 0.05, TwoSided)), InsufficientData},
	{"sequence: alpha 0", only(aSequence.At(anEffect, 100, 0, TwoSided)), InvalidInput},
	{"sequence: alpha 1", only(aSequence.At(anEffect, 100, 1, TwoSided)), InvalidInput},
	{"sequence: alpha NaN", only(aSequence.At(anEffect, 100, nan, TwoSided)), InvalidInput},
	{"sequence: no tuning", only(ConfidenceSequence{}.At(anEffect, 100, 0.05, TwoSided)), InvalidInput},
	{"tuning: no units", only(Tuned(0, 0.05, TwoSided)), InvalidInput},
	{"tuning: one-sided at 0.5", only(Tuned(1000, 0.5, Greater)), InvalidInput},
	{"exact tuning: negative units", only(TunedExactly(-1, 0.05, TwoSided)), InvalidInput},
	{"mSPRT: no mixing", only(MixtureSPRT{}.At(anEffect, 0.05)), InvalidInput},
	{"mSPRT: a look without variance", only(MixtureSPRT{Tau2: 1}.Path([]Effect{anEffect, {1, 0}}, 0.05)), ZeroVariance},
	{"regression: no degrees of freedom", only(AnytimeRegression{G: 1}.At(anEffect, 3, 3, 0.05)), InsufficientData},
	{"regression: no precision", only(AnytimeRegression{}.At(anEffect, 30, 3, 0.05)), InvalidInput},
	{"hybrid: no degrees of freedom", only(HybridTest{aSequence}.AtEnd(anEffect, 100, 0, 0.05, TwoSided)), InsufficientData},
	{"hybrid: alpha above 1", only(HybridTest{aSequence}.Interim(anEffect, 100, 1.5, TwoSided)), InvalidInput},
	{"group: no boundary", only(GroupSequentialTest{Alpha: 0.05}.Bounds([]float64{1}, nil)), InvalidInput},
	{"group: no looks", only(aGroupTest.Bounds(nil, nil)), InsufficientData},
	{"group: information falls", only(aGroupTest.Bounds([]float64{0.5, 0.4}, nil)), InvalidInput},
	{"group: a look after the last", only(aGroupTest.Bounds([]float64{1, 1.5}, nil)), InvalidInput},
	{"group: more bounds than looks", only(aGroupTest.Bounds([]float64{1}, []float64{3, 2})), InvalidInput},
	{"group: spending falls",
		only(GroupSequentialTest{Boundary: KimDeMetsSpending(-1), Alpha: 0.05}.Bounds([]float64{0.5, 1}, nil)), InvalidInput},
	{"group: shape beyond Pocock",
		only(GroupSequentialTest{Boundary: WangTsiatis{0.7}, Alpha: 0.05}.Bounds([]float64{0.5, 1}, nil)), InvalidInput},
	{"group: one-sided at 0.5",
		only(GroupSequentialTest{Boundary: WangTsiatis{}, Alpha: 0.5, Sides: Less}.Bounds([]float64{1}, nil)), InvalidInput},
	{"group: power below alpha", only(aGroupTest.Plan([]float64{0.5, 1}, 0.01)), InvalidInput},
	{"Bayes: prior without spread", only(BayesianNormal(anEffect, NormalPrior{0, 0}, 0.05, HigherIsBetter)), InvalidInput},
	{"Bayes: no direction", only(BayesianNormal(anEffect, FlatPrior, 0.05, 0)), InvalidInput},
	{"beta: more successes than trials", only(CompareBeta(BetaPrior{1, 1}, Successes{2, 1}, Successes{0, 1})), InvalidInput},
	{"beta: improper prior", only(CompareBeta(BetaPrior{0, 1}, Successes{1, 1}, Successes{0, 1})), InvalidInput},
	{"best arm: one arm", only(ChanceToBeBest([]Posterior{{0, 1}}, HigherIsBetter)), InsufficientData},
	{"best arm: a point", only(ChanceToBeBest([]Posterior{{0, 1}, {0, 0}}, HigherIsBetter)), ZeroVariance},
	{"sample ratio: no units", only(SampleRatio([]int64{0, 0}, []float64{1, 1}, 0.001)), InsufficientData},
	{"sample ratio: no weights", only(SampleRatio([]int64{0, 0}, []float64{0, 0}, 0.001)), InvalidInput},
	{"sample ratio: negative weight", only(SampleRatio([]int64{1, 1}, []float64{1, -1}, 0.001)), InvalidInput},
	{"sample ratio: negative count", only(SampleRatio([]int64{1, -1}, []float64{1, 1}, 0.001)), InvalidInput},
	{"sample ratio: units without weight", only(SampleRatio([]int64{9, 1}, []float64{1, 0}, 0.001)), UnitsInZeroWeightArm},
	{"sample ratio: lengths", only(SampleRatio([]int64{9}, []float64{1, 1}, 0.001)), InvalidInput},
	{"monitor: lengths", only(aMonitor.Path([][]int64{{1}})), InvalidInput},
	{"monitor: negative batch", only(aMonitor.Path([][]int64{{1, -1}})), InvalidInput},
	{"monitor: no prior", only(SampleRatioMonitor{Weights: []float64{1, 1}}.LogBayesFactor([]int64{1, 1})), InvalidInput},
	{"correction: unknown", only(Correction("best").Adjust(nil, nil, 0.05)), InvalidInput},
	{"correction: p of 2", only(Holm.Adjust([]Test{{P: 2, Defined: true}}, nil, 0.05)), InvalidInput},
	{"correction: p NaN", only(Holm.Adjust([]Test{{P: nan, Defined: true}}, nil, 0.05)), InvalidInput},
	{"correction: weights add up to 0", only(Holm.Adjust(make([]Test, 2), []float64{0, 0}, 0.05)), InvalidInput},
	{"correction: weights where none are taken", only(Hommel.Adjust(make([]Test, 1), []float64{1}, 0.05)), InvalidInput},
	{"rule: nothing to decide by", only(aRule.Decide(nil, nil)), InsufficientData},
	{"rule: no margin", only(aRule.Decide(nil, []Guardrail{{anEffect, HigherIsBetter, 0}})), InvalidInput},
	{"rule: no comparisons", only(ShipRule{0.05, 0.8, 0}.Decide([]SuccessMetric{{anEffect, 1}}, nil)), InvalidInput},
	{"plan: no procedure", only(withProcedure(nil).Power(100, 1)), InvalidInput},
	{"plan: no effect", only(aMeanDesign.SampleSize(0, 0.8)), InvalidInput},
	{"plan: power of 1", only(aMeanDesign.SampleSize(0.1, 1)), InvalidInput},
	{"plan: power below alpha", only(aMeanDesign.MDE(100, 0.01)), InvalidInput},
	{"plan: no units", only(aMeanDesign.MDE(0, 0.8)), InvalidInput},
	{"plan: bounds not made", only(withProcedure(BoundsTest{}).Power(100, 1)), InvalidInput},
	{"plan: correlation of 1", only(MeanDesign{ZTest{Alpha: 0.05}, 1, 1, 1, 1}.Power(100, 1)), InvalidInput},
	{"plan: pooled but unequal", only(MeanDesign{TTest{Alpha: 0.05}, 1, 2, 1, 0}.Power(100, 1)), InvalidInput},
	{"plan: beyond the margin", only(aMeanDesign.NonInferiority(-2, 1, 0.8)), InvalidInput},
	{"plan: relative to 0", only(Plan{Effect: 1}.RelativeEffect(0)), ZeroDenominator},
	{"plan: no traffic", only(Plan{Control: 1, Variant: 1}.Days(0)), InvalidInput},
	{"progress: no width", only(Progress(0.1, Estimate{})), ZeroVariance},
	{"progress: no effect worth detecting", only(Progress(0, Estimate{})), InvalidInput},
	{"progress: no traffic", only(DaysLeft(0.5, 100, 0)), InvalidInput},
	{"progress: no units", only(DaysLeft(0.5, 0, 10)), InsufficientData},
	{"detectable: power below alpha", only(DetectableEffect(1, 0.05, 0.01, TwoSided)), InvalidInput},
	{"proportions: certain", only(aShareTest.Power(100, 0, 0.1)), InvalidInput},
	{"proportions: unreachable", only(aShareTest.MDE(1, 0.5, 0.999)), InsufficientData},
	{"non-inferiority: empty arm", only(NonInferiorityTest{1, 1, 0.05}.Absolute(anEmptyArm, anArm)), InsufficientData},
	{"non-inferiority: nothing varies", only(NonInferiorityTest{1, 1, 0.05}.Absolute(aConstant, aConstant)), ZeroVariance},
	{"non-inferiority: no margin", only(NonInferiorityTest{0, 1, 0.05}.Absolute(anArm, anArm)), InvalidInput},
	{"non-inferiority: relative to 0",
		only(NonInferiorityTest{0.1, 1, 0.05}.Relative(MeanArm(Sample{N: 9, Mean: 0, Var: 1}), anArm)), ZeroDenominator},
	{"equivalence: negative variance", only(EquivalenceTest(anArm, MeanArm(Sample{N: 9, Var: -1}), 1, 0.05)), InvalidInput},
	{"interaction: empty cell", only(Interaction2x2(square(anArm, anArm, anArm, anEmptyArm), 0.05)), InsufficientData},
	{"interaction: nothing varies",
		only(InteractionTest(square(aConstant, aConstant, aConstant, aConstant))), ZeroVariance},
	{"interaction: ragged", only(InteractionTest(Cells{{anArm, anArm}, {anArm}})), InvalidInput},
	{"independence: an empty row", only(Independence(square(anArm, anArm, anEmptyArm, anEmptyArm))), InsufficientData},
	{"regression: columns repeat",
		only(CrossProducts{10, [][]float64{{4, 4}, {4, 4}}, []float64{1, 1}, 9}.Regress(0.05)), SingularCovariates},
	{"regression: no residual left",
		only(CrossProducts{10, [][]float64{{10, 0}, {0, 10}}, []float64{10, 0}, 10}.Regress(0.05)), IllConditioned},
	{"caps: no values", only(CapsAt(nil, 0, 0.99, Discrete)), InsufficientData},
	{"caps: crossed", only(CapsAt([]float64{1}, 0.9, 0.1, Discrete)), InvalidInput},
	{"top share: nothing to share", only(TopShare([]float64{-1, 1}, 0.01)), ZeroDenominator},
	{"Hill: no tail", only(HillIndex([]float64{3, 3, 3, 3})), ZeroVariance},
	{"Hill: nothing above 0", only(HillIndex([]float64{-1, -2, -3, -4})), InsufficientData},
	{"weight: u of 1", only(PoissonWeight(1)), InvalidInput},
	{"bootstrap: lift over 0", only(BootstrapContrast(0, 1, []float64{1, 1}, []float64{1, 1}, LiftContrast, 0.05)), ZeroDenominator},
	{"bootstrap: unpaired", only(BootstrapContrast(1, 1, []float64{1}, []float64{1, 1}, LiftContrast, 0.05)), InvalidInput},
	{"bootstrap: one replicate", only(BootstrapContrast(1, 1, []float64{1}, []float64{1}, LiftContrast, 0.05)), InsufficientData},
	{"slices: none", only(Heterogeneous(nil, 0.05)), InsufficientData},
	{"slices: one", only(PauleMandel([]Effect{anEffect})), InsufficientData},
	{"slices: without variance", only(RestrictedMaximumLikelihood([]Effect{anEffect, {1, 0}})), ZeroVariance},
}

func TestInferenceRefuses(t *testing.T) { testRefusals(t, inferenceRefusals) }

func testRefusals(t *testing.T, refusals []refusal) {
	for _, r := range refusals {
		var typed *Error
		switch {
		case !errors.As(r.err, &typed):
			t.Errorf("%s: got %v, want %s", r.name, r.err, r.reason)
		case typed.Reason != r.reason:
			t.Errorf("%s: got %v, want %s", r.name, r.err, r.reason)
		}
	}
}
