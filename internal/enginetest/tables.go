package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"assay/compiler/expr"
	"assay/compiler/rel"
	"assay/runner"
)

// Profile is profiles.yml for a project whose profile has that name: outputs by their names, the first being the target.
func Profile(t testing.TB, name string, outputs ...runner.Output) []byte {
	t.Helper()
	listed := map[string]any{}
	for _, o := range outputs {
		fields := map[string]any{"type": o.Name}
		for k, v := range o.Fields {
			fields[k] = v
		}
		listed[o.Name] = fields
	}
	// What is JSON is YAML.
	text, err := json.MarshalIndent(map[string]any{name: map[string]any{"target": outputs[0].Name, "outputs": listed}}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Read is what a session says of a query, as a table of that name.
func Read(t testing.TB, session runner.Session, name, query string) runner.Table {
	t.Helper()
	columns, err := session.Columns(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	table := runner.Table{Name: name}
	for _, c := range columns {
		table.Columns = append(table.Columns, rel.Column{Name: c.Name, Type: expr.TypeNamed(c.Type)})
	}
	rows, err := session.Query(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	table.Rows = rows.Values
	return table
}

// Fill makes tables in a schema.
func (e Engine) Fill(t testing.TB, session runner.Session, schema string, tables ...runner.Table) {
	t.Helper()
	for _, table := range tables {
		name := rel.Table{Parts: []rel.TablePart{{Name: schema, Quoted: true}, {Name: table.Name, Quoted: true}}}
		if _, err := session.Exec(context.Background(), e.Dialect.CreateTableSQL(name, table.Columns)); err != nil {
			t.Fatal(fmt.Errorf("table %s: %w", table.Name, err))
		}
		if err := e.load(session, schema, name, table); err != nil {
			t.Fatal(fmt.Errorf("table %s: %w", table.Name, err))
		}
	}
}

func (e Engine) load(session runner.Session, schema string, name rel.Table, table runner.Table) error {
	if e.listed == (listed{}) {
		return session.Append(context.Background(), schema, table)
	}
	for _, statement := range e.listed.inserts(e.Dialect, name, table) {
		if _, err := session.Exec(context.Background(), statement); err != nil {
			return err
		}
	}
	return nil
}

// What a project's YAML reads that DuckDB alone reads: files, and SQL over files, as a model's whose name comes before it.
var (
	variable = regexp.MustCompile(`\{\{ env_var\('(\w+)'\) \}\}`)
	file     = regexp.MustCompile(`file: "?([^"\n]*?(\w+)\.csv(?:\.gz)?)"?\n`)
	query    = regexp.MustCompile(`- name: (\w+)\n    sql: \|\n((?:      .*\n)+)`)
)

// OverTables has a project read tables in the place of files, which DuckDB alone reads; the tables are what DuckDB reads there.
func OverTables(t testing.TB, dir string) []runner.Table {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.yml"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no project ", err)
	}
	queries := map[string]string{} // by table
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := overTables(string(data), dir, queries)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return readAll(t, queries)
}

// overTables is a file of a project in a folder, over tables; what DuckDB reads for each is added to queries.
func overTables(text, dir string, queries map[string]string) string {
	text = variable.ReplaceAllStringFunc(text, func(call string) string {
		return os.Getenv(variable.FindStringSubmatch(call)[1])
	})
	for _, found := range file.FindAllStringSubmatch(text, -1) {
		name := found[1]
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		queries[found[2]] = "SELECT * FROM " + All[0].Dialect.Text(name)
	}
	for _, found := range query.FindAllStringSubmatch(text, -1) {
		queries[found[1]] = found[2]
	}
	text = file.ReplaceAllString(text, "relation: $2\n")
	return query.ReplaceAllString(text, "- name: $1\n    relation: $1\n")
}

// readAll are DuckDB's answers to queries, by their tables.
func readAll(t testing.TB, queries map[string]string) []runner.Table {
	t.Helper()
	duckdb := All[0]
	session := Connect(t, duckdb.Warehouse(t, duckdb.Output(t)))
	defer session.Close()
	var tables []runner.Table
	for name, query := range queries {
		tables = append(tables, Read(t, session, name, query))
	}
	return tables
}
