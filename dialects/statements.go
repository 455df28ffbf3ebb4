package dialects

import (
	"strings"

	"assay/compiler/rel"
)

// The statements by which results are kept. Each is empty where the engine cannot.

// CreateSchemaSQL makes a schema, unless it is there.
func (d *Dialect) CreateSchemaSQL(schema string) string {
	return fill(d.Statements[CreateSchema], map[string]string{"schema": d.Ident(schema)})
}

// CreateTableSQL makes a table of these columns, unless it is there.
func (d *Dialect) CreateTableSQL(t rel.Table, cols []rel.Column) string {
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = "\n  " + d.definition(c)
	}
	return fill(d.Statements[CreateTable], map[string]string{"table": d.Table(t), "columns": strings.Join(list, ",") + "\n"})
}

// AddColumnSQL adds a column to a table, unless it is there.
func (d *Dialect) AddColumnSQL(t rel.Table, c rel.Column) string {
	return fill(d.Statements[AddColumn], map[string]string{"table": d.Table(t), "column": d.definition(c)})
}

// definition is a column of a table to be made; one of unknown type is text.
func (d *Dialect) definition(c rel.Column) string {
	t := c.Type
	if t == rel.Unknown {
		t = rel.Text
	}
	return d.Ident(c.Name) + " " + d.Types[t]
}

// FillSQL makes a table of a query's rows.
func (d *Dialect) FillSQL(t rel.Table, query string) string {
	return fill(d.Statements[Fill], map[string]string{"table": d.Table(t), "query": query})
}

// AppendSQL adds a query's rows to a table's columns.
func (d *Dialect) AppendSQL(t rel.Table, cols []rel.Column, query string) string {
	return fill(d.Statements[Append], map[string]string{"table": d.Table(t), "columns": d.names(cols), "query": query})
}

// InsertSQL adds rows of values that are bound, row by row, in the order of cols.
func (d *Dialect) InsertSQL(t rel.Table, cols []rel.Column, rows int) string {
	texts := make([]string, rows)
	for i := range texts {
		cells := make([]string, len(cols))
		for j := range cells {
			cells[j] = d.Placeholder(i*len(cols) + j + 1)
		}
		texts[i] = "(" + strings.Join(cells, ", ") + ")"
	}
	return fill(d.Statements[Insert], map[string]string{
		"table": d.Table(t), "columns": d.names(cols), "rows": strings.Join(texts, ",\n"),
	})
}

// DeleteSQL deletes the rows for which a condition over the table's columns is true, and the order of its parameters.
func (d *Dialect) DeleteSQL(t rel.Table, where rel.Expr) (string, []rel.ParamName) {
	p := &printer{Dialect: d}
	sql := fill(d.Statements[Delete], map[string]string{"table": d.Table(t), "condition": p.bare(where, nil)})
	return sql, p.params
}

// DropSQL drops a table, if it is there.
func (d *Dialect) DropSQL(t rel.Table) string {
	return fill(d.Statements[Drop], map[string]string{"table": d.Table(t)})
}

// RenameSQL gives a table another name in its schema.
func (d *Dialect) RenameSQL(t rel.Table, name string) string {
	return fill(d.Statements[Rename], map[string]string{"table": d.Table(t), "name": d.Ident(name)})
}

// DryRunSQL fails where the query would, and reads no data.
func (d *Dialect) DryRunSQL(query string) string {
	return fill(d.Statements[DryRun], map[string]string{"query": query})
}
