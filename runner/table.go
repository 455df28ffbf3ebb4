package runner

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"assay/compiler/rel"
	"assay/runner/judge"
)

// SchemaVersion of the result tables; it rises with a change that is more than a further column.
const SchemaVersion = 1

// A Table is rows for a result table and the whole of its columns.
type Table struct {
	Name    string
	Columns []rel.Column
	Rows    [][]any // nil, bool, int64, float64, string or time.Time
}

// NewTable makes a table of rows of a struct whose json tags are the columns; see judge for the types.
func NewTable[R any](name string, rows []R) Table {
	fields := columnFields(reflect.TypeFor[R]())
	table := Table{Name: name}
	for _, field := range fields {
		table.Columns = append(table.Columns, rel.Column{Name: columnName(field), Type: columnType(field.Type)})
	}
	for _, row := range rows {
		table.Rows = append(table.Rows, cells(reflect.ValueOf(row), fields))
	}
	return table
}

// index is the place of a column, -1 where the table has none of that name.
func (t Table) index(column string) int {
	return slices.IndexFunc(t.Columns, func(c rel.Column) bool { return c.Name == column })
}

// ColumnNames are the names of its columns, in order.
func (t Table) ColumnNames() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// columnFields are the struct's fields in order, an embedded struct's in its place.
func columnFields(row reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(row), func(f reflect.StructField) bool { return f.Anonymous })
}

func columnName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

func columnType(t reflect.Type) rel.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return rel.Timestamp
	case reflect.TypeFor[judge.Date]():
		return rel.Date
	}
	switch t.Kind() {
	case reflect.Bool:
		return rel.Boolean
	case reflect.Int64:
		return rel.Integer
	case reflect.Float64:
		return rel.Float
	case reflect.String, reflect.Slice:
		return rel.Text
	}
	panic(fmt.Sprintf("no column type for %s", t))
}

func cells(row reflect.Value, fields []reflect.StructField) []any {
	values := make([]any, len(fields))
	for i, field := range fields {
		values[i] = cell(row.FieldByIndex(field.Index))
	}
	return values
}

// cell is a field's value in the table. A float that is no number is NULL, as everything undefined is.
func cell(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch held := v.Interface().(type) {
	case time.Time:
		return held.UTC()
	case judge.Date:
		return held.Time
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.Int64:
		return v.Int()
	case reflect.Float64:
		return number(v.Float())
	case reflect.Slice:
		return list(v)
	}
	return v.String()
}

func number(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return f
}

// list is a slice as JSON; an empty one is [], whether or not it is nil.
func list(v reflect.Value) any {
	if v.Len() == 0 {
		return "[]"
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		panic(fmt.Sprintf("a list in a result row cannot be written: %v", err))
	}
	return string(text)
}
