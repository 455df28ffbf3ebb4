package conformance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"assay/compiler"
	"assay/compiler/ask"
	"assay/compiler/dbtimport"
	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/dialects"
	duckdialect "assay/dialects/duckdb"
	pgdialect "assay/dialects/postgres"
	"assay/internal/diag"
	"assay/internal/enginetest"
	"assay/internal/pgtest"
	"assay/runner"
	"assay/runner/duckdb"
	"assay/runner/postgres"
)

// TestMetricFlow asks every query of the suite and holds its rows to those expected.
func TestMetricFlow(t *testing.T) {
	s := readSuite(t)
	fmt.Printf("metricflow: %d of %d cases match\n", s.onDuckDB(t).checkAll(t), len(s.cases))
}

// TestPostgres holds the same queries to the same rows on Postgres.
func TestPostgres(t *testing.T) {
	readSuite(t).onPostgres(t).checkAll(t)
}

// TestEnginesAtHand holds the same queries to the same rows on every other engine.
func TestEnginesAtHand(t *testing.T) {
	s := readSuite(t)
	for _, e := range enginetest.All[2:] {
		t.Run(e.Name(), func(t *testing.T) { s.elsewhere(t, e).checkAll(t) })
	}
}

// TestRules holds more queries over the same tables to the rows that MetricFlow 0.213 computes for them, on both engines: one for each
// rule that the suite's own leave open, which its name says.
func TestRules(t *testing.T) {
	s := readSuite(t)
	s.cases = readLines[queryCase](t, filepath.Join("testdata", "rules.jsonl"))
	s.onDuckDB(t).checkAll(t)
	s.onPostgres(t).checkAll(t)
}

// checkAll asks every query, prints how many of each family match, and returns how many do in all.
func (w *warehouse) checkAll(t *testing.T) int {
	t.Helper()
	match := map[string]int{}
	families := map[string]int{}
	total := 0
	for _, c := range w.suite.cases {
		families[c.family()]++
		if err := w.check(c); err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		match[c.family()]++
		total++
	}
	for _, family := range slices.Sorted(maps.Keys(families)) {
		fmt.Printf("%-32s %d of %d\n", family, match[family], families[family])
	}
	return total
}

// A warehouse holds the suite's tables, and the models over them.
type warehouse struct {
	suite   *suite
	dialect *dialects.Dialect
	session runner.Session
	staging runner.Staging
	models  map[string]*model.Model
}

func (s *suite) onDuckDB(t testing.TB) *warehouse {
	t.Helper()
	return s.on(t, duckdialect.Dialect, duckdb.Open, runner.Output{Name: "duckdb", Dir: t.TempDir()})
}

func (s *suite) onPostgres(t testing.TB) *warehouse {
	t.Helper()
	output := runner.Output{Name: "postgres", Fields: map[string]any{"dsn": pgtest.Start(t)}}
	return s.on(t, pgdialect.Dialect, postgres.Open, output)
}

func (s *suite) on(t testing.TB, d *dialects.Dialect, open func(runner.Output) (runner.Warehouse, error), output runner.Output) *warehouse {
	t.Helper()
	opened, err := open(output)
	if err != nil {
		t.Fatal(err)
	}
	session, err := opened.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close(); opened.Close() })
	w := &warehouse{suite: s, dialect: d, session: session, staging: opened.Staging(), models: map[string]*model.Model{}}
	w.fill(t)
	return w
}

// elsewhere is an engine that gets DuckDB's tables.
func (s *suite) elsewhere(t *testing.T, e enginetest.Engine) *warehouse {
	t.Helper()
	output := e.Output(t)
	output.Fields["schema"] = source
	e.Empty(t, output)
	opened := e.Warehouse(t, output)
	w := &warehouse{suite: s, dialect: e.Dialect, staging: opened.Staging(), models: map[string]*model.Model{}}
	w.session = enginetest.Connect(t, opened)
	duckdb := s.onDuckDB(t).session
	for _, table := range s.tables {
		e.Fill(t, w.session, source, enginetest.Read(t, duckdb, table.Name, "SELECT * FROM src."+table.Name))
	}
	return w
}

