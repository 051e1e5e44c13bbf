-- What rules may ask about a service, and the records that prove it.

CREATE TABLE evidence AS
WITH statement AS (
    SELECT service_id, source_system || '/' || source_object || '/' || source_id AS ref FROM ordered
    UNION ALL SELECT service_id, work_order_ref FROM job
    UNION ALL SELECT service_id, completion_ref FROM job WHERE completion_ref IS NOT NULL
    UNION ALL SELECT o.service_id, w.ref FROM ordered o JOIN shown w USING (order_number)
    UNION ALL SELECT service_id, observation_ref FROM service_span WHERE observation_ref IS NOT NULL
    UNION ALL
    SELECT coalesce(c.service_id, a.service_id), s.source_system || '/' || s.source_object || '/' || s.source_id
    FROM subscription s
    JOIN identity a ON a.account = s.account_number AND a.turn = 1
    LEFT JOIN subscription_service c ON c.account = a.account AND c.name = 'subscription ' || s.subscription_id
    UNION ALL
    SELECT service_id, source_system || '/' || source_object || '/' || source_id FROM alteration
)
SELECT service_id, list(DISTINCT ref ORDER BY ref) AS refs
FROM statement
GROUP BY service_id;

CREATE TABLE ordered_tier AS
SELECT o.service_id,
       arg_max(p.product_id, (coalesce(o.effective_on, o.ordered_at::DATE), o.ordered_at, o.order_number))
           FILTER (coalesce(o.effective_on, o.ordered_at::DATE) IS NOT NULL) AS product_id
FROM ordered o
JOIN product p ON p.id = o.offering_id
WHERE o.state = 'completed' AND o.order_type IN ('new', 'change', 'move')
GROUP BY o.service_id;

-- A service whose keys lead nowhere is not judged at all: better no answer than a wrong one.
CREATE TABLE unjudged AS
SELECT service_id,
       'order ' || order_number || ' is completed in the order system, but no work order carries its number' AS reason
FROM ordered
WHERE order_type = 'new' AND state = 'completed' AND order_number NOT IN (SELECT order_number FROM job)
UNION ALL
SELECT service_id, reason FROM entangled
UNION ALL
SELECT b.service_id,
       'the completion of work order ' || b.work_order_id || ' leaves ' || string_agg(s.serial, ' and ' ORDER BY s.serial)
       || ', and the network carries traffic of each: a person must decide which is in use'
FROM binding b
JOIN one_of_several s ON s.work_order_id = b.work_order_id AND s.is_in_use
WHERE b.bound_to = DATE '9999-12-31'
GROUP BY b.service_id, b.work_order_id
HAVING count(*) > 1
UNION ALL
SELECT service_id,
       'the field recorded serial ' || field_serial || ', the network shows ' || network_serial
       || ', one character apart: a person must decide which is right'
FROM near_miss
UNION ALL
SELECT service_id, 'bill line ' || line_ref || ' covers ' || covers_from || ' to ' || covers_to
       || ', more than one billing period'
FROM unplaced
UNION ALL
SELECT service_id, reason
FROM foreign_bill
UNION ALL
SELECT l.service_id,
       'billed under ' || string_agg(DISTINCT l.billing_code, ', ' ORDER BY l.billing_code)
       || ' only, which no offering of the catalogue has: whether its access is billed cannot be told'
FROM bill_line l
WHERE l.billing_code NOT IN (SELECT code FROM billing_code)
  AND l.service_id NOT IN (SELECT service_id FROM billed_span)
GROUP BY l.service_id;

-- Accounts whose every order of a service was called off or turned down.
CREATE TABLE called_off AS
SELECT account_number AS account
FROM product_order
WHERE order_type = 'new'
GROUP BY account_number
HAVING bool_and(state IN ('cancelled', 'rejected'));

CREATE TABLE service AS
SELECT s.service_id, coalesce(z.calendar_id, 0) AS calendar_id, s.service, s.account, s.segment, s.serial, s.starts_on AS service_start, s.ends_on AS service_end,
       s.ceased_on, c.account IS NOT NULL AS is_called_off, s.network_seen, s.network_live, s.last_traffic_on,
       b.billing_from, b.billing_to,
       (SELECT max(u.starts_on) FROM suspended u
        WHERE u.service_id = s.service_id AND u.ends_on = DATE '9999-12-31') AS suspended_since,
       t.product_id AS ordered_product,
       EXISTS (SELECT 1 FROM job j WHERE j.service_id = s.service_id AND j.completed_at IS NOT NULL) AS has_completion,
       EXISTS (SELECT 1 FROM job j WHERE j.service_id = s.service_id) AS has_work_order,
       CASE WHEN g.ends_on <= as_of_day() THEN g.ends_on END AS courtesy_ended_on,
       EXISTS (SELECT 1 FROM service_span o SEMI JOIN billed_span USING (service_id)
               WHERE o.account = s.account AND o.service_id <> s.service_id AND o.network_live) AS is_beside_billed,
       s.service_id NOT IN (SELECT service_id FROM unjudged) AS is_judged,
       coalesce(e.refs, []) AS evidence
FROM service_span s
LEFT JOIN service_calendar z USING (service_id)
LEFT JOIN billed_span b USING (service_id)
LEFT JOIN ordered_tier t USING (service_id)
LEFT JOIN evidence e USING (service_id)
LEFT JOIN (SELECT service_id, max(ends_on) AS ends_on FROM courtesy GROUP BY service_id) g USING (service_id)
LEFT JOIN called_off c ON c.account = s.account AND s.service = s.account;
