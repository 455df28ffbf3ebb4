package oracle

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

func simple(t *rapid.T) *world {
	n := number_(t, "units", 0, 12)
	log := &table{name: "exposures", columns: []column{{"user_id", integer}, {"at", wall}, {"variant", text}, {"country", text}}}
	orders := &table{name: "orders", columns: []column{{"user_id", integer}, {"at", wall}, {"amount", double}}}
	hour := func(from, to int) any { return monday.Add(time.Duration(number_(t, "hour", from, to)) * 6 * time.Hour) }
	for u := range n {
		log.rows = append(log.rows, []any{int64(u), hour(-2, 20), draw(t, "variant", "control", "treatment"), draw[any](t, "country", "DE", "FR", nil)})
		for range number_(t, "orders", 0, 3) {
			orders.rows = append(orders.rows, []any{int64(u), hour(-10, 40), float64(number_(t, "amount", -5, 40)) / 4})
		}
	}
	revenue := &metric{Name: "revenue", Type: "simple", Agg: "sum", Column: "amount", DesiredChange: "increase"}
	m := &model{Name: "orders", Relation: "orders", Time: "at", table: orders, Metrics: []*metric{revenue}, Columns: []modelColumn{
		{Name: "user_id", Entity: &entity{"foreign", "user"}},
		{Name: "at", Granularity: "second", Dimension: &dimension{Type: "time"}}}}
	revenue.model = m
	logs := &assignments{Name: "flags", Relation: "exposures", Entity: "user", table: log, Dimensions: []string{"country"},
		Columns: map[string]string{"unit": "user_id", "time": "at", "variant": "variant"}}
	p := &protocol{Name: "p", Statistics: statistics{Method: "fixed"}}
	e := &experiment{Name: "e", Assignments: []string{"flags"}, Protocol: "p", Start: "2026-01-05", End: "2026-01-12",
		Variants: variants{{"control", 1}, {"treatment", 1}}, Metrics: roles{Primary: []*use{{Metric: "revenue", metric: revenue}}},
		Dimensions: []string{"country"}, logs: []*assignments{logs}, protocol: p}
	return &world{zone: "UTC", tables: []*table{log, orders}, models: []*model{m}, logs: []*assignments{logs}, protocols: []*protocol{p},
		experiments: []*experiment{e}, asOf: "2026-01-20"}
}

// TestRandomProjects compares what is run with what is expected, on random worlds.
func TestRandomProjects(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := simple(t).archive()
		dir, err := os.MkdirTemp("", "oracle")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		differences, err := engine{name: "duckdb"}.check(a, dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range differences {
			t.Error(d)
		}
		if len(differences) > 0 {
			t.Logf("%s", txtar.Format(a))
		}
	})
}

// TestRegressions runs what once was wrong.
func TestRegressions(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.txtar")
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			differences, err := engine{name: "duckdb"}.check(a, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range differences {
				t.Error(d)
			}
		})
	}
}
