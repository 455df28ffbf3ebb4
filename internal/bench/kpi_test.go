//go:build unix

package bench

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"assay/compiler"
	"assay/compiler/ask"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/dialects"
	dialect "assay/dialects/duckdb"
	"assay/internal/diag"
	"assay/runner"
)

// kpiProject is metrics over the benchmark's events, and users to join.
var kpiProject = fstest.MapFS{
	"assay_project.yml": {Data: []byte("name: bench\nprofile: bench\n")},
	"models/events.yml": {Data: []byte(`models:
  - name: events
    relation: events
    agg_time_dimension: happened_at
    columns:
      - {name: user_id, data_type: bigint, entity: {type: foreign, name: user}}
      - {name: happened_at, data_type: timestamp, granularity: second, dimension: {type: time}}
      - {name: kind, data_type: string, dimension: categorical}
      - {name: amount, data_type: double}
    metrics:
      - {name: revenue, type: simple, agg: sum, expr: amount, filter: kind = 'purchase'}
      - {name: purchases, type: simple, agg: count, filter: kind = 'purchase'}
      - {name: views, type: simple, agg: count, filter: kind = 'view'}
      - {name: buyers, type: simple, agg: count_distinct, expr: user_id, filter: kind = 'purchase'}
      - {name: large, type: simple, agg: percentile, percentile: 0.9, expr: amount, filter: kind = 'purchase'}
      - {name: cart_left, type: simple, agg: sum, expr: amount, filter: kind = 'cart',
         non_additive_dimension: {name: happened_at, window_agg: max, group_by: [user]}}
  - name: users
    relation: exposures
    columns:
      - {name: user_id, data_type: bigint, entity: {type: primary, name: user}}
      - {name: country, data_type: string, dimension: categorical}
      - {name: platform, data_type: string, dimension: categorical}
  - name: plans
    relation: plans
    columns:
      - {name: subscriber, entity: {type: natural, name: user}}
      - {name: plan, data_type: string, dimension: categorical}
      - {name: valid_from, data_type: timestamp, granularity: second, dimension: {type: time, validity_params: {is_start: true}}}
      - {name: valid_to, data_type: timestamp, granularity: second, dimension: {type: time, validity_params: {is_end: true}}}
metrics:
  - {name: bought_after_view, type: conversion, entity: user, calculation: conversion_rate, base_metric: views, conversion_metric: purchases,
     window: 7 days}
  - {name: aov, type: ratio, numerator: revenue, denominator: purchases}
  - {name: per_view, type: derived, expr: revenue / views, input_metrics: [revenue, views]}
  - {name: week, type: cumulative, input_metric: revenue, window: 7 days}
  - {name: month, type: cumulative, input_metric: revenue, grain_to_date: month}
  - name: growth
    type: derived
    expr: revenue / revenue_before
    input_metrics: [revenue, {name: revenue, alias: revenue_before, offset_window: 7 days}]
`)},
}

