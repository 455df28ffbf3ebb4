package judge

import (
	"fmt"
	"strconv"

	"assay/compiler/plan"
	"assay/stats"
)

// enterQuantile estimates the arms of a slice by order statistics.
func enterQuantile(m *plan.ObservedMetric, slice plan.Slice) contest {
	c := contest{metric: m, slice: slice}
	for _, arm := range slice.Arms {
		c.arms = append(c.arms, quantileArm(m.Quantile, arm))
	}
	return c
}

// flatBrackets warns of the arm whose values tie, where the other's give the effect an error; where both tie there is no test.
func (r *ruling) flatBrackets() []stats.Warning {
	if r.metric.Quantile == nil {
		return nil
	}
	var warnings []stats.Warning
	for _, i := range []int{r.control, r.variant} {
		if arm := r.slice.Arms[i]; bracket(arm.Ranks).Flat() {
			warnings = append(warnings, stats.Warning{Code: "flat_bracket",
				Text: fmt.Sprintf("values of %s tie across the whole bracket of its quantile, so that its error is taken for 0: the "+
					"interval is too narrow. Choose a quantile where values differ, or a mean.", arm.Variant)})
		}
	}
	return warnings
}

func bracket(r *plan.Ranks) stats.Bracket {
	return stats.Bracket{Low: r.Low, Point: r.Point, High: r.High}
}

// quantileArm is a quantile with its error; one over events counts units, by which the events cluster.
func quantileArm(q *plan.Quantile, arm plan.Arm) stats.Arm {
	if arm.Ranks == nil {
		_, err := stats.RanksOf(0, q.P, alphaOf(q.Confidence))
		return stats.Arm{Undefined: err}
	}
	ranks, err := stats.RanksOf(arm.Ranks.N, q.P, alphaOf(q.Confidence))
	if err != nil {
		return stats.Arm{N: arm.Moments.N, Value: arm.Ranks.Point, Adjusted: arm.Ranks.Point, Undefined: err}
	}
	if !q.Clustered {
		return ranks.Arm(bracket(arm.Ranks))
	}
	clustered, err := ranks.Clustered(bracket(arm.Ranks), arm.Moments)
	if err != nil {
		return stats.Arm{N: arm.Moments.N, Value: arm.Ranks.Point, Adjusted: arm.Ranks.Point, Undefined: err}
	}
	return clustered.Arm
}

// rankRows are the moments of a quantile: its value and those that bracket it.
func rankRows(q *plan.Quantile, r *plan.Ranks, row func(stat string, a, b *string, value float64) MomentRow) []MomentRow {
	p := strconv.FormatFloat(q.P, 'g', -1, 64)
	return []MomentRow{
		row("rank", &p, ptr("low"), r.Low), row("rank", &p, ptr("point"), r.Point), row("rank", &p, ptr("high"), r.High),
	}
}

// pairs are the covariances that a metric's moments hold: of a quantile over events, those of a ratio of counts.
func pairs(m *plan.ObservedMetric) []stats.Pair {
	if m.Quantile != nil && m.Quantile.Clustered {
		return stats.Shape{Kind: stats.KindRatio}.Pairs()
	}
	return m.Shape.Pairs()
}
