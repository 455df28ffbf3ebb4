package stats

import (
	"maps"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func drawMoments(t *rapid.T, k int) Moments {
	m := Moments{N: nastyCount.Draw(t, "n"), Mean: rapid.SliceOfN(nasty, k, k).Draw(t, "means")}
	m.Cov = rapid.SliceOfN(nasty, k*(k+1)/2, k*(k+1)/2).Draw(t, "covariances")
	if rapid.Bool().Draw(t, "positive variances") { // otherwise few would get past the first check
		for i := range k {
			m.SetCovar(i, i, rapid.Float64Range(0, 1e6).Draw(t, "variance"))
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "shape") == 0 {
		m.Mean = nil
	}
	for range rapid.IntRange(0, 2).Draw(t, "sizes of clusters") {
		sums := Moments{N: nastyCount.Draw(t, "clusters"), Mean: rapid.SliceOfN(nasty, k, k).Draw(t, "totals"),
			Cov: rapid.SliceOfN(nasty, k*(k+1)/2, k*(k+1)/2).Draw(t, "covariances of totals")}
		m.Clusters = append(m.Clusters, ClusterGroup{nasty.Draw(t, "size"), sums})
	}
	return m
}

func drawVariants(t *rapid.T, k int) []Moments {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Moments { return drawMoments(t, k) }), 1, 3).Draw(t, "variants")
}

// drawAnyArm has covariates and may be what no estimator makes.
func drawAnyArm(t *rapid.T) Arm {
	arm := drawArm(t)
	if rapid.Bool().Draw(t, "adjusted") {
		arm.Adjusted = nasty.Draw(t, "adjusted value")
		arm.Variance, arm.Covariance = nasty.Draw(t, "variance"), nasty.Draw(t, "covariance")
	}
	return arm
}

func drawFixedTest(t *rapid.T) FixedTest {
	return FixedTest{
		Reference: rapid.SampledFrom([]Reference{Welch, Student, Normal}).Draw(t, "reference"),
		Null:      nasty.Draw(t, "null"), Alpha: nasty.Draw(t, "alpha"), Sides: drawSides(t),
	}
}

func drawNastySuccesses(t *rapid.T) Successes {
	trials := nastyCount.Draw(t, "trials")
	if rapid.Bool().Draw(t, "possible") {
		return Successes{rapid.Int64Range(0, max(0, trials)).Draw(t, "successes"), trials}
	}
	return Successes{nastyCount.Draw(t, "successes"), trials}
}

func drawBracket(t *rapid.T) Bracket {
	values := rapid.SliceOfN(nasty, 3, 3).Draw(t, "bracket")
	if rapid.Bool().Draw(t, "in order") {
		slices.Sort(values)
	}
	return Bracket{values[0], values[1], values[2]}
}

func drawClusterGroups(t *rapid.T) []ClusterGroup {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ClusterGroup {
		return totals(nasty.Draw(t, "size"), nastyCount.Draw(t, "clusters"), nasty.Draw(t, "mean"), nasty.Draw(t, "m2"))
	}), 0, 4).Draw(t, "groups")
}

func drawClusterProducts(t *rapid.T) []ClusterProducts {
	k := rapid.IntRange(1, 3).Draw(t, "regressors")
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ClusterProducts {
		return ClusterProducts{
			Rows: nastyCount.Draw(t, "rows"), XX: mat.NewSymDense(k, rapid.SliceOfN(nasty, k*k, k*k).Draw(t, "xx")),
			XY: rapid.SliceOfN(nasty, k, k).Draw(t, "xy"),
		}
	}), 0, 4).Draw(t, "clusters")
}

func drawInference(t *rapid.T) Inference {
	groups := GroupSequentialTest{Boundary: Spending(OBrienFlemingSpending), Alpha: 0.05}
	bounds, _ := groups.Bounds(EqualLooks(2), nil)
	return Inference{
		Method: rapid.SampledFrom([]Method{Fixed, Sequential, Hybrid, GroupSequential, Bayesian, "guess"}).Draw(t, "method"),
		Alpha:  nasty.Draw(t, "alpha"), Sides: drawSides(t), Sequence: ConfidenceSequence{nasty.Draw(t, "nu")},
		Final: rapid.Bool().Draw(t, "final"), Groups: groups, Bounds: bounds,
		Prior: NormalPrior{nasty.Draw(t, "prior mean"), nasty.Draw(t, "prior sd")}, Good: drawDirection(t),
	}
}

