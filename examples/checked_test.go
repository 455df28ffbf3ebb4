package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"assay/compiler/rel"
	"assay/dialects"
	"assay/dialects/bigquery"
	"assay/dialects/databricks"
	"assay/dialects/redshift"
	"assay/dialects/snowflake"
	"assay/internal/agree"
	"assay/internal/enginetest"
	"assay/internal/sqlcheck"
)

// TestExamplesAreOfTheirLanguage holds the SQL of engines that cannot run here to programs that know their language, with names and
// types resolved against the examples' tables.
func TestExamplesAreOfTheirLanguage(t *testing.T) {
	t.Run("googlesql", func(t *testing.T) { check(t, bigquery.Dialect, sqlcheck.GoogleSQL(t)) })
	for _, d := range []*dialects.Dialect{snowflake.Dialect, bigquery.Dialect, redshift.Dialect, databricks.Dialect} {
		t.Run("sqlglot/"+d.Name, func(t *testing.T) { check(t, d, sqlcheck.Sqlglot(t, d.Name)) })
	}
}

func check(t *testing.T, d *dialects.Dialect, checker sqlcheck.Checker) {
	projects, err := filepath.Glob("*/assay_project.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, project := range projects {
		checker.Check(t, scripts(t, d, copied(t, filepath.Dir(project))))
	}
}

var parameter = regexp.MustCompile(`CAST\((\?|\$\d+|@\w+) AS`)

// scripts are a project's compiled statements after those that make its tables, with a moment in the place of each parameter.
func scripts(t *testing.T, d *dialects.Dialect, dir string) []sqlcheck.Script {
	var tables []string
	for _, table := range enginetest.OverTables(t, dir) {
		name := rel.Table{Parts: []rel.TablePart{{Name: table.Name}}}
		tables = append(tables, d.CreateTableSQL(name, table.Columns))
	}
	assay(t, "compile", "--dialect", d.Name, "--project-dir", dir)
	paths, err := filepath.Glob(filepath.Join(dir, "target", "compiled", d.Name, "*", "*.sql"))
	if err != nil || len(paths) == 0 {
		t.Fatal("nothing compiled", err)
	}
	var list []sqlcheck.Script
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		script := parameter.ReplaceAllString(string(text), "CAST('"+agree.AsOf+" 00:00:00' AS")
		statements := strings.Split(strings.TrimSuffix(script, ";\n"), ";\n\n")
		list = append(list, sqlcheck.Script{Name: path, Statements: append(tables[:len(tables):len(tables)], statements...)})
	}
	return list
}
