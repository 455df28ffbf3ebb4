package stats

type slicesInput struct {
	Slices []struct{ Est, SE float64 }
	Alpha  float64
}

var _ = register("hte_slices", func(in slicesInput) (fields, error) {
	var slices []Effect
	for _, s := range in.Slices {
		slices = append(slices, Effect{s.Est, s.SE})
	}
	h, err := Heterogeneous(slices, in.Alpha)
	if err != nil {
		return nil, err
	}
	var shrunk, plugIn, blup, p, pBH []float64
	var fromRest []any
	for _, s := range h.Slices {
		shrunk, plugIn, blup = append(shrunk, s.Shrunk.Value), append(plugIn, s.PlugInSE), append(blup, s.Shrunk.SE)
		p, pBH, fromRest = append(p, s.Test.P), append(pBH, s.BH.P), append(fromRest, s.FromRest.defined(s.FromRest.P))
	}
	return fields{
		"fixed_est": h.Fixed.Value, "fixed_se": h.Fixed.SE, "q": h.Q.Statistic, "q_df": h.DF, "q_p": h.Q.defined(h.Q.P),
		"i2_dl": h.I2, "tau2_dl": h.Tau2DL,
		"tau2_pm": unlessError(PauleMandel(slices)), "tau2_reml": unlessError(RestrictedMaximumLikelihood(slices)),
		"mu_dl": h.Random.Value, "se_mu_dl": h.Random.SE,
		"shrunk_dl": shrunk, "shrunk_se_plugin": plugIn, "shrunk_se_blup": blup,
		"p": p, "p_bh": pBH, "p_diff_from_rest": fromRest,
	}, nil
})
