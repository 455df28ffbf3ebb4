// Package engines runs the examples on engines other than DuckDB, by the drivers that their users have, and holds them to DuckDB's
// answers. It is a module of its own, so that its drivers are no part of a user's build.
package engines

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	_ "github.com/duckdb/duckdb-go/v2"
	_ "github.com/trinodb/trino-go-client/trino"

	"assay/compiler/rel"
	"assay/dialects"
	clickhousesql "assay/dialects/clickhouse"
	duckdbsql "assay/dialects/duckdb"
	trinosql "assay/dialects/trino"
	"assay/internal/cli"
)

// An engine is reached by a variable of the environment.
type engine struct {
	dialect  *dialects.Dialect
	variable string
	open     func(address string) (*sql.DB, error)
}

var engines = []engine{
	{clickhousesql.Dialect, "ASSAY_CLICKHOUSE", func(address string) (*sql.DB, error) {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		return clickhouse.OpenDB(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{u.Host}}), nil
	}},
	{trinosql.Dialect, "ASSAY_TRINO", func(address string) (*sql.DB, error) {
		return sql.Open("trino", strings.Replace(address, "://", "://test@", 1)+"?catalog=memory&schema=default")
	}},
}

var examples = []string{"checkout", "onboarding"}

func TestExamplesAnswerAsOnDuckDB(t *testing.T) {
	for _, e := range engines {
		t.Run(e.dialect.Name, func(t *testing.T) {
			address := os.Getenv(e.variable)
			if address == "" {
				t.Skipf("%s names no %s server (serve.sh starts one)", e.variable, e.dialect.Name)
			}
			db, err := e.open(address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			for _, example := range examples {
				t.Run(example, func(t *testing.T) { compare(t, e.dialect, db, example) })
			}
		})
	}
}

// compare runs all scripts of an example on DuckDB and on an engine that gets the same tables.
func compare(t *testing.T, d *dialects.Dialect, db *sql.DB, example string) {
	duck, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer duck.Close()
	duck.SetMaxOpenConns(1)
	db.SetMaxOpenConns(1)
	for _, table := range load(t, duck, example) {
		copyTable(t, duck, d, db, table)
		defer db.Exec("DROP TABLE " + table)
	}
	want, got := scripts(t, duckdbsql.Dialect, example), scripts(t, d, example)
	for name, script := range want {
		expected, answer := run(t, duck, script), run(t, db, got[name])
		if len(answer) != len(expected) {
			t.Fatalf("%s: %d results, want %d", name, len(answer), len(expected))
		}
		for i := range expected {
			same(t, fmt.Sprintf("%s, result %d", name, i+1), answer[i], expected[i])
		}
	}
}

// load makes tables of an example's files.
func load(t *testing.T, duck *sql.DB, example string) []string {
	files, err := filepath.Glob(filepath.Join("../../examples", example, "data", "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatal("no data", err)
	}
	var tables []string
	for _, file := range files {
		table := strings.TrimSuffix(filepath.Base(file), ".csv")
		execute(t, duck, fmt.Sprintf("CREATE TABLE %s AS FROM '%s'", table, file))
		tables = append(tables, table)
	}
	return tables
}

// types are those of the examples' columns.
var types = map[string]rel.Type{
	"VARCHAR": rel.Text, "TIMESTAMP": rel.Timestamp, "DATE": rel.Date, "BIGINT": rel.Integer, "DOUBLE": rel.Float, "BOOLEAN": rel.Boolean,
}

func columns(t *testing.T, result *sql.Rows) []rel.Column {
	described, err := result.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	var cols []rel.Column
	for _, c := range described {
		cols = append(cols, rel.Column{Name: c.Name(), Type: types[c.DatabaseTypeName()]})
	}
	return cols
}

func named(table string) rel.Table { return rel.Table{Parts: []rel.TablePart{{Name: table}}} }

func copyTable(t *testing.T, duck *sql.DB, d *dialects.Dialect, db *sql.DB, table string) {
	result, err := duck.Query("FROM " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	cols := columns(t, result)
	target := named(table)
	execute(t, db, "DROP TABLE IF EXISTS "+table)
	execute(t, db, d.CreateTableSQL(target, cols))
	var rows [][]rel.Expr
	for _, row := range scan(t, result) {
		cells := make([]rel.Expr, len(row))
		for i, v := range row {
			cells[i] = &rel.Lit{Value: v, T: cols[i].Type}
		}
		rows = append(rows, cells)
	}
	// Trino takes a second or more to plan some hundred literal rows.
	for some := range slices.Chunk(rows, 500) {
		step := &rel.Step{Name: "rows", Kind: rel.Fetched, Relation: rel.NewValues(cols, some)}
		statements, err := dialects.Print(d, &rel.Program{Steps: []*rel.Step{step}})
		if err != nil {
			t.Fatal(err)
		}
		execute(t, db, "INSERT INTO "+d.Table(target)+"\n"+statements[0].SQL)
	}
}

var (
	file      = regexp.MustCompile(`file: data/(\w+)\.csv`)
	parameter = regexp.MustCompile(`CAST\((\?|\$\d+) AS`)
)

// asOf is the moment that all scripts are run for: after all data.
const asOf = "'2026-03-01 00:00:00'"

// scripts are an example's compiled statements by the script's name, with as-of in the place of each parameter.
func scripts(t *testing.T, d *dialects.Dialect, example string) map[string][]string {
	dir := overTables(t, example)
	var out, log bytes.Buffer
	if code := cli.Run(context.Background(), []string{"compile", "--dialect", d.Name, "--project-dir", dir}, &out, &log); code != 0 {
		t.Fatalf("compile exits %d:\n%s", code, log.String())
	}
	list := map[string][]string{}
	compiled := filepath.Join(dir, "target", "compiled", d.Name)
	for _, path := range matching(t, compiled, "*.sql") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(compiled, path)
		if err != nil {
			t.Fatal(err)
		}
		script := parameter.ReplaceAllString(string(text), "CAST("+asOf+" AS")
		list[name] = strings.Split(strings.TrimSuffix(script, ";\n"), ";\n\n")
	}
	if len(list) == 0 {
		t.Fatal("nothing compiled")
	}
	return list
}

// overTables is a copy of an example that reads tables in the place of files, which DuckDB alone reads.
func overTables(t *testing.T, example string) string {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("../../examples", example))); err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(filepath.Join(dir, "target"))
	for _, path := range matching(t, dir, "*.yml") {
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

func matching(t *testing.T, dir, pattern string) []string {
	paths, err := filepath.Glob(filepath.Join(dir, "*", pattern))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// run runs a script and gives the rows of what it fetches.
func run(t *testing.T, db *sql.DB, script []string) [][][]any {
	var fetched [][][]any
	for _, statement := range script {
		if staged := stored.FindStringSubmatch(statement); staged != nil {
			execute(t, db, statement)
			defer db.Exec("DROP TABLE " + staged[1])
			continue
		}
		result, err := db.Query(statement)
		if err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
		fetched = append(fetched, scan(t, result))
		result.Close()
	}
	return fetched
}

var stored = regexp.MustCompile(`(?m)^CREATE (?:TEMPORARY )?TABLE (\w+) AS$`)

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%v\n%.2000s", err, statement)
	}
}

func scan(t *testing.T, result *sql.Rows) [][]any {
	names, err := result.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	for result.Next() {
		row, places := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			places[i] = &row[i]
		}
		if err := result.Scan(places...); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// same compares rows in any order: numbers to 1e-9 of themselves, the rest by its text.
func same(t *testing.T, what string, got, want [][]any) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
		return
	}
	got, want = plain(got), plain(want)
	for i := range want {
		for j := range want[i] {
			if !equal(got[i][j], want[i][j]) {
				t.Errorf("%s: row %d, column %d is %v, want %v", what, i+1, j+1, got[i][j], want[i][j])
			}
		}
	}
}

// plain are rows of float64, text and nil, in one order for all engines.
func plain(rows [][]any) [][]any {
	for _, row := range rows {
		for i, v := range row {
			row[i] = plainValue(v)
		}
	}
	slices.SortStableFunc(rows, func(a, b []any) int { return strings.Compare(words(a), words(b)) })
	return rows
}

// words are what is not a number of a row: numbers may differ in their last digit.
func words(row []any) string {
	var list []string
	for _, v := range row {
		if _, number := v.(float64); !number {
			list = append(list, fmt.Sprint(v))
		}
	}
	return strings.Join(list, "\x00")
}

func plainValue(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		return map[bool]float64{true: 1}[v]
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case fmt.Stringer:
		return number(v.String())
	case string:
		return v
	default:
		return number(fmt.Sprint(v))
	}
}

func number(text string) any {
	var f float64
	if _, err := fmt.Sscan(text, &f); err != nil {
		return text
	}
	return f
}

func equal(got, want any) bool {
	g, gok := got.(float64)
	w, wok := want.(float64)
	if gok && wok {
		return math.Abs(g-w) <= 1e-9*math.Max(1, math.Abs(w))
	}
	return got == want
}
