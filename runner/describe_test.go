package runner_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
	"assay/runner"
)

func relation(parts ...string) rel.Table {
	var t rel.Table
	for _, p := range parts {
		t.Parts = append(t.Parts, rel.TablePart{Name: p})
	}
	return t
}

func TestDescribe(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		session := connect(t, e.warehouse(t))
		execute(t, session, shopData)
		place := diag.Span{File: "models/gone.yml", Start: diag.Position{Line: 3, Col: 5}}

		catalog, err := runner.Describe(t.Context(), session, e.dialect, []*model.Table{
			{Name: "flags", Source: model.TableSource{Table: relation("public", "flags")}},
			{Name: "totals", Decl: &project.Model{}, Source: model.TableSource{SQL: "SELECT count(*) AS n FROM public.orders -- all"}},
			{Name: "gone", Decl: &project.Model{}, Source: model.TableSource{Table: relation("public", "gone"), At: place}},
		})

		if err == nil || !strings.HasPrefix(err.Error(), "models/gone.yml:3:5: gone: ") {
			t.Error(err)
		}
		for _, table := range []map[string][]project.CatalogColumn{catalog.Models, catalog.Assignments} {
			for _, columns := range table {
				for i := range columns {
					columns[i].Name = strings.ToLower(columns[i].Name) // as all engines take it
				}
			}
		}
		types := map[string][]string{
			"duckdb":    {"VARCHAR", "TIMESTAMP", "BIGINT"},
			"postgres":  {"text", "timestamp without time zone", "bigint"},
			"redshift":  {"text", "timestamp without time zone", "bigint"},
			"snowflake": {"TEXT", "TIMESTAMP_NTZ", "INTEGER"},
		}[e.dialect.Name]
		equal(t, &project.Catalog{
			Models: map[string][]project.CatalogColumn{"totals": {{Name: "n", Type: types[2]}}},
			Assignments: map[string][]project.CatalogColumn{"flags": {
				{Name: "user_id", Type: types[0]}, {Name: "at", Type: types[1]}, {Name: "flag", Type: types[0]},
				{Name: "variant", Type: types[0]},
			}},
		}, catalog)
	})
}

func TestDescribeFiles(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if e.dialect.File == nil {
			t.Skip("the engine reads no files")
		}
		path := filepath.Join(t.TempDir(), "it's orders.csv")
		if err := os.WriteFile(path, []byte("id;amount\n1;2.5\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		file := func(path string) *model.Table {
			source := &rel.FileSource{Path: path, Options: []rel.FileOption{{Name: "delim", Value: ";"}}}
			return &model.Table{Name: "orders", Decl: &project.Model{}, Source: model.TableSource{Table: rel.Table{File: source}}}
		}
		session := connect(t, e.warehouse(t))

		catalog, err := runner.Describe(t.Context(), session, e.dialect, []*model.Table{file(path)})

		if err != nil {
			t.Fatal(err)
		}
		equal(t, []project.CatalogColumn{{Name: "id", Type: "BIGINT"}, {Name: "amount", Type: "DOUBLE"}}, catalog.Models["orders"])
		_, err = runner.Describe(t.Context(), session, e.dialect, []*model.Table{file(path + ".gone")})
		if err == nil || !strings.Contains(err.Error(), "orders.csv.gone") {
			t.Error(err)
		}
	})
}
