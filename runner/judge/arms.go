package judge

import (
	"fmt"
	"math"
	"strings"

	"assay/compiler/plan"
	"assay/stats"
)

// A contest is a slice of a metric, its arms estimated: all that its rows have in common.
type contest struct {
	metric   *plan.ObservedMetric
	slice    plan.Slice
	arms     []stats.Arm // in the order of the slice's
	warnings []stats.Warning
}

// enter estimates the arms of a slice.
func enter(m *plan.ObservedMetric, slice plan.Slice) contest {
	moments := make([]stats.Moments, len(slice.Arms))
	for i, arm := range slice.Arms {
		moments[i] = arm.Moments
		if arm.Moments.N == 0 { // an absent arm has no means either
			moments[i] = stats.NewMoments(0, m.Shape.Quantities())
		}
	}
	arms, warnings := estimators[m.Shape.Kind](m, moments)
	return contest{metric: m, slice: slice, arms: arms, warnings: warnings}
}

// estimators turn the arms' moments into estimates, a kind of metric each.
var estimators = map[stats.Kind]func(*plan.ObservedMetric, []stats.Moments) ([]stats.Arm, []stats.Warning){
	stats.KindMean:     estimateMeans,
	stats.KindRatio:    estimateRatios,
	stats.KindFunction: estimateFunctions,
}

func estimateMeans(m *plan.ObservedMetric, moments []stats.Moments) ([]stats.Arm, []stats.Warning) {
	adjustment := stats.CUPED(stats.PooledWithin, moments...)
	var dropped []string
	for _, position := range adjustment.Dropped {
		dropped = append(dropped, m.Labels[position])
	}
	if len(dropped) == 0 {
		return adjustment.Arms, nil
	}
	return adjustment.Arms, []stats.Warning{{Code: string(stats.SingularCovariates), Text: fmt.Sprintf(
		"covariates that do not vary, or repeat others, were left out: %s", strings.Join(dropped, ", "))}}
}

// estimateRatios leaves ratios unadjusted where there was nothing to take a ratio of before.
func estimateRatios(m *plan.ObservedMetric, moments []stats.Moments) ([]stats.Arm, []stats.Warning) {
	var warnings []stats.Warning
	if m.Shape.Covariates > 0 {
		adjusted, err := stats.RatioCUPED(stats.MinimalVariance, moments...)
		if err == nil {
			return adjusted.Arms, nil
		}
		warnings = []stats.Warning{{Code: "unadjusted", Text: "there is no ratio before the experiment to adjust for: " + reason(err).Text}}
	}
	arms := make([]stats.Arm, len(moments))
	for i := range moments {
		arms[i] = stats.RatioArm(outcome(moments[i]))
	}
	return arms, warnings
}

// outcome is a ratio without what was before it.
func outcome(m stats.Moments) stats.Moments {
	k := stats.Shape{Kind: stats.KindRatio}.Quantities()
	out := stats.NewMoments(m.N, k)
	copy(out.Mean, m.Mean)
	for i := range k {
		for j := range i + 1 {
			out.SetCovar(i, j, m.Covar(i, j))
		}
	}
	return out
}

func estimateFunctions(m *plan.ObservedMetric, moments []stats.Moments) ([]stats.Arm, []stats.Warning) {
	arms := make([]stats.Arm, len(moments))
	for i := range moments {
		arms[i] = functionArm(m, moments[i])
	}
	return arms, nil
}

// functionArm is a function of means, its variance the delta method's g'Σg/n with the gradient g at the means.
func functionArm(m *plan.ObservedMetric, moments stats.Moments) stats.Arm {
	if moments.N == 0 {
		return stats.MeanArm(stats.Sample{})
	}
	f, err := linearise(m.Formula, m.Labels, moments.Mean)
	if err != nil {
		return stats.Arm{N: moments.N, Undefined: err}
	}
	variance := 0.0
	for i, gi := range f.Gradient {
		for j, gj := range f.Gradient {
			variance += gi * gj * moments.Covar(i, j)
		}
	}
	return stats.MeanArm(stats.Sample{N: moments.N, Mean: f.Value, Var: max(0, variance)})
}

// value is the metric of an arm as observed, and adjusted the same at the mean covariate of all arms; nil where even that is
// undefined. One unit has a value, if no spread.
func value(arm stats.Arm) *float64 { return ifDefined(arm, arm.Value) }

func adjusted(arm stats.Arm) *float64 { return ifDefined(arm, arm.Adjusted) }

func ifDefined(arm stats.Arm, x float64) *float64 {
	if arm.N == 0 || arm.Undefined != nil && reason(arm.Undefined).Code != string(stats.InsufficientData) {
		return nil
	}
	return known(x)
}

// sd is the standard deviation of one unit's value before adjustment; of a ratio or formula, of its linearised value.
func sd(arm stats.Arm) *float64 {
	if arm.Undefined != nil {
		return nil
	}
	return known(math.Sqrt(float64(arm.N) * arm.UnadjustedVariance))
}
