package project

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"assay/internal/diag"
)

// catalogFile lists what the warehouse's tables hold. Ours is
//
//	{"models": {"orders": [{"name": "order_id", "type": "BIGINT"}, …]}, "assignments": {"flags": […]}}
//
// with columns in the table's order, under names of the project. dbt's is
//
//	{"nodes": {"model.shop.orders": {"metadata": {"schema": …, "name": …}, "columns": {"order_id": {"name", "type", "index"}}}},
//	 "sources": {…}}
const catalogFile = "catalog.json"

// WriteCatalog replaces the catalog of the project in dir, whole or not at all. The same catalog is always the same text.
func WriteCatalog(dir string, c *Catalog) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(dir, catalogFile), append(text, '\n'), 0o644)
}

// readCatalog reads catalog.json, ours or dbt's, if there is one.
func (r *reader) readCatalog(at root, p *Project) {
	data, err := fs.ReadFile(at.files, catalogFile)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var file struct {
		Catalog
		Nodes   map[string]dbtTable `json:"nodes"`
		Sources map[string]dbtTable `json:"sources"`
	}
	if err == nil {
		err = json.Unmarshal(data, &file)
	}
	if err != nil {
		r.bag.Add(diag.Diagnostic{
			Code: codeFile, Span: jsonErrorSpan(newSource(at.name(catalogFile), data), err),
			Message: "cannot read the catalog: " + pathless(err).Error(), Hint: "`assay catalog` writes it anew",
		})
		return
	}
	p.Catalog = &file.Catalog
	if p.Catalog.Models == nil {
		p.Catalog.Models = map[string][]CatalogColumn{}
	}
	if tables := slices.Concat(sortedTables(file.Nodes), sortedTables(file.Sources)); len(tables) > 0 {
		p.Catalog.addDBT(p, tables)
	}
}

func jsonErrorSpan(src *source, err error) diag.Span {
	offset := 0
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = int(syntax.Offset) - 1
	case errors.As(err, &mismatch):
		offset = int(mismatch.Offset)
	}
	return src.spanOf(max(offset, 0), max(offset, 0))
}

// A dbtTable is a node of dbt's catalog.
type dbtTable struct {
	Metadata struct {
		Database string `json:"database"`
		Schema   string `json:"schema"`
		Name     string `json:"name"`
	} `json:"metadata"`
	Columns map[string]dbtColumn `json:"columns"`
}

type dbtColumn struct {
	CatalogColumn
	Index int `json:"index"`
}

func sortedTables(nodes map[string]dbtTable) []dbtTable {
	tables := make([]dbtTable, 0, len(nodes))
	for _, id := range slices.Sorted(maps.Keys(nodes)) {
		tables = append(tables, nodes[id])
	}
	return tables
}

// addDBT gives models and assignments that read a table of dbt's its columns.
func (c *Catalog) addDBT(p *Project, tables []dbtTable) {
	c.Assignments = map[string][]CatalogColumn{}
	for _, m := range p.Models {
		if columns := columnsOf(tables, m.Source.Relation.V); columns != nil {
			c.Models[m.Name.V] = columns
		}
	}
	for _, a := range p.Assignments {
		if columns := columnsOf(tables, a.Source.Relation.V); columns != nil {
			c.Assignments[a.Name.V] = columns
		}
	}
}

// columnsOf finds a relation among dbt's tables; nil where there is none, or more than one of that name.
func columnsOf(tables []dbtTable, relation string) []CatalogColumn {
	var found []dbtTable
	for _, table := range tables {
		if table.is(relation) {
			found = append(found, table)
		}
	}
	if relation == "" || len(found) != 1 {
		return nil
	}
	columns := slices.Collect(maps.Values(found[0].Columns))
	slices.SortFunc(columns, func(a, b dbtColumn) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), strings.Compare(a.Name, b.Name))
	})
	list := make([]CatalogColumn, len(columns))
	for i, column := range columns {
		list[i] = column.CatalogColumn
	}
	return list
}

// is reports whether relation, which may leave out database and schema, names the table. Case is left to the warehouse.
func (t dbtTable) is(relation string) bool {
	written := strings.Split(strings.ReplaceAll(relation, `"`, ""), ".")
	whole := []string{t.Metadata.Database, t.Metadata.Schema, t.Metadata.Name}
	if len(written) > len(whole) {
		return false
	}
	return slices.EqualFunc(written, whole[len(whole)-len(written):], strings.EqualFold)
}
