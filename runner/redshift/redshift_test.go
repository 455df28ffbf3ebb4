package redshift_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/redshifttest"
	"assay/runner"
	"assay/runner/redshift"
)

func connect(t *testing.T) runner.Session {
	t.Helper()
	warehouse, err := redshift.Open(runner.Output{Name: "prod", Fields: map[string]any{"dsn": redshifttest.Start(t), "schema": "s"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	session, err := warehouse.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

// TestRowsComeBack: what is appended is what is read, whatever it looks like, and described as the server types it.
func TestRowsComeBack(t *testing.T) {
	session := connect(t)
	for _, statement := range []string{"CREATE SCHEMA s", "CREATE TABLE t (a bigint, b varchar(99), c timestamp, d date, e float8, f boolean)"} {
		if _, err := session.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	table := runner.Table{
		Name: "t",
		Columns: []rel.Column{
			{Name: "a", Type: rel.Integer}, {Name: "b", Type: rel.Text}, {Name: "c", Type: rel.Timestamp},
			{Name: "d", Type: rel.Date}, {Name: "e", Type: rel.Float}, {Name: "f", Type: rel.Boolean},
		},
		Rows: [][]any{
			{int64(1), `it's \' "; DROP TABLE t --`, day.Add(time.Microsecond), day, 0.1, true},
			{nil, nil, nil, nil, nil, nil},
		},
	}
	if err := session.Append(t.Context(), "s", table); err != nil {
		t.Fatal(err)
	}
	rows, err := session.Query(t.Context(), "SELECT * FROM t ORDER BY a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(table.Rows, rows.Values); diff != "" {
		t.Error(diff)
	}
	columns, err := session.Columns(t.Context(), "SELECT a, CAST(1 AS decimal(10, 2)) AS price FROM t")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]project.CatalogColumn{{Name: "a", Type: "bigint"}, {Name: "price", Type: "numeric(10,2)"}}, columns); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		fields map[string]any
		want   string
	}{
		{map[string]any{"method": "database", "cluster": "c"}, "unknown field `cluster`"},
		{map[string]any{"method": "browser_identity_center"}, "`method: browser_identity_center` is not supported"},
		{map[string]any{"method": "iam", "cluster_id": "c"}, "output `prod` of the profile: `host` is missing"},
		{map[string]any{"method": "iam", "host": "shop.a1.eu-west-1.redshift.amazonaws.com"}, "`user` is missing"},
		{map[string]any{"method": "iam_role", "host": "127.0.0.1"}, "`cluster_id` is missing"},
		{map[string]any{"method": "iam", "host": "127.0.0.1", "is_serverless": true}, "`serverless_work_group` is missing"},
		{map[string]any{"method": "iam_role", "host": "quick.1.eu-west-1.redshift-serverless.amazonaws.com", "access_key_id": "a"}, "go together"},
		{map[string]any{"host": "127.0.0.1", "port": 1, "user": "u", "password": "correct horse", "dbname": "d"},
			"cannot connect to 127.0.0.1:1/d"},
	}
	for _, test := range tests {
		warehouse, err := redshift.Open(runner.Output{Name: "prod", Fields: test.fields})
		if err == nil {
			_, err = warehouse.Connect(t.Context())
		}
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "horse") {
			t.Errorf("%v: %v", test.fields, err)
		}
	}
}
