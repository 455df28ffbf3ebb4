package stats

type asympCSInput struct {
	Est, SE float64
	N       int64
	Alpha   float64
	NStar   float64 `json:"n_star"`
	RhoRule string  `json:"rho_rule"`
	Side    string
}

var (
	tunings = map[string]func(units, alpha float64, sides Sides) (ConfidenceSequence, error){
		"approx": Tuned, "exact": TunedExactly,
	}
	sequenceSides = map[string]Sides{"two-sided": TwoSided, "lower": Greater}
)

var _ = register("asymp_cs", func(in asympCSInput) (fields, error) {
	sides, effect := sequenceSides[in.Side], Effect{in.Est, in.SE}
	sequence, err := tunings[in.RhoRule](in.NStar, in.Alpha, sides)
	if err != nil {
		return nil, err
	}
	est, err := sequence.At(effect, in.N, in.Alpha, sides)
	if err != nil {
		return nil, err
	}
	out := fields{
		"rho2": sequence.Rho2(), "eppo_nu": sequence.Nu, "halfwidth": est.HalfWidth(),
		"ci_low": est.Interval.Low, "ci_high": est.Interval.High,
	}
	if sides == TwoSided {
		out["e_value"], out["p_value"] = sequence.EValue(effect, in.N), est.Test.P
	}
	return out, nil
})

type msprtInput struct {
	Tau2, Alpha float64
	Looks       []struct{ Est, SE float64 }
}

var _ = register("msprt", func(in msprtInput) (fields, error) {
	var looks []Effect
	for _, l := range in.Looks {
		looks = append(looks, Effect{l.Est, l.SE})
	}
	path, err := MixtureSPRT{Tau2: in.Tau2}.Path(looks, in.Alpha)
	if err != nil {
		return nil, err
	}
	var logLambda, p, halfwidth, low, high []float64
	for _, look := range path.Looks {
		logLambda, p = append(logLambda, look.Test.Statistic), append(p, look.Test.P)
		halfwidth = append(halfwidth, look.HalfWidth())
		low, high = append(low, look.Interval.Low), append(high, look.Interval.High)
	}
	out := fields{"log_lambda": logLambda, "p_value": p, "halfwidth": halfwidth, "ci_low": low, "ci_high": high}
	if path.FirstRejection > 0 {
		out["first_reject"] = path.FirstRejection
	}
	return out, nil
})

type anytimeInput struct {
	Est, SE  float64
	N, P     int64
	G, Alpha float64
}

var _ = register("anytime_lm", func(in anytimeInput) (fields, error) {
	effect := Effect{in.Est, in.SE}
	est, err := AnytimeRegression{G: in.G}.At(effect, in.N, in.P, in.Alpha)
	if err != nil {
		return nil, err
	}
	return fields{
		"nu": est.DF, "t": effect.z(), "log_e": est.Test.Statistic, "p_value": est.Test.P,
		"radius": AnytimeRegression{G: in.G}.Radius(in.N, in.P, in.Alpha),
		"ci_low": est.Interval.Low, "ci_high": est.Interval.High, "ci": []float64{est.Interval.Low, est.Interval.High},
		"z_radius": ConfidenceSequence{Nu: in.G}.Radius(float64(in.N), in.Alpha, TwoSided),
	}, nil
})
