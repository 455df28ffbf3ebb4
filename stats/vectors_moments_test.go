package stats

import "math/big"

type partCase struct {
	N     int64
	MeanX float64 `json:"mean_x"`
	M2X   float64 `json:"m2_x"`
	M3X   float64 `json:"m3_x"`
	M4X   float64 `json:"m4_x"`
	MeanY float64 `json:"mean_y"`
	M2Y   float64 `json:"m2_y"`
	CXY   float64 `json:"c_xy"`
}

var _ = register("moment_merge", func(in struct{ Parts []partCase }) (fields, error) {
	var sum CentralSums
	for _, p := range in.Parts {
		sum = sum.Merge(CentralSums{
			N: p.N, Mean: []float64{p.MeanX, p.MeanY}, Co: []float64{p.M2X, p.CXY, p.M2Y},
			M3: []float64{p.M3X, 0}, M4: []float64{p.M4X, 0},
		})
	}
	skew, err := sum.Skewness(0)
	m := sum.Moments()
	return fields{
		"n": sum.N, "mean_x": sum.Mean[0], "m2_x": sum.Co[0], "m3_x": sum.M3[0], "m4_x": sum.M4[0],
		"var_x": m.Var(0), "skew_x": skew,
		"mean_y": sum.Mean[1], "m2_y": sum.Co[2], "c_xy": sum.Co[1], "cov_xy": m.Covar(0, 1),
	}, err
})

type exactSumsCase struct {
	N     int64
	SumX  *big.Rat `json:"sum_x"`
	SumXX *big.Rat `json:"sum_xx"`
	SumY  *big.Rat `json:"sum_y"`
	SumYY *big.Rat `json:"sum_yy"`
	SumXY *big.Rat `json:"sum_xy"`
}

// The fields left out tell how wrong the naive way would be, which nobody is asked to reproduce.
var _ = register("stable_moments", func(in struct{ Sums exactSumsCase }) (fields, error) {
	sums := ExactSums{N: in.Sums.N, X: in.Sums.SumX, XX: in.Sums.SumXX, Y: in.Sums.SumY, YY: in.Sums.SumYY, XY: in.Sums.SumXY}
	central, err := sums.Central()
	if err != nil {
		return nil, err
	}
	got := fields{"mean": central.Mean[0], "m2": central.Co[0]}
	if condition, err := sums.Condition(); err == nil {
		got["condition"] = condition
	}
	m := central.Moments()
	if m.N > 1 {
		got["var"] = m.Var(0)
	}
	if m.N > 1 && len(m.Mean) > 1 {
		got["cov_xy"] = m.Covar(0, 1)
	}
	return got, nil
}, "naive_var_float64", "naive_rel_error", "max_rel_error_shifted")
