package site

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/plan"
)

// A saved query's table is a series where its rows are by time and nothing else.
func TestSeriesOf(t *testing.T) {
	metrics := []string{"orders", "revenue"}
	asOf, week := day(2, 4), day(1, 5)
	rows := func(columns []string, values ...any) plan.Rows {
		return plan.Rows{Columns: append(columns, "run_id", "as_of"), Values: [][]any{append(values, "run-1", asOf)}}
	}
	one := func(value *float64) Series {
		return Series{Query: "q", Grain: "week", AsOf: asOf, Points: []Point{{week, value}}}
	}
	for name, c := range map[string]struct {
		rows plan.Rows
		want map[string]Series
	}{
		"two metrics": {rows([]string{"metric_time__week", "orders", "revenue"}, week, int64(7), 1.5),
			map[string]Series{"orders": one(ptr(7.0)), "revenue": one(ptr(1.5))}},
		"names in capitals":  {rows([]string{"METRIC_TIME__WEEK", "ORDERS"}, week, nil), map[string]Series{"orders": one(nil)}},
		"by a dimension too": {rows([]string{"metric_time__week", "user__plan", "orders"}, week, "pro", 7.0), nil},
		"by two times":       {rows([]string{"metric_time__week", "metric_time__day", "orders"}, week, week, 7.0), nil},
		"not by time":        {rows([]string{"orders"}, 7.0), nil},
		"without rows":       {plan.Rows{Columns: []string{"metric_time__week", "orders", "as_of"}}, nil},
		"before the first time": {rows([]string{"metric_time__week", "orders"}, nil, 7.0),
			map[string]Series{"orders": {Query: "q", Grain: "week", AsOf: asOf}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, seriesOf("q", c.rows, metrics)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The period that a run falls into is not over, and would look like a fall.
func TestWhatIsNotOverIsNotDrawn(t *testing.T) {
	if got := len(weekly().complete()); got != 4 {
		t.Errorf("%d weeks are over, want 4", got)
	}
	unknown := weekly()
	unknown.Grain = "fiscal_month"
	if got := len(unknown.complete()); got != 5 {
		t.Errorf("%d periods of unknown length are over, want all", got)
	}
}
