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
SELECT b.service_id, b.charge_id, b.product_id, 10000 AS factor,
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
    JOIN rate r ON r.product_id = b.product_id AND r.piece_from < b.ends_on AND r.piece_to > b.starts_on
    WHERE (b.service_id, b.product_id) NOT IN (SELECT service_id, product_id FROM own_price)
    UNION ALL
    SELECT b.service_id, b.charge_id, b.factor, p.period_id, o.unit_price,
           greatest(b.starts_on, o.starts_on, p.starts_on), least(b.ends_on, o.ends_on, p.ends_on)
    FROM billed_product b
    JOIN own_price o ON o.service_id = b.service_id AND o.product_id = b.product_id
         AND o.starts_on < b.ends_on AND o.ends_on > b.starts_on
    JOIN period p ON p.starts_on < least(b.ends_on, o.ends_on) AND p.ends_on > greatest(b.starts_on, o.starts_on)
)
SELECT i.service_id, i.charge_id, i.period_id,
       sum(prorated(i.unit_price, i.factor, i.starts_on, i.ends_on, p.starts_on, p.ends_on))::BIGINT AS repriced
FROM piece i
JOIN period p USING (period_id)
GROUP BY i.service_id, i.charge_id, i.period_id
UNION ALL
SELECT service_id, charge_id, period_id, covered FROM covered_part
WHERE charge_id IN (SELECT charge_id FROM charge WHERE kind = 'one_time');

-- Charges for things that come and go while the service stays: a rented device, an add-on, and discounts that hang on
-- them. Days on which they were delivered, without a break.
CREATE TABLE passing_charge AS
SELECT charge_id FROM product WHERE delivered_by IN ('device', 'order_item')
UNION
SELECT charge_id FROM promotion
WHERE applies_to IN (SELECT charge_id FROM product WHERE delivered_by IN ('device', 'order_item'))
UNION
SELECT charge_id FROM bundle;

CREATE TABLE there AS
WITH marked AS (
    SELECT service_id, charge_id, starts_on, ends_on,
           coalesce(starts_on > max(ends_on) OVER (
               PARTITION BY service_id, charge_id ORDER BY starts_on, ends_on
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true)::INTEGER AS opens
    FROM suspect_delivered
    WHERE NOT is_suspended AND charge_id IN (SELECT charge_id FROM passing_charge)
),
numbered AS (
    SELECT *, sum(opens) OVER (PARTITION BY service_id, charge_id ORDER BY starts_on, ends_on
                               ROWS UNBOUNDED PRECEDING) AS run
    FROM marked
)
SELECT service_id, charge_id, min(starts_on) AS starts_on, max(ends_on) AS ends_on
FROM numbered
GROUP BY service_id, charge_id, run;

-- Bill lines without the days that no promise entitles them to (promotions), then without days after and before the
-- service (the fee of an installation has no days), then without days on which what they charge was not there.
CREATE TABLE line_part AS
WITH entitled_days AS (
    SELECT l.service_id, l.charge_id, l.line_number, l.unit_price, l.factor, l.amount_minor, l.period_id, l.month_from, l.month_to,
           l.covers_from, l.covers_to,
           CASE WHEN e.starts_on IS NULL THEN l.covers_from ELSE greatest(l.covers_from, e.starts_on) END AS starts_on,
           CASE WHEN e.starts_on IS NULL THEN l.covers_from ELSE least(l.covers_to, e.ends_on) END AS ends_on
    FROM suspect_line l
    LEFT JOIN entitled e ON e.service_id = l.service_id AND e.charge_id = l.charge_id
         AND e.starts_on < l.covers_to AND e.ends_on > l.covers_from
    WHERE NOT l.is_duplicate AND l.charge_id IN (SELECT charge_id FROM promotion)
    UNION ALL
    SELECT service_id, charge_id, line_number, unit_price, factor, amount_minor, period_id, month_from, month_to, covers_from,
           covers_to, covers_from, covers_to
    FROM suspect_line
    WHERE NOT is_duplicate AND charge_id NOT IN (SELECT charge_id FROM promotion)
),
clipped AS (
    SELECT e.*, CASE WHEN f.charge_id IS NULL THEN coalesce(s.service_start, DATE '9999-12-31')
                     ELSE e.covers_from END AS service_start,
           CASE WHEN f.charge_id IS NULL THEN coalesce(s.service_end, DATE '9999-12-31')
                ELSE e.covers_to END AS service_end,
           coalesce(e.starts_on = e.covers_from AND e.ends_on = e.covers_to, false) AS whole
    FROM entitled_days e
    JOIN suspect s USING (service_id)
    LEFT JOIN (SELECT DISTINCT service_id, charge_id FROM one_time) f USING (service_id, charge_id)
),
kept AS (
    SELECT c.line_number,
           sum(CASE WHEN c.whole AND t.starts_on <= c.starts_on AND c.ends_on <= t.ends_on THEN c.amount_minor
                    ELSE prorated(c.unit_price, c.factor, greatest(c.starts_on, c.service_start, t.starts_on),
                                  least(c.ends_on, c.service_end, t.ends_on), c.month_from, c.month_to)
               END)::BIGINT AS while_there
    FROM clipped c
    JOIN there t ON t.service_id = c.service_id AND t.charge_id = c.charge_id
         AND t.starts_on < c.ends_on AND t.ends_on > c.starts_on
    GROUP BY c.line_number
),
summed AS (
    SELECT service_id, charge_id, period_id, line_number, any_value(amount_minor) AS amount,
           sum(CASE WHEN whole THEN amount_minor
                    ELSE prorated(unit_price, factor, starts_on, ends_on, month_from, month_to) END)::BIGINT AS entitled,
           sum(CASE WHEN whole AND ends_on <= service_end THEN amount_minor
                    ELSE prorated(unit_price, factor, starts_on, least(ends_on, service_end), month_from, month_to)
               END)::BIGINT AS before_end,
           sum(CASE WHEN whole AND ends_on <= service_end AND starts_on >= service_start THEN amount_minor
                    ELSE prorated(unit_price, factor, greatest(starts_on, service_start), least(ends_on, service_end),
                                       month_from, month_to)
               END)::BIGINT AS in_service
    FROM clipped
    GROUP BY service_id, charge_id, period_id, line_number
)
SELECT s.*, CASE WHEN p.charge_id IS NULL THEN s.in_service ELSE coalesce(k.while_there, 0) END AS while_there
FROM summed s
LEFT JOIN passing_charge p USING (charge_id)
LEFT JOIN kept k USING (line_number);

CREATE TABLE billed_part AS
SELECT service_id, charge_id, period_id,
       sum(amount)::BIGINT AS billed_once, sum(entitled)::BIGINT AS entitled,
       sum(before_end)::BIGINT AS before_end, sum(in_service)::BIGINT AS in_service,
       sum(while_there)::BIGINT AS while_there
FROM line_part
GROUP BY service_id, charge_id, period_id;