// shapes are queries, and the SQL that someone who knows the engine writes for the same answer.
var shapes = []struct {
	name             string
	metrics, groupBy []string
	byHand           string
}{
	{"by-day", []string{"revenue", "purchases"}, []string{"metric_time__day"},
		`SELECT date_trunc('day', happened_at) AS d, sum(amount), count(*) FROM events WHERE kind = 'purchase' GROUP BY 1 ORDER BY 1`},
	{"two-dimensions", []string{"purchases", "views"}, []string{"metric_time__week", "kind"},
		`SELECT date_trunc('week', happened_at) AS w, kind, sum(CASE WHEN kind = 'purchase' THEN 1 END), sum(CASE WHEN kind = 'view' THEN 1 END)
		FROM events WHERE kind IN ('purchase', 'view') GROUP BY 1, 2 ORDER BY 1, 2`},
	{"join", []string{"revenue"}, []string{"user__country", "user__platform"},
		`SELECT country, platform, sum(amount) FROM events LEFT JOIN exposures USING (user_id) WHERE kind = 'purchase' GROUP BY 1, 2 ORDER BY 1, 2`},
	{"count-distinct", []string{"buyers"}, []string{"metric_time__week"},
		`SELECT date_trunc('week', happened_at) AS w, count(DISTINCT user_id) FROM events WHERE kind = 'purchase' GROUP BY 1 ORDER BY 1`},
	{"ratio-and-derived", []string{"aov", "per_view"}, []string{"metric_time__day"},
		`SELECT d, r / nullif(p, 0), r / nullif(v, 0) FROM (SELECT date_trunc('day', happened_at) AS d, sum(CASE WHEN kind = 'purchase' THEN amount END) AS r,
		sum(CASE WHEN kind = 'purchase' THEN 1 END) AS p, sum(CASE WHEN kind = 'view' THEN 1 END) AS v
		FROM events WHERE kind IN ('purchase', 'view') GROUP BY 1) ORDER BY 1`},
	{"percentile", []string{"large"}, []string{"metric_time__week"},
		`SELECT date_trunc('week', happened_at) AS w, percentile_cont(0.9) WITHIN GROUP (ORDER BY amount) FROM events
		WHERE kind = 'purchase' GROUP BY 1 ORDER BY 1`},
	{"cumulative", []string{"week"}, []string{"metric_time__day"}, byDay + `
		SELECT d, sum(r) OVER (ORDER BY d RANGE BETWEEN INTERVAL 6 DAY PRECEDING AND CURRENT ROW) FROM days RIGHT JOIN calendar USING (d) ORDER BY 1`},
	{"to-date", []string{"month"}, []string{"metric_time__day"}, byDay + `
		SELECT d, sum(r) OVER (PARTITION BY date_trunc('month', d) ORDER BY d) FROM days RIGHT JOIN calendar USING (d) ORDER BY 1`},
	{"offset", []string{"growth"}, []string{"metric_time__day"}, byDay + `
		SELECT d, days.r / nullif(before.r, 0) FROM days FULL JOIN (SELECT d + INTERVAL 7 DAY AS d, r FROM days) AS before USING (d) ORDER BY 1`},
	{"offset-in-week", []string{"growth"}, []string{"metric_time__week"}, byDay + `,
		weeks AS (SELECT date_trunc('week', d) AS w, sum(r) AS r FROM days GROUP BY 1),
		before AS (SELECT date_trunc('week', d + INTERVAL 7 DAY) AS w, sum(r) AS r FROM days GROUP BY 1)
		SELECT w, weeks.r / nullif(before.r, 0) FROM weeks FULL JOIN before USING (w) ORDER BY 1`},
	{"conversion", []string{"bought_after_view"}, []string{"metric_time__week"},
		`WITH views AS (SELECT user_id, happened_at FROM events WHERE kind = 'view'), purchases AS (SELECT user_id, happened_at FROM events WHERE kind = 'purchase'),
		base AS (SELECT date_trunc('week', happened_at) AS w, count(*) AS n FROM views GROUP BY 1),
		converted AS (SELECT date_trunc('week', v.happened_at) AS w, count(*) AS n FROM purchases AS p ASOF JOIN views AS v
			ON v.user_id = p.user_id AND v.happened_at <= p.happened_at WHERE v.happened_at > p.happened_at - INTERVAL 7 DAY GROUP BY 1)
		SELECT w, converted.n / base.n FROM base LEFT JOIN converted USING (w) ORDER BY 1`},
	{"non-additive", []string{"cart_left"}, []string{"metric_time__week"},
		`SELECT w, sum(amount) FROM (SELECT date_trunc('week', happened_at) AS w, amount, happened_at, max(happened_at) OVER (PARTITION BY user_id,
		date_trunc('week', happened_at)) AS latest FROM events WHERE kind = 'cart' AND user_id IS NOT NULL) WHERE happened_at = latest GROUP BY 1 ORDER BY 1`},
	{"validity", []string{"revenue"}, []string{"user__plan"},
		`SELECT plan, sum(amount) FROM events AS e LEFT JOIN plans AS p ON e.user_id = p.subscriber AND e.happened_at >= p.valid_from
		AND e.happened_at < coalesce(p.valid_to, TIMESTAMP 'infinity') WHERE kind = 'purchase' GROUP BY 1 ORDER BY 1`},
}

// byDay is revenue by day, and the days from the first event to the last.
const byDay = `WITH days AS (SELECT date_trunc('day', happened_at) AS d, sum(amount) AS r FROM events WHERE kind = 'purchase' GROUP BY 1),
		calendar AS (SELECT unnest(generate_series(date_trunc('day', min(happened_at)), date_trunc('day', max(happened_at)), INTERVAL 1 DAY)) AS d FROM events)`

// TestKPI holds the queries to the answers of the SQL by hand.
func TestKPI(t *testing.T) {
	s := warehouse(t, 20_000)
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) {
			sameAnswer(t, answer(t, s, printedQuery(t, shape.metrics, shape.groupBy)), answer(t, s, shape.byHand))
		})
	}
}

// BenchmarkKPI compares KPI queries with SQL by hand of the same answer, each time in turn.
func BenchmarkKPI(b *testing.B) {
	s := warehouse(b, *events)
	for _, shape := range shapes {
		ours := printedQuery(b, shape.metrics, shape.groupBy)
		b.Run(shape.name, func(b *testing.B) {
			var mine, theirs least
			for b.Loop() {
				theirs.see(query(b, s, shape.byHand))
				mine.see(query(b, s, ours))
			}
			b.ReportMetric(mine.over(theirs), "x-by-hand")
		})
	}
}

func answer(t testing.TB, s runner.Session, sql string) plan.Rows {
	t.Helper()
	rows, err := s.Query(context.Background(), sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return rows
}

// sameAnswer holds two answers to equal rows, but for the order in which an engine adds.
func sameAnswer(t testing.TB, ours, theirs plan.Rows) {
	t.Helper()
	if d := cmp.Diff(theirs.Values, ours.Values, cmpopts.EquateApprox(1e-9, 0)); d != "" {
		t.Fatalf("the query by hand has another answer (-by hand +ours):\n%s", d)
	}
}

func printedQuery(t testing.TB, metrics, groupBy []string) string {
	t.Helper()
	m, bag := compiler.Load(project.Options{Dir: "/bench", FS: kpiProject})
	var q ask.Query
	for _, name := range metrics {
		q.Metrics = append(q.Metrics, diag.PlainText(name))
	}
	for _, name := range groupBy {
		q.GroupBy = append(q.GroupBy, diag.PlainText(name))
	}
	program, err := compiler.Query(m, q, bag)
	if err != nil || bag.HasErrors() {
		t.Fatal(err, bag.Sorted())
	}
	statements, err := dialects.Print(dialect.Dialect, program)
	if err != nil || len(statements) != 1 {
		t.Fatal(len(statements), err)
	}
	return statements[0].SQL
}
