-- What each user would have brought to the experiment `ranking` had it begun {days} days before 20 April, by hand.
WITH entered AS (
  SELECT user_id, min(searched_at) AS entered_at
  FROM 'data/searches.csv'
  WHERE surface = 'catalogue' AND searched_at >= TIMESTAMP '2026-04-20' - INTERVAL {days} DAY AND searched_at < TIMESTAMP '2026-04-20'
  GROUP BY user_id
),
bought AS (
  SELECT e.user_id,
    count(*) FILTER (WHERE bought_at >= entered_at AND bought_at < entered_at + INTERVAL 14 DAY) AS purchases,
    coalesce(sum(price) FILTER (WHERE bought_at >= entered_at AND bought_at < entered_at + INTERVAL 14 DAY), 0) AS revenue,
    coalesce(sum(price) FILTER (WHERE bought_at >= entered_at - INTERVAL 28 DAY AND bought_at < entered_at), 0) AS before,
    count(*) FILTER (WHERE bought_at >= entered_at - INTERVAL 28 DAY AND bought_at < entered_at) AS purchases_before
  FROM entered AS e LEFT JOIN 'data/purchases.csv' AS p ON p.user_id = e.user_id
  GROUP BY e.user_id
)
SELECT user_id, entered_at + INTERVAL 14 DAY <= TIMESTAMP '2026-04-20' AS mature, purchases, revenue AS uncapped,
  least(revenue, quantile_disc(revenue, 0.99) OVER ()) AS revenue,
  least(before, quantile_disc(before, 0.99) OVER ()) AS before,
  (purchases_before = 0)::INTEGER AS unseen
FROM entered JOIN bought USING (user_id)
