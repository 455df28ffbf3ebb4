package bigquery_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/enginetest"
	"assay/runner"
)

// TestOnTheEmulator: values, columns, rows that are loaded and changed, and what is there, where GoogleSQL itself takes the statements.
func TestOnTheEmulator(t *testing.T) {
	output, session := enginetest.Session(t, "bigquery")
	schema := output.Fields["schema"].(string)
	dialect := enginetest.Named("bigquery").Dialect
	midnight := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	enginetest.Values(t, session, []enginetest.Value{
		{"NULL", nil},
		{"true", true},
		{"9007199254740993", int64(9007199254740993)},
		{"NUMERIC '1.5'", 1.5},
		{"0.1", 0.1},
		{"'ü'", "ü"},
		{"DATE '2024-01-01'", midnight},
		{"DATETIME '2024-01-01T00:00:00.000001'", midnight.Add(time.Microsecond)},
		{"TIMESTAMP '2024-01-01 02:00:00+02'", midnight},
	})
	table := runner.Table{
		Name: "t", Columns: []rel.Column{{Name: "n", Type: rel.Integer}, {Name: "s", Type: rel.Text}, {Name: "seen", Type: rel.Timestamp}},
		Rows: [][]any{{int64(1), `it's \ "x"; DROP TABLE t --`, midnight}, {int64(2), nil, nil}},
	}
	name := dialect.TableIn(schema, table.Name)
	if _, err := session.Exec(t.Context(), dialect.CreateTableSQL(name, table.Columns)); err != nil {
		t.Fatal(err)
	}
	if err := session.Append(t.Context(), schema, table); err != nil {
		t.Fatal(err)
	}
	if _, err := session.Exec(t.Context(), dialect.UpdateSQL(name, "n = 3", "n = 2")); err != nil {
		t.Fatal(err)
	}
	table.Rows[1][0] = int64(3)
	all := "SELECT n, s, seen FROM " + dialect.Table(name) + " ORDER BY n"
	rows, err := session.Query(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(table.Rows, rows.Values); diff != "" {
		t.Error(diff)
	}
	columns, err := session.Columns(t.Context(), all)
	want := []project.CatalogColumn{{Name: "n", Type: "INT64"}, {Name: "s", Type: "STRING"}, {Name: "seen", Type: "DATETIME"}}
	if diff := cmp.Diff(want, columns); err != nil || diff != "" {
		t.Error(err, diff)
	}
	tables, err := session.(runner.Lister).Tables(t.Context(), schema)
	if diff := cmp.Diff([]string{"t"}, tables); err != nil || diff != "" {
		t.Error(err, diff)
	}
}
