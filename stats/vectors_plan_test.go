package stats

type powerMeansInput struct {
	Solve, Test, Alternative string
	Alpha                    float64
	Power                    float64
	NControl                 float64 `json:"n_control"`
	Ratio, Delta             float64
	SDControl                float64 `json:"sd_control"`
	SDTreatment              float64 `json:"sd_treatment"`
	Rho, Baseline            float64
	DailyUnits               *float64 `json:"daily_units"`
}

var (
	alternatives = map[string]Sides{"two-sided": TwoSided, "one-sided": Greater}
	planned      = map[string]func(alpha float64, sides Sides) Procedure{
		"t": func(alpha float64, sides Sides) Procedure { return TTest{alpha, sides} },
		"z": func(alpha float64, sides Sides) Procedure { return ZTest{alpha, sides} },
	}
	meanSolutions = map[string]func(MeanDesign, powerMeansInput) (Plan, error){
		"power": func(d MeanDesign, in powerMeansInput) (Plan, error) { return d.Power(in.NControl, in.Delta) },
		"n":     func(d MeanDesign, in powerMeansInput) (Plan, error) { return d.SampleSize(in.Delta, in.Power) },
		"mde":   func(d MeanDesign, in powerMeansInput) (Plan, error) { return d.MDE(in.NControl, in.Power) },
	}
)

var _ = register("power_means", func(in powerMeansInput) (fields, error) {
	design := MeanDesign{
		Procedure: planned[in.Test](in.Alpha, alternatives[in.Alternative]),
		SDControl: in.SDControl, SDVariant: in.SDTreatment, Ratio: in.Ratio, Correlation: in.Rho,
	}
	plan, err := meanSolutions[in.Solve](design, in)
	if err != nil {
		return nil, err
	}
	relative, err := plan.RelativeEffect(in.Baseline)
	if err != nil {
		return nil, err
	}
	control, variant := plan.Units()
	out := fields{
		"power": plan.Power, "n_control": plan.Control, "n_control_ceil": control, "n_treatment_ceil": variant,
		"delta": plan.Effect, "rel_mde": relative,
	}
	if in.DailyUnits != nil {
		out["runtime_days"], err = plan.Days(*in.DailyUnits)
	}
	return out, err
})

type powerProportionsInput struct {
	Solve, Alternative string
	Method             ProportionTest
	Alpha, Power       float64
	NControl           float64 `json:"n_control"`
	Ratio              float64
	PControl           float64 `json:"p_control"`
	PTreatment         float64 `json:"p_treatment"`
}

var _ = register("power_proportions", func(in powerProportionsInput) (fields, error) {
	design := ProportionDesign{Test: in.Method, Alpha: in.Alpha, Sides: alternatives[in.Alternative], Ratio: in.Ratio}
	solve := map[string]func() (Plan, error){
		"power": func() (Plan, error) { return design.Power(in.NControl, in.PControl, in.PTreatment) },
		"n":     func() (Plan, error) { return design.SampleSize(in.PControl, in.PTreatment, in.Power) },
	}
	plan, err := solve[in.Solve]()
	return fields{"power": plan.Power, "n_control": plan.Control}, err
})

type nonInferiorityInput struct {
	Kind               string
	Direction          Direction
	Margin, Alpha      float64
	Control, Treatment Sample
	Power, SD          float64
	TrueDiff           float64 `json:"true_diff"`
	Ratio              float64
}

var nonInferiorityKinds = map[string]func(NonInferiorityTest, Arm, Arm) (NonInferiority, error){
	"ni_abs": NonInferiorityTest.Absolute, "ni_rel": NonInferiorityTest.Relative, "ni_rel_plugin": NonInferiorityTest.RelativePlugIn,
}

var _ = register("noninferiority", func(in nonInferiorityInput) (fields, error) {
	switch in.Kind {
	case "n":
		design := MeanDesign{Procedure: ZTest{in.Alpha, Greater}, SDControl: in.SD, SDVariant: in.SD, Ratio: in.Ratio}
		plan, err := design.NonInferiority(in.TrueDiff, in.Margin, in.Power)
		return fields{"n_control": plan.Control}, err
	case "tost":
		r, err := EquivalenceTest(MeanArm(in.Control), MeanArm(in.Treatment), in.Margin, in.Alpha)
		return fields{
			"stat": []float64{r.AboveLower.Statistic, r.BelowUpper.Statistic}, "df": r.DF, "p_value": r.Test.P,
			"ci_bound": []float64{r.Interval.Low, r.Interval.High}, "reject": r.Equivalent,
		}, err
	}
	test := NonInferiorityTest{Margin: in.Margin, Good: in.Direction, Alpha: in.Alpha}
	r, err := nonInferiorityKinds[in.Kind](test, MeanArm(in.Control), MeanArm(in.Treatment))
	return fields{
		"stat": r.Test.Statistic, "df": r.DF, "p_value": r.Test.P, "ci_bound": r.Interval.Low, "reject": r.NonInferior,
	}, err
})

// The examples of R's power.t.test and power.prop.test, as their note states them.
var _ = register(published("power_means / power_proportions"), func(struct{}) (fields, error) {
	means := MeanDesign{Procedure: TTest{Alpha: printedAlpha}, SDControl: 1, SDVariant: 1, Ratio: 1}
	proportions := ProportionDesign{Test: PooledNull, Alpha: printedAlpha, Ratio: 1}
	power, err1 := means.Power(20, 1)
	n, err2 := means.SampleSize(1, 0.9)
	proportionPower, err3 := proportions.Power(50, 0.5, 0.75)
	proportionN, err4 := proportions.SampleSize(0.5, 0.75, 0.9)
	values := []float64{power.Power, n.Control, proportionPower.Power, proportionN.Control}
	return fields{"values": values}, firstError(err1, err2, err3, err4)
})
