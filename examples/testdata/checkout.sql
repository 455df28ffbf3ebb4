-- The answers of examples/checkout by hand: one row per experiment and metric.
WITH exposures AS (
  SELECT user_id, flag_key, variant, exposed_at
  FROM 'data/assignments.csv'
  WHERE user_id IS NOT NULL
    AND exposed_at >= CASE flag_key WHEN 'checkout-redesign' THEN TIMESTAMP '2026-01-05' ELSE TIMESTAMP '2026-01-12' END
    AND exposed_at < TIMESTAMP '2026-02-02'
),
units AS (
  SELECT replace(flag_key, '-', '_') AS experiment, user_id, min(variant) AS variant, min(exposed_at) AS exposed_at
  FROM exposures
  GROUP BY flag_key, user_id
  HAVING count(DISTINCT variant) = 1 AND min(variant) IN ('control', 'treatment', 'banner')
),
kept_orders AS (
  SELECT * FROM 'data/orders.csv' WHERE NOT is_test AND status = 'completed'
),
from_orders AS (
  SELECT
    experiment,
    user_id,
    sum(amount) FILTER (WHERE ordered_at < exposed_at + INTERVAL 7 DAY) AS revenue_7,
    sum(amount) FILTER (WHERE ordered_at < exposed_at + INTERVAL 14 DAY) AS revenue_14,
    sum(amount) AS revenue_21,
    count(*) FILTER (WHERE ordered_at < exposed_at + INTERVAL 14 DAY) AS orders_14,
    count(*) AS orders_21
  FROM units
  JOIN kept_orders USING (user_id)
  WHERE ordered_at >= exposed_at AND ordered_at < exposed_at + INTERVAL 21 DAY
  GROUP BY ALL
),
from_refunds AS (
  SELECT experiment, user_id, count(*) AS refunds, sum(r.amount) AS refunded
  FROM units
  JOIN 'data/orders.csv' AS o USING (user_id)
  JOIN 'data/refunds.csv' AS r USING (order_id)
  WHERE refunded_on >= exposed_at::DATE AND refunded_on < exposed_at::DATE + 21
  GROUP BY ALL
),
from_views AS (
  SELECT experiment, user_id, sum(clicks) AS clicks
  FROM units
  JOIN 'data/page_views.csv' USING (user_id)
  WHERE viewed_at >= exposed_at AND viewed_at < exposed_at + INTERVAL 14 DAY
  GROUP BY ALL
),
per_unit AS (
  SELECT
    experiment,
    variant = 'control' AS control,
    coalesce(revenue_7, 0) AS revenue_7,
    coalesce(revenue_14, 0) AS revenue_14,
    coalesce(revenue_21, 0) AS revenue_21,
    coalesce(orders_14, 0) AS orders_14,
    coalesce(orders_21, 0) AS orders_21,
    coalesce(refunds, 0) AS refunds,
    coalesce(refunded, 0) AS refunded,
    coalesce(clicks, 0) AS clicks,
    row_number() OVER (PARTITION BY experiment ORDER BY coalesce(revenue_7, 0)) AS rank_7,
    row_number() OVER (PARTITION BY experiment ORDER BY coalesce(revenue_14, 0)) AS rank_14,
    count(*) OVER (PARTITION BY experiment) AS n
  FROM units
  LEFT JOIN from_orders USING (experiment, user_id)
  LEFT JOIN from_refunds USING (experiment, user_id)
  LEFT JOIN from_views USING (experiment, user_id)
),
capped AS (
  SELECT
    *,
    least(revenue_7, min(revenue_7) FILTER (WHERE rank_7 >= 0.99 * n) OVER (PARTITION BY experiment)) AS revenue_7_capped,
    least(revenue_14, min(revenue_14) FILTER (WHERE rank_14 >= 0.99 * n) OVER (PARTITION BY experiment)) AS revenue_14_capped
  FROM per_unit
),
-- A ratio is numerator over denominator; of a mean, the denominator is 1 for each unit.
long AS (
  SELECT experiment, control, metric, numerator::DOUBLE AS y, denominator::DOUBLE AS d, adjusted
  FROM capped,
  LATERAL (VALUES
    ('ordered', (orders_14 >= 1)::INT, 1, false),
    ('orders', orders_14, 1, false),
    ('revenue', revenue_14_capped, 1, true),
    ('revenue_first_week', revenue_7_capped, 1, true),
    ('aov', revenue_14, orders_14, false),
    ('net_revenue', revenue_21 - refunded, 1, false),
    ('refund_rate', refunds, orders_21, false),
    ('clicks', clicks, 1, false)
  ) AS metrics (metric, numerator, denominator, adjusted)
),
arms AS (
  SELECT experiment, metric, control, adjusted, count(*) AS n, sum(y) / sum(d) AS value
  FROM long
  GROUP BY ALL
),
variances AS (
  SELECT experiment, metric, control, var_samp(y - value * d) / count(*) / avg(d) ** 2 AS v
  FROM long
  JOIN arms USING (experiment, metric, control)
  GROUP BY ALL
)
SELECT
  experiment,
  metric,
  min(n) FILTER (WHERE control) AS n_control,
  min(n) FILTER (WHERE NOT control) AS n_variant,
  min(value) FILTER (WHERE control) AS value_control,
  min(value) FILTER (WHERE NOT control) AS value_variant,
  -- A metric that CUPED adjusts has another effect; the values are before adjustment.
  CASE WHEN NOT adjusted THEN min(value) FILTER (WHERE NOT control) - min(value) FILTER (WHERE control) END AS effect,
  CASE WHEN NOT adjusted THEN sqrt(sum(v)) END AS effect_se
FROM arms
JOIN variances USING (experiment, metric, control)
GROUP BY experiment, metric, adjusted
