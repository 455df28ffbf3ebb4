package unittest

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"assay/compiler/project"
	"assay/internal/diag"
)

// rowsOf are rows written as mappings or as CSV.
func (t *trial) rowsOf(format project.Name, rows []project.Row, text diag.Text) []project.Row {
	if format.V != "csv" {
		return rows
	}
	table := newCSV(text)
	rows, err := table.rows()
	if err != nil {
		t.bag.Errorf(text.Span, codeFailed, "the rows cannot be read as CSV: %s", err)
	}
	return rows
}

// A csvText is a text of CSV that knows where each of its fields stands.
type csvText struct {
	diag.Text
	lines  []int // the offset of each
	reader *csv.Reader
}

func newCSV(text diag.Text) *csvText {
	t := &csvText{Text: text, reader: csv.NewReader(strings.NewReader(text.Value))}
	t.reader.TrimLeadingSpace = true
	at := 0
	for line := range strings.Lines(text.Value) {
		t.lines = append(t.lines, at)
		at += len(line)
	}
	return t
}

// rows have the names of the first line.
func (t *csvText) rows() ([]project.Row, error) {
	names, err := t.record()
	var rows []project.Row
	for err == nil {
		var fields project.Row
		if fields, err = t.record(); err == nil {
			for i := range fields {
				fields[i].Name = project.Name{V: fmt.Sprint(names[i].Value.V), Span: names[i].Value.Span}
			}
			rows = append(rows, fields)
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return rows, nil
}

// record is the next line's fields, without names.
func (t *csvText) record() (project.Row, error) {
	fields, err := t.reader.Read()
	if err != nil {
		return nil, err
	}
	row := make(project.Row, len(fields))
	for i, field := range fields {
		line, column := t.reader.FieldPos(i)
		at := t.lines[line-1] + column - 1
		row[i].Value = project.Scalar{V: uncertain(field), Span: t.At(at, at+len(field))}
	}
	return row, nil
}

// expected are the rows that the test asks for.
func (t *trial) expected(ctx context.Context) ([]project.Row, error) {
	if t.test.ExpectFormat.V != "sql" {
		return t.rowsOf(t.test.ExpectFormat, t.test.Expect, t.test.ExpectText), ctx.Err()
	}
	answer, err := t.session.Query(ctx, t.test.ExpectText.Value)
	if err != nil {
		t.bag.Errorf(t.test.ExpectText.Span, codeFailed, "the expected rows cannot be read: %s", firstLine(err))
		return nil, ctx.Err()
	}
	rows := make([]project.Row, len(answer.Values))
	for i, values := range answer.Values {
		for j, v := range values {
			rows[i] = append(rows[i], project.Option{
				Name:  project.Name{V: answer.Columns[j], Span: t.test.ExpectText.Span},
				Value: project.Scalar{V: v, Span: t.test.ExpectText.Span},
			})
		}
	}
	return rows, nil
}

// columnsOf are the names in rows, in the order of their first.
func columnsOf(rows []project.Row) []project.Name {
	var names []project.Name
	for _, row := range rows {
		for _, cell := range row {
			if !slices.ContainsFunc(names, func(n project.Name) bool { return n.V == cell.Name.V }) {
				names = append(names, cell.Name)
			}
		}
	}
	return names
}
