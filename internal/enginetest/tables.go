package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
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
		if err := session.Append(context.Background(), schema, table); err != nil {
			t.Fatal(fmt.Errorf("table %s: %w", table.Name, err))
		}
	}
}
