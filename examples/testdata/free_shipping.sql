-- The answers of examples/free_shipping by hand: one row per metric; a mean is a ratio to 1.
WITH per_customer AS (
  SELECT
    f.customer_id,
    any_value(variant) AS variant,
    count(order_id) AS orders,
    coalesce(sum(paid), 0) AS revenue,
    coalesce(sum(paid - books_cost - parcel_cost), 0) AS profit
  FROM 'data/flags.csv' AS f
  LEFT JOIN 'data/orders.csv' AS o
    ON o.customer_id = f.customer_id AND ordered_at >= seen_at AND ordered_at < seen_at + INTERVAL 14 DAY
  GROUP BY f.customer_id
),
long AS (
  SELECT metric, variant, y::DOUBLE AS y, d
  FROM per_customer,
  LATERAL (VALUES ('orders', orders, 1), ('revenue', revenue, 1), ('profit', profit, 1), ('profit_per_order', profit, orders))
    AS metrics (metric, y, d)
),
ratios AS (
  SELECT metric, variant, count(*) AS n, sum(y) / sum(d) AS value, avg(d) AS d FROM long GROUP BY ALL
),
arms AS (
  SELECT metric, variant, n, value, var_samp(y - value * long.d) / n / ratios.d ** 2 AS v
  FROM long
  JOIN ratios USING (metric, variant)
  GROUP BY metric, variant, n, value, ratios.d
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
WHERE c.variant = 'paid_shipping' AND t.variant = 'free'
