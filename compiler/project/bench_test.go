package project

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// BenchmarkRead reads projects of growing size, five metrics a model; the time for a model should not grow.
func BenchmarkRead(b *testing.B) {
	for _, models := range []int{20, 100, 400} {
		files := fstest.MapFS{projectFile: {Data: []byte(defaultProject)}}
		for i := range models {
			files[fmt.Sprintf("models/m%03d.yml", i)] = &fstest.MapFile{Data: []byte(someModel(i))}
		}
		b.Run(fmt.Sprintf("%d models", models), func(b *testing.B) {
			for b.Loop() {
				if _, bag := readFiles(files, nil); bag.HasErrors() {
					b.Fatal(bag.Sorted()[0])
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*models), "µs/model")
		})
	}
}

func someModel(i int) string {
	var out strings.Builder
	fmt.Fprintf(&out, `models:
  - name: m%d
    description: Orders of one kind, a row for each, as the warehouse has them.
    relation: analytics.m%d
    agg_time_dimension: at
    columns:
      - {name: id, entity: {type: primary, name: e%d}}
      - {name: user_id, entity: {type: foreign, name: user}}
      - {name: at, granularity: second, dimension: {type: time}}
      - {name: status, dimension: categorical}
    metrics:
`, i, i, i)
	for j := range 5 {
		fmt.Fprintf(&out, `      - name: metric_%d_%d
        description: Value of completed orders.
        type: simple
        agg: sum
        expr: amount * (1 - discount)
        filter: |
          status = 'completed'
          and not is_test
        desired_change: increase
        experiment: {window: {start: 0 days, end: 14 days}, winsorize: {upper: 0.99}, cuped: {lookback: 30 days}}
`, i, j)
	}
	return out.String()
}
