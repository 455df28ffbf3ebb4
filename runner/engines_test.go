package runner_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"assay/compiler"
	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/dialects"
	"assay/internal/diag"
	"assay/internal/enginetest"
	"assay/runner"
)

// An engine is a dialect with a fresh warehouse of its own.
type engine struct {
	dialect *dialects.Dialect
	output  runner.Output
	open    runner.Driver
}

// onEngines runs a test on each engine, beside other tests; its results go to a schema that is not there yet.
func onEngines(t *testing.T, test func(t *testing.T, e engine)) {
	t.Parallel()
	for _, name := range []string{"duckdb", "postgres", "snowflake", "redshift"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := enginetest.Named(name)
			output := at.Output(t)
			output.Fields = maps.Clone(output.Fields)
			output.Fields["schema"] = "results"
			test(t, engine{at.Dialect, output, at.Open})
		})
	}
}

func (e engine) warehouse(t *testing.T) runner.Warehouse {
	t.Helper()
	warehouse, err := e.open(e.output)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	return warehouse
}

func connect(t *testing.T, warehouse runner.Warehouse) runner.Session {
	t.Helper()
	session, err := warehouse.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

func execute(t *testing.T, session runner.Session, statements string) {
	t.Helper()
	for statement := range strings.SplitSeq(statements, ";\n") {
		if _, err := session.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func query(t *testing.T, session runner.Session, sql string) [][]any {
	t.Helper()
	rows, err := session.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows.Values
}

const shop = `
models:
  - name: orders
    relation: public.orders
    agg_time_dimension: ordered_at
    columns:
      - {name: user_id, entity: {type: foreign, name: user}}
      - {name: ordered_at, granularity: second, dimension: {type: time}}
    metrics:
      - {name: revenue, type: simple, agg: sum, expr: amount}
      - {name: orders, type: simple, agg: count}
      - {name: scores, type: simple, agg: sum, expr: "cast(score as double)"}
assignments:
  - {name: flags, relation: public.flags, entity: user, columns: {unit: user_id, time: at, experiment: flag, variant: variant}}
experiments:
  - name: checkout
    assignments: flags
    start: 2026-01-01
    variants: [control, treatment]
    metrics: {primary: [revenue], secondary: [orders]}
  - name: banner
    assignments: flags
    start: 2026-01-01
    variants: [control, treatment]
    metrics: {primary: [orders]}
`

// shopData has 200 users in two experiments, each with one order or two.
const shopData = `CREATE SCHEMA IF NOT EXISTS public;
CREATE TABLE public.flags AS SELECT 'u' || i AS user_id, TIMESTAMP '2026-01-02 00:00:00' AS at, f AS flag,
  CASE WHEN i % 2 = 0 THEN 'control' ELSE 'treatment' END AS variant
FROM generate_series(1, 200) AS s(i) CROSS JOIN (VALUES ('checkout'), ('banner')) AS e(f);
CREATE TABLE public.orders AS SELECT 'u' || (i % 200 + 1) AS user_id, TIMESTAMP '2026-01-03 00:00:00' AS ordered_at,
  i * 1.5 AS amount, 'bad' AS score FROM generate_series(1, 300) AS s(i)`

func loadModel(t *testing.T, yaml string) *model.Model {
	t.Helper()
	files := fstest.MapFS{
		"assay_project.yml": {Data: []byte("name: shop\nprofile: shop\n")},
		"models/all.yml":    {Data: []byte(yaml)},
	}
	m, bag := compiler.Load(project.Options{Dir: "/project", FS: files})
	for _, d := range bag.Sorted() {
		t.Error(d)
	}
	if t.Failed() {
		t.FailNow()
	}
	return m
}

// newJob is a run of a project's experiments and of the queries given, each a name and its metrics by day.
func newJob(t *testing.T, e engine, warehouse runner.Warehouse, yaml string, saved ...string) runner.Job {
	t.Helper()
	m := loadModel(t, yaml)
	return runner.Job{
		Warehouse: warehouse,
		Dialect:   e.dialect,
		AsOf:      time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC),
		Zone:      time.UTC,
		Origin:    runner.Origin{Command: "assay run", Project: "shop", AssayVersion: "0"},
		Plan: func(*project.Catalog) (*runner.Work, error) {
			return &runner.Work{
				Experiments:    m.Experiments,
				Queries:        savedQueries(t, m, saved),
				Compile:        compileWith(m),
				DefinitionHash: func(kind, name string) string { return kind + name },
				MetricOf:       func(_, metric string) string { return metric },
			}, nil
		},
	}
}

func compileWith(m *model.Model) func([]*model.Experiment) (*plan.Compiled, error) {
	return func(experiments []*model.Experiment) (*plan.Compiled, error) {
		bag := &diag.Bag{}
		compiled, err := compiler.Experiments(m, experiments, bag)
		if err == nil && bag.HasErrors() {
			err = fmt.Errorf("%v", bag.Sorted())
		}
		return compiled, err
	}
}

func run(t *testing.T, job runner.Job) *runner.Result {
	t.Helper()
	result, err := runner.Run(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func savedQueries(t *testing.T, m *model.Model, metrics []string) []runner.SavedQuery {
	t.Helper()
	var saved []runner.SavedQuery
	for _, metric := range metrics {
		bag := &diag.Bag{}
		program, err := compiler.Query(m, ask.Query{
			Metrics: []diag.Text{diag.PlainText(metric)}, GroupBy: []diag.Text{diag.PlainText("metric_time__day")},
		}, bag)
		if err != nil || bag.HasErrors() {
			t.Fatal(err, bag.Sorted())
		}
		saved = append(saved, runner.SavedQuery{Name: "daily_" + metric, Program: program})
	}
	return saved
}

// equal fails the test unless got is want.
func equal(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
