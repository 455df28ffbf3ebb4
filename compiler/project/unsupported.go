package project

import (
	"strings"

	"assay/internal/diag"
)

// unsupported is what the language has and this version does not compute: a key of a kind of thing, or one of its values. All of
// it is read in full; without its row here it is let through. The text is what to do meanwhile.
var unsupported = map[string]string{
	"file.identities":   "",
	"file.holdouts":     "",
	"file.interactions": "",
	"file.annotations":  "",
	"file.unit_tests":   "",
	"import.dbt":        "copy the models and metrics: dbt's latest specification is read as it is",

	"assignments.kind":                "",
	"assignment columns.cluster":      "",
	"assignment columns.stratum":      "",
	"entity.role_of":                  "",
	"dimension.is_partition=true":     "",
	"time_spine.custom_granularities": "",

	"metric.type=cumulative": "",
	"metric.type=conversion": "a threshold metric with `op: gte` and `value: 1` says whether a unit converted",
	"metric.type=retention":  "",
	"metric.type=funnel":     "",
	"metric.type=quantile":   "",
	"metric.from":            "",
	"metric.patch=true":      "",

	"metric.agg=median":                "",
	"metric.agg=percentile":            "",
	"metric.agg=approx_count_distinct": "`count_distinct` is exact",
	"metric.agg=first_value":           "",
	"metric.agg=last_value":            "",
	"metric.non_additive_dimension":    "",
	"metric.fill_nulls_with":           "",
	"metric.join_to_timespine=true":    "",
	"input metric.offset_window":       "",
	"input metric.offset_to_grain":     "",

	"experiment.trigger":         "",
	"experiment.entry":           "",
	"experiment.phases":          "",
	"experiment.control.several": "",
	"metric entry.unit":          "",
	"cuped.covariates.others":    "`own`, the metric's values before the experiment, is supported",

	"statistics.method=hybrid":                  supportedMethods,
	"statistics.method=group_sequential":        supportedMethods,
	"statistics.method=bayesian":                supportedMethods,
	"statistics.show":                           "",
	"statistics.sides=one":                      "",
	"statistics.prior":                          "",
	"statistics.looks":                          "",
	"statistics.spending":                       "",
	"correction.method=bh":                      supportedCorrections,
	"correction.method=by":                      supportedCorrections,
	"correction.method=sidak":                   supportedCorrections,
	"correction.method=holm_sidak":              supportedCorrections,
	"correction.method=hochberg":                supportedCorrections,
	"correction.method=hommel":                  supportedCorrections,
	"correction.method=preferential_bonferroni": supportedCorrections,
	"protocol.decision.rules":                   "`decision: default` is supported",
	"limits.bytes_scanned":                      "",
	"export config.export_as=view":              "`table` is supported",
}

const (
	supportedMethods     = "`fixed` and `sequential` are supported"
	supportedCorrections = "`none`, `bonferroni` and `holm` are supported"
)

// refuse reports what is known and not supported yet: `kind.key`, or `kind.key=value`.
func (d *decoder) refuse(what string, span diag.Span) {
	hint, refused := unsupported[what]
	if !refused {
		return
	}
	_, written, _ := strings.Cut(what, ".")
	written = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(written, ".several"), ".others"), ".rules")
	d.failAt(span, codeNotSupported, hint, "`%s` is known, but not supported yet", strings.Replace(written, "=", ": ", 1))
}
