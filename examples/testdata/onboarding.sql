-- The answers of examples/onboarding by hand: one row per variant and metric.
WITH per_unit AS (
  SELECT
    "group",
    coalesce(lessons, 0) AS lessons,
    coalesce(minutes, 0) AS minutes,
    coalesce(subscribed, false) AS subscribed,
    coalesce(tickets, 0) AS tickets,
    row_number() OVER (ORDER BY coalesce(lessons, 0)) AS rank,
    count(*) OVER () AS n
  FROM 'data/split.csv'
  LEFT JOIN 'data/first_week.csv' USING (user_id)
),
capped AS (
  SELECT *, least(lessons, min(lessons) FILTER (WHERE rank >= 0.995 * n) OVER ()) AS lessons_capped FROM per_unit
),
long AS (
  SELECT "group", metric, numerator::DOUBLE AS y, denominator::DOUBLE AS d
  FROM capped,
  LATERAL (VALUES
    ('activated', (lessons >= 3)::INT, 1),
    ('lessons', lessons_capped, 1),
    ('subscriptions', subscribed::INT, 1),
    ('tickets', tickets, 1),
    ('minutes', minutes, 1),
    ('minutes_per_lesson', minutes, lessons)
  ) AS metrics (metric, numerator, denominator)
),
arms AS (
  SELECT "group", metric, count(*) AS n, sum(y) / sum(d) AS value FROM long GROUP BY ALL
),
variances AS (
  SELECT "group", metric, var_samp(y - value * d) / count(*) / avg(d) ** 2 AS v
  FROM long
  JOIN arms USING ("group", metric)
  GROUP BY ALL
),
measured AS (
  SELECT * FROM arms JOIN variances USING ("group", metric)
)
SELECT
  'onboarding_tour' AS experiment,
  variant."group" AS variant,
  variant.metric,
  control.n AS n_control,
  variant.n AS n_variant,
  control.value AS value_control,
  variant.value AS value_variant,
  variant.value - control.value AS effect,
  sqrt(variant.v + control.v) AS effect_se
FROM measured AS variant
JOIN measured AS control ON control.metric = variant.metric AND control."group" = 'full_tour'
WHERE variant."group" <> 'full_tour'
