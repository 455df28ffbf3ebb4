package stats

import (
	"errors"
	"math/big"
)

type orderCase struct {
	N      int64
	Values []float64
}

// at is the value of a rank, nothing where there is no such rank.
func (c orderCase) at(rank int64) any {
	if rank == 0 {
		return nil
	}
	return c.Values[rank-1]
}

func rankOrNothing(rank int64) any {
	if rank == 0 {
		return nil
	}
	return rank
}

func (c orderCase) quantile(p, alpha float64) (Arm, fields, error) {
	ranks, err := RanksOf(c.N, p, alpha)
	exact, exactErr := ExactRanksOf(c.N, p, alpha)
	if err := errors.Join(err, exactErr); err != nil {
		return Arm{}, nil, err
	}
	arm := ranks.Arm(Bracket{Low: c.Values[ranks.Low-1], Point: c.Values[ranks.Rank-1], High: c.Values[ranks.High-1]})
	ci := fields{
		"rank_low": rankOrNothing(exact.Low), "rank_high": rankOrNothing(exact.High),
		"x_low": c.at(exact.Low), "x_high": c.at(exact.High),
	}
	if exact.Low > 0 && exact.High > 0 {
		ci["coverage"] = exact.Coverage
	}
	got := fields{
		"q_disc": arm.Value, "q_cont": sampleQuantile(c.Values, p, Continuous),
		"p_low": ranks.PLow, "p_high": ranks.PHigh, "rank": ranks.Rank, "rank_low": ranks.Low, "rank_high": ranks.High,
		"x_low": c.at(ranks.Low), "x_high": c.at(ranks.High), "bracket_valid": ranks.Bracketed(), "exact_ci": ci,
	}
	if arm.Undefined == nil {
		got["se"] = arm.SE()
	}
	return arm, got, nil
}

// twoQuantiles spells the difference of two quantiles.
func twoQuantiles(control, treatment Arm, alpha float64) (fields, error) {
	diff, err := FixedTest{Alpha: alpha}.QuantileDifference(control, treatment)
	return estimated("diff", diff, err), err
}

var _ = register("quantile_order_stat", func(in struct {
	P                  number
	Alpha              float64
	Control, Treatment orderCase
}) (fields, error) {
	control, controlFields, err := in.Control.quantile(float64(in.P), in.Alpha)
	if err != nil {
		return nil, err
	}
	treatment, treatmentFields, err := in.Treatment.quantile(float64(in.P), in.Alpha)
	if err != nil {
		return nil, err
	}
	got, err := twoQuantiles(control, treatment, in.Alpha)
	got["control"], got["treatment"] = controlFields, treatmentFields
	return got, err
})

type clusteredQuantileCase struct {
	NEvents   int64   `json:"n_events"`
	NClusters int64   `json:"n_clusters"`
	QHat      float64 `json:"q_hat"`
	XLow      float64 `json:"x_low"`
	XHigh     float64 `json:"x_high"`
	SumS      float64 `json:"sum_s"`
	SumS2     float64 `json:"sum_s2"`
	SumN      float64 `json:"sum_n"`
	SumN2     float64 `json:"sum_n2"`
	SumSN     float64 `json:"sum_sn"`
}

func exactly(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }

func (c clusteredQuantileCase) quantile(p, alpha float64) (ClusteredQuantile, error) {
	ranks, err := RanksOf(c.NEvents, p, alpha)
	if err != nil {
		return ClusteredQuantile{}, err
	}
	sums := ExactSums{
		N: c.NClusters, X: exactly(c.SumS), XX: exactly(c.SumS2), Y: exactly(c.SumN), YY: exactly(c.SumN2), XY: exactly(c.SumSN),
	}
	central, err := sums.Central()
	if err != nil {
		return ClusteredQuantile{}, err
	}
	return ranks.Clustered(Bracket{Low: c.XLow, Point: c.QHat, High: c.XHigh}, central.Moments().PlainRatio())
}

func (q ClusteredQuantile) fields() fields {
	return fields{
		"p_hat": q.Share, "var_p_iid": q.IndependentVariance, "var_p_cluster": q.ClusterVariance, "design_effect": q.DesignEffect,
		"se_iid": q.IndependentSE, "se": q.Arm.SE(), "q_hat": q.Arm.Value,
	}
}

var _ = register("quantile_cluster", func(in struct {
	P                  number
	Alpha              float64
	Control, Treatment clusteredQuantileCase
}) (fields, error) {
	control, err := in.Control.quantile(float64(in.P), in.Alpha)
	if err != nil {
		return nil, err
	}
	treatment, err := in.Treatment.quantile(float64(in.P), in.Alpha)
	if err != nil {
		return nil, err
	}
	got, err := twoQuantiles(control.Arm, treatment.Arm, in.Alpha)
	got["control"], got["treatment"] = control.fields(), treatment.fields()
	return got, err
})

func (q HistogramQuantile) fields() fields {
	return fields{
		"n": q.Arm.N, "bin": q.Bin, "q": q.Arm.Value, "density": q.Density, "se": q.Arm.SE(), "q_min": q.Low, "q_max": q.High,
	}
}

var _ = register("quantile_histogram", func(in struct {
	P                  number
	Alpha              float64
	Control, Treatment Histogram
}) (fields, error) {
	control, err := in.Control.Quantile(float64(in.P))
	if err != nil {
		return nil, err
	}
	treatment, err := in.Treatment.Quantile(float64(in.P))
	if err != nil {
		return nil, err
	}
	got, err := twoQuantiles(control.Arm, treatment.Arm, in.Alpha)
	got["control"], got["treatment"] = control.fields(), treatment.fields()
	return got, err
})
