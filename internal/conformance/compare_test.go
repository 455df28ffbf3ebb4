package conformance

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"assay/compiler/plan"
)

// compare is nil where rows are those expected: columns by name in any order, rows in any order unless it is asked for, numbers to
// a relative 1e-6, times as instants, NULL only as NULL.
func (c queryCase) compare(got plan.Rows) error {
	order := make([]int, len(c.Expected.Columns))
	for i, name := range c.Expected.Columns {
		order[i] = slices.Index(got.Columns, name)
		if order[i] < 0 {
			return fmt.Errorf("no column %s among %v", name, got.Columns)
		}
	}
	if len(got.Columns) != len(order) {
		return fmt.Errorf("columns %v, want %v", got.Columns, c.Expected.Columns)
	}
	rows := make([][]any, len(got.Values))
	for i, values := range got.Values {
		rows[i] = make([]any, len(order))
		for j, at := range order {
			rows[i][j] = values[at]
		}
	}
	want := slices.Clone(c.Expected.Rows)
	if len(rows) != len(want) {
		return fmt.Errorf("%d rows, want %d", len(rows), len(want))
	}
	if !c.CheckOrder {
		sortRows(rows)
		sortRows(want)
	}
	for i := range want {
		for j := range want[i] {
			if !sameValue(rows[i][j], want[i][j]) {
				return fmt.Errorf("row %d: %v, want %v (%v)", i, rows[i], want[i], c.Expected.Columns)
			}
		}
	}
	return nil
}

func sameValue(got, want any) bool {
	if got == nil || want == nil {
		return got == nil && want == nil
	}
	if a, ok := number(got); ok {
		b, ok := number(want)
		return ok && math.Abs(a-b) <= 1e-6*max(1e-300, math.Abs(a), math.Abs(b))
	}
	if a, ok := instant(got); ok {
		b, ok := instant(want)
		return ok && a.Equal(b)
	}
	return fmt.Sprint(got) == fmt.Sprint(want)
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

func instant(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case string:
		for _, layout := range []string{"2006-01-02T15:04:05.999999999", time.RFC3339Nano, time.DateOnly} {
			if t, err := time.Parse(layout, v); err == nil {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// sortRows orders rows alike whichever side they come from: by what is no number, and then by the numbers, which may differ a little.
func sortRows(rows [][]any) {
	type sortable struct {
		row     []any
		text    string
		numbers []float64
	}
	all := make([]sortable, len(rows))
	for i, row := range rows {
		s := sortable{row: row}
		for _, v := range row {
			if x, ok := number(v); ok {
				s.numbers = append(s.numbers, x)
				continue
			}
			if t, ok := instant(v); ok {
				v = t.UTC().Format("2006-01-02T15:04:05.000000000")
			}
			s.text += fmt.Sprint(v) + "\x00"
		}
		all[i] = s
	}
	slices.SortFunc(all, func(a, b sortable) int {
		return cmp.Or(strings.Compare(a.text, b.text), slices.Compare(a.numbers, b.numbers))
	})
	for i, s := range all {
		rows[i] = s.row
	}
}
