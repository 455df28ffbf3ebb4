package compiler

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
	"assay/internal/golden"
)

var update = flag.Bool("update", false, "rewrite the golden files under testdata")

// TestPrograms holds the meaning of small projects: each archive is a project's files and what its experiments, or the query in
// the file `query`, are planned to be (the file `program`).
func TestPrograms(t *testing.T) {
	golden.Each(t, func(t *testing.T, a *golden.Archive) { a.Hold(t, "program", compileArchive(t, a), *update) })
}

// compileArchive is the dump of an archive's query, or else of its experiments.
func compileArchive(t *testing.T, a *golden.Archive) string {
	t.Helper()
	m := load(t, project.Options{Dir: "/project", FS: a.Project("program")})
	bag := &diag.Bag{}
	if query, asked := a.File("query"); asked {
		program, err := Query(m, parseQuery(m, query), bag)
		refuse(t, bag, err)
		if err := program.Check(); err != nil {
			t.Error(err)
		}
		return program.Dump()
	}
	compiled, err := Experiments(m, m.Experiments, bag)
	refuse(t, bag, err)
	if err := compiled.Program.Check(); err != nil {
		t.Error(err)
	}
	return compiled.Program.Dump()
}

// parseQuery reads `metrics: a, b` and `group_by: x, y` and `where: …`, a line each.
func parseQuery(m *model.Model, text string) ask.Query {
	var q ask.Query
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "metrics":
			q.Metrics = texts(value)
		case "group_by":
			q.GroupBy = texts(value)
		case "where":
			q.Where = append(q.Where, diag.PlainText(value))
		case "order_by":
			q.OrderBy = texts(value)
		case "experiment":
			q.Experiment, _ = m.Experiment(value)
		}
	}
	return q
}

func texts(list string) []diag.Text {
	var all []diag.Text
	for _, name := range strings.Split(list, ", ") {
		all = append(all, diag.PlainText(name))
	}
	return all
}

func load(t *testing.T, options project.Options) *model.Model {
	t.Helper()
	m, bag := Load(options)
	refuse(t, bag, nil)
	return m
}

// refuse fails the test where anything was reported as an error.
func refuse(t *testing.T, bag *diag.Bag, err error) {
	t.Helper()
	for _, d := range bag.Sorted() {
		if d.Severity == diag.Error {
			t.Errorf("%s: %s [%s] %s", d.Span, d.Message, d.Code, d.Hint)
		}
	}
	if err != nil {
		t.Error(err)
	}
	if t.Failed() {
		t.FailNow()
	}
}

// TestOneDefinition holds the promise that a metric has one definition: its inputs are the same in a KPI query and in an experiment.
func TestOneDefinition(t *testing.T) {
	examples, err := filepath.Glob("../examples/*/assay_project.yml")
	if err != nil || len(examples) == 0 {
		t.Fatal("no examples", err)
	}
	for _, path := range examples {
		m := load(t, project.Options{Dir: filepath.Dir(path)})
		bag := &diag.Bag{}
		for _, use := range ask.Experiments(m, m.Experiments, bag).Uses {
			query := ask.Query{Metrics: texts(use.Metric.Metric.Name)}
			kpi := query.Resolve(m, &diag.Bag{})
			if diff := cmp.Diff(keys(kpi.Inputs()), keys(ask.Inputs(use.Term))); diff != "" {
				t.Errorf("%s: inputs of the query and of the experiment differ:\n%s", use.Metric.Name, diff)
			}
		}
		refuse(t, bag, nil)
	}
}

func keys(inputs []*ask.Input) []string {
	var all []string
	for _, in := range inputs {
		all = append(all, in.Key())
	}
	return all
}
