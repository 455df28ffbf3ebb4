package model

import (
	"fmt"
	"slices"
	"strings"

	"assay/compiler/project"
	"assay/internal/diag"
)

// mostLooks are more than anyone plans, and few enough that their bounds are quickly found.
const mostLooks = 100

// checkLooks refuses a number of looks that is a watch and not a plan.
func (b *builder) checkLooks(s project.Statistics) {
	if s.Looks.V > mostLooks {
		b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: s.Looks.Span,
			Message: fmt.Sprintf("%d looks are more than the %d that can be planned", s.Looks.V, mostLooks),
			Hint:    "method: sequential, under which every look counts"})
	}
}

// checkPlan asks for what the method of an experiment needs to know beforehand.
func (b *builder) checkPlan(e *Experiment) {
	s := e.Protocol.Statistics
	if own := e.Decl.Statistics; own != nil {
		b.checkLooks(*own)
	}
	chosen := []diag.Note{{Message: "the method is chosen here", Span: s.Method.Span}}
	switch c := s.Correction; {
	case s.Method.V == "group_sequential" && (e.Start.IsZero() || e.End.IsZero()):
		b.bag.Add(diag.Diagnostic{Code: codeMissing, Span: e.Decl.Name.Span, Notes: chosen,
			Message: fmt.Sprintf("`%s` needs a `start` and an `end`: its looks are planned between them", e.Name),
			Hint:    "give it both, or choose `method: sequential`"})
	case s.Method.V == "hybrid" && e.End.IsZero():
		b.bag.Add(diag.Diagnostic{Code: codeMissing, Severity: diag.Warning, Span: e.Decl.Name.Span, Notes: chosen,
			Message: fmt.Sprintf("`%s` has no `end`, for which `hybrid` keeps half of its error rate", e.Name)})
	case s.Method.V == "bayesian" && c != nil && c.Method.V != defaultCorrection:
		b.bag.Add(diag.Diagnostic{Code: codeSetting, Severity: diag.Warning, Span: c.Span, Notes: chosen,
			Message: fmt.Sprintf("`bayesian` has no p-values, so in `%s` nothing is corrected for many tests", e.Name)})
	}
}

// checkMethod refuses metrics for which the method or the design has no answer: a prior is of a lift, and a percentile's brackets
// have none; they are of units or of what clusters by unit, and not of clusters of units.
func (b *builder) checkMethod(e *Experiment, use *MetricUse) {
	if !isPercentile(use.Metric.Decl) {
		return
	}
	if method := e.Protocol.Statistics.Method; method.V == "bayesian" {
		b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: use.Decl.Metric.Span,
			Message: fmt.Sprintf("`bayesian` is not defined for `%s`, which is a percentile", use.Metric.Name),
			Hint:    "choose another method, or compare a mean or a `threshold`",
			Notes:   []diag.Note{{Message: "the method is chosen here", Span: method.Span}}})
	}
	if e.Clustered() {
		b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: use.Decl.Metric.Span,
			Message: fmt.Sprintf("`%s` is a percentile, which has no error where clusters of units are assigned", use.Metric.Name),
			Hint:    "compare a mean, or a `threshold`: the share of units that reach a bar",
			Notes:   []diag.Note{{Message: "the clusters are declared here", Span: e.Logs[0].Decl.Cluster.Span}}})
	}
}

func isPercentile(m *project.Metric) bool {
	return m.Type.V == project.Quantile || m.Agg.V == project.Median || m.Agg.V == project.Percentile
}

// readers are the methods that read a setting of `statistics`, by its name.
var readers = map[string][]string{
	"looks": {"group_sequential"}, "spending": {"group_sequential"}, "prior": {"bayesian"}, "tuning": {"sequential", "hybrid"},
}

// ofMethods are the places where statistics say what only some methods read; zero where they do not.
func ofMethods(s *project.Statistics) map[string]diag.Span {
	return map[string]diag.Span{
		"looks": s.Looks.Span, "spending": s.Spending.Span, "prior": first(s.PriorMean, s.PriorSD).Span, "tuning": s.Tuning.Span,
	}
}

// checkUnread warns of settings that no method reads of those that their statistics are for: the protocol's or the experiment's own,
// and what experiments have under that protocol, or by the project's defaults.
func (b *builder) checkUnread() {
	methods := map[*project.Statistics][]string{}
	for _, p := range b.Project.Protocols {
		methods[&p.Statistics] = []string{or(p.Statistics.Method, defaultMethod)}
	}
	for _, e := range b.Experiments {
		if decl := e.Protocol.Decl; decl != nil {
			methods[&decl.Statistics] = append(methods[&decl.Statistics], e.Protocol.Method)
		}
		if own := e.Decl.Statistics; own != nil {
			methods[own] = append(methods[own], e.Protocol.Method)
		}
	}
	for s, having := range methods {
		if slices.Contains(having, "") {
			continue // a method that is none is reported, and may have been meant for one that reads them
		}
		for setting, at := range ofMethods(s) {
			reads := func(method string) bool { return slices.Contains(readers[setting], method) }
			if !at.IsZero() && !slices.ContainsFunc(having, reads) {
				b.warnUnread(setting, at, having[0])
			}
		}
	}
}

func (b *builder) warnUnread(setting string, at diag.Span, method string) {
	b.bag.Add(diag.Diagnostic{Code: codeSetting, Severity: diag.Warning, Span: at,
		Message: fmt.Sprintf("nothing reads `%s`: the method is `%s`", setting, method),
		Hint:    fmt.Sprintf("method: %s, or leave it out", strings.Join(readers[setting], ", or method: "))})
}
