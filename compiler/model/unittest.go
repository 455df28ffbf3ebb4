package model

import (
	"fmt"
	"slices"

	"assay/compiler/project"
	"assay/internal/diag"
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
			if !given.Input.IsSet() {
				continue // reading has reported it
			}
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

// checkGiven tells of names that are no column; where the columns are not known, of those that are nearly one that something reads.
func (b *builder) checkGiven(t *Table, rows []project.Row) {
	for _, row := range rows {
		for _, cell := range row {
			switch {
			case t.has(cell.Name.V):
			case t.Closed:
				b.bag.Add(noColumn(t, cell.Name.V, cell.Name.Span))
			default:
				b.checkUnknownCell(t, row, cell.Name)
			}
		}
	}
}

// checkUnknownCell warns of a cell that nothing reads where it was most likely meant for one that the row lacks.
func (b *builder) checkUnknownCell(t *Table, row project.Row, name project.Name) {
	near, ok := diag.Nearest(name.V, t.columnNames())
	if ok && !slices.ContainsFunc(row, func(other project.Option) bool { return other.Name.V == near }) {
		b.bag.Add(diag.Diagnostic{Code: codeColumn, Severity: diag.Warning, Span: name.Span,
			Message: fmt.Sprintf("nothing reads the column `%s` of `%s`", name.V, t.Name), Hint: fmt.Sprintf("did you mean `%s`?", near)})
	}
}
