package duckdb_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/enginetest"
	"assay/runner"
	"assay/runner/duckdb"
)

func connect(t *testing.T, fields map[string]any) runner.Session {
	t.Helper()
	warehouse := open(t, fields)
	session, err := warehouse.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

func open(t *testing.T, fields map[string]any) runner.Warehouse {
	t.Helper()
	warehouse, err := duckdb.Open(runner.Output{Name: "dev", Fields: fields, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	return warehouse
}

// TestValues holds every type of the engine to what rows hold of it.
func TestValues(t *testing.T) {
	session := connect(t, nil)
	midnight := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	enginetest.Values(t, session, []enginetest.Value{
		{"NULL", nil},
		{"true", true},
		{"1::tinyint", int64(1)},
		{"1::smallint", int64(1)},
		{"1::integer", int64(1)},
		{"1::bigint", int64(1)},
		{"1::utinyint", int64(1)},
		{"1::usmallint", int64(1)},
		{"1::uinteger", int64(1)},
		{"1::ubigint", int64(1)},
		{"18446744073709551615::ubigint", 18446744073709551615.0},
		{"1::hugeint", int64(1)},
		{"(-170141183460469231731687303715884105727)::hugeint", -math.Pow(2, 127)},
		{"1::uhugeint", int64(1)},
		{"1::bignum", int64(1)},
		{"sum(1)", int64(1)},
		{"1.50::decimal(10, 2)", 1.5},
		{"-0.001::decimal(38, 3)", -0.001},
		{"0.5::float", 0.5},
		{"0.1::double", 0.1},
		{"'inf'::double", math.Inf(1)},
		{"'ü'", "ü"},
		{"'a'::enum('a', 'b')", "a"},
		{"date '2024-01-01'", midnight},
		{"timestamp '2024-01-01 00:00:00'", midnight},
		{"timestamp_s '2024-01-01 00:00:00'", midnight},
		{"timestamp_ms '2024-01-01 00:00:00'", midnight},
		{"timestamp_ns '2024-01-01 00:00:00.000000001'", midnight.Add(1)},
		{"timestamptz '2024-01-01 02:00:00+02'", midnight},
		{"time '10:00:01'", "10:00:01"},
		{"timetz '10:00:01+02'", "10:00:01+02:00"},
		{"interval '3 months 2 days 1 hour'", "3 months 2 days 1h0m0s"},
		{"uuid '03f06f7b-a732-475f-bcf8-febfc70f3401'", "03f06f7b-a732-475f-bcf8-febfc70f3401"},
		{"'ab'::blob", "6162"},
		{"'101'::bit", "101"},
		{`'{"a": 1}'::json`, `{"a":1}`},
		{"[1, 2]", "[1,2]"},
		{"array_value(1, 2)", "[1,2]"},
		{"{'a': 1}", `{"a":1}`},
	})
}

func TestErrorsRollBackAndAppendTakesPart(t *testing.T) {
	ctx := t.Context()
	session := connect(t, nil).(runner.Transactor)
	exec(t, session, "CREATE TABLE t (a bigint, b varchar, c timestamp, d date, e double, f boolean)")
	now := time.Date(2026, 1, 5, 1, 2, 3, 4000, time.UTC)
	row := []any{int64(1), "x", now, now, 0.5, true}
	broken := errors.New("broken")
	err := session.InTransaction(ctx, func() error {
		if err := session.Append(ctx, "main", rows([]string{"a", "b", "c", "d", "e", "f"}, row)); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if n := count(t, session, "t"); n != 0 {
		t.Errorf("%d rows of a transaction that failed", n)
	}
	if err := session.Append(ctx, "main", rows([]string{"b", "a"}, []any{"y", nil})); err != nil {
		t.Fatal(err)
	}
	if n := count(t, session, "t"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestCancel(t *testing.T) {
	session := connect(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := session.Exec(ctx, "CREATE TABLE x AS SELECT count(*) FROM range(100000000) a, range(100000000) b")
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	exec(t, session, "SELECT 1")
}

func TestColumnsWithoutRunning(t *testing.T) {
	columns, err := connect(t, nil).Columns(t.Context(), "SELECT 1::decimal(10,2) AS x, now() AS y, error('ran')::text AS z -- end")
	if err != nil {
		t.Fatal(err)
	}
	want := []project.CatalogColumn{
		{Name: "x", Type: "DECIMAL(10,2)"}, {Name: "y", Type: "TIMESTAMP WITH TIME ZONE"}, {Name: "z", Type: "VARCHAR"},
	}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Error(diff)
	}
}

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	attached := filepath.Join(dir, "it's other.duckdb")
	t.Run("attached", func(t *testing.T) {
		exec(t, connect(t, map[string]any{"path": attached}), "CREATE TABLE facts AS SELECT 7 AS x")
	})

	fields := map[string]any{
		"path": filepath.Join(dir, "new", "shop.duckdb"), "schema": "assay's", "threads": "1", "memory_limit": "500 MB",
		"settings": map[string]any{"preserve_insertion_order": false},
		"attach":   []any{map[string]any{"path": attached, "alias": "other"}},
	}
	warehouse := open(t, fields)
	for _, schema := range []string{"main", "assay's"} {
		session, err := warehouse.Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer session.Close()
		rows, err := session.Query(t.Context(), `SELECT current_setting('threads'), current_setting('memory_limit'),
			current_setting('TimeZone'), current_setting('preserve_insertion_order'), (SELECT x FROM other.facts), current_schema()`)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]any{int64(1), "476.8 MiB", "UTC", false, int64(7), schema}, rows.Values[0]); diff != "" {
			t.Error(diff)
		}
		exec(t, session, `CREATE SCHEMA IF NOT EXISTS "assay's"`)
		if _, err := session.Exec(t.Context(), "CREATE TABLE other.mine (x int)"); err == nil {
			t.Error("an attached database must be read-only")
		}
	}
}

// TestSecondProcess: DuckDB lets one process write at a time.
func TestSecondProcess(t *testing.T) {
	path := os.Getenv("ASSAY_TEST_HOLD")
	if path != "" {
		_, err := open(t, map[string]any{"path": path}).Connect(t.Context())
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "shop.duckdb")
	connect(t, map[string]any{"path": path})

	second := osexec.Command(os.Args[0], "-test.run=TestSecondProcess")
	second.Env = append(os.Environ(), "ASSAY_TEST_HOLD="+path)
	out, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "shop.duckdb is in use by another process") ||
		!strings.Contains(string(out), fmt.Sprintf("PID %d", os.Getpid())) {
		t.Errorf("%v %s", err, out)
	}
}

func TestOpenFailures(t *testing.T) {
	notADatabase := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notADatabase, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]map[string]any{
		"notes.txt":    {"path": notADatabase},
		"missing.db":   {"attach": []any{map[string]any{"path": "missing.db"}}},
		"folder":       {"path": filepath.Join(notADatabase, "x.duckdb")},
		"memory_limit": {"memory_limit": "much"},
	}
	for want, fields := range tests {
		if _, err := open(t, fields).Connect(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestKeysNeverShow(t *testing.T) {
	outputs := []map[string]any{
		{"attach": []any{map[string]any{"path": "host=127.0.0.1 password=hunter22", "type": "postgres"}}},
		{"settings": map[string]any{"s3_secret_access_key": "hunter22", "no_such_setting": "x"}},
	}
	for _, fields := range outputs {
		_, err := open(t, fields).Connect(t.Context())
		if err == nil || strings.Contains(err.Error(), "hunter22") {
			t.Errorf("%v: %v", fields, err)
		}
	}
}

func exec(t *testing.T, session runner.Session, statement string) {
	t.Helper()
	if _, err := session.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, session runner.Session, table string) int64 {
	t.Helper()
	rows, err := session.Query(t.Context(), "SELECT count(*) FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	return rows.Values[0][0].(int64)
}

// rows are those of a table t.
func rows(columns []string, rows ...[]any) runner.Table {
	table := runner.Table{Name: "t", Rows: rows}
	for _, name := range columns {
		table.Columns = append(table.Columns, rel.Column{Name: name})
	}
	return table
}

// TestReadOnly: what reads leaves the file to other readers, has tables of its own for the session, and stores nothing.
func TestReadOnly(t *testing.T) {
	path := os.Getenv("ASSAY_TEST_READ")
	isSecond := path != ""
	if !isSecond {
		path = filepath.Join(t.TempDir(), "shop.duckdb")
		store(t, path)
	}
	warehouse, err := duckdb.Open(runner.Output{Name: "dev", Fields: map[string]any{"path": path}, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer warehouse.Close()
	session, err := warehouse.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if _, err := session.Exec(t.Context(), "CREATE TEMP TABLE step AS SELECT * FROM kept"); err != nil {
		t.Error(err)
	}
	if _, err := session.Exec(t.Context(), "CREATE TABLE more AS SELECT 1 AS x"); err == nil {
		t.Error("a reader stored a table")
	}
	if isSecond {
		return
	}
	second := osexec.Command(os.Args[0], "-test.run=TestReadOnly")
	second.Env = append(os.Environ(), "ASSAY_TEST_READ="+path)
	if out, err := second.CombinedOutput(); err != nil {
		t.Errorf("a second reader: %v %s", err, out)
	}
}

// store makes a database with one table, and closes it.
func store(t *testing.T, path string) {
	t.Helper()
	warehouse := open(t, map[string]any{"path": path})
	session, err := warehouse.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := session.Exec(t.Context(), "CREATE TABLE kept AS SELECT 1 AS x"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(session.Close(), warehouse.Close()); err != nil {
		t.Fatal(err)
	}
}
