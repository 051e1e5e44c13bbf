-- What the catalogue asks for the products that were billed, on the days when the service was delivered.

-- Days of delivery of a charge whatever its tier or price; a move still cuts them.
CREATE TABLE in_service AS
WITH item AS (
    SELECT d.service_id, d.charge_id, d.starts_on, d.ends_on,
           d.starts_on IN (SELECT m.starts_on FROM move m WHERE m.service_id = d.service_id) AS after_move
    FROM suspect_delivered d
    WHERE NOT d.is_suspended
),
marked AS (
    SELECT *, (after_move OR lag(ends_on) OVER same IS DISTINCT FROM starts_on)::INTEGER AS opens
    FROM item
    WINDOW same AS (PARTITION BY service_id, charge_id ORDER BY starts_on)
),
numbered AS (
    SELECT *, sum(opens) OVER (PARTITION BY service_id, charge_id ORDER BY starts_on ROWS UNBOUNDED PRECEDING) AS run
    FROM marked
)
SELECT service_id, charge_id, min(starts_on) AS starts_on, max(ends_on) AS ends_on
FROM numbered
GROUP BY service_id, charge_id, run;

-- Billed products over days of delivery. A percentage follows the billed access product on its own days.
CREATE TABLE billed_product AS
SELECT b.service_id, b.charge_id, b.product_id, 10000 * b.quantity AS factor,
       greatest(b.starts_on, i.starts_on) AS starts_on, least(b.ends_on, i.ends_on) AS ends_on
FROM billed_run b
JOIN in_service i ON i.service_id = b.service_id AND i.charge_id = b.charge_id
     AND i.starts_on < b.ends_on AND i.ends_on > b.starts_on
WHERE b.charge_id NOT IN (SELECT charge_id FROM promotion WHERE product_id IS NULL)
UNION ALL
SELECT i.service_id, i.charge_id, b.product_id, q.factor,
       greatest(b.starts_on, i.starts_on, c.starts_on), least(b.ends_on, i.ends_on, c.ends_on)
FROM promotion q
JOIN in_service i ON i.charge_id = q.charge_id
JOIN covered c ON c.service_id = i.service_id AND c.charge_id = i.charge_id
     AND c.starts_on < i.ends_on AND c.ends_on > i.starts_on
JOIN billed_run b ON b.service_id = i.service_id AND b.charge_id = q.applies_to
     AND greatest(i.starts_on, c.starts_on) < b.ends_on AND least(i.ends_on, c.ends_on) > b.starts_on
WHERE q.product_id IS NULL;

CREATE TABLE repriced_part AS
WITH piece AS (
    SELECT b.service_id, b.charge_id, b.factor, r.period_id, r.unit_price,
           greatest(b.starts_on, r.piece_from) AS starts_on, least(b.ends_on, r.piece_to) AS ends_on
    FROM billed_product b
    JOIN suspect s USING (service_id)
    JOIN billing_rate r ON r.product_id = b.product_id AND r.calendar_id = s.calendar_id AND r.piece_from < b.ends_on
         AND r.piece_to > b.starts_on
    WHERE NOT EXISTS (SELECT 1 FROM own_price o WHERE o.service_id = b.service_id AND o.product_id = b.product_id)
    UNION ALL
    SELECT b.service_id, b.charge_id, b.factor, p.period_id, o.unit_price,
           greatest(b.starts_on, o.starts_on, p.starts_on), least(b.ends_on, o.ends_on, p.ends_on)
    FROM billed_product b
    JOIN own_price o ON o.service_id = b.service_id AND o.product_id = b.product_id
         AND o.starts_on < b.ends_on AND o.ends_on > b.starts_on
    JOIN suspect s ON s.service_id = b.service_id
    JOIN billing_period p ON p.calendar_id = s.calendar_id AND p.starts_on < least(b.ends_on, o.ends_on) AND p.ends_on > greatest(b.starts_on, o.starts_on)
)
SELECT i.service_id, i.charge_id, i.period_id,
       sum(prorated(i.unit_price, i.factor, i.starts_on, i.ends_on, p.whole_from, p.whole_to))::BIGINT AS repriced
FROM piece i
JOIN billing_period p USING (period_id)
GROUP BY i.service_id, i.charge_id, i.period_id
UNION ALL
SELECT service_id, charge_id, period_id, covered FROM covered_part
WHERE charge_id IN (SELECT charge_id FROM charge WHERE kind = 'one_time');
