package runner_test

import (
	"math"
	"testing"
	"time"

	"assay/compiler/project"
	"assay/runner"
	"assay/runner/judge"
)

// bakery plans an experiment whose units enter by the items of their orders: one hop away, in a country that the assignments know.
const bakery = `
models:
  - name: items
    relation: public.items
    agg_time_dimension: added_at
    columns:
      - {name: order_id, entity: {type: foreign, name: "order"}}
      - {name: added_at, granularity: second, dimension: {type: time}}
      - {name: kind, data_type: varchar}
      - {name: country, dimension: categorical}
  - name: orders
    relation: public.orders
    agg_time_dimension: ordered_at
    columns:
      - {name: order_id, entity: {type: primary, name: "order"}}
      - {name: user_id, entity: {type: foreign, name: user}}
      - {name: ordered_at, granularity: second, dimension: {type: time}}
    metrics:
      - {name: revenue, type: simple, agg: sum, expr: amount, desired_change: increase}
assignments:
  - name: flags
    relation: public.flags
    entity: user
    columns: {unit: user_id, time: at, experiment: flag, variant: variant}
    dimensions: [country]
protocols:
  - {name: once, statistics: {method: fixed}}
experiments:
  - name: cakes
    assignments: flags
    protocol: once
    start: 2026-02-02
    variants: {control: 60%, treatment: 40%}
    population: country = 'DE'
    entry: {model: items, filter: kind = 'cake'}
    metrics: {primary: {metric: revenue, mde: 10%}}
  - name: opening
    assignments: flags
    protocol: once
    start: 2026-01-05
    variants: [control, treatment]
    metrics: {primary: {metric: revenue, mde: 10%}}
`

// bakeryData has 400 orders of 90 users over four weeks, an item each, and 40 users assigned to another experiment.
const bakeryData = `CREATE SCHEMA IF NOT EXISTS public;
CREATE TABLE public.orders AS SELECT 'o' || i AS order_id, 'u' || (i % 90) AS user_id,
  TIMESTAMP '2026-01-05 00:00:00' + INTERVAL '100 minutes' * i AS ordered_at, 5 + (i * 7) % 11 AS amount
FROM generate_series(1, 400) AS s(i);
CREATE TABLE public.items AS SELECT order_id, ordered_at AS added_at,
  CASE WHEN amount < 12 THEN 'cake' ELSE 'bread' END AS kind, CASE WHEN amount % 2 = 0 THEN 'DE' ELSE 'FR' END AS country
FROM public.orders;
CREATE TABLE public.flags AS SELECT 'u' || i AS user_id, TIMESTAMP '2026-01-06 00:00:00' AS at, 'opening' AS flag,
  CASE WHEN i % 2 = 0 THEN 'control' ELSE 'treatment' END AS variant, 'DE' AS country FROM generate_series(1, 40) AS s(i)`

// bakeryByHand is the units that would have entered in the weeks before, and the mean and standard deviation of what they spent from
// then on.
const bakeryByHand = `
WITH entered AS (
  SELECT o.user_id, min(i.added_at) AS entered_at
  FROM public.items AS i JOIN public.orders AS o ON o.order_id = i.order_id
  WHERE i.kind = 'cake' AND i.added_at >= TIMESTAMP '2026-01-12 00:00:00' AND i.added_at < TIMESTAMP '2026-02-02 00:00:00'
  GROUP BY o.user_id
),
first AS (
  SELECT e.user_id, e.entered_at, min(i.country) AS country
  FROM entered AS e JOIN public.orders AS o ON o.user_id = e.user_id
  JOIN public.items AS i ON i.order_id = o.order_id AND i.added_at = e.entered_at
  GROUP BY e.user_id, e.entered_at
),
spent AS (
  SELECT f.user_id, CAST(coalesce(sum(CASE WHEN o.ordered_at >= f.entered_at AND o.ordered_at < TIMESTAMP '2026-02-02 00:00:00'
    THEN o.amount END), 0) AS DOUBLE PRECISION) AS amount
  FROM first AS f LEFT JOIN public.orders AS o ON o.user_id = f.user_id
  WHERE f.country = 'DE' GROUP BY f.user_id
)
SELECT count(*), avg(amount), stddev_samp(amount) FROM spent`

func TestForecast(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, bakeryData)
		day := newJob(t, e, warehouse, bakery)
		day.AsOf = time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)
		run(t, day)
		forecast := forecasting(t, day)
		run(t, forecast)
		result := run(t, forecast)

		hand := query(t, session, bakeryByHand)[0]
		cakes := result.Forecasts[0]
		last := cakes.Curves[0].Points[2]
		n := hand[0].(int64)
		control, variant := math.Round(0.6*float64(n)), math.Round(0.4*float64(n))
		equal(t, []int64{n, int64(control), int64(variant)}, []int64{cakes.Entered[2].Units, last.Control, last.Variant})
		for what, pair := range map[string][2]float64{
			"mean": {last.Value, hand[1].(float64)}, "standard deviation": {last.SD, hand[2].(float64)},
			"standard error": {last.LiftSE, hand[2].(float64) * math.Sqrt(1/control+1/variant) / hand[1].(float64)},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-9*pair[1] {
				t.Errorf("the %s is %v, by hand %v", what, pair[0], pair[1])
			}
		}
		equal(t, judge.FromOwnData, result.Forecasts[1].Basis)

		// The second forecast stands in place of the first, and neither hides what runs have found.
		equal(t, [][]any{{int64(5), int64(1)}}, query(t, session, `SELECT count(*), count(DISTINCT run_id) FROM results.assay_power
			WHERE experiment = 'cakes'`))
		equal(t, [][]any{{int64(7)}}, query(t, session, "SELECT count(*) FROM results.assay_power_latest"))
		equal(t, [][]any{{int64(1)}}, query(t, session, `SELECT count(*) FROM results.assay_experiment_results_latest
			WHERE experiment = 'opening' AND dimension = 'overall'`))
	})
}

// forecasting is a job that forecasts what another computes.
func forecasting(t *testing.T, job runner.Job) runner.Job {
	t.Helper()
	plan := job.Plan
	job.Plan = func(found *project.Catalog) (*runner.Work, error) {
		work, err := plan(found)
		work.Planning = runner.Planning{Experiments: work.Experiments, Weeks: 4}
		work.Experiments = nil
		return work, err
	}
	return job
}
