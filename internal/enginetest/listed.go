package enginetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"assay/compiler/rel"
	"assay/dialects"
	"assay/runner"
)

// listed is how an engine reads rows from one text, a JSON list of lists of texts: engines take long to plan as many literals.
type listed struct {
	from string // makes of the text a row for each list, whose one column is r
	cell string // of a list, by its place from 1
}

// listedBytes is how much one statement lists: ClickHouse parses 256 KiB of one, with its quotes escaped.
const listedBytes = 100_000

// inserts are the statements that add a table's rows.
func (l listed) inserts(d *dialects.Dialect, name rel.Table, table runner.Table) []string {
	cells := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		cells[i] = "CAST(" + fmt.Sprintf(l.cell, i+1) + " AS " + d.Types[cmp.Or(c.Type, rel.Text)] + ")"
	}
	var statements []string
	var rows []string
	add := func() {
		from := fmt.Sprintf(l.from, d.Text("["+strings.Join(rows, ",")+"]"))
		statements = append(statements, "INSERT INTO "+d.Table(name)+"\nSELECT "+strings.Join(cells, ", ")+" FROM "+from)
		rows = nil
	}
	size := 0
	for _, values := range table.Rows {
		row := textsOf(table.Columns, values)
		if size += len(row); size > listedBytes {
			add()
			size = len(row)
		}
		rows = append(rows, row)
	}
	if len(rows) > 0 {
		add()
	}
	return statements
}

// textsOf are a row's values as a JSON list of texts, NULL as null.
func textsOf(columns []rel.Column, values []any) string {
	texts := make([]*string, len(values))
	for i, v := range values {
		if v == nil {
			continue
		}
		text := fmt.Sprint(v)
		if at, ok := v.(time.Time); ok {
			layout := "2006-01-02 15:04:05.000000"
			if columns[i].Type == rel.Date {
				layout = time.DateOnly
			}
			text = at.UTC().Format(layout)
		}
		texts[i] = &text
	}
	data, err := json.Marshal(texts)
	if err != nil {
		panic(err) // texts can be marshalled
	}
	return string(data)
}
