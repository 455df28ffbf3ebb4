package model

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"assay/compiler/expr"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// buildTables makes tables in three rounds, for each reads what the round before found in all: columns, then the dimensions and
// entities over them, then filters, which read both.
func (b *builder) buildTables() {
	b.tables = map[string]*Table{}
	for _, decl := range b.Project.Models {
		if b.tables[decl.Name.V] != nil {
			continue // reading has reported the second
		}
		t := &Table{Name: decl.Name.V, Decl: decl, Zone: zoneOr(decl.Timezone, time.UTC), Source: b.source(decl.Source)}
		b.columns(t)
		b.tables[t.Name] = t
		b.Tables = append(b.Tables, t)
	}
	for _, t := range b.Tables {
		b.properties(t)
	}
	b.indexKeys()
	b.spines()
	for _, t := range b.Tables {
		t.Filter = b.rowFilter(t, t.Decl.Filter)
		b.checkPhysical(t)
	}
}

// Table finds a table by the name of its model.
func (m *Model) Table(name string) (*Table, bool) {
	t, ok := m.tables[name]
	return t, ok
}

func (b *builder) source(s project.Source) TableSource {
	switch {
	case s.Relation.IsSet():
		return TableSource{Table: rel.Table{Parts: b.relation(s.Relation)}, At: s.Relation.Span}
	case s.File != nil:
		return TableSource{Table: rel.Table{File: b.file(s.File)}, At: s.File.Path.Span}
	default:
		return TableSource{SQL: s.SQL.Value, At: s.SQL.Span}
	}
}

// relation splits schema.table; a part in double quotes may hold dots and keeps its case.
func (b *builder) relation(name project.Name) []rel.TablePart {
	var parts []rel.TablePart
	rest := name.V
	for {
		part, after, ok := cutPart(rest)
		if !ok {
			b.bag.Add(diag.Diagnostic{Code: codeSource, Span: name.Span, Message: fmt.Sprintf("`%s` is no name of a table", name.V),
				Hint: "write schema.table, with parts in double quotes where needed"})
			return parts
		}
		parts = append(parts, part)
		if after == "" {
			return parts
		}
		rest = after[1:]
	}
}

// cutPart takes the first part of a qualified name; rest is empty or starts with a dot.
func cutPart(name string) (part rel.TablePart, rest string, ok bool) {
	if quoted, isQuoted := strings.CutPrefix(name, `"`); isQuoted {
		inside, rest, closed := strings.Cut(quoted, `"`)
		return rel.TablePart{Name: inside, Quoted: true}, rest, closed && inside != "" && (rest == "" || rest[0] == '.')
	}
	end := strings.IndexByte(name+".", '.')
	return rel.TablePart{Name: name[:end]}, name[end:], end > 0 && !strings.ContainsAny(name[:end], "\" \t\n;()'")
}

// file is where a file is: relative paths are from the project, and what has a scheme is the engine's affair.
func (b *builder) file(f *project.File) *rel.FileSource {
	path := f.Path.V
	if !filepath.IsAbs(path) && !strings.Contains(path, "://") {
		path = filepath.Join(b.Project.Dir, path)
	}
	return &rel.FileSource{Path: path, Options: fileOptions(f.Options)}
}

func fileOptions(decl []project.Option) []rel.FileOption {
	var options []rel.FileOption
	for _, o := range decl {
		options = append(options, rel.FileOption{Name: o.Name.V, Value: fileOption(o.Value.V)})
	}
	return options
}

func fileOption(value any) any {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = fileOption(v[i])
		}
		return list
	case []project.Option:
		return fileOptions(v)
	}
	return value
}

// columns finds what is known of a table's columns: the catalog's, else those declared, which are all there are under an
// enforced contract.
func (b *builder) columns(t *Table) {
	if catalog := b.Project.Catalog; catalog != nil && catalog.Models[t.Name] != nil {
		t.setColumns(catalog.Models[t.Name], !catalog.Open)
		for _, c := range t.Decl.Columns {
			if _, ok := t.column(c.Name.V, true); !ok {
				b.bag.Add(noColumn(t, c.Name.V, c.Name.Span))
			}
		}
		return
	}
	t.Closed = t.Decl.ContractEnforced.V
	for _, c := range t.Decl.Columns {
		t.Columns = append(t.Columns, rel.Column{Name: c.Name.V, Type: expr.TypeNamed(c.DataType.V)})
	}
}

// setColumns takes those of a catalog; closed says that they are all there are.
func (t *Table) setColumns(listed []project.CatalogColumn, closed bool) {
	t.Closed = closed
	for _, c := range listed {
		t.Columns = append(t.Columns, rel.Column{Name: c.Name, Type: expr.TypeNamed(c.Type)})
	}
}

// checkPhysical looks up the columns that a model names for the engine's sake.
func (b *builder) checkPhysical(t *Table) {
	if p := t.Decl.Partition; p != nil && p.Column.IsSet() {
		t.Partition = &Partition{Column: bare(t.read(p.Column.V, true, p.Column.Span, b.bag)), Granularity: rel.Day}
		if p.Granularity.IsSet() {
			t.Partition.Granularity = unitOf(p.Granularity.V)
		}
	}
	if spine := t.Decl.TimeSpine; spine != nil && spine.Column.IsSet() {
		t.read(spine.Column.V, true, spine.Column.Span, b.bag)
	}
}

func noColumn(t *Table, name string, at diag.Span) diag.Diagnostic {
	return diag.Diagnostic{Code: codeColumn, Message: "`" + t.Name + "` has no column `" + name + "`", Span: at,
		Hint: diag.Suggest(name, t.columnNames())}
}

func (t *Table) columnNames() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// has reports whether a column of that name is known.
func (t *Table) has(name string) bool {
	return slices.ContainsFunc(t.Columns, func(c rel.Column) bool { return strings.EqualFold(c.Name, name) })
}

// column finds a column: by its exact name, else by its name in any case, as warehouses fold names without quotes. In a table
// whose columns are not all known, any name is believed to be one.
func (t *Table) column(name string, quoted bool) (rel.Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	for _, c := range t.Columns {
		if !quoted && strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	if t.Closed {
		return rel.Column{}, false
	}
	c := rel.Column{Name: name}
	if !quoted {
		c.Name = strings.ToLower(name)
	}
	t.Columns = append(t.Columns, c)
	return c, true
}
