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
func (a *app) reportFailures(m *model.Model, result *runner.Result, err error) error {
	if err == nil {
		return nil
	}
	var bag diag.Bag
	g := newGraph(m)
	for _, failed := range result.Nodes {
		if failed.Err == nil {
			continue
		}
		var over *runner.LimitError
		if errors.As(failed.Err, &over) {
			bag.Add(overLimit(over))
			continue
		}
		refused := refusedMetrics(m, failed, result.Reports)
		if len(refused) == 0 {
			bag.Errorf(g.byID[failed.Kind+"."+failed.Name].At, codeWarehouse, "%s", oneLine(failed.Err.Error()))
		}
		for _, d := range refused {
			bag.Add(d)
		}
	}
	if rest := unexplained(err, result.Nodes); rest != nil {
		a.problem(rest.Error())
	}
	return errors.Join(errReported, a.printDiagnostics(bag.Sorted()))
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

// unexplained are the parts of a joined error that no node is the cause of.
func unexplained(err error, nodes []runner.Node) error {
	parts := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		parts = joined.Unwrap()
	}
	return errors.Join(slices.DeleteFunc(slices.Clone(parts), func(part error) bool {
		return slices.ContainsFunc(nodes, func(n runner.Node) bool { return n.Err != nil && errors.Is(part, n.Err) })
	})...)
}
