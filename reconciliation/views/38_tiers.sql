-- Which access was delivered and which was billed, month by month, and whether billing made the same changes.

CREATE TABLE installed_tier AS
SELECT i.service_id, i.period_id, arg_max(i.product_id, (i.starts_on, i.product_id, i.basis)) AS product_id,
       arg_max(i.basis, (i.starts_on, i.product_id, i.basis)) AS basis
FROM (SELECT d.service_id, r.period_id, d.product_id, d.basis, d.starts_on
      FROM suspect_delivered d
      JOIN product p ON p.product_id = d.product_id AND p.delivered_by = 'access' AND p.charge_id = d.charge_id
      JOIN billing_period r ON r.calendar_id = d.calendar_id AND r.starts_on < d.ends_on AND r.ends_on > d.starts_on
      WHERE NOT d.is_suspended) i
GROUP BY i.service_id, i.period_id;

CREATE TABLE billed_tier AS
SELECT l.service_id, l.period_id, arg_max(l.product_id, (l.covers_from, l.product_id)) AS product_id
FROM suspect_line l
JOIN product p ON p.product_id = l.product_id AND p.delivered_by = 'access'
WHERE NOT l.is_duplicate
GROUP BY l.service_id, l.period_id;

-- Billing knows of every change and puts it on another day: its tiers, one after the other, are the last of those that
-- were delivered, and all that were delivered in the judged months are among them.
CREATE TABLE misdated AS
WITH installed AS (
    SELECT service_id, list(product_id ORDER BY starts_on) AS tiers,
           count(*) FILTER (runs_to > (SELECT min(starts_on) FROM period)) AS judged
    FROM (SELECT d.service_id, d.product_id, d.starts_on,
                 lag(d.product_id) OVER turn IS DISTINCT FROM d.product_id AS is_change,
                 lead(d.starts_on, 1, DATE '9999-12-31') OVER turn AS runs_to
          FROM suspect_delivered d
          JOIN product p ON p.product_id = d.product_id AND p.delivered_by = 'access' AND p.charge_id = d.charge_id
          WHERE NOT d.is_suspended
          WINDOW turn AS (PARTITION BY d.service_id ORDER BY d.starts_on))
    WHERE is_change
    GROUP BY service_id
),
billed_change AS (
    SELECT service_id, list(product_id ORDER BY starts_on) AS tiers
    FROM (SELECT r.service_id, r.product_id, r.starts_on,
                 lag(r.product_id) OVER (PARTITION BY r.service_id ORDER BY r.starts_on) IS DISTINCT FROM r.product_id AS is_change
          FROM billed_run r
          JOIN product p ON p.product_id = r.product_id AND p.delivered_by = 'access')
    WHERE is_change
    GROUP BY service_id
)
SELECT service_id
FROM installed i
JOIN billed_change b USING (service_id)
WHERE array_length(b.tiers) > 1 AND array_length(b.tiers) >= i.judged
  AND list_slice(i.tiers, -array_length(b.tiers), -1) = b.tiers;

-- The last list price of a product in each period.
CREATE TABLE month_price AS
SELECT product_id, period_id, arg_max(unit_price, piece_from) AS unit_price
FROM billing_rate
GROUP BY product_id, period_id;
