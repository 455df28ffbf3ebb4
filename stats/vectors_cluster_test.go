package stats

import (
	"slices"

	"gonum.org/v1/gonum/mat"
)

func singleClusters(pairs [][2]float64) []ClusterGroup {
	var groups []ClusterGroup
	for _, pair := range pairs {
		groups = append(groups, totals(pair[0], 1, pair[1], 0))
	}
	return groups
}

var _ = register("cluster_robust", func(in struct {
	Alpha              float64
	Control, Treatment [][2]float64
}) (fields, error) {
	r, err := CompareClusters(singleClusters(in.Control), singleClusters(in.Treatment), in.Alpha)
	if err != nil {
		return nil, err
	}
	return fields{
		"diff": r.Value, "se_cr0": r.SECR0, "se_cr1": r.SECR1, "se_cr1s": r.SECR1S,
		"se_cr2": r.SE, "df_satt": r.DF, "p_cr2": r.Test.P, "ci_low": r.Interval.Low, "ci_high": r.Interval.High,
		"se_delta": r.Delta.SE, "df_delta": r.Delta.DF, "p_delta": r.Delta.Test.P,
		"diff_cluster_means": r.ClusterMeans.Value, "se_cluster_means": r.ClusterMeans.SE, "df_cluster_means": r.ClusterMeans.DF,
	}, nil
})

type clusterProductsCase struct {
	N   int64
	XTX [][]float64
	XTY []float64
}

func (c clusterProductsCase) products() ClusterProducts {
	return ClusterProducts{Rows: c.N, XX: mat.NewSymDense(len(c.XTY), slices.Concat(c.XTX...)), XY: c.XTY}
}

// treatment is the column of the treatment among the regressors.
const treatment = 1

var _ = register("cluster_regression", func(in struct {
	Alpha    float64
	Clusters []clusterProductsCase
}) (fields, error) {
	var clusters []ClusterProducts
	for _, c := range in.Clusters {
		clusters = append(clusters, c.products())
	}
	fit, err := RegressClusters(clusters)
	if err != nil {
		return nil, err
	}
	effect, err := fit.Coefficient(treatment, FixedTest{Alpha: in.Alpha})
	return fields{
		"beta": fit.Coefficients, "se_cr0": fit.SECR0, "se_cr1": fit.SECR1, "se_cr1s": fit.SECR1S, "se_cr2": fit.SECR2,
		"df_satt_treatment": effect.DF, "p_cr2_treatment": effect.Test.P,
	}, err
})
