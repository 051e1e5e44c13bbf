-- What was billed, line by line, on the service it belongs to and in the month it covers.
-- A one-time fee belongs to the month in which it is expected, in whichever month it was billed.

CREATE TABLE billed AS
SELECT l.service_id, p.charge_id, p.product_id, coalesce(f.period_id, m.period_id) AS period_id,
       l.covers_from, l.covers_to, l.rate_minor, l.amount_minor, l.subscription_id,
       l.source_system || '/' || l.source_object || '/' || l.source_id AS line_ref
FROM bill_line l
JOIN billing_code b ON b.code = l.billing_code
JOIN product p ON p.product_id = b.product_id
LEFT JOIN one_time f ON f.service_id = l.service_id AND f.product_id = p.product_id
JOIN period m ON m.starts_on <= l.covers_from AND l.covers_from < m.ends_on
WHERE l.covers_to <= m.ends_on OR f.period_id IS NOT NULL;

-- Lines that lie in a judged month and do not end in it: nobody can tell what of them belongs to which month.
CREATE TABLE unplaced AS
SELECT l.service_id, l.source_system || '/' || l.source_object || '/' || l.source_id AS line_ref, l.covers_from, l.covers_to
FROM bill_line l
JOIN billing_code b ON b.code = l.billing_code
JOIN period m ON m.starts_on <= l.covers_from AND l.covers_from < m.ends_on
LEFT JOIN one_time f ON f.service_id = l.service_id AND f.product_id = b.product_id
WHERE l.covers_to > m.ends_on AND f.period_id IS NULL;

-- From when to when billing knew the service, bills before the judged months included.
CREATE TABLE billed_span AS
SELECT l.service_id, min(l.covers_from) AS billing_from, max(l.covers_to) AS billing_to
FROM bill_line l
JOIN billing_code b ON b.code = l.billing_code
JOIN product p ON p.product_id = b.product_id AND p.delivered_by = 'access'
GROUP BY l.service_id;
