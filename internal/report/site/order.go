package site

import (
	"cmp"
	"slices"
	"strings"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/runner/judge"
)

// A table has no order, and a page must not depend on the one that a warehouse happens to return.

var compare = strings.Compare

// Roles as the tables spell them.
const (
	primary   = string(model.Primary)
	guardrail = string(model.Guardrail)
	secondary = string(model.Secondary)
	explore   = string(model.Explore)
)

// roles in the order of a page.
var roles = []string{primary, guardrail, secondary, explore}

// order sorts a report's rows.
func order(r *judge.Report) {
	slices.SortStableFunc(r.Results, func(a, b judge.ResultRow) int {
		return cmp.Or(
			slices.Index(roles, a.Role)-slices.Index(roles, b.Role), compare(a.Metric, b.Metric), compare(text(a.Step), text(b.Step)),
			variantAt(r, a.Variant)-variantAt(r, b.Variant), compare(a.Dimension, b.Dimension),
			cmp.Compare(unitsOf(b), unitsOf(a)), compare(a.Slice, b.Slice), cmp.Compare(a.Confidence, b.Confidence),
		)
	})
	slices.SortStableFunc(r.Health, func(a, b judge.HealthRow) int {
		return cmp.Or(slices.Index(severities, a.Status)-slices.Index(severities, b.Status), compare(a.CheckName, b.CheckName),
			compare(text(a.Metric), text(b.Metric)), compare(text(a.Dimension), text(b.Dimension)), compare(text(a.Slice), text(b.Slice)))
	})
	slices.SortStableFunc(r.Daily, func(a, b judge.DailyRow) int {
		return cmp.Or(compare(a.Metric, b.Metric), variantAt(r, a.Variant)-variantAt(r, b.Variant),
			compare(string(a.Axis), string(b.Axis)), cmp.Compare(a.Day, b.Day))
	})
	slices.SortStableFunc(r.Exposures, func(a, b judge.ExposureRow) int {
		return cmp.Or(variantAt(r, a.Variant)-variantAt(r, b.Variant), a.Day.Compare(b.Day.Time))
	})
	slices.SortStableFunc(r.Heterogeneity, func(a, b judge.HeterogeneityRow) int {
		return cmp.Or(compare(a.Dimension, b.Dimension), compare(a.Metric, b.Metric), compare(a.Variant, b.Variant))
	})
}

// severities in the order of a page.
var severities = []judge.HealthStatus{judge.Fail, judge.Warn, judge.Pass}

func variantAt(r *judge.Report, name string) int {
	return slices.IndexFunc(r.Experiment.Variants, func(v judge.VariantShare) bool { return v.Variant == name })
}

// unitsOf a row in both arms; 0 where it failed.
func unitsOf(r judge.ResultRow) int64 {
	if r.NControl == nil || r.NVariant == nil {
		return 0
	}
	return *r.NControl + *r.NVariant
}

// isWhole reports whether a row is of a metric as a whole, over all units.
func isWhole(r judge.ResultRow) bool { return r.Dimension == plan.Overall && r.Step == nil }

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
