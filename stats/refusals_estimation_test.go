package stats

import (
	"math/big"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// moments2 are of a value and a covariate.
func moments2(n int64, variance, covariance, covariateVariance float64) Moments {
	return Moments{N: n, Mean: []float64{1, 2}, Cov: []float64{variance, covariance, covariateVariance}}
}

func whyUndefined(arm Arm) error { return arm.Undefined }

// firstArm is what became of the first arm of a metric.
func firstArm(m Metric, variants ...Moments) error {
	arms, _ := m.Arms(nil, variants)
	return arms[0].Undefined
}

var (
	aTest     = FixedTest{Alpha: 0.05}
	aNearZero = MeanArm(Sample{N: 100, Mean: 0.29, Var: 1})
	some      = moments2(100, 4, 1, 1)
	someRatio = some.PlainRatio()
	aHistory  = Moments{N: 100, Mean: []float64{1, 2, 1, 2}, Cov: []float64{4, 1, 1, 0, 1, 0, 0, 4, 1, 1}}.PlainRatio()
	aMean     = Metric{Shape: Shape{Kind: KindMean, Covariates: 1}}
	anArea    = Metric{Shape: Shape{Kind: KindFunction, Arguments: 2}, Function: func(m []float64) (float64, []float64, error) {
		return m[0] * m[1], []float64{m[1], m[0]}, nil
	}}
	aCluster    = totals(3, 5, 6, 4)
	plainMean   = Metric{Shape: Shape{Kind: KindMean}}
	someMean    = inClusters(aCluster)
	someRanks   = must(RanksOf(100, 0.5, 0.05))
	anInference = Inference{Method: Fixed, Alpha: 0.05}
)

func inClusters(groups ...ClusterGroup) Moments {
	return Moments{N: 15, Mean: []float64{2}, Cov: []float64{1}, Clusters: groups}
}

func zeroMeans(m Moments) Moments {
	m.Mean = make([]float64, len(m.Mean))
	return m
}

func oneCluster(rows int64, xx ...float64) ClusterProducts {
	k := len(xx) / 2
	return ClusterProducts{Rows: rows, XX: mat.NewSymDense(k, xx), XY: make([]float64, k)}
}

func compareFailing(in Inference, control, variant Arm) error {
	return only(in.Compare(KindMean, control, variant))
}

func noLift(control, variant Arm) error {
	c, err := anInference.Compare(KindMean, control, variant)
	return firstError(err, c.NoLift)
}

var estimationRefusals = []refusal{
	{"arm: no units", whyUndefined(MeanArm(Sample{})), InsufficientData},
	{"arm: one unit", whyUndefined(MeanArm(Sample{N: 1, Mean: 3})), InsufficientData},
	{"arm: negative variance", whyUndefined(MeanArm(Sample{N: 9, Var: -1})), InvalidInput},
	{"arm: NaN mean", whyUndefined(MeanArm(Sample{N: 9, Mean: nan, Var: 1})), InvalidInput},
	{"difference: empty arm", only(aTest.Difference(anEmptyArm, anArm)), InsufficientData},
	{"difference: nothing varies", only(aTest.Difference(aConstant, aConstant)), ZeroVariance},
	{"difference: alpha 0", only(FixedTest{}.Difference(anArm, anArm)), InvalidInput},
	{"difference: alpha 1", only(FixedTest{Alpha: 1}.Difference(anArm, anArm)), InvalidInput},
	{"difference: one-sided at 0.5", only(FixedTest{Alpha: 0.5, Sides: Less}.Difference(anArm, anArm)), InvalidInput},
	{"difference: unknown reference", only(FixedTest{Reference: 9, Alpha: 0.05}.Difference(anArm, anArm)), InvalidInput},
	{"difference: unknown side", only(FixedTest{Sides: 9, Alpha: 0.05}.Difference(anArm, anArm)), InvalidInput},
	{"difference: NaN null", only(FixedTest{Alpha: 0.05, Null: nan}.Difference(anArm, anArm)), InvalidInput},
	{"difference: an arm of no estimator", only(aTest.Difference(Arm{N: 9, Variance: -1}, anArm)), InvalidInput},
	{"estimate: no degrees of freedom", only(aTest.Estimate(anEffect, 0)), InsufficientData},
	{"lift: over 0", only(aTest.Lift(MeanArm(Sample{N: 9, Var: 1}), anArm)), ZeroDenominator},
	{"lift: variant without error at 0", only(aTest.Lift(aConstant, MeanArm(Sample{N: 9}))), ZeroVariance},
	{"log lift: signs differ", only(aTest.LogLift(MeanArm(Sample{N: 9, Mean: -1, Var: 1}), anArm)), InvalidInput},
	{"Fieller: over 0", only(Fieller(MeanArm(Sample{N: 9, Var: 1}), anArm, inf, 0.05)), ZeroDenominator},
	{"Fieller: nothing varies", only(Fieller(aConstant, aConstant, inf, 0.05)), ZeroVariance},
	{"variance reduction: of nothing", only(VarianceReduction(aConstant, aConstant)), ZeroVariance},

	{"comparison: unknown method", compareFailing(Inference{Method: "guess", Alpha: 0.05}, anArm, anArm), InvalidInput},
	{"comparison: nothing varies", compareFailing(anInference, aConstant, aConstant), ZeroVariance},
	{"comparison: alpha NaN", compareFailing(Inference{Method: Fixed, Alpha: nan}, anArm, anArm), InvalidInput},
	{"comparison: control near 0", noLift(aNearZero, anArm), ZeroDenominator},
	{"belief: control near 0",
		compareFailing(Inference{Method: Bayesian, Alpha: 0.05}, aNearZero, anArm), ZeroDenominator},

	{"mean: empty moments", firstArm(aMean, Moments{}, some), InsufficientData},
	{"mean: negative variance of a covariate", firstArm(aMean, moments2(9, 1, 0, -1), some), InvalidInput},
	{"mean: correlation beyond 1", firstArm(aMean, moments2(9, 1, 3, 1), some), InvalidInput},
	{"mean: a covariance unasked for", firstArm(aMean, NewMoments(9, 2), some), InvalidInput},
	{"mean: too few quantities", firstArm(aMean, Moments{N: 9, Mean: []float64{1}, Cov: []float64{1}}, some), InvalidInput},
	{"ratio: no denominator", whyUndefined(RatioArm(zeroMeans(someRatio))), ZeroDenominator},
	{"ratio: one unit", whyUndefined(RatioArm(moments2(1, 0, 0, 0).PlainRatio())), InsufficientData},
	{"ratio: correlation beyond 1", whyUndefined(RatioArm(moments2(9, 1, 3, 1).PlainRatio())), InvalidInput},
	{"ratio before: no denominator", only(RatioCUPED(MinimalVariance, aHistory, Moments{
		N: 9, Mean: []float64{1, 2, 1, 1, 0, 1}, Cov: aHistory.Cov})), ZeroDenominator},
	{"ratio before: unknown pooling", only(RatioCUPED(9, aHistory)), InvalidInput},
	{"function: no units", firstArm(anArea, Moments{}), InsufficientData},
	{"function: negative variance", firstArm(anArea, moments2(9, -1, 0, 1)), InvalidInput},
	{"quantile of moments", firstArm(Metric{Shape: Shape{Kind: KindQuantile}}, some), InvalidInput},

	{"ANCOVA: too few units", only(RegressCommon(moments2(2, 1, 0, 1), some, 0.05)), InsufficientData},
	{"ANCOVA: a covariate that does not vary",
		only(RegressCommon(moments2(9, 1, 0, 0), moments2(9, 1, 0, 0), 0.05)), SingularCovariates},
	{"Lin: a covariate that does not vary in an arm", only(RegressSeparately(moments2(9, 1, 0, 0), some)), SingularCovariates},
	{"Lin: NaN", only(RegressSeparately(moments2(9, nan, 0, 1), some)), InvalidInput},

	{"strata: none", only(PostStratify(nil, nil)), InvalidInput},
	{"strata: an empty arm", only(PostStratify([]ArmPair{{anArm, anEmptyArm}}, nil)), InsufficientData},
	{"strata: weights add up to 0", only(PostStratify([]ArmPair{{anArm, anArm}}, []float64{0})), InvalidInput},
	{"strata: negative weight", only(PostStratify([]ArmPair{{anArm, anArm}, {anArm, anArm}}, []float64{2, -1})), InvalidInput},
	{"strata: a weight too few", only(PostStratify([]ArmPair{{anArm, anArm}}, []float64{1, 1})), InvalidInput},

	{"quantile: at 0", only(RanksOf(100, 0, 0.05)), InvalidInput},
	{"quantile: at 95 rather than 0.95", only(RanksOf(100, 95, 0.05)), InvalidInput},
	{"quantile: no values", only(RanksOf(0, 0.5, 0.05)), InsufficientData},
	{"quantile: too far out", whyUndefined(must(RanksOf(20, 0.99, 0.05)).Arm(Bracket{1, 2, 3})), InsufficientData},
	{"quantile: bracket the wrong way round", whyUndefined(someRanks.Arm(Bracket{3, 2, 1})), InvalidInput},
	{"quantile: ranks not made", whyUndefined(QuantileRanks{N: 9}.Arm(Bracket{1, 2, 3})), InvalidInput},
	{"quantile: ties in both arms",
		only(aTest.QuantileDifference(someRanks.Arm(Bracket{1, 1, 1}), someRanks.Arm(Bracket{2, 2, 2}))), ZeroVariance},
	{"quantile: one cluster", only(someRanks.Clustered(Bracket{1, 2, 3}, moments2(1, 0, 0, 0).PlainRatio())), InsufficientData},
	{"exact ranks: no values", only(ExactRanksOf(0, 0.5, 0.05)), InsufficientData},
	{"histogram: empty", only(Histogram{[]float64{0, 1}, []int64{0}}.Quantile(0.5)), InsufficientData},
	{"histogram: no bins", only(Histogram{}.Quantile(0.5)), InvalidInput},
	{"histogram: edges fall", only(Histogram{[]float64{1, 0}, []int64{1}}.Quantile(0.5)), InvalidInput},
	{"histogram: negative count", only(Histogram{[]float64{0, 1}, []int64{-1}}.Quantile(0.5)), InvalidInput},

	{"clusters: one", only(CompareClusters([]ClusterGroup{totals(3, 1, 6, 0)}, []ClusterGroup{aCluster}, 0.05)), InsufficientData},
	{"clusters: of size 0", only(CompareClusters([]ClusterGroup{totals(0, 5, 6, 1)}, []ClusterGroup{aCluster}, 0.05)), InvalidInput},
	{"clusters: negative squares", only(CompareClusters([]ClusterGroup{totals(3, 5, 6, -1)}, []ClusterGroup{aCluster}, 0.05)), InvalidInput},
	{"clusters: units of one", firstArm(plainMean, inClusters(totals(3, 1, 6, 0)), someMean), InsufficientData},
	{"clusters: units of other quantities", firstArm(plainMean, inClusters(ClusterGroup{3, some}), someMean), InvalidInput},
	{"cluster regression: one cluster", only(RegressClusters([]ClusterProducts{oneCluster(9, 9, 0, 0, 9)})), InsufficientData},
	{"cluster regression: columns repeat",
		only(RegressClusters([]ClusterProducts{oneCluster(9, 9, 9, 9, 9), oneCluster(9, 9, 9, 9, 9)})), SingularCovariates},

	{"proportion: no trials", only(WilsonInterval(Successes{}, 0.05)), InsufficientData},
	{"proportion: more successes than trials", only(WilsonInterval(Successes{2, 1}, 0.05)), InvalidInput},
	{"proportion: nothing varies", only(PooledProportions(Successes{9, 9}, Successes{9, 9}, 0.05)), ZeroVariance},
	{"risk ratio: no success", only(RiskRatio(Successes{0, 9}, Successes{1, 9}, 0.05)), ZeroDenominator},
	{"score interval: alpha above 1", only(MiettinenNurminenInterval(Successes{1, 9}, Successes{1, 9}, 2)), InvalidInput},

	{"sums: cancelled", only(RawSums{N: 200, Sum: 199999999996.97412, SumSq: 1.999999999939479e+20}.Central()), IllConditioned},
	{"sums: less than the mean allows", only(RawSums{N: 2, Sum: 10, SumSq: 1}.Central()), IllConditioned},
	{"sums: negative squares", only(RawSums{N: 2, Sum: 1, SumSq: -1}.Central()), InvalidInput},
	{"sums: no units", only(RawSums{}.Central()), InsufficientData},
	{"exact sums: no units", only(ExactSums{X: new(big.Rat), XX: new(big.Rat)}.Central()), InsufficientData},
	{"condition: nothing varies", only(ExactSums{N: 1, X: big.NewRat(2, 1), XX: big.NewRat(4, 1)}.Condition()), ZeroVariance},
	{"skewness: nothing varies",
		only(CentralSums{N: 2, Mean: []float64{1}, Co: []float64{0}, M3: []float64{0}}.Skewness(0)), ZeroVariance},
	{"skewness: no third powers", only(CentralSums{N: 2, Mean: []float64{1}, Co: []float64{1}}.Skewness(0)), InvalidInput},
}

func TestEstimationRefuses(t *testing.T) { testRefusals(t, estimationRefusals) }
