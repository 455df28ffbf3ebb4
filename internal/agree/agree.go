// Package agree holds engines to one another: what a project's run writes on each is what it writes on DuckDB.
package agree

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"assay/internal/cli"
	"assay/internal/enginetest"
	"assay/runner"
)

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
	"assay_programme":                {"metric"},
}

// ownColumns differ from run to run, and SQL and what it takes from engine to engine.
var ownColumns = []string{"run_id", "sql_hash", "queries", "seconds", "bytes_scanned"}

// AsOf is after all data of the projects.
const AsOf = "2026-03-01"

// OnEngines runs a project on engines, over what DuckDB reads of its files.
func OnEngines(t *testing.T, project string, engines []enginetest.Engine) {
	want := map[string][]row{}
	for _, e := range engines {
		t.Run(e.Name(), func(t *testing.T) {
			got := resultsOn(t, e, project)
			if len(want) == 0 {
				want = got
			}
			for table, rows := range want {
				compare(t, table, got[table], rows)
			}
		})
	}
}

type row map[string]any

// resultsOn are the rows of a project's run on an engine that has its files as tables.
func resultsOn(t *testing.T, e enginetest.Engine, project string) map[string][]row {
	output := e.Output(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(project)); err != nil {
		t.Fatal(err)
	}
	tables := enginetest.OverTables(t, dir)
	session := enginetest.Connect(t, e.Warehouse(t, output))
	e.Fill(t, session, output.Fields["schema"].(string), tables...)
	session.Close()
	if err := os.WriteFile(filepath.Join(dir, "profiles.yml"), enginetest.Profile(t, "test", output), 0o666); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	args := []string{"run", "--project-dir", dir, "--profile", "test", "--as-of", AsOf}
	if code := cli.Run(context.Background(), args, &said, &said); code != 0 {
		t.Fatalf("assay %v exits %d:\n%s", args, code, said.String())
	}
	session = enginetest.Connect(t, e.Warehouse(t, output))
	results := map[string][]row{}
	for table, key := range compared {
		results[table] = sorted(enginetest.Read(t, session, table, "SELECT * FROM "+table), key)
	}
	return results
}

// sorted are a table's rows in the order of their keys.
func sorted(t runner.Table, key []string) []row {
	byKey := map[string]row{}
	for _, values := range t.Rows {
		r := row{}
		for i, name := range t.ColumnNames() {
			if !slices.Contains(ownColumns, name) {
				r[name] = values[i]
			}
		}
		var parts []string
		for _, name := range key {
			parts = append(parts, fmt.Sprint(r[name]))
		}
		byKey[strings.Join(parts, "\x00")] = r
	}
	var rows []row
	for _, k := range slices.Sorted(maps.Keys(byKey)) {
		rows = append(rows, byKey[k])
	}
	return rows
}

func compare(t *testing.T, table string, got, want []row) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", table, len(got), len(want))
		return
	}
	for i, r := range want {
		for name, value := range r {
			if !Equal(got[i][name], value) {
				t.Errorf("%s, row %d: %s is %v, want %v", table, i+1, name, got[i][name], value)
			}
		}
	}
}

// Equal holds numbers to 1e-9 of themselves, of 1 where they are smaller; the rest to its text.
func Equal(got, want any) bool {
	g, gok := got.(float64)
	w, wok := want.(float64)
	if gok && wok {
		return math.Abs(g-w) <= 1e-9*math.Max(1, math.Abs(w))
	}
	return fmt.Sprint(got) == fmt.Sprint(want)
}
