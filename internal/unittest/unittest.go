// Package unittest runs the unit tests of a project: rows in, numbers out, on a database that holds nothing but the rows.
package unittest

import (
	"context"
	"strings"
	"time"

	"assay/compiler"
	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/dialects"
	"assay/internal/diag"
	"assay/runner"
	"assay/runner/judge"
)

const (
	codeFailed diag.Code = "unit-test" // numbers that are not those expected, or cannot be had
	codeColumn diag.Code = "column"
)

// A Bench is where tests run.
type Bench struct {
	// Open opens a database that is empty, one for each test.
	Open    func() (runner.Warehouse, error)
	Dialect *dialects.Dialect
	// Now is until when an experiment without an end is analysed, and metrics that count up to today are.
	Now time.Time
}

// Run runs a test. Diagnostics say where the numbers differ, or what keeps them from being
// computed; a test without any has passed.
func (b Bench) Run(ctx context.Context, m *model.Model, test *project.UnitTest) ([]diag.Diagnostic, error) {
	warehouse, err := b.Open()
	if err != nil {
		return nil, err
	}
	defer warehouse.Close()
	session, err := warehouse.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	t := &trial{Bench: b, test: test, warehouse: warehouse, session: session}
	if err := t.run(ctx, m); err != nil {
		return nil, err
	}
	return t.bag.Sorted(), nil
}

// A trial is a test under way. What is wrong is in the bag.
type trial struct {
	Bench
	test      *project.UnitTest
	warehouse runner.Warehouse
	session   runner.Session
	bag       diag.Bag
}

func (t *trial) run(ctx context.Context, m *model.Model) error {
	given, err := t.fill(ctx, m)
	if err != nil || t.bag.HasErrors() {
		return err
	}
	want, err := t.expected(ctx)
	if err != nil {
		return err
	}
	if checkColumns(t.test, want, &t.bag); t.bag.HasErrors() {
		return nil
	}
	if t.test.Experiment.IsSet() {
		return t.experiment(ctx, given, want)
	}
	return t.metric(ctx, given, want)
}

// metric asks for the metric by what the expected rows name besides it: these are all the rows there are.
func (t *trial) metric(ctx context.Context, m *model.Model, want []project.Row) error {
	query := ask.Query{Metrics: []diag.Text{{Value: t.test.Metric.V, Span: t.test.Metric.Span}}}
	for _, name := range columnsOf(want) {
		if name.V != t.test.Metric.V {
			query.GroupBy = append(query.GroupBy, diag.Text{Value: name.V, Span: name.Span})
		}
	}
	program, err := compiler.Query(m, query, &t.bag)
	if err != nil || t.bag.HasErrors() {
		return err
	}
	at := runner.Place{Session: t.session, Dialect: t.Dialect, Staging: t.warehouse.Staging()}
	answer, err := at.Ask(ctx, program, runner.Binds{rel.AsOf: t.Now})
	if err != nil {
		return err
	}
	if answer.Failed != nil {
		t.refused(answer.Failed)
		return nil
	}
	// The answer's columns are in the order asked: groups, then metrics.
	var names []string
	for _, group := range query.GroupBy {
		names = append(names, group.Value)
	}
	c := newComparison(want, append(names, t.test.Metric.V), answer.Rows.Values)
	c.report(&t.bag)
	c.reportUnexpected(&t.bag, t.test.Name.Span)
	return nil
}

// experiment runs it to its end, and looks for the expected rows among its results.
func (t *trial) experiment(ctx context.Context, m *model.Model, want []project.Row) error {
	e, _ := m.Experiment(t.test.Experiment.V)
	compile := func(some []*model.Experiment) (*plan.Compiled, error) { return compiler.Experiments(m, some, &t.bag) }
	if _, err := compile([]*model.Experiment{e}); err != nil || t.bag.HasErrors() {
		return err
	}
	asOf := t.Now
	if !e.End.IsZero() {
		asOf = e.ObserveUntil
	}
	result, err := runner.Run(ctx, runner.Job{
		Warehouse: t.warehouse, Dialect: t.Dialect, AsOf: asOf, Zone: m.Zone,
		Plan: func(*project.Catalog) (*runner.Work, error) {
			return &runner.Work{Experiments: []*model.Experiment{e}, Compile: compile, DefinitionHash: unversioned, MetricOf: asNamed}, nil
		},
	})
	if result == nil {
		return err
	}
	var rows []judge.ResultRow
	for _, report := range result.Reports {
		rows = append(rows, report.Results...)
	}
	if len(rows) == 0 && err == nil {
		t.bag.Add(diag.Diagnostic{Code: codeFailed, Span: t.test.Experiment.Span, Message: "the experiment counts none of the given units",
			Hint: "give assignments of its `key`, between `start` and `end`, and what its `population` and `trigger` ask of units"})
		return nil
	}
	table := runner.NewTable("results", rows)
	newComparison(want, table.ColumnNames(), table.Rows).report(&t.bag)
	if t.bag.HasErrors() && err != nil {
		t.refused(err) // which may be why
	}
	return nil
}

// unversioned is the hash of definitions whose results nobody keeps.
func unversioned(string, string) string { return "" }

// asNamed takes each metric of an experiment for one of its own: nobody sums up what is shipped in tests.
func asNamed(_, metric string) string { return metric }

func (t *trial) refused(err error) {
	t.bag.Add(diag.Diagnostic{Code: codeFailed, Span: t.test.Name.Span, Message: "the given rows cannot be computed with: " + firstLine(err),
		Hint: "give each column that is read, or its `data_type` where the model lists it"})
}

// firstLine leaves out the statement that an engine shows its error in.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
