package judge

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"assay/compiler/plan"
	"assay/stats"
)

// A contest is a slice of a metric, its arms estimated: all that its rows have in common.
type contest struct {
	metric   *plan.ObservedMetric
	slice    plan.Slice
	arms     []stats.Arm // in the order of the slice's
	adjusted bool        // for covariates
	warnings []stats.Warning
}

// contests are every slice of every metric that the warehouse answered.
func contests(metrics []*plan.ObservedMetric) []contest {
	var all []contest
	for _, m := range withSteps(metrics) {
		for _, slice := range m.Slices {
			all = append(all, enter(m, slice))
		}
	}
	return all
}

// enter estimates the arms of a slice.
func enter(m *plan.ObservedMetric, slice plan.Slice) contest {
	if m.Quantile != nil {
		return enterQuantile(m, slice)
	}
	moments := make([]stats.Moments, len(slice.Arms))
	for i, arm := range slice.Arms {
		moments[i] = armMoments(m, arm)
	}
	arms, notes := metricOf(m).Arms(nil, moments)
	return contest{metric: m, slice: slice, arms: arms,
		adjusted: m.Shape.Covariates > 0 && notes.Unadjusted == nil, warnings: warningsOf(notes, m.Labels)}
}

// leftOut are the covariates that people asked for of which nothing is left, by their labels without a category's place. That nobody
// lacks a value, or that the last category is what the others are not, is nothing to know.
func leftOut(labels []string, dropped []int) []string {
	var out, kept []string
	for position, label := range labels {
		parts := strings.SplitN(label, ":", 3)
		if len(parts) < 2 || parts[0] == "missing" {
			continue
		}
		covariate := parts[0] + ":" + parts[1]
		if slices.Contains(dropped, position) {
			out = append(out, covariate)
		} else {
			kept = append(kept, covariate)
		}
	}
	return slices.DeleteFunc(slices.Compact(out), func(covariate string) bool { return slices.Contains(kept, covariate) })
}

func warningsOf(notes stats.Notes, labels []string) []stats.Warning {
	var warnings []stats.Warning
	if out := leftOut(labels, notes.Dropped); len(out) > 0 {
		warnings = append(warnings, stats.Warning{Code: string(stats.SingularCovariates),
			Text: fmt.Sprintf("covariates that do not vary, or repeat others, are left out: %s", strings.Join(out, ", "))})
	}
	if notes.Unadjusted != nil {
		warnings = append(warnings, stats.Warning{Code: "unadjusted",
			Text: "there is no ratio before the experiment to adjust for: " + reason(notes.Unadjusted).Text})
	}
	return warnings
}

// arm is the place of a variant's among the arms.
func (c contest) arm(variant string) int {
	return slices.IndexFunc(c.slice.Arms, func(a plan.Arm) bool { return a.Variant == variant })
}

// isWhole reports whether the slice is all units.
func (c contest) isWhole() bool { return c.slice.Dimension == plan.Overall }

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
