package stats

type proportionCase struct {
	XControl   int64 `json:"x_control"`
	NControl   int64 `json:"n_control"`
	XTreatment int64 `json:"x_treatment"`
	NTreatment int64 `json:"n_treatment"`
	Alpha      float64
}

func (in proportionCase) arms() (control, treatment Successes) {
	return Successes{in.XControl, in.NControl}, Successes{in.XTreatment, in.NTreatment}
}

// ends spells an interval of a field's two names, nothing where there is none.
func (f fields) ends(low, high string, iv Interval, err error) {
	if err == nil {
		f[low], f[high] = iv.Low, iv.High
	}
}

// test spells a z test that may not exist.
func (f fields) test(z, p string, t Test) {
	if t.Defined {
		f[z], f[p] = t.Statistic, t.P
	}
}

var _ = register("proportion", func(in proportionCase) (fields, error) {
	control, treatment := in.arms()
	pooled, err := PooledProportions(control, treatment, in.Alpha)
	if reasonOf(err) == InsufficientData {
		return nil, err
	}
	test := FixedTest{Reference: Normal, Alpha: in.Alpha}
	c, t := ProportionArm(control), ProportionArm(treatment)
	wald, err := test.Difference(c, t)
	got := fields{
		"p_control": c.Value, "p_treatment": t.Value, "diff": wald.Value, "se_unpooled": wald.SE, "se_pooled": pooled.SE,
	}
	got.test("z_unpooled", "p_unpooled", wald.Test)
	got.test("z_pooled", "p_pooled", pooled.Test)
	got.ends("wald_low", "wald_high", wald.Interval, err)
	got.scoreIntervals(control, treatment, in.Alpha)
	if lift, err := test.Lift(c, t); reasonOf(err) != ZeroDenominator {
		got["lift"] = lift.Value
	}
	if ratio, err := RiskRatio(control, treatment, in.Alpha); err == nil {
		got["log_rr_se"], got["rr_low"], got["rr_high"] = ratio.SE, ratio.Interval.Low, ratio.Interval.High
	}
	return got, nil
})

func (f fields) scoreIntervals(control, treatment Successes, alpha float64) {
	newcombe, err := NewcombeInterval(control, treatment, alpha)
	f.ends("newcombe_low", "newcombe_high", newcombe, err)
	caffo, err := AgrestiCaffoInterval(control, treatment, alpha)
	f.ends("ac_low", "ac_high", caffo, err)
	score, err := MiettinenNurminenInterval(control, treatment, alpha)
	f.ends("mn_low", "mn_high", score, err)
	wc, _ := WilsonInterval(control, alpha)
	wt, _ := WilsonInterval(treatment, alpha)
	f["wilson_control"], f["wilson_treatment"] = []float64{wc.Low, wc.High}, []float64{wt.Low, wt.High}
}
