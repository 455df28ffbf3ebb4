package stats

import "math"

// Rate is the share of trials that succeeded; it needs a trial.
func (s Successes) Rate() float64 { return float64(s.Successes) / float64(s.Trials) }

// ProportionArm is a proportion with the maximum-likelihood variance p(1−p)/n, as textbooks have it. MeanArm of the same data has
// the sample variance, larger by n/(n−1), and is what experiments use.
func ProportionArm(s Successes) Arm {
	if err := s.check("the arm"); err != nil {
		return undefinedArm(s.Trials, 0, err)
	}
	if s.Trials == 0 {
		return undefinedArm(0, 0, undefined(InsufficientData, "no trials; a proportion needs at least one"))
	}
	return observed(s.Trials, s.Rate(), binomialVariance(s.Rate(), float64(s.Trials)))
}

func binomialVariance(p, n float64) float64 { return p * (1 - p) / n }

// checkProportions are the checks common to intervals of proportions.
func checkProportions(alpha float64, arms ...Successes) error {
	for _, s := range arms {
		if err := ProportionArm(s).Undefined; err != nil {
			return err
		}
	}
	return checkAlpha(alpha)
}

// PooledProportions tests that two proportions are equal, by z with the variance under that hypothesis: its square is Pearson's
// χ² of the 2×2 table without continuity correction. The interval is Wald's with the pooled variance, for show; prefer
// MiettinenNurminen's or Newcombe's.
func PooledProportions(control, variant Successes, alpha float64) (Estimate, error) {
	if err := checkProportions(alpha, control, variant); err != nil {
		return Estimate{}, err
	}
	p := float64(control.Successes+variant.Successes) / float64(control.Trials+variant.Trials)
	variance := binomialVariance(p, float64(control.Trials)) + binomialVariance(p, float64(variant.Trials))
	test := FixedTest{Reference: Normal, Alpha: alpha}
	return test.Estimate(Effect{variant.Rate() - control.Rate(), math.Sqrt(variance)}, math.Inf(1))
}

// WilsonInterval is the score interval of a proportion (Wilson 1927).
func WilsonInterval(s Successes, alpha float64) (Interval, error) {
	if err := checkProportions(alpha, s); err != nil {
		return Interval{}, err
	}
	n, z := float64(s.Trials), normalUpperQuantile(alpha/2)
	p, shrink := s.Rate(), 1+z*z/n
	centre := p + z*z/(2*n)
	half := z * math.Sqrt(binomialVariance(p, n)+z*z/(4*n*n))
	return Interval{Low: math.Max(0, (centre-half)/shrink), High: math.Min(1, (centre+half)/shrink)}, nil
}

// NewcombeInterval is the hybrid score interval of variant − control, made of the arms' Wilson intervals (Newcombe 1998, method
// 10).
func NewcombeInterval(control, variant Successes, alpha float64) (Interval, error) {
	c, err := WilsonInterval(control, alpha)
	if err != nil {
		return Interval{}, err
	}
	v, err := WilsonInterval(variant, alpha)
	if err != nil {
		return Interval{}, err
	}
	pc, pv := control.Rate(), variant.Rate()
	return Interval{
		Low:  pv - pc - math.Hypot(pv-v.Low, c.High-pc),
		High: pv - pc + math.Hypot(v.High-pv, pc-c.Low),
	}, nil
}

// AgrestiCaffoInterval is Wald's interval of variant − control after a success and a failure are added to each arm (Agresti and
// Caffo 2000).
func AgrestiCaffoInterval(control, variant Successes, alpha float64) (Interval, error) {
	if err := checkProportions(alpha, control, variant); err != nil {
		return Interval{}, err
	}
	c, v := ProportionArm(control.plusOne()), ProportionArm(variant.plusOne())
	est, err := FixedTest{Reference: Normal, Alpha: alpha}.Difference(c, v)
	return est.Interval, err
}

func (s Successes) plusOne() Successes { return Successes{s.Successes + 1, s.Trials + 2} }

// MiettinenNurminenInterval is the score interval of variant − control: the differences that the score test at level alpha, with
// the variance under the difference and the factor N/(N−1), does not reject (Miettinen and Nurminen 1985).
func MiettinenNurminenInterval(control, variant Successes, alpha float64) (Interval, error) {
	if err := checkProportions(alpha, control, variant); err != nil {
		return Interval{}, err
	}
	z := normalUpperQuantile(alpha / 2)
	diff := variant.Rate() - control.Rate()
	rejected := func(delta float64) float64 {
		return math.Abs(diff-delta) - z*math.Sqrt(scoreVariance(control, variant, delta))
	}
	const beside = 1e-12 // at the difference itself the distance is 0, and so may be the variance
	iv := Interval{Low: -1, High: 1}
	if diff > -1 {
		iv.Low = findRoot(rejected, -1, diff-beside)
	}
	if diff < 1 {
		iv.High = findRoot(rejected, diff+beside, 1)
	}
	return iv, nil
}

// scoreVariance is the variance of variant − control at the maximum-likelihood proportions whose difference is delta, the
// trigonometric root of a cubic (Farrington and Manning 1990, appendix).
func scoreVariance(control, variant Successes, delta float64) float64 {
	xc, xv, nc, nv := float64(control.Successes), float64(variant.Successes), float64(control.Trials), float64(variant.Trials)
	n := nc + nv
	a := ((nv+2*nc)*delta - n - xc - xv) / (3 * n)
	b := ((nc*delta-n-2*xc)*delta + xc + xv) / n
	c := xc * delta * (1 - delta) / n
	q := a*a*a - a*b/2 + c/2
	r := math.Copysign(math.Sqrt(math.Max(0, a*a-b/3)), q)
	angle := 0.0
	if r != 0 {
		angle = (math.Pi + math.Acos(math.Min(1, math.Max(-1, q/(r*r*r))))) / 3
	}
	pc := math.Min(1, math.Max(0, 2*r*math.Cos(angle)-a))
	pv := math.Min(1, math.Max(0, pc+delta))
	return (binomialVariance(pc, nc) + binomialVariance(pv, nv)) * n / (n - 1)
}

// RiskRatio is variant/control, with the interval taken on the log scale (Katz et al. 1978): SE and test are those of the
// logarithm. Where both arms only succeed the ratio is 1 without error, and has no test. It needs a success in each arm.
func RiskRatio(control, variant Successes, alpha float64) (Estimate, error) {
	if err := checkProportions(alpha, control, variant); err != nil {
		return Estimate{}, err
	}
	if control.Successes == 0 || variant.Successes == 0 {
		return Estimate{}, undefined(ZeroDenominator, "an arm without a success: the log of the risk ratio does not exist")
	}
	c, v := ProportionArm(control), ProportionArm(variant)
	log := Effect{math.Log(v.Value / c.Value), math.Hypot(c.CV(), v.CV())}
	ratio := Estimate{Value: v.Value / c.Value, DF: math.Inf(1), Interval: Interval{Low: 1, High: 1}, Method: Fixed}
	if log.SE == 0 {
		return ratio, nil
	}
	est, err := FixedTest{Reference: Normal, Alpha: alpha}.Estimate(log, math.Inf(1))
	est.Value = ratio.Value
	est.Interval = est.Interval.through(math.Exp, est.Value)
	return est, err
}
