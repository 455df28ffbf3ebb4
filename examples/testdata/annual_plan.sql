-- The answers of examples/annual_plan by hand after its first week, in New York, where clocks went forward on its last day.
WITH per_visitor AS (
  SELECT
    f.visitor_id,
    any_value(variant) AS variant,
    count(started_at) AS subscriptions,
    coalesce(sum(price), 0) AS booked
  FROM 'data/flags.csv' AS f
  LEFT JOIN 'data/subscriptions.csv' AS s
    ON s.visitor_id = f.visitor_id AND started_at >= seen_at AND started_at < seen_at + INTERVAL 1 DAY
    AND started_at < TIMESTAMP '2026-03-09 04:00'
  WHERE seen_at >= TIMESTAMP '2026-03-02 05:00' AND seen_at < TIMESTAMP '2026-03-09 04:00'
  GROUP BY f.visitor_id
),
arms AS (
  SELECT metric, variant, count(*) AS n, avg(x) AS value, var_samp(x) / count(*) AS v
  FROM per_visitor,
  LATERAL (VALUES ('subscribers', (subscriptions >= 1)::INT::DOUBLE), ('booked_revenue', booked)) AS metrics (metric, x)
  GROUP BY ALL
)
SELECT
  metric,
  c.n AS n_control,
  t.n AS n_variant,
  c.value AS value_control,
  t.value AS value_variant,
  t.value - c.value AS effect,
  sqrt(t.v + c.v) AS effect_se
FROM arms AS c
JOIN arms AS t USING (metric)
WHERE c.variant = 'monthly_first' AND t.variant = 'annual_first'
