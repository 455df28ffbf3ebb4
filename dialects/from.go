package dialects

import (
	"strings"

	"assay/compiler/rel"
)

// from writes an item of FROM: the first source, or a join.
func (p *printer) from(from *source, first bool, qualifier string, s scope, depth int) {
	keyword := "FROM "
	if !first {
		keyword = joinKeyword(from)
	}
	p.source(keyword, from, qualifier, depth)
	if !first && (len(from.on) > 0 || from.kind == rel.Left) {
		p.on(from.on, s, depth+1)
	}
}

func joinKeyword(from *source) string {
	switch {
	case from.kind == rel.Left:
		return "LEFT JOIN "
	case len(from.on) == 0:
		return "CROSS JOIN "
	default:
		return "JOIN "
	}
}

func (p *printer) on(conds []rel.Expr, s scope, depth int) {
	if len(conds) == 0 {
		p.line(depth, "ON TRUE")
		return
	}
	p.conditions("ON", conds, s, depth)
}

func (p *printer) source(keyword string, from *source, qualifier string, depth int) {
	alias := ""
	if qualifier != "" {
		alias = p.Ident(qualifier)
	}
	switch leaf := from.leaf.(type) {
	case *rel.Series:
		p.line(depth, "%s(", keyword)
		p.series(leaf, depth+1)
		p.line(depth, ") AS %s", alias)
	case *rel.Raw:
		// On lines of its own, since it may end in a comment; never indented, since a string in it may span lines.
		p.line(depth, "%s(\n%s", keyword, leaf.SQL)
		p.line(depth, ") AS %s", alias)
	case *rel.Values:
		p.line(depth, "%s%s", keyword, p.values(leaf, alias, depth))
	case *rel.Ref:
		p.line(depth, "%s", named(keyword+p.tables[leaf.Step], alias))
	case *rel.Scan:
		p.line(depth, "%s", named(keyword+p.Source(leaf.Table), alias))
	default:
		p.line(depth, "%s(", keyword)
		p.query(from.query, depth+1)
		p.line(depth, ") AS %s", alias)
	}
}

// named gives a table an alias, unless it needs none or its own name is the same.
func named(table, alias string) string {
	if alias == "" || strings.HasSuffix(table, " "+alias) || strings.HasSuffix(table, "."+alias) {
		return table
	}
	return table + " AS " + alias
}

// Source is a table or file as an item of FROM.
func (d *Dialect) Source(t rel.Table) string {
	if t.File == nil {
		return d.Table(t)
	}
	options := make([]FileOption, len(t.File.Options))
	for i, o := range t.File.Options {
		options[i] = FileOption{d.Ident(o.Name), d.fileOption(o.Value)}
	}
	return d.File(d.Text(t.File.Path), options)
}

// fileOption writes lists and maps as the one engine that reads files has them.
func (d *Dialect) fileOption(value any) string {
	var parts []string
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			parts = append(parts, d.fileOption(element))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []rel.FileOption:
		for _, o := range v {
			parts = append(parts, d.Text(o.Name)+": "+d.fileOption(o.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return d.literal(&rel.Lit{Value: value}).text
}

// series at the top of a query is the query; q.series says that q is no more than that.
func (p *printer) series(r *rel.Series, depth int) {
	column := r.Schema().Columns[0]
	text := fill(p.Clauses[Series], map[string]string{
		"from":     p.bare(asTimestamp(r.From), nil),
		"to":       p.bare(asTimestamp(r.To), nil),
		"unit":     p.Units[r.Unit],
		"interval": p.Intervals[r.Unit],
		"type":     p.Types[column.Type],
		"column":   p.Ident(column.Name),
	})
	for line := range strings.Lines(text) {
		p.line(depth, "%s", strings.TrimSuffix(line, "\n"))
	}
}

func asTimestamp(e rel.Expr) rel.Expr {
	if e.Type() == rel.Timestamp {
		return e
	}
	return rel.ToType(e, rel.Timestamp)
}

func (q *selection) series() (*rel.Series, bool) {
	if !q.isPlain() || len(q.where) > 0 || len(q.columns) == 0 {
		return nil, false
	}
	series, ok := q.sources[0].leaf.(*rel.Series)
	return series, ok
}

// values are literal rows, one a line.
func (p *printer) values(r *rel.Values, alias string, depth int) string {
	cols := r.Schema().Columns
	indent := strings.Repeat("  ", depth+1)
	rows := make([]string, len(r.Rows))
	for n, row := range r.Rows {
		cells := make([]string, len(row))
		for i, x := range row {
			cells[i] = p.cell(x, cols[i].Type)
		}
		rows[n] = indent + fill(p.Clauses[ValueRow], map[string]string{"cells": strings.Join(cells, ", ")})
	}
	definitions := make([]string, len(cols))
	for i, c := range cols {
		definitions[i] = p.definition(c)
	}
	return fill(p.Clauses[ValueRows], map[string]string{
		"rows": strings.Join(rows, p.Clauses[BetweenRows]), "alias": alias, "columns": p.names(cols),
		"definitions": strings.Join(definitions, ", "), "indent": strings.Repeat("  ", depth),
	})
}

// cell is a value of a column: NULL takes the column's type, and numbers are of one type in all rows.
func (p *printer) cell(x rel.Expr, t rel.Type) string {
	if lit, ok := x.(*rel.Lit); ok && lit.Value == nil {
		return p.null(t).text
	}
	if x.Type() != t && t != rel.Unknown {
		x = rel.ToType(x, t)
	}
	return p.bare(x, nil)
}
