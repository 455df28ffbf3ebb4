-- The saved query of examples/checkout by hand: completed orders by week and by the plan the user had at the time.
SELECT
  date_trunc('week', ordered_at)::TIMESTAMP AS metric_time__week,
  plan AS user__plan,
  sum(amount) AS revenue,
  count(*) AS orders,
  sum(amount) / count(*) AS aov
FROM 'data/orders.csv' AS o
LEFT JOIN 'data/users.csv' AS u
  ON u.user_id = o.user_id AND plan_from <= ordered_at AND (plan_to IS NULL OR ordered_at < plan_to)
WHERE NOT is_test AND status = 'completed'
GROUP BY ALL
