package engines

import (
	"database/sql"
	"testing"

	"assay/dialects"
	bigquerysql "assay/dialects/bigquery"
	databrickssql "assay/dialects/databricks"
	redshiftsql "assay/dialects/redshift"
	snowflakesql "assay/dialects/snowflake"
	"assay/internal/sqlcheck"
)

// TestExamplesAreOfTheirLanguage holds the SQL of engines that cannot run here to programs that know their language, with names and
// types resolved against the examples' tables.
func TestExamplesAreOfTheirLanguage(t *testing.T) {
	t.Run("googlesql", func(t *testing.T) { check(t, bigquerysql.Dialect, sqlcheck.GoogleSQL(t)) })
	for _, d := range []*dialects.Dialect{snowflakesql.Dialect, bigquerysql.Dialect, redshiftsql.Dialect, databrickssql.Dialect} {
		t.Run("sqlglot/"+d.Name, func(t *testing.T) { check(t, d, sqlcheck.Sqlglot(t, d.Name)) })
	}
}

func check(t *testing.T, d *dialects.Dialect, checker sqlcheck.Checker) {
	for _, example := range examples {
		tables := definitions(t, d, example)
		var list []sqlcheck.Script
		for name, statements := range scripts(t, d, example) {
			list = append(list, sqlcheck.Script{Name: name, Statements: append(tables, statements...)})
		}
		checker.Check(t, list)
	}
}

// definitions make an example's tables.
func definitions(t *testing.T, d *dialects.Dialect, example string) []string {
	duck, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer duck.Close()
	duck.SetMaxOpenConns(1)
	var statements []string
	for _, table := range load(t, duck, example) {
		result, err := duck.Query("FROM " + table)
		if err != nil {
			t.Fatal(err)
		}
		statements = append(statements, d.CreateTableSQL(named(table), columns(t, result)))
		result.Close()
	}
	return statements[:len(statements):len(statements)]
}
