package oracle

import (
	"fmt"
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
