package unittest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"assay/compiler/project"
	"assay/internal/diag"
)

// A comparison holds expected rows against computed ones, of which an expected row need not name every column.
type comparison struct {
	want  []project.Row
	names []string // of the computed rows' columns
	got   [][]any
	taken []bool // by an expected row
}

func newComparison(want []project.Row, names []string, got [][]any) *comparison {
	return &comparison{want: want, names: names, got: got, taken: make([]bool, len(got))}
}

// report says of each expected row that was not computed how the one most like it differs.
func (c *comparison) report(bag *diag.Bag) {
	for _, row := range c.unmet() {
		at, differences := c.nearest(row)
		if at < 0 {
			bag.Errorf(spanOf(row), codeFailed, "there is no such row")
			continue
		}
		c.taken[at] = true
		for _, d := range differences {
			bag.Errorf(d.want.Value.Span, codeFailed, "`%s` is %s, not %s", d.want.Name.V, written(d.got), written(d.want.Value.V))
		}
	}
}

// reportUnexpected says of each computed row that no expected one is like it.
func (c *comparison) reportUnexpected(bag *diag.Bag, at diag.Span) {
	for i, row := range c.got {
		if c.taken[i] {
			continue
		}
		cells := make([]string, len(row))
		for j, v := range row {
			cells[j] = c.names[j] + ": " + written(v)
		}
		bag.Errorf(at, codeFailed, "there is one row more than expected: {%s}", strings.Join(cells, ", "))
	}
}

// unmet takes the computed rows that are as expected, and leaves the expected ones that none is.
func (c *comparison) unmet() []project.Row {
	var unmet []project.Row
	for _, row := range c.want {
		if at := c.find(row); at >= 0 {
			c.taken[at] = true
		} else {
			unmet = append(unmet, row)
		}
	}
	return unmet
}

func (c *comparison) find(row project.Row) int {
	for i, got := range c.got {
		if !c.taken[i] && len(c.differences(row, got)) == 0 {
			return i
		}
	}
	return -1
}

// nearest is the computed row, not yet taken, that is the least unlike; -1 where there is none.
func (c *comparison) nearest(row project.Row) (at int, least []difference) {
	at = -1
	for i, got := range c.got {
		if differences := c.differences(row, got); !c.taken[i] && (at < 0 || unlike(differences) < unlike(least)) {
			at, least = i, differences
		}
	}
	return at, least
}

// unlike grows with differences, and most with those of texts: they say what a row is of.
func unlike(differences []difference) int {
	count := len(differences)
	for _, d := range differences {
		if _, text := d.got.(string); text {
			count += 1000
		}
	}
	return count
}

// A difference is a cell that is not as expected.
type difference struct {
	want project.Option
	got  any
}

func (c *comparison) differences(want project.Row, got []any) []difference {
	var all []difference
	for _, cell := range want {
		v := got[slices.Index(c.names, cell.Name.V)]
		if !equal(cell.Value.V, v) {
			all = append(all, difference{cell, v})
		}
	}
	return all
}

// tolerance is the relative difference of two numbers that are the same: sums in another order differ by less.
const tolerance = 1e-9

// equal compares an expected value, which may be a text of a number or a time, with a computed one.
func equal(want, got any) bool {
	if want == nil || want == uncertain("") || got == nil {
		return (want == nil || want == uncertain("")) && got == nil
	}
	text := fmt.Sprint(want)
	switch got := got.(type) {
	case bool:
		b, err := strconv.ParseBool(text)
		return err == nil && b == got
	case int64:
		return isNumber(want, float64(got))
	case float64:
		return isNumber(want, got)
	case time.Time:
		if at, ok := want.(time.Time); ok {
			return at.Equal(got)
		}
		moment, err := project.ParseMoment(text, time.UTC)
		return err == nil && moment.Time.Equal(got)
	}
	return text == fmt.Sprint(got)
}

func isNumber(want any, got float64) bool {
	f, err := strconv.ParseFloat(fmt.Sprint(want), 64)
	return err == nil && math.Abs(f-got) <= tolerance*max(math.Abs(f), math.Abs(got))
}

// written is a value as YAML has it.
func written(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case uncertain:
		if v == "" {
			return "null"
		}
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		return strings.TrimSuffix(v.UTC().Format("2006-01-02 15:04:05.999999"), " 00:00:00")
	}
	return fmt.Sprint(v)
}

func spanOf(row project.Row) diag.Span {
	if len(row) == 0 {
		return diag.Span{}
	}
	return row[0].Value.Span.Join(row[len(row)-1].Value.Span)
}
