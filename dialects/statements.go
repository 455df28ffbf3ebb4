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

// DropSQL drops a table, if it is there.
func (d *Dialect) DropSQL(t rel.Table) string {
	return fill(d.Statements[Drop], map[string]string{"table": d.Table(t)})
}
