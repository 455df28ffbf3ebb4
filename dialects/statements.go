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

// AddColumnSQL adds a column to a table that lacks it.
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

// InsertSQL adds rows of literals, in the order of the columns. Values are nil, bool, int64, float64, string or time.Time.
func (d *Dialect) InsertSQL(t rel.Table, cols []rel.Column, rows [][]any) (string, error) {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = d.Ident(c.Name)
	}
	cells := make([][]rel.Expr, len(rows))
	for i, row := range rows {
		for j, v := range row {
			cells[i] = append(cells[i], &rel.Lit{Value: v, T: cols[j].Type})
		}
	}
	step := &rel.Step{Name: "inserted", Kind: rel.Fetched, Relation: rel.NewValues(cols, cells)}
	listed, err := Print(d, &rel.Program{Steps: []*rel.Step{step}})
	if err != nil {
		return "", err
	}
	return fill(d.Statements[Insert], map[string]string{
		"table": d.Table(t), "columns": strings.Join(names, ", "), "query": listed[0].SQL,
	}), nil
}

// UpdateSQL changes the rows that meet a condition; set and where are SQL.
func (d *Dialect) UpdateSQL(t rel.Table, set, where string) string {
	return fill(d.Statements[Update], map[string]string{"table": d.Table(t), "set": set, "where": where})
}

// DeleteSQL deletes the rows that meet a condition, which is SQL.
func (d *Dialect) DeleteSQL(t rel.Table, where string) string {
	return fill(d.Statements[Delete], map[string]string{"table": d.Table(t), "where": where})
}

// ReplaceSQL puts the rows of a query, and its columns, in the place of a table at once, or makes it. It is empty where only a
// transaction can.
func (d *Dialect) ReplaceSQL(t rel.Table, query string) string {
	return fill(d.Statements[Replace], map[string]string{"table": d.Table(t), "query": query})
}
