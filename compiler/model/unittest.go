package model

import (
	"slices"

	"assay/compiler/project"
)

// checkUnitTests looks up what unit tests name: what is tested, the inputs that they give rows of, and the columns of these.
func (b *builder) checkUnitTests() {
	for _, test := range b.Project.UnitTests {
		if _, declared := b.pending[test.Metric.V]; test.Metric.IsSet() && !declared {
			b.missing(codeMetric, "metric", test.Metric, b.metricNames(""))
		}
		if test.Experiment.IsSet() && !b.declares(test.Experiment.V) {
			b.missing(codeExperiment, "experiment", test.Experiment, b.experimentNames())
		}
		for _, given := range test.Given {
			if t := b.inputOf(given.Input); t != nil {
				b.checkGiven(t, given.Rows)
			}
		}
	}
}

func (b *builder) declares(experiment string) bool {
	return slices.Contains(b.experimentNames(), experiment)
}

func (b *builder) experimentNames() []string {
	var names []string
	for _, decl := range b.Project.Experiments {
		names = append(names, decl.Name.V)
	}
	return names
}

// inputOf is the table whose rows a unit test gives, nil where there is none, which is reported.
func (b *builder) inputOf(name project.Name) *Table {
	if t := b.tables[name.V]; t != nil {
		return t
	}
	known := b.tableNames()
	for _, decl := range b.Project.Assignments {
		if decl.Source.Model.IsSet() {
			continue // its rows are the model's
		}
		known = append(known, decl.Name.V)
		if l := b.logs[name.V]; l != nil && l.Decl == decl {
			return l.Table
		}
	}
	if !slices.Contains(known, name.V) {
		b.missing(codeModel, "model or assignments with rows of their own", name, known)
	}
	return nil
}

// checkGiven tells of names that are no column, where the columns are known.
func (b *builder) checkGiven(t *Table, rows []project.Row) {
	for _, row := range rows {
		for _, cell := range row {
			if t.Closed && !t.has(cell.Name.V) {
				b.bag.Add(noColumn(t, cell.Name.V, cell.Name.Span))
			}
		}
	}
}
