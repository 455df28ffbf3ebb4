package stats

// Printed results come at 95% and in the form of their source.

const printedAlpha = 0.05

// sumsCase is an arm as plain sums, or as successes.
type sumsCase struct {
	N     int64
	Sum   float64
	SumSq float64 `json:"sum_sq"`
}

func (s sumsCase) arm() (Arm, error) {
	central, err := RawSums{N: s.N, Sum: s.Sum, SumSq: s.SumSq}.Central()
	return MeanArm(central.Moments().Sample(0)), err
}

type publishedCase struct {
	proportionCase
	Control, Treatment *sumsCase
	NStar              float64 `json:"n_star"`
}

// arms are of whichever form the case has.
func (in publishedCase) arms() (control, treatment Arm, err error) {
	if in.Control == nil {
		c, t := in.proportionCase.arms()
		return ProportionArm(c), ProportionArm(t), nil
	}
	control, err = in.Control.arm()
	if err != nil {
		return Arm{}, Arm{}, err
	}
	treatment, err = in.Treatment.arm()
	return control, treatment, err
}

// printed spells an estimate as tables print it.
func printed(name string, e Estimate) fields {
	return fields{
		name: e.Value, "se": e.SE, "p": e.Test.P, "t": e.Test.Statistic, "df": e.DF,
		"ci": []float64{e.Interval.Low, e.Interval.High}, "ci_low": e.Interval.Low,
	}
}

func publishedDifference(sides Sides) func(publishedCase) (fields, error) {
	return func(in publishedCase) (fields, error) {
		control, treatment, err := in.arms()
		if err != nil {
			return nil, err
		}
		est, err := FixedTest{Alpha: printedAlpha, Sides: sides}.Difference(control, treatment)
		return printed("diff", est), err
	}
}

func publishedLift(sides Sides) func(publishedCase) (fields, error) {
	return func(in publishedCase) (fields, error) {
		control, treatment, err := in.arms()
		if err != nil {
			return nil, err
		}
		lift, err := FixedTest{Alpha: printedAlpha, Sides: sides}.Lift(control, treatment)
		return printed("lift", lift.Estimate), err
	}
}

var (
	_ = register(published("mean_diff"), publishedDifference(TwoSided))
	_ = register(published("mean_diff greater"), publishedDifference(Greater))
	_ = register(published("relative_lift (dist=t)"), publishedLift(TwoSided))
	_ = register(published("relative_lift with var=p(1-p)"), publishedLift(TwoSided))
	_ = register(published("relative_lift one-sided"), publishedLift(Greater))
)

var _ = register(published("asymp_cs approx"), func(in publishedCase) (fields, error) {
	control, treatment, err := in.arms()
	if err != nil {
		return nil, err
	}
	lift, err := FixedTest{Alpha: printedAlpha}.Lift(control, treatment)
	if err != nil {
		return nil, err
	}
	sequence, err := Tuned(in.NStar, printedAlpha, TwoSided)
	if err != nil {
		return nil, err
	}
	est, err := sequence.At(Effect{lift.Value, lift.SE}, control.N+treatment.N, printedAlpha, TwoSided)
	return printed("lift", est), err
})

var _ = register(published("mean_diff welch (group1 - group2)"), func(in struct{ Group1, Group2 []float64 }) (fields, error) {
	est, err := FixedTest{Alpha: printedAlpha}.Difference(MeanArm(SampleOf(in.Group2)), MeanArm(SampleOf(in.Group1)))
	return printed("diff", est), err
})

type printedProportionCase struct{ X1, N1, X2, N2 int64 }

type proportionInterval func(control, variant Successes, alpha float64) (Interval, error)

// printedInterval is of p1 − p2: the first arm is the variant.
func printedInterval(interval proportionInterval) func(printedProportionCase) (fields, error) {
	return func(in printedProportionCase) (fields, error) {
		iv, err := interval(Successes{in.X2, in.N2}, Successes{in.X1, in.N1}, printedAlpha)
		return fields{"ci": []float64{iv.Low, iv.High}}, err
	}
}

var (
	_ = register(published("proportion newcombe (p1-p2)"), printedInterval(NewcombeInterval))
	_ = register(published("proportion mn (p1-p2)"), printedInterval(MiettinenNurminenInterval))
)

// ratioSumsCase is an arm of numerator and denominator, and both before, as plain sums and products.
type ratioSumsCase struct {
	N     int64
	Sums  [4]float64
	SumSq [4]float64 `json:"sum_sq"`
	Cross struct {
		NumDen       float64 `json:"mpost_dpost"`
		NumNumPre    float64 `json:"mpost_mpre"`
		NumDenPre    float64 `json:"mpost_dpre"`
		DenNumPre    float64 `json:"dpost_mpre"`
		DenDenPre    float64 `json:"dpost_dpre"`
		NumPreDenPre float64 `json:"mpre_dpre"`
	}
}

func (a ratioSumsCase) moments() Moments {
	c := a.Cross
	products := [4][4]float64{
		{a.SumSq[0], c.NumDen, c.NumNumPre, c.NumDenPre},
		{0, a.SumSq[1], c.DenNumPre, c.DenDenPre},
		{0, 0, a.SumSq[2], c.NumPreDenPre},
		{0, 0, 0, a.SumSq[3]},
	}
	m := NewMoments(a.N, 4)
	for i := range 4 {
		for j := i; j < 4; j++ {
			pair := ExactSums{
				N: a.N, X: exactly(a.Sums[i]), XX: exactly(a.SumSq[i]), Y: exactly(a.Sums[j]), YY: exactly(a.SumSq[j]),
				XY: exactly(products[i][j]),
			}
			central, err := pair.Central()
			if err != nil {
				panic(err)
			}
			moments := central.Moments()
			m.Mean[i], m.Mean[j] = moments.Mean[0], moments.Mean[1]
			m.SetCovar(i, j, moments.Covar(0, 1))
		}
	}
	return m.PlainRatio()
}

type publishedRatioCase struct {
	Control, Treatment ratioSumsCase
	NStar              float64 `json:"n_star"`
}

func (in publishedRatioCase) lift() (lift Lift, units int64, err error) {
	adj, err := RatioCUPED(EqualWeight, in.Control.moments(), in.Treatment.moments())
	if err != nil {
		return Lift{}, 0, err
	}
	control, treatment := adj.Arms[0], adj.Arms[1]
	lift, err = FixedTest{Alpha: printedAlpha}.Lift(control, treatment)
	return lift, control.N + treatment.N, err
}

const publishedRatio = "cuped_ratio theta_mode=equal_weight, rel_est/rel_se; " +
	"CI with a t quantile (Welch df of the adjusted arm variances)"

var _ = register(published(publishedRatio), func(in publishedRatioCase) (fields, error) {
	lift, _, err := in.lift()
	return fields{"rel_est": lift.Value, "rel_se": lift.SE}, err
})

var _ = register(published("cuped_ratio + asymp_cs N*=5000"), func(in publishedRatioCase) (fields, error) {
	lift, units, err := in.lift()
	if err != nil {
		return nil, err
	}
	sequence, err := Tuned(in.NStar, printedAlpha, TwoSided)
	if err != nil {
		return nil, err
	}
	est, err := sequence.At(Effect{lift.Value, lift.SE}, units, printedAlpha, TwoSided)
	return printed("rel_est", est), err
})
