package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const cataloguedModels = `
models:
  - {name: orders, relation: analytics.fct_orders}
  - {name: users, relation: '"DB".analytics.users'}
  - {name: elsewhere, relation: other.fct_orders}
  - {name: events, sql: select 1}
assignments:
  - {name: flags, relation: exposures, entity: user, columns: {unit: u, variant: v}}
`

const dbtCatalog = `{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"},
"nodes": {
 "model.shop.fct_orders": {"metadata": {"type": "BASE TABLE", "database": "db", "schema": "ANALYTICS", "name": "FCT_ORDERS"},
  "columns": {"AMOUNT": {"type": "FLOAT", "index": 2, "name": "AMOUNT", "comment": null}, "ORDER_ID": {"type": "NUMBER", "index": 1, "name": "ORDER_ID"}},
  "stats": {}, "unique_id": "model.shop.fct_orders"},
 "model.shop.users": {"metadata": {"database": "db", "schema": "analytics", "name": "users"}, "columns": {"user_id": {"type": "TEXT", "index": 1, "name": "user_id"}}}},
"sources": {
 "source.shop.raw.exposures": {"metadata": {"database": "db", "schema": "raw", "name": "exposures"}, "columns": {"u": {"type": "TEXT", "index": 1, "name": "u"}}}},
"errors": null}`

func TestDBTCatalog(t *testing.T) {
	p, bag := readFiles(fstest.MapFS{
		projectFile: {Data: []byte(defaultProject)}, "models/a.yml": {Data: []byte(cataloguedModels)}, catalogFile: {Data: []byte(dbtCatalog)},
	}, nil)
	if bag.HasErrors() {
		t.Fatal(bag.Sorted())
	}
	want := &Catalog{
		Models: map[string][]CatalogColumn{
			"orders": {{Name: "ORDER_ID", Type: "NUMBER"}, {Name: "AMOUNT", Type: "FLOAT"}},
			"users":  {{Name: "user_id", Type: "TEXT"}},
		},
		Assignments: map[string][]CatalogColumn{"flags": {{Name: "u", Type: "TEXT"}}},
	}
	if diff := cmp.Diff(want, p.Catalog); diff != "" {
		t.Errorf("catalog (-want +got):\n%s", diff)
	}
}

func TestCatalogIsWrittenAndRead(t *testing.T) {
	dir := t.TempDir()
	want := &Catalog{Models: map[string][]CatalogColumn{"orders": {{Name: "z", Type: "BIGINT"}, {Name: "a", Type: "TEXT"}}}}
	if err := WriteCatalog(dir, want); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, projectFile), []byte(defaultProject), 0o644); err != nil {
		t.Fatal(err)
	}
	p, bag := Read(Options{Dir: dir})
	if bag.HasErrors() {
		t.Fatal(bag.Sorted())
	}
	if diff := cmp.Diff(want, p.Catalog); diff != "" {
		t.Errorf("catalog (-written +read):\n%s", diff)
	}
}

func TestBrokenCatalog(t *testing.T) {
	for text, want := range map[string]string{
		"{\n \"models\": {,}\n}":                     "catalog.json:2:13",
		`{"models": {"orders": [{"name": "a"}, 7]}}`: "catalog.json:1:40",
		``: "catalog.json:1:1",
	} {
		_, bag := readFiles(fstest.MapFS{projectFile: {Data: []byte(defaultProject)}, catalogFile: {Data: []byte(text)}}, nil)
		list := bag.Sorted()
		if len(list) != 1 || !strings.HasPrefix(list[0].Span.String(), want) {
			t.Errorf("%s says %v, want a mistake at %s", text, list, want)
		}
	}
}
