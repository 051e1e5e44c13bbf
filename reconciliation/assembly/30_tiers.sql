-- Which access offering was delivered on which day, and who proves it: the technician's completion, a change
-- order that needed no visit, or the profile in the network that nobody ordered.

CREATE TABLE tier_event AS
WITH event AS (
    SELECT service_id, counts_on AS since, completed_at AS moment, installed_product AS product_id, 'field' AS basis
    FROM job
    WHERE done_on IS NOT NULL AND installed_product IS NOT NULL
    UNION ALL
    SELECT o.service_id, coalesce(local_date(s.works_since), o.effective_on),
           coalesce(o.completed_at, o.effective_on::TIMESTAMPTZ), p.product_id, 'order'
    FROM ordered o
    LEFT JOIN shown s USING (order_number)
    JOIN product p ON p.id = o.offering_id
    WHERE o.order_type = 'change' AND o.state = 'completed' AND o.effective_on IS NOT NULL
      AND o.order_number NOT IN (SELECT order_number FROM job)
    UNION ALL
    SELECT service_id, profile_on, profile_since, profile_product, 'network'
    FROM service_span
    WHERE profile_on IS NOT NULL AND profile_product IS NOT NULL AND starts_on IS NOT NULL
),
last_of_day AS (
    SELECT service_id, since, arg_max(product_id, (moment, basis, product_id)) AS product_id,
           arg_max(basis, (moment, basis, product_id)) AS basis,
           bool_or(basis = 'field') AS has_field
    FROM event
    GROUP BY service_id, since
),
changed AS (
    SELECT *, lag(product_id) OVER (PARTITION BY service_id ORDER BY since) AS before
    FROM last_of_day
)
SELECT service_id, since, product_id, CASE WHEN has_field THEN 'field' ELSE basis END AS basis
FROM changed
WHERE before IS DISTINCT FROM product_id;

CREATE TABLE tier AS
SELECT service_id, product_id, basis, since AS starts_on,
       lead(since, 1, DATE '9999-12-31') OVER (PARTITION BY service_id ORDER BY since) AS ends_on
FROM tier_event;

-- The whole price history of a product that a service has at a price of its own: the agreed price while it holds,
-- the list price before and after. Neighbours with one price are one interval, because a line splits only where its
-- rate changes.
CREATE TABLE own_price AS
WITH agreed AS (
    SELECT x.service_id, p.product_id, x.valid_from AS starts_on,
           least(coalesce(x.valid_to, DATE '9999-12-31'), coalesce(u.used_on, DATE '9999-12-31')) AS ends_on,
           (x.amount_minor * price_scale())::INTEGER AS unit_price
    FROM alteration x
    JOIN product p ON p.id = x.code
    LEFT JOIN hold_use u ON u.service_id = x.service_id AND u.valid_from = x.valid_from AND x.kind = 'seasonal_hold'
    WHERE x.kind IN ('price_override', 'seasonal_hold', 'granted_discount') AND x.amount_minor IS NOT NULL
),
edge AS (
    SELECT service_id, product_id, starts_on AS day FROM agreed
    UNION SELECT service_id, product_id, ends_on FROM agreed
    UNION SELECT service_id, product_id, DATE '0001-01-01' FROM agreed
    UNION SELECT service_id, product_id, DATE '9999-12-31' FROM agreed
),
span AS (
    SELECT service_id, product_id, day AS starts_on,
           lead(day) OVER (PARTITION BY service_id, product_id ORDER BY day) AS ends_on
    FROM edge
),
-- Where two agreements hold on one day, the one that began later counts.
cut AS (
    SELECT s.service_id, s.product_id, s.starts_on, s.ends_on, arg_max(a.unit_price, (a.starts_on, a.unit_price)) AS unit_price
    FROM span s
    LEFT JOIN agreed a ON a.service_id = s.service_id AND a.product_id = s.product_id
         AND a.starts_on <= s.starts_on AND a.ends_on >= s.ends_on
    WHERE s.ends_on IS NOT NULL
    GROUP BY s.service_id, s.product_id, s.starts_on, s.ends_on
),
list_price AS (
    SELECT product_id, greatest(valid_from, (SELECT min(starts_on) FROM period)) AS valid_from,
           least(valid_to, as_of_day() + 1) AS valid_to, unit_price
    FROM price
),
piece AS (
    SELECT c.service_id, c.product_id, greatest(c.starts_on, r.valid_from) AS starts_on,
           least(c.ends_on, r.valid_to) AS ends_on, coalesce(c.unit_price, r.unit_price) AS unit_price
    FROM cut c
    JOIN list_price r ON r.product_id = c.product_id AND r.valid_from < r.valid_to
         AND r.valid_from < c.ends_on AND r.valid_to > c.starts_on
),
marked AS (
    SELECT *, (lag(unit_price) OVER timeline IS DISTINCT FROM unit_price
               OR lag(ends_on) OVER timeline IS DISTINCT FROM starts_on)::INTEGER AS opens
    FROM piece
    WINDOW timeline AS (PARTITION BY service_id, product_id ORDER BY starts_on)
),
numbered AS (
    SELECT *, sum(opens) OVER (PARTITION BY service_id, product_id ORDER BY starts_on ROWS UNBOUNDED PRECEDING) AS run
    FROM marked
)
SELECT service_id, product_id, min(starts_on) AS starts_on, max(ends_on) AS ends_on, any_value(unit_price) AS unit_price
FROM numbered
GROUP BY service_id, product_id, run;

-- Days on which a customer keeps the service and does not use it, at the price that was agreed for that.
CREATE TABLE hold AS
SELECT DISTINCT service_id, valid_from AS starts_on, coalesce(valid_to, DATE '9999-12-31') AS ends_on
FROM alteration
WHERE kind = 'seasonal_hold' AND amount_minor IS NOT NULL;

CREATE TABLE access_delivered AS
WITH piece AS (
    SELECT t.service_id, t.product_id, t.basis, greatest(t.starts_on, s.starts_on) AS starts_on,
           least(t.ends_on, s.ends_on) AS ends_on, s.is_suspended
    FROM tier t
    JOIN stretch s ON s.service_id = t.service_id AND s.starts_on < t.ends_on AND s.ends_on > t.starts_on
)
SELECT p.service_id, p.product_id, p.basis, greatest(p.starts_on, o.starts_on) AS starts_on,
       least(p.ends_on, o.ends_on) AS ends_on, p.is_suspended, o.unit_price
FROM piece p
JOIN own_price o ON o.service_id = p.service_id AND o.product_id = p.product_id
     AND o.starts_on < p.ends_on AND o.ends_on > p.starts_on
UNION ALL
SELECT service_id, product_id, basis, starts_on, ends_on, is_suspended, NULL
FROM piece
WHERE (service_id, product_id) NOT IN (SELECT service_id, product_id FROM own_price);
