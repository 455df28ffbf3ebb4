package compiler

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
)

// metricsPerModel makes 2,000 metrics of 400 models.
const metricsPerModel = 5

// generated is a project of that many models, each with its metrics, a chain of foreign keys, and a file of its own, and one
// experiment for every tenth model.
func generated(models int) fstest.MapFS {
	files := fstest.MapFS{
		"assay_project.yml": {Data: []byte("name: generated\nprofile: generated\n")},
		"models/assignments.yml": {Data: []byte(`assignments:
  - name: flags
    relation: analytics.exposures
    entity: user
    columns: {unit: user_id, time: exposed_at, experiment: flag, variant: variant}
    dimensions: [country]
`)},
	}
	for i := range models {
		files[fmt.Sprintf("models/m%03d.yml", i)] = &fstest.MapFile{Data: []byte(generatedModel(i))}
		if i%10 == 0 {
			files[fmt.Sprintf("experiments/e%03d.yml", i)] = &fstest.MapFile{Data: []byte(generatedExperiment(i))}
		}
	}
	return files
}

func generatedModel(i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `models:
  - name: facts_%03[1]d
    relation: analytics.facts_%03[1]d
    agg_time_dimension: happened_at
    columns:
      - {name: fact_id, entity: {type: primary, name: fact_%03[1]d}}
      - {name: user_id, entity: {type: foreign, name: user}}
      - {name: happened_at, granularity: second, dimension: {type: time}}
      - {name: kind, dimension: categorical}
      - {name: amount, data_type: double}
    metrics:
`, i)
	for j := range metricsPerModel - 1 {
		fmt.Fprintf(&b, "      - {name: metric_%03d_%d, type: simple, agg: sum, expr: amount * %d, filter: kind = 'k%d' and amount > %d}\n", i, j, j+1, j, j)
	}
	fmt.Fprintf(&b, "metrics:\n  - {name: metric_%03[1]d_ratio, type: ratio, numerator: metric_%03[1]d_0, denominator: metric_%03[1]d_1}\n", i)
	return b.String()
}

func generatedExperiment(i int) string {
	return fmt.Sprintf(`experiments:
  - name: experiment_%03[1]d
    assignments: flags
    start: 2026-01-05
    end: 2026-02-02
    variants: [control, treatment]
    metrics: {primary: metric_%03[1]d_0, secondary: [metric_%03[1]d_1, metric_%03[1]d_ratio]}
    dimensions: [country]
`, i)
}

// BenchmarkLoad reads and resolves projects of growing size: the time for a metric is not to grow, and a process with the largest
// is to stay under 200 MB.
func BenchmarkLoad(b *testing.B) {
	for _, models := range []int{20, 50, 100, 200, 400} {
		files := generated(models)
		b.Run(fmt.Sprintf("models=%d/metrics=%d", models, models*metricsPerModel), func(b *testing.B) {
			for b.Loop() {
				loadGenerated(b, files)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*models*metricsPerModel), "µs/metric")
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys)/1e6, "MB")
		})
	}
}

func loadGenerated(tb testing.TB, files fstest.MapFS) *model.Model {
	m, bag := Load(project.Options{Dir: "/project", FS: files})
	for _, d := range bag.Sorted() {
		if d.Severity == diag.Error {
			tb.Fatalf("%s: %s", d.Span, d.Message)
		}
	}
	return m
}

// BenchmarkCompile plans a query of every metric, and the program of all experiments, of the largest project.
func BenchmarkCompile(b *testing.B) {
	m := loadGenerated(b, generated(400))
	b.Run("query", func(b *testing.B) {
		i := 0
		for b.Loop() {
			q := ask.Query{Metrics: texts(m.Metrics[i%len(m.Metrics)].Name), GroupBy: texts("metric_time__week")}
			i++
			if _, err := Query(m, q, &diag.Bag{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("experiments=40", func(b *testing.B) {
		for b.Loop() {
			if _, err := Experiments(m, m.Experiments, &diag.Bag{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
