package stats

type bayesNormalInput struct {
	Est, SE        float64
	PriorMean      *float64 `json:"prior_mean"`
	PriorSD        *float64 `json:"prior_sd"`
	Alpha          float64
	HigherIsBetter bool `json:"higher_is_better"`
}

var directions = map[bool]Direction{true: HigherIsBetter, false: LowerIsBetter}

func (in bayesNormalInput) prior() NormalPrior {
	if in.PriorSD == nil {
		return FlatPrior
	}
	return NormalPrior{Mean: *in.PriorMean, SD: *in.PriorSD}
}

var _ = register("bayes_normal", func(in bayesNormalInput) (fields, error) {
	est, err := BayesianNormal(Effect{in.Est, in.SE}, in.prior(), in.Alpha, directions[in.HigherIsBetter])
	return fields{
		"post_mean": est.Value, "post_sd": est.SE, "chance_to_win": est.ChanceToWin,
		"ci_low": est.Interval.Low, "ci_high": est.Interval.High,
		"risk_treatment": est.LossOfShipping, "risk_control": est.LossOfKeeping,
	}, err
})

type bayesBetaInput struct {
	XControl   int64   `json:"x_control"`
	NControl   int64   `json:"n_control"`
	XTreatment int64   `json:"x_treatment"`
	NTreatment int64   `json:"n_treatment"`
	PriorA     float64 `json:"prior_a"`
	PriorB     float64 `json:"prior_b"`
}

var _ = register("bayes_beta", func(in bayesBetaInput) (fields, error) {
	c, err := CompareBeta(BetaPrior{in.PriorA, in.PriorB},
		Successes{in.XControl, in.NControl}, Successes{in.XTreatment, in.NTreatment})
	return fields{
		"post":                  [][]float64{{c.Control.A, c.Control.B}, {c.Variant.A, c.Variant.B}},
		"prob_treatment_better": c.ChanceToWin, "mean_diff": c.MeanDifference,
		"risk_treatment": c.LossOfShipping, "risk_control": c.LossOfKeeping,
	}, err
})

type bestArmInput struct {
	Mean, SD       []float64
	HigherIsBetter bool `json:"higher_is_better"`
}

var _ = register("bayes_best_arm", func(in bestArmInput) (fields, error) {
	arms := make([]Posterior, len(in.Mean))
	for k := range arms {
		arms[k] = Posterior{in.Mean[k], in.SD[k]}
	}
	chances, err := ChanceToBeBest(arms, directions[in.HigherIsBetter])
	return fields{"prob_best": chances}, err
})
