package stats

var _ = register("poisson_weights", func(in struct{ U float64 }) (fields, error) {
	weight, err := PoissonWeight(in.U)
	return fields{"weight": weight}, err
})

type bootstrapInput struct {
	Observed [2]float64 `json:"stat_obs"`
	Controls []float64  `json:"reps_control"`
	Variants []float64  `json:"reps_treatment"`
	Contrast Contrast
	Alpha    float64
}

var _ = register("bootstrap_replicates", func(in bootstrapInput) (fields, error) {
	b, err := BootstrapContrast(in.Observed[0], in.Observed[1], in.Controls, in.Variants, in.Contrast, in.Alpha)
	return fields{
		"est": b.Value, "boot_se": b.SE, "bias": b.Bias,
		"ci_percentile": []float64{b.Percentile.Low, b.Percentile.High},
		"ci_basic":      []float64{b.Basic.Low, b.Basic.High},
		"ci_normal":     []float64{b.Normal.Low, b.Normal.High},
		"p_percentile":  b.PercentileTest.defined(b.PercentileTest.P), "p_normal": b.NormalTest.defined(b.NormalTest.P),
	}, err
})
