package conformance

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"assay/compiler"
	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
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

// TestOneScan holds every query of the suite, and random ones over its manifests, to one scan for a model and join tree, however
// many metrics, windows, offsets, filters and formulas read it.
func TestOneScan(t *testing.T) {
	s := readSuite(t)
	w := s.onDuckDB(t)
	for _, c := range s.cases {
		m, q := w.asked(t, c)
		w.wantOneScan(t, m, q)
	}
	var sound []*model.Model // as far as the tables' columns tell
	for _, name := range slices.Sorted(maps.Keys(w.models)) {
		bag := &diag.Bag{}
		if m := model.Build(w.models[name].Project, bag); !bag.HasErrors() {
			sound = append(sound, m)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(sound).Draw(t, "model")
		w.wantOneScan(t, m, question(m).Draw(t, "question"))
	})
}

// asked is a case's model, and the case as a question of it.
func (w *warehouse) asked(t testing.TB, c queryCase) (*model.Model, ask.Query) {
	t.Helper()
	m, err := w.model(c.Model)
	if err != nil {
		t.Fatal(err)
	}
	q, err := c.query()
	if err == nil && c.SavedQuery != "" {
		err = askSaved(m, c.SavedQuery, &q)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m, q
}

// question is up to four metrics by up to three of the properties that all of them have.
func question(m *model.Model) *rapid.Generator[ask.Query] {
	return rapid.Custom(func(t *rapid.T) ask.Query {
		var q ask.Query
		metrics := rapid.SliceOfNDistinct(rapid.SampledFrom(m.Metrics), 1, 4, rapid.ID[*model.Metric]).Draw(t, "metrics")
		for _, metric := range metrics {
			q.Metrics = append(q.Metrics, diag.PlainText(metric.Name))
		}
		groupable := m.Groupable(metrics)
		if len(groupable) == 0 {
			return q
		}
		name := rapid.Map(rapid.SampledFrom(groupable), func(p model.Property) string { return p.Name })
		for _, by := range rapid.SliceOfNDistinct(name, 0, 3, rapid.ID[string]).Draw(t, "by") {
			q.GroupBy = append(q.GroupBy, diag.PlainText(by))
		}
		timed := slices.ContainsFunc(groupable, func(p model.Property) bool { return p.Name == "metric_time" })
		if timed && rapid.Bool().Draw(t, "by time") {
			grain := rapid.SampledFrom([]string{"metric_time__day", "metric_time__month"}).Draw(t, "grain")
			q.GroupBy = append(q.GroupBy, diag.PlainText(grain))
		}
		return q
	})
}

// failer is what both a test and a property of one have.
type failer interface{ Fatalf(string, ...any) }

// wantOneScan compiles a query, if it has an answer, and counts where its program reads the tables of models: not what is joined
// to them, nor the spine, which are parts of the join tree.
func (w *warehouse) wantOneScan(t failer, m *model.Model, q ask.Query) {
	bag := &diag.Bag{}
	program, err := compiler.Query(m, q, bag)
	if err != nil {
		t.Fatalf("%v: %v", q, err)
	}
	if program == nil {
		return
	}
	for table, n := range scansOf(m, program) {
		if n > 1 {
			t.Fatalf("%v by %v: %d scans of %s\n%s", q.Metrics, q.GroupBy, n, table, program.Dump())
		}
	}
}

// scansOf counts the places in which a program reads rows of tables that are no spines.
func scansOf(m *model.Model, program *rel.Program) map[string]int {
	scans := map[string]int{}
	var count func(rel.Relation)
	count = func(r rel.Relation) {
		switch r := r.(type) {
		case *rel.Scan:
			table := fmt.Sprint(r.Table)
			if !slices.ContainsFunc(m.Spines, func(s *model.Spine) bool { return fmt.Sprint(s.Table.Source.Table) == table }) {
				scans[table]++
			}
		case *rel.Join:
			count(r.Left)
		default:
			for _, in := range rel.Inputs(r) {
				count(in)
			}
		}
	}
	for _, step := range program.Steps {
		count(step.Relation)
	}
	return scans
}

// TestOneScanOfEngine holds the engine's own plan to what the program says, a query for each way to read a table twice.
func TestOneScanOfEngine(t *testing.T) {
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
		{[]string{"visit_buy_conversion_rate_7days"}, []string{"metric_time__day", "visit__referrer_id"}, map[string]int{"fct_visits": 1, "fct_buys": 1}},
		{[]string{"bookings", "every_two_days_bookers"}, []string{"metric_time__day", "listing__country_latest"},
			map[string]int{"fct_bookings": 1, "dim_listings_latest": 1}},
		{[]string{"bookings_growth_2_weeks", "bookers"}, []string{"metric_time__month"}, map[string]int{"fct_bookings": 1}},
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
	m, q := w.asked(t, c)
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
