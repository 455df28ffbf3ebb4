package stats

type sampleRatioInput struct {
	Counts  []int64
	Weights []float64
	Alpha   float64
}

var _ = register("srm_chisq", func(in sampleRatioInput) (fields, error) {
	r, err := SampleRatio(in.Counts, in.Weights, in.Alpha)
	if !r.Test.Defined {
		out := fields{}
		if r.Mismatch {
			out["srm"] = true
		}
		return out, err
	}
	return fields{
		"expected": r.Expected, "chi2": r.Test.Statistic, "df": r.DF, "p_value": r.Test.P, "srm": r.Mismatch,
	}, err
})

type sampleRatioBatches struct {
	Batches        [][]int64
	Weights        []float64
	Concentration  float64
	DirichletAlpha []float64 `json:"dirichlet_alpha"`
}

func (in sampleRatioBatches) path(prior []float64) (fields, error) {
	looks, err := SampleRatioMonitor{Weights: in.Weights, Prior: prior}.Path(in.Batches)
	var logBF, p, chance []float64
	for _, look := range looks {
		logBF, p, chance = append(logBF, look.LogBayesFactor), append(p, look.P), append(chance, look.ChanceOfMismatch)
	}
	return fields{"log_bayes_factor": logBF, "p_value": p, "posterior_prob_srm": chance}, err
}

var _ = register("srm_sequential", func(in sampleRatioBatches) (fields, error) {
	return in.path(ConcentratedPrior(in.Weights, in.Concentration))
})

var _ = register(published("srm_sequential with Dirichlet(1,1,1)"), func(in sampleRatioBatches) (fields, error) {
	return in.path(in.DirichletAlpha)
})
