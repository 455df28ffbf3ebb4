package stats

type winsorInput struct {
	Values       []float64
	LowerP       *number     `json:"lower_p"`
	UpperP       *number     `json:"upper_p"`
	QuantileType string      `json:"quantile_type"`
	NonzeroOnly  bool        `json:"nonzero_only"`
	CapValue     *[2]*number `json:"cap_value"`
	Central      struct {
		N                int64
		Mean, M2, M3, M4 float64
	}
}

var quantileTypes = map[string]QuantileType{"disc": Discrete, "cont": Continuous}

// or is the number, or what stands for its absence.
func (n *number) or(absent float64) float64 {
	if n == nil {
		return absent
	}
	return float64(*n)
}

func (in winsorInput) caps() (Caps, error) {
	if in.CapValue != nil {
		return Caps{in.CapValue[0].or(NoCaps.Low), in.CapValue[1].or(NoCaps.High)}, nil
	}
	from := in.Values
	if in.NonzeroOnly {
		from = NonZero(from)
	}
	return CapsAt(from, in.LowerP.or(0), in.UpperP.or(1), quantileTypes[in.QuantileType])
}

// unlessError is the value, or nil where there is none.
func unlessError(x float64, err error) any {
	if err != nil {
		return nil
	}
	return x
}

var _ = register("winsor_tail", func(in winsorInput) (fields, error) {
	caps, err := in.caps()
	if err != nil {
		return nil, err
	}
	capped := caps.Winsorize(in.Values)
	sample := SampleOf(capped.Values)
	out := fields{
		"cap_low": caps.Low, "cap_high": caps.High, "n_capped_low": capped.CappedLow, "n_capped_high": capped.CappedHigh,
		"mean": sample.Mean, "var": sample.Var,
		"top1_share": unlessError(TopShare(in.Values, 0.01)), "hill": unlessError(HillIndex(in.Values)),
	}
	c := in.Central
	raw, err := CentralSums{N: c.N, Mean: []float64{c.Mean}, Co: []float64{c.M2}, M3: []float64{c.M3},
		M4: []float64{c.M4}}.TailShape(0)
	if err == nil {
		out["skew_raw"], out["kurt_excess_raw"], out["min_n_kohavi_raw"] = raw.Skewness, raw.ExcessKurtosis, raw.UnitsNeeded
		out["skew_raw_unbiased"] = unlessError(UnbiasedSkewness(raw.Skewness, c.N))
	}
	after, err := CentralSumsOf(capped.Values).TailShape(0)
	if err == nil {
		out["skew_capped"], out["min_n_kohavi_capped"] = after.Skewness, after.UnitsNeeded
	}
	return out, nil
})

var _ = register(published("winsor_tail min_n"), func(in struct{ Skew float64 }) (fields, error) {
	return fields{"min_n": UnitsForSkewness(in.Skew)}, nil
})
