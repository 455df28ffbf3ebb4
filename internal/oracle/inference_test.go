package oracle

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// A comparison is what is said of two arms.
type comparison struct {
	controlAdjusted, variantAdjusted float64
	effect, se                       float64
	lift, liftSE                     float64
	hasLift                          bool
	df, n                            float64
	reduction                        *float64
	p                                float64
	digits                           float64 // relative precision that the size of the numbers leaves
}

// compareArms is undefined where an arm has no value or a single unit, and where neither varies.
func compareArms(sm *sample, control, treated *arm, j *adjustment) *comparison {
	if control.n < 2 || treated.n < 2 || !control.defined || !treated.defined || control.flat() && treated.flat() {
		return nil
	}
	c := &comparison{n: float64(control.n + treated.n)}
	var controlScores, treatedScores []float64
	c.controlAdjusted, controlScores = j.of(sm, control)
	c.variantAdjusted, treatedScores = j.of(sm, treated)
	vc, vt := variance(controlScores)/float64(control.n), variance(treatedScores)/float64(treated.n)
	c.effect, c.se = c.variantAdjusted-c.controlAdjusted, math.Sqrt(vc+vt)
	if c.se*c.se < 1e-20*(variance(control.scores)+variance(treated.scores)) {
		sm.perfect = true
		return nil
	}
	c.df = (vc + vt) * (vc + vt) / (vc*vc/float64(control.n-1) + vt*vt/float64(treated.n-1))
	if j != nil {
		plain := variance(control.scores)/float64(control.n) + variance(treated.scores)/float64(treated.n)
		reduction := 1 - (vc+vt)/plain
		c.reduction = &reduction
	}
	c.setLift(control, controlScores, vt)
	c.digits = math.Max(1e-9, 1e-15*math.Max(control.scale, treated.scale)/c.se)
	return c
}

// setLift divides by the control as observed, and takes its variance by the delta method: the control stands above and below.
func (c *comparison) setLift(control *arm, adjusted []float64, vt float64) {
	c.hasLift = math.Abs(control.value) > 3*control.standardError()
	if !c.hasLift {
		return
	}
	c.lift = c.effect / control.value
	moved := make([]float64, control.n)
	for i := range moved {
		moved[i] = (adjusted[i] + c.lift*control.scores[i]) / control.value
	}
	c.liftSE = math.Sqrt(vt/(control.value*control.value) + variance(moved)/float64(control.n))
}

func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// radius is how many standard errors an interval reaches to each side.
func (c *comparison) radius(s statistics, alpha float64) float64 {
	if s.Method == "sequential" {
		rate := c.n + s.nu()
		return math.Sqrt(rate / c.n * math.Log(rate/(s.nu()*alpha*alpha)))
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: c.df}.Quantile(1 - alpha/2)
}

// pValue is the greatest α whose interval holds 0.
func (c *comparison) pValue(s statistics) float64 {
	z := math.Abs(c.effect) / c.se
	if s.Method == "sequential" {
		rate := c.n + s.nu()
		return math.Min(1, math.Sqrt(rate/s.nu())*math.Exp(-z*z*c.n/(2*rate)))
	}
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: c.df}.CDF(-z)
}

// nu makes the sequence tightest at the tuned number of units.
func (s statistics) nu() float64 {
	tuning := 10000.0
	if s.Tuning != 0 {
		tuning = float64(s.Tuning)
	}
	log := -2 * math.Log(s.alpha())
	return tuning / (log + math.Log(1+log))
}

func (s statistics) alpha() float64 {
	if s.Confidence == "" {
		return 0.05
	}
	return 1 - fraction(s.Confidence)
}

// adjusted are the p-values of a family after its correction, and the α of its intervals; none: NULL.
func (s statistics) adjusted(family []float64) (p []float64, alpha float64) {
	m := float64(len(family))
	switch s.Correction {
	case "bonferroni":
		for _, v := range family {
			p = append(p, math.Min(1, m*v))
		}
		return p, s.alpha() / m
	case "holm":
		order := make([]int, len(family))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return compare(family[a], family[b]) })
		p = make([]float64, len(family))
		reached := 0.0
		for rank, i := range order {
			reached = math.Max(reached, math.Min(1, float64(len(family)-rank)*family[i]))
			p[i] = reached
		}
		return p, s.alpha()
	}
	return nil, s.alpha()
}

// chiSquare is Pearson's statistic of counts against weights, and its p-value.
func chiSquare(counts []int, weights []float64) (statistic, p float64) {
	total, sum := 0.0, 0.0
	for i, w := range weights {
		total += float64(counts[i])
		sum += w
	}
	for i, w := range weights {
		expected := total * w / sum
		statistic += (float64(counts[i]) - expected) * (float64(counts[i]) - expected) / expected
	}
	return statistic, distuv.ChiSquared{K: float64(len(weights) - 1)}.Survival(statistic)
}