// source is the schema of the suite's tables.
const source = "src"

func (w *warehouse) fill(t testing.TB) {
	t.Helper()
	w.exec(t, "CREATE SCHEMA src")
	for _, table := range w.suite.tables {
		w.exec(t, strings.ReplaceAll(table.DDL, " DOUBLE", " DOUBLE PRECISION"))
		for rows := range slices.Chunk(table.Rows, 1000) {
			w.exec(t, "INSERT INTO src."+table.Name+" VALUES "+values(rows))
		}
	}
}

func (w *warehouse) exec(t testing.TB, query string) {
	t.Helper()
	if _, err := w.session.Exec(context.Background(), query); err != nil {
		t.Fatalf("%.200s: %v", query, err)
	}
}

func values(rows [][]*string) string {
	var all []string
	for _, row := range rows {
		var cells []string
		for _, v := range row {
			if v == nil {
				cells = append(cells, "NULL")
			} else {
				cells = append(cells, "'"+strings.ReplaceAll(*v, "'", "''")+"'")
			}
		}
		all = append(all, "("+strings.Join(cells, ", ")+")")
	}
	return strings.Join(all, ", ")
}

func (w *warehouse) check(c queryCase) error {
	m, err := w.model(c.Model)
	if err != nil {
		return err
	}
	q, err := c.query()
	if err != nil {
		return err
	}
	if c.SavedQuery != "" {
		if err := askSaved(m, c.SavedQuery, &q); err != nil {
			return err
		}
	}
	rows, err := w.ask(m, q)
	if err != nil {
		return err
	}
	return c.compare(rows)
}

// askSaved adds what a saved query asks for.
func askSaved(m *model.Model, name string, q *ask.Query) error {
	i := slices.IndexFunc(m.Queries, func(saved *project.SavedQuery) bool { return saved.Name.V == name })
	if i < 0 {
		return fmt.Errorf("no saved query %s", name)
	}
	saved := ask.Saved(m.Queries[i])
	q.Metrics, q.GroupBy = append(saved.Metrics, q.Metrics...), append(saved.GroupBy, q.GroupBy...)
	q.Where, q.OrderBy = append(saved.Where, q.Where...), append(saved.OrderBy, q.OrderBy...)
	if q.Limit == nil {
		q.Limit = saved.Limit
	}
	return nil
}

// model is the manifest of that name over the tables' columns.
func (w *warehouse) model(name string) (*model.Model, error) {
	if m, ok := w.models[name]; ok {
		return m, nil
	}
	file := filepath.Join(w.suite.dir, "manifests", name+".json")
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	bag := &diag.Bag{}
	p := &project.Project{}
	p.Manifests = []project.Manifest{{File: name + ".json", Data: data}}
	dbtimport.Include(p, bag)
	m := model.Build(p, bag)
	if p.Catalog, err = runner.Describe(context.Background(), w.session, w.dialect, m.Tables); err != nil {
		return nil, err
	}
	if typed := model.Build(p, &diag.Bag{}); typed != nil {
		m = typed
	}
	w.models[name] = m
	return m, said(bag)
}

func (w *warehouse) ask(m *model.Model, q ask.Query) (plan.Rows, error) {
	bag := &diag.Bag{}
	program, err := compiler.Query(m, q, bag)
	if err := errors.Join(err, said(bag)); err != nil {
		return plan.Rows{}, err
	}
	answer, err := runner.Place{Session: w.session, Dialect: w.dialect, Staging: w.staging}.Ask(context.Background(), program, runner.Binds{})
	if err != nil {
		return plan.Rows{}, err
	}
	if answer.Failed != nil {
		return plan.Rows{}, answer.Failed
	}
	return answer.Rows, nil
}

// said is what a bag holds of errors, as one.
func said(bag *diag.Bag) error {
	var all []error
	for _, d := range bag.Sorted() {
		if d.Severity == diag.Error {
			all = append(all, fmt.Errorf("%s: %s (%s) [%s]", d.Span, d.Message, d.Hint, d.Code))
		}
	}
	return errors.Join(all...)
}
