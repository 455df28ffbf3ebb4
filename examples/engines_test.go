package examples

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"assay/internal/enginetest"
	"assay/runner"
)

// TestEnginesAgree runs each example on every engine at hand, over the same tables: what the run writes is what it writes on DuckDB.
func TestEnginesAgree(t *testing.T) {
	projects, err := filepath.Glob("*/assay_project.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, project := range projects {
		example := filepath.Dir(project)
		want := map[string][]map[string]any{}
		for _, e := range enginetest.All {
			t.Run(example+"/"+e.Name(), func(t *testing.T) {
				got := resultsOn(t, e, example)
				if e.Name() == "duckdb" {
					want = got
				}
				for table, rows := range want {
					compare(t, table, got[table], rows)
				}
			})
		}
	}
}

// compared are the tables that say the same on each engine, with their keys.
var compared = map[string][]string{
	"assay_experiments":              {"experiment"},
	"assay_metrics":                  {"metric"},
	"assay_experiment_moments":       {"experiment", "metric", "phase", "variant", "dimension", "slice", "stat", "a", "b"},
	"assay_experiment_results":       {"experiment", "metric", "step", "variant", "control", "dimension", "slice", "confidence"},
	"assay_experiment_daily":         {"experiment", "metric", "variant", "axis", "day"},
	"assay_experiment_heterogeneity": {"experiment", "metric", "variant", "dimension"},
	"assay_experiment_health":        {"experiment", "check_name", "metric", "dimension", "slice"},
	"assay_experiment_decisions":     {"experiment"},
	"assay_exposures_daily":          {"experiment", "variant", "day"},
}

// ownColumns differ from run to run, and SQL from engine to engine.
var ownColumns = []string{"run_id", "sql_hash"}

// asOf is after all data.
const asOf = "2026-03-01"

// resultsOn are the rows of an example's run on an engine that has its files as tables.
func resultsOn(t *testing.T, e enginetest.Engine, example string) map[string][]map[string]any {
	output := e.Output(t)
	dir := overTables(t, example)
	session := enginetest.Connect(t, e.Warehouse(t, output))
	e.Fill(t, session, output.Fields["schema"].(string), filesOf(t, dir)...)
	session.Close()
	if err := os.WriteFile(filepath.Join(dir, "profiles.yml"), enginetest.Profile(t, "test", output), 0o666); err != nil {
		t.Fatal(err)
	}
	assay(t, "run", "--project-dir", dir, "--profile", "test", "--as-of", asOf)
	session = enginetest.Connect(t, e.Warehouse(t, output))
	results := map[string][]map[string]any{}
	for table, key := range compared {
		results[table] = sorted(enginetest.Read(t, session, table, "SELECT * FROM "+table), key)
	}
	return results
}

var file = regexp.MustCompile(`file: data/(\w+)\.csv`)

// overTables is a copy of an example that reads tables in the place of files, which DuckDB alone reads.
func overTables(t *testing.T, example string) string {
	t.Helper()
	dir := copied(t, example)
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.ReplaceAll(text, []byte("relation: $1")), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// filesOf are an example's files, read by DuckDB.
func filesOf(t *testing.T, dir string) []runner.Table {
	t.Helper()
	duckdb := enginetest.All[0]
	session := enginetest.Connect(t, duckdb.Warehouse(t, duckdb.Output(t)))
	paths, err := filepath.Glob(filepath.Join(dir, "data", "*.csv"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no data", err)
	}
	var tables []runner.Table
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".csv")
		tables = append(tables, enginetest.Read(t, session, name, "SELECT * FROM "+duckdb.Dialect.Text(path)))
	}
	return tables
}

// sorted are a table's rows in the order of their keys.
func sorted(t runner.Table, key []string) []map[string]any {
	byKey := map[string]map[string]any{}
	for _, values := range t.Rows {
		row := map[string]any{}
		for i, name := range t.ColumnNames() {
			if !slices.Contains(ownColumns, name) {
				row[name] = values[i]
			}
		}
		var parts []string
		for _, name := range key {
			parts = append(parts, fmt.Sprint(row[name]))
		}
		byKey[strings.Join(parts, "\x00")] = row
	}
	var rows []map[string]any
	for _, k := range slices.Sorted(maps.Keys(byKey)) {
		rows = append(rows, byKey[k])
	}
	return rows
}

func compare(t *testing.T, table string, got, want []map[string]any) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", table, len(got), len(want))
		return
	}
	for i, row := range want {
		for name, value := range row {
			if !equal(got[i][name], value) {
				t.Errorf("%s, row %d: %s is %v, want %v", table, i+1, name, got[i][name], value)
			}
		}
	}
}
