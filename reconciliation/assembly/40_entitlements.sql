-- What else is delivered and so charged or discounted: rented devices, add-ons, promotions, bundles, fees.

-- A device that the operator rents out, from the day it was left until another one of its kind replaced it, or it came
-- back into stock. Its model tells which offering it is, if any names it; neighbours of one offering are one rental.
CREATE TABLE placed AS
WITH written_down AS (
    SELECT j.service_id, m.kind, m.ownership, m.serial, j.counts_on AS starts_on, j.completed_at,
           coalesce(min(j.counts_on) OVER (PARTITION BY j.service_id, m.kind ORDER BY j.completed_at
                                         GROUPS BETWEEN 1 FOLLOWING AND 1 FOLLOWING), DATE '9999-12-31') AS replaced_on
    FROM job j
    JOIN completion_material m USING (work_order_id)
    WHERE j.done_on IS NOT NULL
)
SELECT w.service_id, w.kind, w.serial, w.starts_on, w.replaced_on,
       coalesce(local_date(min(x.moved_at)), DATE '9999-12-31') AS returned_on
FROM written_down w
LEFT JOIN stock_movement x ON x.serial = w.serial AND x.movement = 'returned' AND x.moved_at > w.completed_at
                              AND x.moved_at <= as_of_moment()
WHERE w.ownership = 'leased'
GROUP BY ALL;

