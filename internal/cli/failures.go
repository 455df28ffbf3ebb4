package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/internal/diag"
	"assay/runner"
	"assay/runner/judge"
)

// reportFailures prints what the warehouse refused, at the places of the project that asked for it, and what else went wrong.
// Mistakes are those that the warehouse's columns showed: warnings where no statement fails for them.
func (a *app) reportFailures(m *model.Model, result *runner.Result, mistakes []diag.Diagnostic, err error) error {
	if err == nil {
		return a.printDiagnostics(asWarnings(mistakes))
	}
	told := a.printDiagnostics(diag.Sorted(withCauses(failures(m, result), err, mistakes)))
	if errors.Is(err, runner.ErrNothing) {
		a.log.Warn(runner.ErrNothing.Error())
	}
	if rest := unexplained(err, result.Nodes); rest != nil {
		a.problem(rest.Error())
	}
	return errors.Join(errReported, told)
}

// failures are what the warehouse refused of the parts of a run.
func failures(m *model.Model, result *runner.Result) []diag.Diagnostic {
	var all []diag.Diagnostic
	g := newGraph(m)
	for _, failed := range result.Nodes {
		if failed.Err == nil {
			continue
		}
		var over *runner.LimitError
		if errors.As(failed.Err, &over) {
			all = append(all, overLimit(over))
			continue
		}
		refused := refusedMetrics(m, failed, result.Reports)
		if len(refused) == 0 {
			place := g.byID[failed.Kind+"."+failed.Name].At
			refused = []diag.Diagnostic{{Code: codeWarehouse, Span: place, Message: oneLine(failed.Err.Error())}}
		}
		all = append(all, refused...)
	}
	return all
}

const codeWarehouse diag.Code = "warehouse"

// overLimit says what lessens the bytes that an experiment reads.
func overLimit(over *runner.LimitError) diag.Diagnostic {
	e := over.Experiment
	return diag.Diagnostic{
		Code: codeLimit, Span: e.Decl.Name.Span, Message: over.Error(),
		Hint:  "a `partition:` of its models lets the warehouse read less; fewer metrics or shorter windows and lookbacks do, too",
		Notes: []diag.Note{{Message: "limited here", Span: e.Protocol.Decl.LimitBytes.Span}},
	}
}

const codeLimit diag.Code = "limit"

// refusedMetrics are the metrics of an experiment that the warehouse refused, each at its definition.
func refusedMetrics(m *model.Model, failed runner.Node, reports []*judge.Report) []diag.Diagnostic {
	var refused []diag.Diagnostic
	for _, r := range reports {
		if failed.Kind != kindExperiment || r.Experiment.Experiment != failed.Name {
			continue
		}
		for _, row := range r.Results {
			if row.Error != nil && row.Dimension == plan.Overall && row.Decides {
				refused = append(refused, diag.Diagnostic{
					Code: codeWarehouse, Span: metricPlace(m, row),
					Message: fmt.Sprintf("metric `%s` of experiment `%s`: %s", row.Metric, row.Experiment, oneLine(*row.Error)),
				})
			}
		}
	}
	return refused
}

// oneLine takes the line breaks out of a warehouse's message, which draws carets of its own.
func oneLine(message string) string { return strings.Join(strings.Fields(message), " ") }

// metricPlace is where the metric of a result is defined.
func metricPlace(m *model.Model, row judge.ResultRow) diag.Span {
	for _, e := range m.Experiments {
		for _, use := range e.Metrics {
			if e.Name == row.Experiment && use.Name == row.Metric {
				return use.Metric.Decl.Name.Span
			}
		}
	}
	return diag.Span{}
}

// unexplained are the parts of a joined error that neither a node nor a table is the cause of.
func unexplained(err error, nodes []runner.Node) error {
	parts := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		parts = joined.Unwrap()
	}
	return errors.Join(slices.DeleteFunc(slices.Clone(parts), func(part error) bool {
		return errors.Is(part, runner.ErrNothing) || errors.Is(part, errReported) || refusals(part) != nil ||
			slices.ContainsFunc(nodes, func(n runner.Node) bool { return n.Err != nil && errors.Is(part, n.Err) })
	})...)
}
