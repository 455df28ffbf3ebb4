package stats

import "math"

// sampleCase is one arm; vectors spell what a single unit has not as null, which is 0 here and never read.
type sampleCase struct {
	N         int64
	Mean, Var float64
}

func (s sampleCase) arm() Arm { return MeanArm(Sample(s)) }

type meansCase struct {
	Test, Dist, Alternative string
	Alpha, Null             float64
	DF                      *float64
	Control, Treatment      sampleCase
}

var (
	referenceNames = map[string]Reference{"welch": Welch, "t": Welch, "student": Student, "z": Normal, "": Normal}
	sidesNames     = map[string]Sides{"two-sided": TwoSided, "greater": Greater, "less": Less, "": TwoSided}
)

func (in meansCase) test() FixedTest {
	return FixedTest{
		Reference: referenceNames[in.Test+in.Dist], Null: in.Null, Alpha: in.Alpha, Sides: sidesNames[in.Alternative],
	}
}

// estimated spells an estimate under the name of its value.
func estimated(name string, e Estimate, err error) fields {
	if err != nil {
		return fields{name: e.Value}
	}
	return fields{
		name: e.Value, "se": e.SE, "df": e.DF, "stat": e.Test.Statistic, "p_value": e.Test.P,
		"ci_low": e.Interval.Low, "ci_high": e.Interval.High,
	}
}

var _ = register("mean_diff", func(in meansCase) (fields, error) {
	est, err := in.test().Difference(in.Control.arm(), in.Treatment.arm())
	return estimated("diff", est, err), err
})

var _ = register("relative_lift", func(in meansCase) (fields, error) {
	control, treatment := in.Control.arm(), in.Treatment.arm()
	lift, err := in.test().Lift(control, treatment)
	got := estimated("lift", lift.Estimate, err)
	got["lift_abs_den"] = lift.OverMagnitude
	if err != nil {
		return got, err
	}
	got["baseline_cv"] = lift.ControlCV
	if log, err := in.test().LogLift(control, treatment); err == nil {
		got["log_se"], got["log_ci_low"], got["log_ci_high"] = log.SE, log.Interval.Low, log.Interval.High
	}
	return got, nil
})

var intervalKinds = map[IntervalKind]string{Bounded: "bounded", Complement: "complement", WholeLine: "all_reals"}

var _ = register("fieller", func(in meansCase) (fields, error) {
	df := math.Inf(1)
	if in.DF != nil {
		df = *in.DF
	}
	set, err := Fieller(in.Control.arm(), in.Treatment.arm(), df, in.Alpha)
	if err != nil {
		return fields{"ratio": set.Ratio}, err
	}
	return fields{
		"ratio": set.Ratio, "g": set.G, "kind": intervalKinds[set.Set.Kind],
		"ratio_low": set.Set.Low, "ratio_high": set.Set.High, "lift_low": set.Lift().Low, "lift_high": set.Lift().High,
	}, nil
})
