package oracle

import (
	"cmp"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// A test is how a protocol concludes on one comparison: its method, sides, and what of the experiment's plan the method reads.
type test struct {
	statistics
	good      float64 // the sign of a desired effect
	oneSided  bool
	power     float64
	planned   []float64 // looks before the present one, and this one, as shares of the information
	completed bool      // whether the planned end has passed
}

// A comparison is what is said of two arms.
type comparison struct {
	control, treated estimate
	effect, se       float64
	lift, liftSE     float64
	hasLift          bool
	df, n            float64
	digits           float64 // relative precision that the size of the numbers leaves
	chance, loss     float64 // bayesian
}

// compareArms is undefined where an arm has no error, and where neither varies before adjustment.
func compareArms(control, treated estimate, quantile bool) *comparison {
	if !control.tested || !treated.tested || control.u+treated.u == 0 {
		return nil
	}
	c := &comparison{control: control, treated: treated, n: float64(control.n + treated.n), df: math.Inf(1)}
	c.effect, c.se = treated.adjusted-control.adjusted, math.Sqrt(control.v+treated.v)
	if !quantile {
		sum := control.v + treated.v
		c.df = sum * sum / (control.v*control.v/float64(control.assigned-1) + treated.v*treated.v/float64(treated.assigned-1))
	}
	c.hasLift = math.Abs(control.value) > 3*math.Sqrt(control.u)
	if c.hasLift {
		c.lift = c.effect / control.value
		moved := treated.v + control.v + 2*c.lift*control.cov + c.lift*c.lift*control.u
		c.liftSE = math.Sqrt(math.Max(0, moved)) / math.Abs(control.value)
	}
	c.digits = 1e-9
	if c.se > 0 {
		c.digits = math.Max(c.digits, 1e-15*math.Max(control.scale, treated.scale)/c.se)
		c.digits = math.Max(c.digits, 1e-15*(control.terms+treated.terms)/(control.v+treated.v))
	}
	if c.effect != 0 { // what is left of means that are alike is known as they are
		c.digits = math.Max(c.digits, 1e-15*math.Max(math.Abs(control.adjusted), math.Abs(treated.adjusted))/math.Abs(c.effect))
	}
	return c
}

// digitsOfEnd are those of an interval's end, which keeps fewer of them where it is nearer 0 than the effect's error is wide. There is
// no end, NaN, where covariates explain all.
func (c *comparison) digitsOfEnd(end float64) float64 {
	const fewest = 100
	if math.IsInf(end, 0) || math.IsNaN(end) || c.digits <= 1e-9 {
		return c.digits
	}
	return c.digits * math.Min(fewest, math.Max(1, math.Abs(end-c.effect)/math.Abs(end)))
}

// believe turns effect and lift into the posterior's; without a lift, or without an error of it, there is none.
func (c *comparison) believe(t test) bool {
	if !c.hasLift || c.liftSE == 0 {
		return false
	}
	prior := cmp.Or(t.Prior, &prior{SD: 0.05})
	size := math.Abs(c.control.value)
	sign := math.Copysign(1, c.control.value)
	known, heard := 1/(prior.SD*prior.SD), 1/(c.liftSE*c.liftSE)
	m := (known*prior.Mean + heard*c.lift*sign) / (known + heard)
	s := 1 / math.Sqrt(known+heard)
	c.effect, c.se, c.lift, c.liftSE = m*size, s*size, m*sign, s
	good := m * t.good
	c.chance = normal(good / s)
	c.loss = s*distuv.UnitNormal.Prob(good/s) - good*normal(-good/s)
	return true
}

// normal is the standard normal's distribution function.
func normal(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

func normalQuantile(p float64) float64 {
	if p > 0.5 {
		return -normalQuantile(1 - p)
	}
	if p > 1e-10 || !(p > 0) {
		return -math.Sqrt2 * math.Erfcinv(2*p)
	}
	x := -math.Sqrt(-2 * math.Log(p)) // below, Erfcinv has lost its digits in 1 − 2p: Newton's steps on the logarithm
	for range 20 {
		x -= math.Log(normal(x)/p) * normal(x) / distuv.UnitNormal.Prob(x)
	}
	return x
}

// student is the upper tail of t, and of the normal where df is infinite.
func student(x, df float64) float64 {
	if math.IsInf(df, 1) {
		return normal(-x)
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.CDF(-x)
}

func studentQuantile(tail, df float64) float64 {
	if math.IsInf(df, 1) {
		return normalQuantile(1 - tail)
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(1 - tail)
}

func (t test) tails() float64 {
	if t.oneSided {
		return 1
	}
	return 2
}

// radius is how many standard errors an interval reaches to each side that it has.
func (t test) radius(c *comparison, alpha float64) float64 {
	switch t.Method {
	case "sequential":
		return t.sequence(c.n, alpha)
	case "hybrid":
		if t.completed {
			return math.Min(t.sequence(c.n, alpha/2), studentQuantile(alpha/2/t.tails(), c.df))
		}
		return t.sequence(c.n, alpha/2)
	case "group_sequential":
		return t.looks(alpha).last()
	case "bayesian":
		return normalQuantile(1 - alpha/t.tails())
	}
	return studentQuantile(alpha/t.tails(), c.df)
}

// pValue is the least α whose interval to both sides leaves 0 out.
func (t test) pValue(c *comparison) float64 {
	t.oneSided = false
	z := math.Abs(c.effect) / c.se
	switch t.Method {
	case "sequential":
		return t.sequenceP(c.n, z)
	case "hybrid":
		p := t.sequenceP(c.n, z)
		if t.completed && studentQuantile(t.alpha()/4, c.df) < t.sequence(c.n, t.alpha()/2) {
			p = math.Min(1, 2*student(z, c.df))
		}
		return math.Min(1, 2*p)
	case "group_sequential":
		return t.repeatedP(z)
	}
	return math.Min(1, 2*student(z, c.df))
}

// sequence is the radius of the confidence sequence after n units.
func (t test) sequence(n, alpha float64) float64 {
	nu := t.nu()
	if t.oneSided {
		return math.Sqrt(2 * (n + nu) / n * math.Log(1+math.Sqrt((n+nu)/nu)/(2*alpha)))
	}
	return math.Sqrt((n + nu) / n * math.Log((n+nu)/(nu*alpha*alpha)))
}

// sequenceP is the least α whose sequence to both sides leaves out what lies z errors off.
func (t test) sequenceP(n, z float64) float64 {
	nu := t.nu()
	return math.Min(1, math.Sqrt((n+nu)/nu)*math.Exp(-z*z*n/(2*(n+nu))))
}

// nu makes the sequence tightest at the tuned number of units; one side is tuned at twice α.
func (t test) nu() float64 {
	log := -2 * math.Log(t.alpha()*2/t.tails())
	return float64(cmp.Or(t.Tuning, 10000)) / (log + math.Log(1+log))
}

func (s statistics) alpha() float64 { return 1 - fraction(cmp.Or(s.Confidence, "95%")) }