// soundArms are arms that are undefined with a reason, or whose numbers are numbers.
func soundArms(arms ...Arm) error {
	for _, arm := range arms {
		if err := firstError(sound(arm, arm.Undefined), sound(arm.Value, nil), sound(arm.Adjusted, nil)); err != nil {
			return err
		}
	}
	return nil
}

var estimationEntries = map[string]entry{
	"FixedTest.Difference": func(t *rapid.T) error { return sound(drawFixedTest(t).Difference(drawAnyArm(t), drawAnyArm(t))) },
	"FixedTest.Lift":       func(t *rapid.T) error { return sound(drawFixedTest(t).Lift(drawAnyArm(t), drawAnyArm(t))) },
	"FixedTest.LogLift": func(t *rapid.T) error {
		test := drawFixedTest(t)
		test.Null = 0
		return sound(test.LogLift(drawAnyArm(t), drawAnyArm(t)))
	},
	"FixedTest.Estimate": func(t *rapid.T) error {
		return sound(drawFixedTest(t).Estimate(drawEffect(t), nasty.Draw(t, "df")))
	},
	"FixedTest.QuantileDifference": func(t *rapid.T) error {
		return sound(drawFixedTest(t).QuantileDifference(drawAnyArm(t), drawAnyArm(t)))
	},
	"Fieller": func(t *rapid.T) error {
		return sound(Fieller(drawAnyArm(t), drawAnyArm(t), nasty.Draw(t, "df"), nasty.Draw(t, "alpha")))
	},
	"VarianceReduction": func(t *rapid.T) error { return sound(VarianceReduction(drawAnyArm(t), drawAnyArm(t))) },
	"Metric.Arms, mean": func(t *rapid.T) error {
		k := rapid.IntRange(0, 3).Draw(t, "covariates")
		arms, _ := Metric{Shape: Shape{Kind: KindMean, Covariates: k}}.Arms(nil, drawVariants(t, k+1))
		return soundArms(arms...)
	},
	"Metric.Arms, ratio": func(t *rapid.T) error {
		shape := Shape{Kind: KindRatio, Covariates: rapid.IntRange(0, 1).Draw(t, "covariates")}
		arms, _ := Metric{Shape: shape}.Arms(nil, drawVariants(t, shape.Quantities()))
		return soundArms(arms...)
	},
	"Metric.Arms, function": func(t *rapid.T) error {
		quotient := func(m []float64) (float64, []float64, error) {
			return m[0] / m[1], []float64{1 / m[1], -m[0] / m[1] / m[1]}, nil
		}
		arms, _ := Metric{Shape: Shape{Kind: KindFunction, Arguments: 2}, Function: quotient}.Arms(nil, drawVariants(t, 2))
		return soundArms(arms...)
	},
	"CUPED": func(t *rapid.T) error {
		pooling := rapid.SampledFrom([]Pooling{PooledWithin, PooledTotal, PerArm}).Draw(t, "pooling")
		return soundArms(CUPED(pooling, drawVariants(t, rapid.IntRange(1, 3).Draw(t, "quantities"))...).Arms...)
	},
	"RatioCUPED": func(t *rapid.T) error {
		pooling := rapid.SampledFrom([]RatioPooling{MinimalVariance, RatioPooledTotal, EqualWeight}).Draw(t, "pooling")
		adjustment, err := RatioCUPED(pooling, drawVariants(t, 6)...)
		return firstError(sound(0.0, err), soundArms(adjustment.Arms...))
	},
	"RegressCommon": func(t *rapid.T) error {
		k := rapid.IntRange(1, 3).Draw(t, "quantities")
		return sound(RegressCommon(drawMoments(t, k), drawMoments(t, k), nasty.Draw(t, "alpha")))
	},
	"RegressSeparately": func(t *rapid.T) error {
		k := rapid.IntRange(1, 3).Draw(t, "quantities")
		return sound(RegressSeparately(drawMoments(t, k), drawMoments(t, k)))
	},
	"PostStratify": func(t *rapid.T) error {
		pairs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ArmPair { return ArmPair{drawAnyArm(t), drawAnyArm(t)} }), 0, 3)
		weights := rapid.SampledFrom([][]float64{nil, drawNumbers(t, "weights")}).Draw(t, "weighted")
		return sound(PostStratify(pairs.Draw(t, "strata"), weights))
	},
	"QuantileRanks.Arm": func(t *rapid.T) error {
		ranks, err := RanksOf(nastyCount.Draw(t, "n"), nasty.Draw(t, "p"), nasty.Draw(t, "alpha"))
		if err != nil {
			return sound(ranks, err)
		}
		clustered, err := ranks.Clustered(drawBracket(t), drawMoments(t, 3))
		return firstError(sound(ranks, nil), soundArms(ranks.Arm(drawBracket(t))), sound(clustered, err))
	},
	"ExactRanksOf": func(t *rapid.T) error {
		return sound(ExactRanksOf(rapid.Int64Range(-1, 1000).Draw(t, "n"), nasty.Draw(t, "p"), nasty.Draw(t, "alpha")))
	},
	"Histogram.Quantile": func(t *rapid.T) error {
		h := Histogram{Edges: drawNumbers(t, "edges"), Counts: rapid.SliceOfN(nastyCount, 0, 5).Draw(t, "counts")}
		if rapid.Bool().Draw(t, "sorted") {
			slices.Sort(h.Edges)
			bins := max(0, len(h.Edges)-1)
			h.Counts = rapid.SliceOfN(rapid.Int64Range(0, 9), bins, bins).Draw(t, "plain counts")
		}
		q, err := h.Quantile(nasty.Draw(t, "p"))
		return firstError(sound(q, err), soundArms(q.Arm))
	},
	"CompareClusters": func(t *rapid.T) error {
		return sound(CompareClusters(drawClusterGroups(t), drawClusterGroups(t), nasty.Draw(t, "alpha")))
	},
	"RegressClusters": func(t *rapid.T) error {
		fit, err := RegressClusters(drawClusterProducts(t))
		if err != nil {
			return sound(fit, err)
		}
		est, err := fit.Coefficient(0, drawFixedTest(t))
		return firstError(sound(fit, nil), sound(est, err))
	},
	"PooledProportions": func(t *rapid.T) error {
		return sound(PooledProportions(drawNastySuccesses(t), drawNastySuccesses(t), nasty.Draw(t, "alpha")))
	},
	"RiskRatio": func(t *rapid.T) error {
		return sound(RiskRatio(drawNastySuccesses(t), drawNastySuccesses(t), nasty.Draw(t, "alpha")))
	},
	"WilsonInterval": func(t *rapid.T) error {
		return sound(WilsonInterval(drawNastySuccesses(t), nasty.Draw(t, "alpha")))
	},
	"NewcombeInterval": func(t *rapid.T) error {
		return sound(NewcombeInterval(drawNastySuccesses(t), drawNastySuccesses(t), nasty.Draw(t, "alpha")))
	},
	"AgrestiCaffoInterval": func(t *rapid.T) error {
		return sound(AgrestiCaffoInterval(drawNastySuccesses(t), drawNastySuccesses(t), nasty.Draw(t, "alpha")))
	},
	"MiettinenNurminenInterval": func(t *rapid.T) error {
		return sound(MiettinenNurminenInterval(drawNastySuccesses(t), drawNastySuccesses(t), nasty.Draw(t, "alpha")))
	},
	"RawSums.Central": func(t *rapid.T) error {
		sums := RawSums{nastyCount.Draw(t, "n"), nasty.Draw(t, "sum"), nasty.Draw(t, "squares"), nasty.Draw(t, "shift")}
		return sound(sums.Central())
	},
	"Inference.Compare": func(t *rapid.T) error {
		kind := rapid.SampledFrom([]Kind{KindMean, KindRatio, KindFunction, KindQuantile}).Draw(t, "kind")
		c, err := drawInference(t).Compare(kind, drawAnyArm(t), drawAnyArm(t))
		if c.NoLift != nil {
			c.Lift = Estimate{}
		}
		return firstError(sound(c, err), sound(0.0, c.NoLift))
	},
}

// TestEstimationIsSound: no arguments make an entry point panic or answer with nonsense.
func TestEstimationIsSound(t *testing.T) {
	for name, try := range estimationEntries {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				if err := try(t); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func FuzzEstimation(f *testing.F) {
	names := slices.Sorted(maps.Keys(estimationEntries))
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		if err := estimationEntries[rapid.SampledFrom(names).Draw(t, "entry")](t); err != nil {
			t.Fatal(err)
		}
	}))
}
