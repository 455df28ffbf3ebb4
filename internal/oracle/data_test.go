package oracle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Column types, as both engines spell them.
const (
	integer = "integer"
	text    = "text"
	double  = "double precision"
	boolean = "boolean"
	wall    = "timestamp"   // the clock on the wall of the model's zone
	instant = "timestamptz" // in UTC
	date    = "date"
)

const clockFormat = "2006-01-02 15:04:05"

type column struct{ name, sqlType string }

// A table's cells are nil, int64, float64, string, bool or, of any type of time, time.Time in UTC.
type table struct {
	name    string
	columns []column
	rows    [][]any
	inFile  bool // and not in the database
}

func (t *table) index(name string) int {
	for i, c := range t.columns {
		if c.name == name {
			return i
		}
	}
	panic("no column " + name + " in " + t.name)
}

// script creates and fills the table, the same on each engine.
func (t *table) script() string {
	if t.inFile {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %q (", t.name)
	for i, c := range t.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q %s", c.name, c.sqlType)
	}
	b.WriteString(");\n")
	for i, row := range t.rows {
		if i == 0 {
			fmt.Fprintf(&b, "INSERT INTO %q VALUES\n  ", t.name)
		} else {
			b.WriteString(",\n  ")
		}
		b.WriteString("(" + strings.Join(t.literals(row), ", ") + ")")
	}
	if len(t.rows) > 0 {
		b.WriteString(";\n")
	}
	return b.String()
}

func (t *table) literals(row []any) []string {
	list := make([]string, len(row))
	for i, cell := range row {
		list[i] = literal(t.columns[i].sqlType, cell)
	}
	return list
}

func literal(sqlType string, cell any) string {
	switch v := cell.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case float64:
		return strconv.FormatFloat(v, 'e', -1, 64) // with an exponent DuckDB reads a double, not a decimal
	case time.Time:
		switch sqlType {
		case date:
			return "DATE '" + v.Format(time.DateOnly) + "'"
		case instant:
			return "TIMESTAMPTZ '" + v.Format(clockFormat) + "+00'"
		}
		return "TIMESTAMP '" + v.Format(clockFormat) + "'"
	}
	return fmt.Sprint(cell)
}

// path is that of the table's file in the project.
func (t *table) path() string { return "data/" + t.name + ".csv" }

// missing stands for NULL in files.
const missing = "nothing at all"

// file is how a project reads the table's file.
func (t *table) file() *file {
	return &file{t.path(), map[string]any{"header": true, "delim": ";", "nullstr": missing}}
}

// readable is whether a file tells the types of its columns: each has a value, and none is a time with a zone.
func (t *table) readable() bool {
	for i, c := range t.columns {
		known := slices.ContainsFunc(t.rows, func(row []any) bool { return row[i] != nil && row[i] != "" })
		if !known || c.sqlType == instant {
			return false
		}
	}
	return true
}

// csv is the table as a file.
func (t *table) csv() string {
	var b strings.Builder
	line := func(cells []string) { b.WriteString(strings.Join(cells, ";") + "\n") }
	var names []string
	for _, c := range t.columns {
		names = append(names, c.name)
	}
	line(names)
	for _, row := range t.rows {
		var cells []string
		for i, cell := range row {
			cells = append(cells, csvCell(t.columns[i].sqlType, cell))
		}
		line(cells)
	}
	return b.String()
}

func csvCell(sqlType string, cell any) string {
	switch v := cell.(type) {
	case nil:
		return missing
	case string:
		return `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
	case time.Time:
		switch sqlType {
		case date:
			return v.Format(time.DateOnly)
		case instant:
			return v.Format(clockFormat) + "+00"
		}
		return v.Format(clockFormat)
	}
	return fmt.Sprint(cell)
}
