package stats

type stratumCase struct{ Control, Treatment sampleCase }

var _ = register("poststrat", func(in struct {
	Alpha   float64
	Weights []float64
	Strata  []stratumCase
}) (fields, error) {
	var strata []ArmPair
	for _, s := range in.Strata {
		strata = append(strata, ArmPair{s.Control.arm(), s.Treatment.arm()})
	}
	result, err := PostStratify(strata, in.Weights)
	if err != nil {
		return nil, err
	}
	test := FixedTest{Reference: Normal, Alpha: in.Alpha}
	diff, err := test.Difference(result.Control, result.Variant)
	got := estimated("diff", diff, err)
	got["mean_control"], got["mean_treatment"] = result.Control.Value, result.Variant.Value
	got["diff_unadjusted"] = result.Unstratified
	if in.Weights == nil {
		got["se_superpop"] = result.SESuperpopulation
	}
	if err != nil {
		return got, err
	}
	lift, err := test.Lift(result.Control, result.Variant)
	got["lift"], got["lift_se"] = lift.Value, lift.SE
	return got, err
})
