package conformance

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"assay/compiler"
	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/dialects"
	"assay/internal/diag"
)

// TestSQL holds the SQL of every query to what a reader of it can expect: no full outer join, and a comment on each step.
func TestSQL(t *testing.T) {
	s := readSuite(t)
	w := s.onDuckDB(t)
	for _, c := range s.cases {
		sql := w.sql(t, c)
		if strings.Contains(strings.ToUpper(sql), "FULL OUTER") {
			t.Errorf("%s: a full outer join:\n%s", c.ID, sql)
		}
		if steps, comments := strings.Count(sql, " AS (\n"), strings.Count(sql, "-- "); comments < steps {
			t.Errorf("%s: %d steps and %d comments:\n%s", c.ID, steps, comments, sql)
		}
	}
}

// TestOneScan holds the engine's own plan to one scan for a model and join tree, however many metrics, windows, filters and formulas
// read it.
func TestOneScan(t *testing.T) {
	w := readSuite(t).onDuckDB(t)
	for _, c := range []struct {
		metrics, groupBy []string
		want             map[string]int
	}{
		{[]string{"bookings", "instant_bookings", "booking_value", "max_booking_value", "average_booking_value", "bookers", "bookings_per_booker",
			"instant_booking_value_ratio", "booking_fees"}, []string{"metric_time__day"}, map[string]int{"fct_bookings": 1}},
		{[]string{"instant_booking_value", "booking_value", "lux_booking_value_rate_expr"}, []string{"listing__country_latest"},
			map[string]int{"fct_bookings": 1, "dim_listings_latest": 1}},
		{[]string{"bookings", "bookers"}, []string{"listing__country_latest", "listing__user__home_state_latest"},
			map[string]int{"fct_bookings": 1, "dim_listings_latest": 1, "dim_users_latest": 1}},
		{[]string{"bookings", "views", "bookings_per_view"}, []string{"listing"}, map[string]int{"fct_bookings": 1, "fct_views": 1}},
		{[]string{"bookings", "bookings_growth_2_weeks"}, []string{"metric_time__day"}, map[string]int{"fct_bookings": 1, "mf_time_spine": 1}},
		{[]string{"revenue", "trailing_2_months_revenue"}, []string{"metric_time__day"}, map[string]int{"fct_revenue": 1, "mf_time_spine": 1}},
	} {
		plan := w.explain(t, queryCase{Model: "SIMPLE_MODEL", Metrics: c.metrics, GroupBys: c.groupBy})
		for table, want := range c.want {
			if got := len(regexp.MustCompile(`\bsrc\.`+table+`\b`).FindAllString(plan, -1)); got == 0 || got > want {
				t.Errorf("%v by %v: %d scans of %s, want at most %d:\n%s", c.metrics, c.groupBy, got, table, want, plan)
			}
		}
	}
}

// explain is the engine's plan of a query.
func (w *warehouse) explain(t testing.TB, c queryCase) string {
	t.Helper()
	rows, err := w.session.Query(context.Background(), "EXPLAIN (FORMAT json) "+w.sql(t, c))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(rows.Values)
}

func (w *warehouse) sql(t testing.TB, c queryCase) string {
	t.Helper()
	m, err := w.model(c.Model)
	if err != nil {
		t.Fatal(err)
	}
	q, err := c.query()
	if err != nil {
		t.Fatal(err)
	}
	return w.sqlOf(t, m, q)
}

func (w *warehouse) sqlOf(t testing.TB, m *model.Model, q ask.Query) string {
	t.Helper()
	bag := &diag.Bag{}
	program, err := compiler.Query(m, q, bag)
	if err != nil || bag.HasErrors() {
		t.Fatal(q, err, said(bag))
	}
	statements, err := dialects.Print(w.dialect, program)
	if err != nil {
		t.Fatal(q, err)
	}
	var all []string
	for _, s := range statements {
		all = append(all, s.SQL)
	}
	return strings.Join(all, ";\n")
}

// BenchmarkCompile compiles and prints every query of the suite.
func BenchmarkCompile(b *testing.B) {
	s := readSuite(b)
	w := s.onDuckDB(b)
	w.sql(b, s.cases[0])
	for b.Loop() {
		for _, c := range s.cases {
			w.sql(b, c)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(s.cases)), "µs/query")
}
