package report

import (
	"strings"
	"testing"
	"time"
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
