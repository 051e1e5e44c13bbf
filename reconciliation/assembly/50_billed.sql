-- What was billed, line by line, on the service it belongs to and in the billing period it covers.
-- A one-time fee belongs to the period in which it is expected, in whichever it was billed. What can be due again
-- and again is billed some weeks later at most.

CREATE TABLE fee_line AS
SELECT l.line_ref, p.period_id
FROM posted_line l
JOIN due_fee f ON f.service_id = l.service_id AND f.product_id = l.product_id
LEFT JOIN service_calendar z ON z.service_id = l.service_id
JOIN billing_day p ON p.calendar_id = coalesce(z.calendar_id, 0) AND p.day = f.due_on
WHERE f.delivered_by NOT IN ('reconnection', 'task', 'visit') OR l.covers_from BETWEEN f.due_on AND f.due_on + 45
QUALIFY row_number() OVER (PARTITION BY l.line_ref ORDER BY f.due_on > l.covers_from, abs(f.due_on - l.covers_from)) = 1;

CREATE TABLE billed AS
SELECT l.service_id, l.charge_id, l.product_id, coalesce(f.period_id, m.period_id) AS period_id,
       l.covers_from, l.covers_to, l.rate_minor, l.quantity::INTEGER AS quantity, l.amount_minor, l.subscription_id, l.line_ref
FROM posted_line l
LEFT JOIN fee_line f USING (line_ref)
LEFT JOIN service_calendar z USING (service_id)
LEFT JOIN billing_day d ON d.calendar_id = coalesce(z.calendar_id, 0) AND d.day = l.covers_from
LEFT JOIN billing_period m ON m.period_id = d.period_id
WHERE f.period_id IS NOT NULL OR l.covers_to <= m.ends_on;

-- Lines that lie in a judged period and do not end in it: nobody can tell what of them belongs to which.
CREATE TABLE unplaced AS
SELECT l.service_id, l.line_ref, l.covers_from, l.covers_to
FROM posted_line l
LEFT JOIN service_calendar z USING (service_id)
JOIN billing_day d ON d.calendar_id = coalesce(z.calendar_id, 0) AND d.day = l.covers_from
JOIN billing_period m USING (period_id)
LEFT JOIN fee_line f USING (line_ref)
WHERE l.covers_to > m.ends_on AND f.period_id IS NULL;

-- From when to when billing knew the service, bills before the judged months included. Where the first days are free, a
-- subscription that was closed within them has no line to show for it; billing knew the service all the same.
CREATE TABLE billed_span AS
WITH access_line AS (
    SELECT service_id, min(covers_from) AS billing_from, max(covers_to) AS billing_to
    FROM posted_line
    WHERE delivered_by = 'access'
    GROUP BY service_id
),
closed_while_free AS (
    SELECT s.service_id, min(u.starts_on) AS billing_from, max(u.ends_on) AS billing_to
    FROM subscription u
    JOIN billing_code b ON b.code = u.billing_code
    JOIN product p ON p.product_id = b.product_id AND p.delivered_by = 'access'
    JOIN identity a ON a.account = u.account_number AND a.turn = 1
    LEFT JOIN subscription_service c ON c.account = a.account AND c.name = 'subscription ' || u.subscription_id
    JOIN service_span s ON s.service_id = coalesce(c.service_id, a.service_id)
    LEFT JOIN first_charged f ON f.service_id = s.service_id
    WHERE s.service_id NOT IN (SELECT service_id FROM access_line)
    GROUP BY s.service_id, s.starts_on, f.charged_on
    HAVING bool_and(coalesce(u.ends_on <= coalesce(f.charged_on, charged_from(s.starts_on)), false))
       AND max(u.ends_on) > s.starts_on
)
SELECT * FROM access_line
UNION ALL
SELECT * FROM closed_while_free;

-- Lines under codes that no offering has, in the periods they touch: what they were for cannot be told.
CREATE TABLE unknown_line AS
SELECT l.service_id, m.period_id, l.billing_code, l.covers_from, l.covers_to, l.amount_minor,
       l.source_system || '/' || l.source_object || '/' || l.source_id AS line_ref
FROM bill_line l
LEFT JOIN service_calendar z USING (service_id)
JOIN billing_period m ON m.calendar_id = coalesce(z.calendar_id, 0) AND m.starts_on < l.covers_to AND m.ends_on > l.covers_from
WHERE l.billing_code NOT IN (SELECT code FROM billing_code);
