package stats

type interactionCells [][]*Sample

func (c interactionCells) cells() Cells {
	cells := make(Cells, len(c))
	for a, row := range c {
		for _, cell := range row {
			cells[a] = append(cells[a], MeanArm(*cell))
		}
	}
	return cells
}

type interactionInput struct {
	Cells interactionCells
	Alpha float64
}

var _ = register("interaction_2x2", func(in interactionInput) (fields, error) {
	cells := in.Cells.cells()
	wald, err := InteractionTest(cells)
	if err != nil {
		return nil, err
	}
	independence, err := Independence(cells)
	out := fields{
		"wald": wald.Test.Statistic, "wald_df": wald.DF, "wald_p": wald.Test.P, "count_chi2_p": independence.Test.P,
	}
	if wald.DF > 1 || err != nil {
		return out, err
	}
	r, err := Interaction2x2(cells, in.Alpha)
	out["interaction"], out["se"], out["df"], out["stat"] = r.Additive.Value, r.Additive.SE, r.Additive.DF, r.Additive.Test.Statistic
	out["p_t"], out["p_z"] = r.Additive.Test.P, r.NormalP
	out["ci_low"], out["ci_high"] = r.Additive.Interval.Low, r.Additive.Interval.High
	out["effect_a_marginal"], out["effect_a_at_b0"], out["effect_a_at_b1"] = r.Marginal, r.AtControl, r.AtVariant
	m := r.Multiplicative
	out["mult_log"], out["mult_se"], out["mult_p"] = m.Test.defined(m.Value), m.Test.defined(m.SE), m.Test.defined(m.Test.P)
	return out, err
})

type interactionPairsInput struct {
	Experiments   int `json:"n_experiments"`
	Alpha         float64
	Pairs         []struct{ Cells interactionCells }
	GlobalMoments struct {
		N int64
		CrossProducts
	} `json:"global_moments"`
}

var _ = register("interaction_pairs", func(in interactionPairsInput) (fields, error) {
	var pairs []Cells
	for _, p := range in.Pairs {
		pairs = append(pairs, p.Cells.cells())
	}
	screened, err := ScreenInteractions(pairs, in.Alpha)
	if err != nil {
		return nil, err
	}
	var est, se, p, pBH []any
	rejected := []int{}
	for i, pair := range screened {
		est, se = append(est, pair.Test.defined(pair.Effect.Value)), append(se, pair.Test.defined(pair.Effect.SE))
		p, pBH = append(p, pair.Test.defined(pair.Test.P)), append(pBH, pair.Test.defined(pair.Corrected.P))
		if pair.Corrected.Rejected {
			rejected = append(rejected, i)
		}
	}
	in.GlobalMoments.Rows = in.GlobalMoments.N
	joint, err := ScreenJointly(in.GlobalMoments.CrossProducts, in.Experiments, in.Alpha)
	var beta, betaSE, interactionP, interactionBH []float64
	for _, c := range joint.Coefficients {
		beta, betaSE = append(beta, c.Value), append(betaSE, c.SE)
	}
	for i, c := range joint.Interactions {
		interactionP = append(interactionP, joint.Coefficients[1+in.Experiments+i].Test.P)
		interactionBH = append(interactionBH, c.P)
	}
	return fields{
		"pair_est": est, "pair_se": se, "pair_p": p, "pair_p_bh": pBH, "rejected_pairs": rejected,
		"global_beta": beta, "global_se": betaSE, "global_p_interactions": interactionP, "global_p_bh": interactionBH,
	}, err
})
