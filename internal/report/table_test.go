package report

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestTable(t *testing.T) {
	columns := []Column{{"metric_time", ""}, {"user__plan", ""}, {"revenue", "USD"}, {"orders", ""}, {"conversion", "%"}}
	monday := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	rows := [][]any{
		{monday, "pro", 1234.5, int64(1200), 0.1234},
		{monday.AddDate(0, 0, 7), nil, -0.25, nil, nil},
		{monday.AddDate(0, 0, 14), "a plan with a name that is long", 12.0, int64(7), 1.0},
	}
	var out strings.Builder
	for _, o := range []Options{{}, {Width: 72, ASCII: true}} {
		if err := Table(&out, columns, rows, o); err != nil {
			t.Fatal(err)
		}
		out.WriteString("\n")
	}
	for _, rows := range [][][]any{nil, {{nil, nil, nil, nil, nil}}, {{monday.Add(time.Hour), "", 1e9, int64(-5), 0.0}}} {
		if err := Table(&out, columns, rows, Options{}); err != nil {
			t.Fatal(err)
		}
		out.WriteString("\n")
	}
	golden(t, "table", out.String())
}

// TestNarrowTable: a page that is too narrow folds titles, shortens texts, and at last lists values; it keeps days and numbers whole.
func TestNarrowTable(t *testing.T) {
	columns := []Column{{"metric_time__month", ""}, {"user__plan", ""}, {"user__country_of_residence", ""}, {"revenue", "USD"},
		{"average_order_value", "USD"}, {"support_tickets", ""}}
	month := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rows := [][]any{
		{month, "enterprise, by the seat", "United Kingdom", 104234.5, 34.3371, int64(1200)},
		{month.AddDate(0, 1, 0), nil, "Germany", 1.25, nil, int64(3)},
	}
	var out strings.Builder
	for _, width := range []int{130, 90, 60, 55} {
		page := &strings.Builder{}
		if err := Table(page, columns, rows, Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(page.String(), "\n") {
			if n := utf8.RuneCountInString(line); n > width {
				t.Errorf("%d columns on a page of %d: %s", n, width, line)
			}
		}
		out.WriteString(page.String() + "\n")
	}
	golden(t, "narrow_table", out.String())
}
