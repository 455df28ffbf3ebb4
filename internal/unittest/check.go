package unittest

import (
	"fmt"
	"slices"

	"assay/compiler/project"
	"assay/internal/diag"
	"assay/runner"
	"assay/runner/judge"
)

// Check finds what is wrong with the columns that tests expect, as far as YAML says them.
func Check(p *project.Project) *diag.Bag {
	declared := map[string]bool{}
	for _, m := range p.Metrics {
		declared[m.Name.V] = true
	}
	var bag diag.Bag
	for _, test := range p.UnitTests {
		if test.Experiment.IsSet() || declared[test.Metric.V] { // of others it is told that they are not
			checkColumns(test, test.Expect, &bag)
		}
	}
	return &bag
}

// checkColumns asks that rows of a metric say its value, and that rows of an experiment have columns of the results.
func checkColumns(test *project.UnitTest, want []project.Row, bag *diag.Bag) {
	if test.Experiment.IsSet() {
		known := runner.NewTable[judge.ResultRow]("results", nil).ColumnNames()
		for _, name := range columnsOf(want) {
			if !slices.Contains(known, name.V) {
				bag.Add(diag.Diagnostic{Code: codeColumn, Span: name.Span, Hint: diag.Suggest(name.V, known),
					Message: fmt.Sprintf("the results of an experiment have no column `%s`", name.V)})
			}
		}
		return
	}
	for _, row := range want {
		if !slices.ContainsFunc(row, func(cell project.Option) bool { return cell.Name.V == test.Metric.V }) {
			bag.Add(diag.Diagnostic{Code: codeColumn, Span: spanOf(row),
				Message: fmt.Sprintf("this row says no value of `%s`", test.Metric.V), Hint: "add `" + test.Metric.V + ": …`"})
		}
	}
}
