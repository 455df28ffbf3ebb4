package conformance

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
)

// TestWithoutSpine asks the suite's queries, for a range of time, of the same models without time spines: which periods there are is
// then said by the range, and no answer is another.
func TestWithoutSpine(t *testing.T) {
	s := readSuite(t)
	w := s.onDuckDB(t)
	asked := 0
	for _, c := range s.cases {
		with, err := w.model(c.Model)
		if err != nil {
			t.Fatal(err)
		}
		without := spineless(t, with)
		q, err := ranged(with, c)
		if err != nil {
			t.Fatal(err)
		}
		if len(q.Metrics) == 0 || !w.understands(without, q) || bySpineOfHours(q) {
			continue // without metrics, metric_time is the spine's own; custom periods are known by spines alone
		}
		want, err := w.ask(with, q)
		if err != nil {
			continue // a time that its table holds as text has no range
		}
		asked++
		got, err := w.ask(without, q)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		c.Expected.Columns, c.Expected.Rows, c.CheckOrder = want.Columns, want.Values, false
		if err := c.compare(got); err != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
	}
	if asked < 60 {
		t.Errorf("%d queries were asked", asked)
	}
}

// ranged is a case's query for two months, in which some days have no rows.
func ranged(m *model.Model, c queryCase) (ask.Query, error) {
	c.Limit = nil
	q, err := c.query()
	if c.SavedQuery != "" {
		err = askSaved(m, c.SavedQuery, &q)
	}
	start, end := time.Date(2019, 12, 10, 0, 0, 0, 0, time.UTC), time.Date(2020, 2, 11, 0, 0, 0, 0, time.UTC)
	q.Start, q.End = &start, &end
	return q, err
}

// bySpineOfHours reports whether a query is by hours, whose spine in the suite ends after a week.
func bySpineOfHours(q ask.Query) bool {
	return slices.ContainsFunc(q.GroupBy, func(g diag.Text) bool { return strings.HasSuffix(g.Value, "__hour") })
}

func (w *warehouse) understands(m *model.Model, q ask.Query) bool {
	bag := &diag.Bag{}
	q.Resolve(m, bag)
	return !bag.HasErrors()
}

// spineless is a model whose time spines are tables as others are.
func spineless(t testing.TB, m *model.Model) *model.Model {
	t.Helper()
	p := *m.Project
	p.Models = slices.Clone(p.Models)
	for i, declared := range p.Models {
		if declared.TimeSpine != nil {
			without := *declared
			without.TimeSpine = nil
			p.Models[i] = &without
		}
	}
	p.Models = slices.DeleteFunc(p.Models, func(m *project.Model) bool { return strings.Contains(m.Name.V, "time_spine") })
	return model.Build(&p, &diag.Bag{})
}

// TestOneScanWithoutSpine holds what engines do of queries whose periods are generated to one scan of each table: periods lie between
// the first and the last of rows that are read already.
func TestOneScanWithoutSpine(t *testing.T) {
	s := readSuite(t)
	for name, w := range map[string]*warehouse{"duckdb": s.onDuckDB(t), "postgres": s.onPostgres(t)} {
		with, err := w.model("SIMPLE_MODEL")
		if err != nil {
			t.Fatal(err)
		}
		w.models["SIMPLE_MODEL"] = spineless(t, with)
		for _, c := range []struct {
			metrics []string
			by      string
			table   string
		}{
			{[]string{"trailing_2_months_revenue", "revenue_mtd", "revenue"}, "metric_time__day", "fct_revenue"},
			{[]string{"every_two_days_bookers_fill_nulls_with_0"}, "metric_time__day", "fct_bookings"},
			{[]string{"bookings_5_day_lag"}, "metric_time__month", "fct_bookings"},
			{[]string{"bookings_fill_nulls_with_0", "bookings_join_to_time_spine"}, "metric_time__week", "fct_bookings"},
		} {
			plan := w.explain(t, queryCase{Model: "SIMPLE_MODEL", Metrics: c.metrics, GroupBys: []string{c.by}})
			scan := regexp.MustCompile(`\bsrc\.` + c.table + `\b|"Relation Name": "` + c.table + `"`)
			if got := len(scan.FindAllString(plan, -1)); got != 1 {
				t.Errorf("%s: %v by %s: %d scans of %s:\n%s", name, c.metrics, c.by, got, c.table, plan)
			}
		}
	}
}

// TestLongSpine generates more periods than one series has numbers.
func TestLongSpine(t *testing.T) {
	s := readSuite(t)
	w := s.onDuckDB(t)
	with, err := w.model("SIMPLE_MODEL")
	if err != nil {
		t.Fatal(err)
	}
	w.exec(t, "INSERT INTO src.fct_revenue (user_id, revenue, created_at) VALUES ('u0004114', 1, '9999-12-31')")
	answer, err := w.session.Query(context.Background(), fmt.Sprintf("SELECT max(metric_time__day)::VARCHAR FROM (%s)",
		w.sqlOf(t, spineless(t, with), ask.Query{Metrics: texts([]string{"revenue_all_time"}), GroupBy: texts([]string{"metric_time__day"})})))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(answer.Values[0][0]); got != "9999-12-31 00:00:00" {
		t.Error(got)
	}
}
