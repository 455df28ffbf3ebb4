package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"assay/compiler"
	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/dialects"
	dialect "assay/dialects/duckdb"
	"assay/internal/diag"
)

// manifests are the semantic manifests of the conformance suite, which ASSAY_METRICFLOW names.
func manifests(b *testing.B) []string {
	b.Helper()
	dir := os.Getenv("ASSAY_METRICFLOW")
	if dir == "" {
		dir = "../../../shared/conformance/metricflow"
	}
	files, err := filepath.Glob(filepath.Join(dir, "manifests", "*.json"))
	if err != nil || files == nil {
		b.Skip("no manifests in ", dir)
	}
	return files
}

// imported is a project of one manifest. Mistakes are left to whoever asks: suites hold metrics that nobody can compute.
func imported(b *testing.B, file string) *model.Model {
	b.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	m, _ := compiler.Load(project.Options{Dir: "/bench", FS: fstest.MapFS{
		"assay_project.yml":      {Data: []byte("name: bench\nprofile: bench\nimports:\n  - dbt: semantic_manifest.json\n")},
		"semantic_manifest.json": {Data: data},
	}})
	return m
}

// compile is how long a query takes from its names to its SQL, and whether there is an answer to it.
func compile(b *testing.B, m *model.Model, q ask.Query) (took time.Duration, answered bool) {
	b.Helper()
	start := time.Now()
	program, err := compiler.Query(m, q, &diag.Bag{})
	if err != nil {
		b.Fatal(err)
	}
	if program == nil {
		return 0, false
	}
	_, err = dialects.Print(dialect.Dialect, program)
	return time.Since(start), err == nil
}

// slowest keeps the least time of each query, and knows which query's is the most.
type slowest map[string]*least

func (s slowest) see(query string, took time.Duration) {
	if s[query] == nil {
		s[query] = new(least)
	}
	s[query].see(took)
}

func (s slowest) most() (query string, took time.Duration) {
	for name, l := range s {
		if time.Duration(*l) > took {
			query, took = name, time.Duration(*l)
		}
	}
	return query, took
}

// BenchmarkCompileQueries compiles, for the suite's manifests, each metric by all that it can be grouped by, one at a time: a
// superset of the shapes that the suite's cases have. It reports the slowest.
func BenchmarkCompileQueries(b *testing.B) {
	times := slowest{}
	files := manifests(b)
	for b.Loop() {
		for _, file := range files {
			m := imported(b, file)
			for _, metric := range m.Metrics {
				for _, by := range m.Groupable([]*model.Metric{metric}) {
					name := fmt.Sprintf("%s: %s by %s", filepath.Base(file), metric.Name, by.Name)
					q := ask.Query{Metrics: []diag.Text{diag.PlainText(metric.Name)}, GroupBy: []diag.Text{diag.PlainText(by.Name)}}
					if took, answered := compile(b, m, q); answered {
						times.see(name, took)
					}
				}
			}
		}
	}
	query, most := times.most()
	b.Logf("of %d queries the slowest is %s", len(times), query)
	b.ReportMetric(float64(len(times)), "queries")
	b.ReportMetric(most.Seconds()*1e3, "ms-slowest")
}

// BenchmarkCompileWide compiles ten metrics by ten dimensions of a joined table.
func BenchmarkCompileWide(b *testing.B) {
	m, _ := compiler.Load(project.Options{Dir: "/bench", FS: wide(10)})
	var q ask.Query
	for i := range 10 {
		q.Metrics = append(q.Metrics, diag.PlainText(fmt.Sprintf("m%d", i)))
		q.GroupBy = append(q.GroupBy, diag.PlainText(fmt.Sprintf("user__d%d", i)))
	}
	var best least
	for b.Loop() {
		took, answered := compile(b, m, q)
		if !answered {
			b.Fatal("no answer")
		}
		best.see(took)
	}
	b.ReportMetric(time.Duration(best).Seconds()*1e3, "ms-least")
	b.ReportMetric(goMemory(), "MB")
}

// wide is a model of n metrics, and another of as many dimensions to join.
func wide(n int) fstest.MapFS {
	var y strings.Builder
	y.WriteString(`models:
  - name: events
    relation: events
    agg_time_dimension: happened_at
    columns:
      - {name: user_id, entity: {type: foreign, name: user}}
      - {name: happened_at, granularity: second, dimension: {type: time}}
    metrics:
`)
	for i := range n {
		fmt.Fprintf(&y, "      - {name: m%[1]d, type: simple, agg: sum, expr: amount * %[1]d, filter: kind = 'k%[1]d'}\n", i)
	}
	y.WriteString("  - name: users\n    relation: users\n    columns:\n      - {name: user_id, entity: {type: primary, name: user}}\n")
	for i := range n {
		fmt.Fprintf(&y, "      - {name: d%d, dimension: categorical}\n", i)
	}
	return fstest.MapFS{
		"assay_project.yml": {Data: []byte("name: bench\nprofile: bench\n")},
		"models/wide.yml":   {Data: []byte(y.String())},
	}
}

// goMemory is what the process ever took from the system for itself, in MB; what the engine takes is not in it.
func goMemory() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.Sys) / 1e6
}
