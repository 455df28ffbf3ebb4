package stats

type cupedArmCase struct {
	N     int64
	MeanY float64 `json:"mean_y"`
	MeanX float64 `json:"mean_x"`
	VarY  float64 `json:"var_y"`
	VarX  float64 `json:"var_x"`
	CovXY float64 `json:"cov_xy"`
}

func (a cupedArmCase) moments() Moments {
	return Moments{N: a.N, Mean: []float64{a.MeanY, a.MeanX}, Cov: []float64{a.VarY, a.CovXY, a.VarX}}
}

var poolingNames = map[string]Pooling{"pooled_within": PooledWithin, "pooled_total": PooledTotal, "per_arm": PerArm}

var _ = register("cuped", func(in struct {
	ThetaMode          string `json:"theta_mode"`
	Alpha              float64
	Control, Treatment cupedArmCase
}) (fields, error) {
	adj := CUPED(poolingNames[in.ThetaMode], in.Control.moments(), in.Treatment.moments())
	test := FixedTest{Alpha: in.Alpha}
	control, treatment := adj.Arms[0], adj.Arms[1]
	diff, err := test.Difference(control, treatment)
	got := estimated("diff", diff, err)
	got["theta_control"], got["theta_treatment"] = adj.Slopes[0][0], adj.Slopes[1][0]
	got["adj_mean_control"], got["adj_mean_treatment"] = control.Adjusted, treatment.Adjusted
	if err != nil {
		return got, err
	}
	got["variance_reduction"], err = VarianceReduction(control, treatment)
	if lift, err := test.Lift(control, treatment); err == nil {
		got["rel_est"], got["rel_se"] = lift.Value, lift.SE
	}
	if lift, err := test.Lift(control.AsAdjusted(), treatment.AsAdjusted()); err == nil {
		got["rel_adj_est"], got["rel_adj_se"] = lift.Value, lift.SE
	}
	return got, err
})

// matrixCase is an arm of several quantities.
type matrixCase struct {
	N    int64
	Mean []float64
	Cov  [][]float64
}

func (a matrixCase) moments() Moments {
	m := NewMoments(a.N, len(a.Mean))
	copy(m.Mean, a.Mean)
	for i, row := range a.Cov {
		for j, cov := range row {
			m.SetCovar(i, j, cov)
		}
	}
	return m
}

var ratioPoolingNames = map[string]RatioPooling{
	"optimal": MinimalVariance, "pooled_total": RatioPooledTotal, "equal_weight": EqualWeight,
}

var _ = register("cuped_ratio", func(in struct {
	ThetaMode          string `json:"theta_mode"`
	Alpha              float64
	Control, Treatment matrixCase
}) (fields, error) {
	plainControl, plainTreatment := in.Control.moments().PlainRatio(), in.Treatment.moments().PlainRatio()
	adj, err := RatioCUPED(ratioPoolingNames[in.ThetaMode], plainControl, plainTreatment)
	if err != nil {
		return nil, err
	}
	control, treatment := adj.Arms[0], adj.Arms[1]
	test := FixedTest{Reference: Normal, Alpha: in.Alpha}
	diff, err := test.Difference(control, treatment)
	if err != nil {
		return nil, err
	}
	got := estimated("diff", diff, err)
	got["theta"] = adj.Slopes[0][0]
	lift, err := test.Lift(control, treatment)
	got["rel_est"], got["rel_se"] = lift.Value, lift.SE
	if err != nil {
		return got, err
	}
	plain, err := test.Difference(RatioArm(plainControl), RatioArm(plainTreatment))
	got["se_unadjusted"] = plain.SE
	return got, err
})

type ratioCase struct {
	N     int64
	MeanY float64 `json:"mean_y"`
	MeanD float64 `json:"mean_d"`
	VarY  float64 `json:"var_y"`
	VarD  float64 `json:"var_d"`
	CovYD float64 `json:"cov_yd"`
}

func (a ratioCase) arm() Arm {
	m := Moments{N: a.N, Mean: []float64{a.MeanY, a.MeanD}, Cov: []float64{a.VarY, a.CovYD, a.VarD}}
	return RatioArm(m.PlainRatio())
}

var _ = register("ratio_metric", func(in struct {
	Alpha              float64
	Control, Treatment ratioCase
}) (fields, error) {
	control, treatment := in.Control.arm(), in.Treatment.arm()
	test := FixedTest{Reference: Normal, Alpha: in.Alpha}
	diff, err := test.Difference(control, treatment)
	got := estimated("diff", diff, err)
	got["ratio_control"], got["ratio_treatment"] = control.Value, treatment.Value
	if err != nil {
		return got, err
	}
	got["var_control"], got["var_treatment"] = control.Variance, treatment.Variance
	if lift, err := test.Lift(control, treatment); err == nil {
		got["lift"], got["lift_se"], got["lift_p_value"] = lift.Value, lift.SE, lift.Test.P
		got["lift_ci_low"], got["lift_ci_high"] = lift.Interval.Low, lift.Interval.High
	}
	return got, nil
})

var _ = register("regression_adjust", func(in struct {
	Alpha              float64
	Control, Treatment matrixCase
}) (fields, error) {
	control, treatment := in.Control.moments(), in.Treatment.moments()
	got, err := regressionFields(control, treatment, in.Alpha)
	if reasonOf(err) != SingularCovariates {
		return got, err
	}
	kept := IndependentCovariates(control, treatment)
	dropped, droppedErr := regressionFields(control.KeepCovariates(kept), treatment.KeepCovariates(kept), in.Alpha)
	if droppedErr != nil {
		return nil, droppedErr
	}
	dropped["kept"] = kept
	return fields{"if_dropped": dropped}, err
}, "info_hc2")

func regressionFields(control, treatment Moments, alpha float64) (fields, error) {
	common, err := RegressCommon(control, treatment, alpha)
	if err != nil {
		return nil, err
	}
	lin, err := RegressSeparately(control, treatment)
	if err != nil {
		return nil, err
	}
	return fields{
		"ancova": fields{
			"ate": common.Value, "se_ols": common.SE, "t": common.Test.Statistic, "df": common.DF, "p_value": common.Test.P,
			"ci_low": common.Interval.Low, "ci_high": common.Interval.High, "se_unequal": common.SEUnequal, "beta": common.Slopes,
		},
		"lin": fields{
			"ate": lin.Effect, "mean_control": lin.Control.Mean, "mean_treatment": lin.Variant.Mean,
			"beta_control": lin.Control.Slopes, "beta_treatment": lin.Variant.Slopes,
			"s2_control": lin.Control.ResidualVariance, "s2_treatment": lin.Variant.ResidualVariance,
			"se_neyman": lin.SENeyman, "se_conditional": lin.SEConditional,
			"se_superpop": lin.SESuperpopulation, "se_ols": lin.SEClassical,
		},
	}, nil
}
