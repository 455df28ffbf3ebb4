package endtoend

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const manyMetrics, manyDimensions, manyUnits = 100, 10, 60

// manyWorld is a programme's tables and, by experiment, metric and variant, what units total.
type manyWorld struct {
	tables []table
	totals map[string]float64
	units  map[string]float64
}

func newManyWorld(experiments int) manyWorld {
	w := manyWorld{totals: map[string]float64{}, units: map[string]float64{}}
	exposures := table{"exposures", "user_id integer, exposed_at timestamp, flag text, variant text",
		[]string{"user_id", "exposed_at", "flag", "variant"}, nil}
	for d := range manyDimensions {
		exposures.columns += fmt.Sprintf(", d%d text", d)
		exposures.names = append(exposures.names, fmt.Sprintf("d%d", d))
	}
	events := table{"events", "user_id integer, happened_at timestamp, kind integer, amount double precision",
		[]string{"user_id", "happened_at", "kind", "amount"}, nil}
	r := rand.New(rand.NewPCG(1, 2))
	for user := range manyUnits {
		total := map[int]float64{}
		for range 200 {
			kind, amount := r.IntN(manyMetrics), float64(r.IntN(100))
			total[kind] += amount
			events.rows = append(events.rows, []any{user, day(8, 0).Add(time.Duration(r.IntN(72)) * time.Hour), kind, amount})
		}
		for e := range experiments {
			variant := []string{"control", "treatment"}[r.IntN(2)]
			row := []any{user, day(6, 0), fmt.Sprintf("x%d", e), variant}
			for range manyDimensions {
				row = append(row, []string{"left", "right"}[r.IntN(2)])
			}
			exposures.rows = append(exposures.rows, row)
			w.units[fmt.Sprintf("x%d/%s", e, variant)]++
			for kind, amount := range total {
				w.totals[fmt.Sprintf("x%d/m%d/%s", e, kind, variant)] += amount
			}
		}
	}
	w.tables = []table{exposures, events}
	return w
}

// manyDefinitions are the metrics and experiments as YAML.
func manyDefinitions(experiments int) string {
	var metrics, names, named []string
	for m := range manyMetrics {
		metrics = append(metrics, fmt.Sprintf("      - {name: m%d, agg: sum, expr: amount, filter: kind = %d}", m, m))
		names = append(names, fmt.Sprintf("m%d", m))
	}
	for e := range experiments {
		named = append(named, fmt.Sprintf("  - {name: x%d, metrics: {secondary: [%s]}}", e, strings.Join(names, ", ")))
	}
	return `models:
  - name: events
    relation: events
    agg_time_dimension: happened_at
    columns:
      - {name: user_id, entity: {type: foreign, name: user}}
      - {name: happened_at, granularity: second, dimension: {type: time}}
    metrics:
` + strings.Join(metrics, "\n") + "\nexperiments:\n" + strings.Join(named, "\n") + "\n"
}

// TestManyMetricsOfManyExperiments: 100 metrics of 20 experiments by 10 dimensions are one run, of one scan of the facts, and each is
// what its units' amounts come to. Two experiments are enough for as many columns, of which Postgres takes 1,664 a statement.
func TestManyMetricsOfManyExperiments(t *testing.T) {
	for engine, experiments := range map[string]int{"duckdb": 20, "postgres": 2} {
		t.Run(engine, func(t *testing.T) {
			w := newManyWorld(experiments)
			s := openProject(t, engine, "many", w.tables)
			if err := os.WriteFile(filepath.Join(s.dir, "models", "many.yml"), []byte(manyDefinitions(experiments)), 0o600); err != nil {
				t.Fatal(err)
			}
			s.assay(t, "run", "--as-of", "2026-01-20")
			results := s.results(t)
			if want := experiments * manyMetrics * (1 + 2*manyDimensions); len(results) != want {
				t.Errorf("%d results, want %d", len(results), want)
			}
			for key, row := range results {
				if row["dimension"] == "overall" {
					w.check(t, key, row)
				}
			}
			s.wantScans(t, map[string]int{"events": 1, "exposures": 1})
		})
	}
}

// check holds a result to the mean of its units' totals.
func (w manyWorld) check(t *testing.T, key string, row map[string]any) {
	t.Helper()
	for column, variant := range map[string]string{"value_control": "control", "value_variant": "treatment"} {
		total := w.totals[fmt.Sprintf("%v/%v/%s", row["experiment"], row["metric"], variant)]
		if want := total / w.units[fmt.Sprintf("%v/%s", row["experiment"], variant)]; !same(row[column], want) {
			t.Errorf("%s: %s is %v, want %v", key, column, row[column], want)
		}
	}
}
