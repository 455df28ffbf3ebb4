package runner_test

import (
	"slices"
	"strings"
	"testing"

	api "google.golang.org/api/bigquery/v2"

	"assay/compiler/rel"
	"assay/dialects"
	"assay/dialects/bigquery"
	"assay/dialects/snowflake"
	"assay/internal/bigquerytest"
	"assay/internal/enginetest"
	"assay/internal/sqlcheck"
	"assay/runner"
	bigquerydriver "assay/runner/bigquery"
)

// mine is a table that somebody is let read.
var mine = runner.Table{Name: "my orders", Columns: []rel.Column{{Name: "a", Type: rel.Integer}}}

// granted are all the statements that could be told to an administrator, for whoever is logged in, by their ends as they are told.
func granted(t *testing.T, d *dialects.Dialect, session runner.Session, schema string) []string {
	t.Helper()
	grants := session.(runner.Grantor).Grants()
	grantee := query(t, session, "SELECT "+grants.Grantee+" AS grantee")[0][0].(string)
	table := d.TableIn(schema, mine.Name)
	names := strings.NewReplacer("{schema}", d.Table(rel.Table{Parts: table.Parts[:1]}), "{table}", d.Table(table))
	statements := slices.Concat(grants.Read, grants.Results, grants.Staging)
	for i, statement := range statements {
		statements[i] = names.Replace(statement) + " TO " + grantee
	}
	return statements
}

// TestGrantsAreOfTheirLanguage: what an administrator is told to do is done where an engine has users, parsed where it is run without,
// and held to who knows its language where it runs at its vendor's.
func TestGrantsAreOfTheirLanguage(t *testing.T) {
	t.Run("redshift", func(t *testing.T) {
		output, session := enginetest.Session(t, "redshift")
		at, schema := enginetest.Named("redshift"), output.Fields["schema"].(string)
		at.Fill(t, session, schema, mine)
		execute(t, session, strings.Join(granted(t, at.Dialect, session, schema), ";\n"))
	})
	t.Run("clickhouse", func(t *testing.T) {
		output, session := enginetest.Session(t, "clickhouse")
		d := enginetest.Named("clickhouse").Dialect
		for _, statement := range granted(t, d, session, output.Fields["schema"].(string)) {
			query(t, session, "SELECT formatQuery("+d.Text(statement)+")")
		}
	})
	t.Run("trino", func(t *testing.T) {
		output, session := enginetest.Session(t, "trino")
		at, schema := enginetest.Named("trino"), output.Fields["schema"].(string)
		at.Fill(t, session, schema, mine)
		for _, statement := range granted(t, at.Dialect, session, schema) {
			if _, err := session.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "does not support") {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
	t.Run("snowflake", func(t *testing.T) {
		_, session := enginetest.Session(t, "snowflake")
		sqlcheck.Sqlglot(t, "snowflake").Check(t, []sqlcheck.Script{{Name: "grants", Statements: granted(t, snowflake.Dialect, session, "raw")}})
	})
	t.Run("databricks", func(t *testing.T) {
		_, session := enginetest.Session(t, "databricks")
		d := enginetest.Named("databricks").Dialect
		sqlcheck.Sqlglot(t, "databricks").Check(t, []sqlcheck.Script{{Name: "grants", Statements: granted(t, d, session, "raw")}})
	})
	t.Run("bigquery", func(t *testing.T) {
		somebody := bigquerytest.New(t, func(string, int) bigquerytest.Outcome {
			return bigquerytest.Outcome{
				Schema: []*api.TableFieldSchema{{Name: "grantee", Type: "STRING"}},
				Rows:   []*api.TableRow{{F: []*api.TableCell{{V: `"user:a@example.com"`}}}},
			}
		})
		warehouse, err := bigquerydriver.Open(runner.Output{Name: "prod", Fields: somebody.Fields()})
		if err != nil {
			t.Fatal(err)
		}
		statements := granted(t, bigquery.Dialect, enginetest.Connect(t, warehouse), "raw")
		sqlcheck.GoogleSQL(t).Check(t, []sqlcheck.Script{{Name: "grants", Statements: statements}})
	})
}
