-- The answers of examples/button by hand: one row per metric. The shop's days are Berlin's, the log's times UTC.
WITH per_visitor AS (
  SELECT
    e.user_id,
    any_value(variant) AS variant,
    count(bought_at) AS purchases,
    coalesce(sum(amount), 0) AS revenue
  FROM 'data/exposures.csv' AS e
  LEFT JOIN 'data/purchases.csv' AS p
    ON p.user_id = e.user_id AND bought_at >= seen_at AND bought_at < seen_at + INTERVAL 7 DAY AND bought_at < TIMESTAMP '2026-02-22 23:00'
  WHERE seen_at >= TIMESTAMP '2026-02-01 23:00' AND seen_at < TIMESTAMP '2026-02-15 23:00'
  GROUP BY e.user_id
),
arms AS (
  SELECT metric, variant, count(*) AS n, avg(x) AS value, var_samp(x) / count(*) AS v
  FROM per_visitor,
  LATERAL (VALUES ('buyers', (purchases >= 1)::INT::DOUBLE), ('revenue', revenue)) AS metrics (metric, x)
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
WHERE c.variant = 'orange' AND t.variant = 'green'
