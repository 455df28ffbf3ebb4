package stats

// A Metric is what estimation knows of a metric: its shape, and the function where it is one of several means.
type Metric struct {
	Shape
	// Function gives the value of a KindFunction at the means of its arguments, and its gradient there; nil for other kinds.
	Function func(means []float64) (value float64, gradient []float64, err error)
}

// Notes are what estimating arms came upon.
type Notes struct {
	// Dropped are the positions of covariates that do not vary or repeat those before them.
	Dropped []int
	// Unadjusted says why a ratio went without its covariate; nil where it did not.
	Unadjusted error
}

// reduce turns the moments of an experiment's arms into estimates, a kind of metric each. Quantiles have no moments: their arms
// come from QuantileRanks.
var reduce = map[Kind]func(m Metric, dst []Arm, variants []Moments) ([]Arm, Notes){
	KindMean:     reduceMeans,
	KindRatio:    reduceRatios,
	KindFunction: reduceFunctions,
	KindQuantile: refuseQuantiles,
}

// Arms appends to dst the estimates of an experiment's variants, in order, adjusted for the covariates their moments hold:
// means by CUPED pooled within, ratios by RatioCUPED of minimal variance. All variants belong in one call: they share the
// slopes and the covariate mean that they are adjusted to. An arm that is undefined says so and does not disturb the others.
func (m Metric) Arms(dst []Arm, variants []Moments) ([]Arm, Notes) {
	return reduce[m.Kind](m, dst, variants)
}

func reduceMeans(_ Metric, dst []Arm, variants []Moments) ([]Arm, Notes) {
	arms, dropped := appendMeans(dst, variants)
	return arms, Notes{Dropped: dropped}
}

// reduceRatios leaves the arms unadjusted where there is no ratio before the experiment.
func reduceRatios(m Metric, dst []Arm, variants []Moments) ([]Arm, Notes) {
	var notes Notes
	if m.Covariates > 0 {
		theta, err := sharedTheta(variants, perUnit)
		if err == nil {
			return appendAdjustedRatios(dst, variants, theta), notes
		}
		notes.Unadjusted = err
	}
	for _, moments := range variants {
		dst = append(dst, RatioArm(moments))
	}
	return dst, notes
}

func refuseQuantiles(_ Metric, dst []Arm, variants []Moments) ([]Arm, Notes) {
	for _, moments := range variants {
		reason := undefined(InvalidInput, "a quantile does not follow from moments; use QuantileRanks")
		dst = append(dst, undefinedArm(moments.N, 0, reason))
	}
	return dst, Notes{}
}

func reduceFunctions(m Metric, dst []Arm, variants []Moments) ([]Arm, Notes) {
	for _, moments := range variants {
		dst = append(dst, m.functionArm(moments))
	}
	return dst, Notes{}
}

// functionArm has the delta method's variance g'Σg/n with the gradient g at the means (Casella and Berger 2002, section 5.5.4).
func (m Metric) functionArm(moments Moments) Arm {
	if moments.N < 1 || len(moments.Mean) != m.Arguments {
		return undefinedArm(moments.N, 0, moments.checkSize(m.Arguments))
	}
	value, gradient, err := m.Function(moments.Mean)
	if err == nil {
		moments, err = moments.independent()
	}
	if err := firstError(err, checkFinite("the function's value", value), moments.check(m.Arguments)); err != nil {
		return undefinedArm(moments.N, value, err)
	}
	if len(gradient) != m.Arguments {
		return undefinedArm(moments.N, value,
			undefined(InvalidInput, "a gradient of %d for %d arguments", len(gradient), m.Arguments))
	}
	variance, err := moments.varianceOfSum(gradient, 0)
	if err != nil {
		return undefinedArm(moments.N, value, err)
	}
	arm := observed(moments.N, value, variance/float64(moments.N))
	arm.Clusters = moments.clusters()
	return arm
}
