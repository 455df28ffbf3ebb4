package stats

// Kind is what a metric is, seen from statistics: how an arm's estimate follows from its moments.
type Kind uint8

const (
	// KindMean: the mean of one quantity per unit; also proportions. Quantities: 0 value, then the covariates.
	KindMean Kind = iota
	// KindRatio: a ratio of two means. Quantities: 0 numerator, 1 denominator, 2 residual numerator − R₀·denominator about a
	// common R₀ (a variance taken through it keeps its digits when the ratio is large against its spread); with a covariate
	// 3 numerator before, 4 denominator before, 5 their residual about their own R₀.
	KindRatio
	// KindFunction: a differentiable function of several means. Quantities: its arguments, in order.
	KindFunction
	// KindQuantile: a quantile of values. It reads ranks and no moments: see QuantileRanks.
	KindQuantile
)

// A Shape says which moments an estimator reads. The planner asks the warehouse for exactly these and judge hands exactly these
// back, so there is one list.
type Shape struct {
	Kind       Kind
	Arguments  int // KindFunction: the number of means it is a function of; otherwise ignored
	Covariates int // KindMean: quantities after the value; KindRatio: 0, or 1 for the ratio before
}

// Quantities is the number of quantities per unit.
func (s Shape) Quantities() int {
	switch s.Kind {
	case KindRatio:
		return 3 + 3*min(s.Covariates, 1)
	case KindFunction:
		return s.Arguments
	case KindQuantile:
		return 0
	default:
		return 1 + s.Covariates
	}
}

// WithoutCovariates is the shape of the same metric unadjusted: its quantities are the first ones of s.
func (s Shape) WithoutCovariates() Shape {
	s.Covariates = 0
	return s
}

// Pairs lists the covariances the shape's estimators read, i ≤ j, in a fixed order.
func (s Shape) Pairs() []Pair {
	if s.Kind == KindRatio {
		return s.ratioPairs()
	}
	var pairs []Pair
	for i := range s.Quantities() {
		for j := i; j < s.Quantities(); j++ {
			pairs = append(pairs, Pair{i, j})
		}
	}
	return pairs
}

// ratioPairs leaves out the raw numerator's: the residual's and the denominator's say the same without cancelling.
func (s Shape) ratioPairs() []Pair {
	read := []int{1, 2}
	if s.Covariates > 0 {
		read = append(read, 4, 5)
	}
	var pairs []Pair
	for a, i := range read {
		for _, j := range read[a:] {
			pairs = append(pairs, Pair{i, j})
		}
	}
	return pairs
}
