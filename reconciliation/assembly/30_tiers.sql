-- Which access offering was delivered on which day, and who proves it: the technician's completion, a change
-- order that needed no visit, or the profile in the network that nobody ordered.

CREATE TABLE tier_event AS
WITH event AS (
    SELECT service_id, done_on AS since, completed_at AS moment, installed_product AS product_id, 'field' AS basis
    FROM job
    WHERE done_on IS NOT NULL AND installed_product IS NOT NULL
    UNION ALL
    SELECT o.service_id, o.effective_on, coalesce(o.completed_at, o.effective_on::TIMESTAMPTZ), p.product_id, 'order'
    FROM ordered o
    JOIN product p ON p.id = o.offering_id
    WHERE o.order_type = 'change' AND o.state = 'completed' AND o.effective_on IS NOT NULL
      AND o.order_number NOT IN (SELECT order_number FROM job)
    UNION ALL
    SELECT service_id, profile_on, profile_since, profile_product, 'network'
    FROM service_span
    WHERE profile_on IS NOT NULL AND profile_product IS NOT NULL AND starts_on IS NOT NULL
),
last_of_day AS (
    SELECT service_id, since, arg_max(product_id, moment) AS product_id, arg_max(basis, moment) AS basis,
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

CREATE TABLE override AS
SELECT a.service_id, p.product_id, x.valid_from AS starts_on, coalesce(x.valid_to, DATE '9999-12-31') AS ends_on,
       (x.amount_minor * price_scale())::INTEGER AS unit_price
FROM price_alteration x
JOIN account a ON a.account = x.account_number
JOIN product p ON p.id = x.code
WHERE x.kind = 'price_override' AND x.amount_minor IS NOT NULL;

CREATE TABLE access_delivered AS
WITH piece AS (
    SELECT t.service_id, t.product_id, t.basis, greatest(t.starts_on, s.starts_on) AS starts_on,
           least(t.ends_on, s.ends_on) AS ends_on, s.is_suspended
    FROM tier t
    JOIN stretch s ON s.service_id = t.service_id AND s.starts_on < t.ends_on AND s.ends_on > t.starts_on
)
SELECT p.service_id, p.product_id, p.basis, greatest(p.starts_on, cut.starts_on) AS starts_on,
       least(p.ends_on, cut.ends_on) AS ends_on, p.is_suspended, cut.unit_price
FROM piece p
JOIN (
    SELECT service_id, product_id, starts_on, ends_on, unit_price FROM override
    UNION ALL SELECT service_id, product_id, DATE '0001-01-01', starts_on, NULL FROM override
    UNION ALL SELECT service_id, product_id, ends_on, DATE '9999-12-31', NULL FROM override
) cut ON cut.service_id = p.service_id AND cut.product_id = p.product_id
     AND cut.starts_on < p.ends_on AND cut.ends_on > p.starts_on
UNION ALL
SELECT service_id, product_id, basis, starts_on, ends_on, is_suspended, NULL
FROM piece
WHERE (service_id, product_id) NOT IN (SELECT service_id, product_id FROM override);
