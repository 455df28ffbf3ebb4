package unittest

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"assay/compiler/project"
	"assay/compiler/rel"
)

// A column of an input.
type column struct {
	name      string
	t         rel.Type // Unknown where nobody says
	otherwise rel.Type // what it is taken for where no value tells; Unknown: nobody can tell
	cells     []project.Scalar
}

func (c *column) put(row int, v project.Scalar) {
	c.extend(row, project.Scalar{})
	c.cells = append(c.cells, v)
}

// extend makes it that many rows long.
func (c *column) extend(rows int, with project.Scalar) {
	for len(c.cells) < rows {
		c.cells = append(c.cells, with)
	}
}

// uncertain is a value of a text format, which says nothing of types.
type uncertain string

// settle is the type that the column is given: the one known, else the one that holds all values.
func (c *column) settle() rel.Type {
	switch c.t {
	case rel.Unknown:
		return c.infer()
	case rel.Decimal:
		return rel.Float
	}
	return c.t
}

func (c *column) infer() rel.Type {
	t := rel.Unknown
	for _, cell := range c.cells {
		t = common(t, typeOf(cell.V))
	}
	switch {
	case t == rel.Unknown:
		return c.otherwise
	case t == rel.Date && c.otherwise == rel.Timestamp:
		return rel.Timestamp
	}
	return t
}

// typeOf is Unknown of NULL.
func typeOf(v any) rel.Type {
	switch v := v.(type) {
	case nil:
		return rel.Unknown
	case bool:
		return rel.Boolean
	case int64:
		return rel.Integer
	case float64:
		return rel.Float
	case uncertain:
		return typeOfText(string(v))
	}
	return typeOfMoment(fmt.Sprint(v))
}

func typeOfText(text string) rel.Type {
	for _, t := range []rel.Type{rel.Integer, rel.Float, rel.Boolean} {
		if v, err := typed(t, uncertain(text)); v == nil {
			return rel.Unknown
		} else if err == nil {
			return t
		}
	}
	return typeOfMoment(text)
}

func typeOfMoment(text string) rel.Type {
	moment, err := project.ParseMoment(text, time.UTC)
	switch {
	case err != nil:
		return rel.Text
	case moment.DateOnly:
		return rel.Date
	}
	return rel.Timestamp
}

// common is the type that holds values of both.
func common(a, b rel.Type) rel.Type {
	pair := [2]rel.Type{min(a, b), max(a, b)}
	switch {
	case a == b || a == rel.Unknown:
		return b
	case b == rel.Unknown:
		return a
	case pair == [2]rel.Type{rel.Integer, rel.Float}:
		return rel.Float
	case pair == [2]rel.Type{rel.Date, rel.Timestamp}:
		return rel.Timestamp
	}
	return rel.Text
}

// unsaid is what a column holds in all rows where none gives it: a condition such as is_test is false, all else is NULL.
func (c *column) unsaid() project.Scalar {
	if c.settle() == rel.Boolean {
		return project.Scalar{V: false}
	}
	return project.Scalar{}
}

// typed is a value as a column of that type holds it, NULL being nil.
func typed(t rel.Type, v any) (any, error) {
	text := fmt.Sprint(v)
	if v == nil || v == uncertain("") {
		return nil, nil
	}
	switch t {
	case rel.Boolean:
		return parsed(text, strconv.ParseBool)
	case rel.Integer:
		return parsed(text, integer)
	case rel.Float, rel.Decimal:
		return parsed(text, func(text string) (float64, error) { return strconv.ParseFloat(text, 64) })
	case rel.Date, rel.Timestamp, rel.TimestampTZ:
		return parsed(text, func(text string) (time.Time, error) {
			moment, err := project.ParseMoment(text, time.UTC)
			return moment.Time, err
		})
	}
	return text, nil
}

func parsed[T any](text string, parse func(string) (T, error)) (any, error) {
	v, err := parse(text)
	if err != nil {
		return v, fmt.Errorf("not `%s`", text)
	}
	return v, nil
}

// integer reads 10 and 10.0.
func integer(text string) (int64, error) {
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		return whole, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err == nil && f != math.Trunc(f) {
		err = strconv.ErrSyntax
	}
	return int64(f), err
}