CREATE TABLE rental AS
WITH offered AS (
    SELECT w.service_id, p.product_id, p.charge_id, w.starts_on, least(w.replaced_on, w.returned_on) AS ends_on
    FROM placed w
    LEFT JOIN stock_state t USING (serial)
    LEFT JOIN device_model m USING (model)
    JOIN product p ON p.delivered_by = 'device' AND p.device_kind = w.kind
         AND CASE WHEN m.product_id IS NULL THEN p.product_id NOT IN (SELECT product_id FROM device_model)
                  ELSE p.product_id = m.product_id END
    WHERE w.starts_on < least(w.replaced_on, w.returned_on)
),
marked AS (
    SELECT *, coalesce(starts_on > max(ends_on) OVER (
               PARTITION BY service_id, product_id ORDER BY starts_on, ends_on
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true)::INTEGER AS opens
    FROM offered
),
numbered AS (
    SELECT *, sum(opens) OVER (PARTITION BY service_id, product_id ORDER BY starts_on, ends_on
                               ROWS UNBOUNDED PRECEDING) AS run
    FROM marked
)
SELECT service_id, product_id, charge_id, min(starts_on) AS starts_on, max(ends_on) AS ends_on
FROM numbered
GROUP BY service_id, product_id, charge_id, run;

-- Rentals that ended because the device was scanned in, and not because another one took its place.
CREATE TABLE device_return AS
SELECT w.service_id, p.charge_id, max(w.returned_on) AS returned_on
FROM placed w
JOIN product p ON p.delivered_by = 'device' AND p.device_kind = w.kind
WHERE w.returned_on < w.replaced_on
GROUP BY w.service_id, p.charge_id;

CREATE TABLE extra_term AS
WITH addition AS (
    SELECT o.service_id, i.product_id AS id, i.quantity,
           CASE WHEN o.order_type = 'new' THEN s.starts_on
                WHEN i.action = 'add' THEN coalesce(local_date(w.works_since), o.effective_on)
                ELSE o.effective_on END AS since, i.action
    FROM product_order_item i
    JOIN ordered o USING (order_number)
    LEFT JOIN shown w USING (order_number)
    JOIN service_span s ON s.service_id = o.service_id
    WHERE o.state = 'completed' AND i.action IN ('add', 'delete')
)
SELECT service_id, product_id, charge_id, starts_on, ends_on, 1 AS quantity FROM rental
UNION ALL
SELECT a.service_id, p.product_id, p.charge_id, a.since,
       coalesce((SELECT min(z.since) FROM addition z
                 WHERE z.service_id = a.service_id AND z.id = a.id AND z.action = 'delete' AND z.since >= a.since),
                DATE '9999-12-31'), a.quantity
FROM addition a
JOIN product p ON p.id = a.id AND p.delivered_by = 'order_item'
WHERE a.action = 'add' AND a.since IS NOT NULL AND a.quantity > 0;

-- Promotions that orders name. One that is for certain offerings is not promised by an order of another.
CREATE TABLE named_promotion AS
SELECT o.service_id, q.promotion_id, q.charge_id, CASE o.order_type WHEN 'new' THEN s.starts_on ELSE o.effective_on END AS starts_on,
       q.months,
       q.promotion_id NOT IN (SELECT promotion_id FROM promotion_offering)
       OR (q.promotion_id, o.offering_id) IN (SELECT promotion_id, offering FROM promotion_offering) AS is_eligible
FROM ordered o
JOIN promotion q ON q.id = o.promotion_code AND NOT q.is_granted
JOIN service_span s USING (service_id)
WHERE o.state = 'completed';

-- Days on which a discount is promised: its term in whole months, or longer where that was approved; or the days of an
-- approval that has an end.
CREATE TABLE promised AS
WITH term AS (
    SELECT * FROM named_promotion WHERE is_eligible
),
extension AS (
    SELECT x.service_id, q.promotion_id, max(coalesce(x.valid_to, DATE '9999-12-31')) AS ends_on
    FROM alteration x
    JOIN promotion q ON q.id = x.code
    WHERE x.kind = 'promotion_extension'
    GROUP BY ALL
),
given AS (
    SELECT t.service_id, t.promotion_id, t.charge_id, t.starts_on,
           greatest(CAST(t.starts_on + to_months(t.months) AS DATE),
                    coalesce(e.ends_on, DATE '0001-01-01')) AS ends_on
    FROM term t
    LEFT JOIN extension e USING (service_id, promotion_id)
    WHERE t.starts_on IS NOT NULL
    UNION ALL
    SELECT x.service_id, q.promotion_id, q.charge_id, x.valid_from, x.valid_to
    FROM alteration x
    JOIN promotion q ON q.id = x.code AND q.is_granted
    WHERE x.kind = 'granted_discount' AND x.valid_to IS NOT NULL
),
-- Given again before it ended, a promotion runs on; it is not given twice.
marked AS (
    SELECT *, coalesce(starts_on > max(ends_on) OVER (
               PARTITION BY service_id, promotion_id ORDER BY starts_on, ends_on
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true)::INTEGER AS opens
    FROM given
),
numbered AS (
    SELECT *, sum(opens) OVER (PARTITION BY service_id, promotion_id ORDER BY starts_on, ends_on
                               ROWS UNBOUNDED PRECEDING) AS run
    FROM marked
)
SELECT service_id, promotion_id, charge_id, min(starts_on) AS starts_on, max(ends_on) AS ends_on
FROM numbered
GROUP BY service_id, promotion_id, charge_id, run;

CREATE TABLE extra_delivered AS
SELECT x.service_id, x.product_id, x.charge_id, greatest(x.starts_on, s.starts_on) AS starts_on,
       least(x.ends_on, s.ends_on) AS ends_on, s.is_suspended, x.quantity
FROM extra_term x
JOIN stretch s ON s.service_id = x.service_id AND s.starts_on < x.ends_on AND s.ends_on > x.starts_on;

-- Everything that a month is charged with. `factor` is in ten-thousandths of the unit price: 10000 is the price
-- itself, 20000 that of two of them, -1500 a discount of 15 %.
CREATE VIEW delivered_at_all AS
WITH charged AS (
    SELECT d.service_id, p.charge_id, d.product_id, d.starts_on, d.ends_on, d.is_suspended, 10000 AS factor, d.unit_price, d.basis
    FROM access_delivered d
    JOIN product p USING (product_id)
    UNION ALL
    SELECT e.service_id, e.charge_id, e.product_id, greatest(e.starts_on, o.starts_on), least(e.ends_on, o.ends_on),
           e.is_suspended, 10000 * e.quantity, o.unit_price, 'field'
    FROM extra_delivered e
    JOIN own_price o ON o.service_id = e.service_id AND o.product_id = e.product_id
         AND o.starts_on < e.ends_on AND o.ends_on > e.starts_on
    UNION ALL
    SELECT service_id, charge_id, product_id, starts_on, ends_on, is_suspended, 10000 * quantity, NULL, 'field'
    FROM extra_delivered
    WHERE (service_id, product_id) NOT IN (SELECT service_id, product_id FROM own_price)
),
-- A discount of a fixed amount runs over the days of what it is given on, whatever tier that is.
spread AS (
    SELECT s.service_id, c.charge_id, s.starts_on, s.ends_on, s.is_suspended
    FROM stretch s
    CROSS JOIN (SELECT DISTINCT charge_id FROM product WHERE delivered_by = 'access') c
    UNION ALL
    SELECT service_id, charge_id, starts_on, ends_on, is_suspended FROM extra_delivered
)
SELECT service_id, charge_id, product_id, starts_on, ends_on, is_suspended, factor::INTEGER AS factor, unit_price, basis
FROM charged
UNION ALL
SELECT q.service_id, q.charge_id, c.product_id, greatest(q.starts_on, c.starts_on), least(q.ends_on, c.ends_on),
       c.is_suspended, p.factor, c.unit_price, c.basis
FROM promised q
JOIN promotion p USING (promotion_id)
JOIN charged c ON c.service_id = q.service_id AND c.charge_id = p.applies_to
     AND c.starts_on < q.ends_on AND c.ends_on > q.starts_on
WHERE p.product_id IS NULL
UNION ALL
SELECT q.service_id, q.charge_id, p.product_id, greatest(q.starts_on, c.starts_on), least(q.ends_on, c.ends_on),
       c.is_suspended, 10000, NULL, 'order'
FROM promised q
JOIN promotion p USING (promotion_id)
JOIN spread c ON c.service_id = q.service_id AND c.charge_id = p.applies_to
     AND c.starts_on < q.ends_on AND c.ends_on > q.starts_on
WHERE p.product_id IS NOT NULL AND NOT p.is_granted
UNION ALL
SELECT q.service_id, q.charge_id, p.product_id, greatest(q.starts_on, c.starts_on, o.starts_on),
       least(q.ends_on, c.ends_on, o.ends_on), c.is_suspended, 10000, o.unit_price, 'order'
FROM promised q
JOIN promotion p ON p.promotion_id = q.promotion_id AND p.is_granted
JOIN spread c ON c.service_id = q.service_id AND c.charge_id = p.applies_to
     AND c.starts_on < q.ends_on AND c.ends_on > q.starts_on
JOIN own_price o ON o.service_id = q.service_id AND o.product_id = p.product_id
     AND o.starts_on < least(q.ends_on, c.ends_on) AND o.ends_on > greatest(q.starts_on, c.starts_on)
UNION ALL
SELECT one.service_id, b.charge_id, b.product_id, greatest(one.starts_on, other.starts_on),
       least(one.ends_on, other.ends_on), one.is_suspended, 10000, NULL, 'order'
FROM bundle b
JOIN spread one ON one.charge_id = b.first_member
JOIN spread other ON other.service_id = one.service_id AND other.charge_id = b.second_member
     AND other.is_suspended = one.is_suspended
     AND other.starts_on < one.ends_on AND other.ends_on > one.starts_on;

CREATE TABLE delivered AS
SELECT d.*, coalesce(z.calendar_id, 0) AS calendar_id
FROM delivered_at_all d
LEFT JOIN service_calendar z USING (service_id);

-- Days that a promotion's line may cover.
CREATE TABLE entitled AS
SELECT service_id, charge_id, starts_on, ends_on FROM promised;

-- Promotions that were sold to somebody they are not for.
CREATE TABLE ineligible AS
SELECT DISTINCT service_id, charge_id FROM named_promotion WHERE NOT is_eligible;
