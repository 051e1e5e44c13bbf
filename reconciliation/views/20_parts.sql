-- The difference of a row, taken apart exactly: for services with any difference, the same charges are computed
-- again under one assumption less each time. docs/explanation/decomposition.md tells the order and why.

-- Services worth a closer look: with a difference, or suspended while the network carries their traffic.
CREATE TABLE suspect AS
SELECT s.*
FROM service s
WHERE s.service_id IN (SELECT service_id FROM difference
                       UNION SELECT service_id FROM delivered WHERE is_suspended);

CREATE TABLE suspect_delivered AS
SELECT d.* FROM delivered d WHERE d.service_id IN (SELECT service_id FROM suspect);

-- Bill lines, with those of a later subscription over the same days set apart as duplicates, and those that one
-- subscription has twice, day for day and cent for cent. A line's unit price is the rate it states; a percentage is
-- computed from the access line beside it where that gives the line's amount or its rate, because the rate it states is
-- rounded already.
CREATE TABLE suspect_line AS
WITH line AS MATERIALIZED (
    SELECT b.service_id, b.charge_id, b.product_id, b.period_id, b.covers_from, b.covers_to, b.rate_minor, b.quantity, b.amount_minor,
           b.subscription_id, row_number() OVER same_in_any_file AS line_number, p.whole_from AS month_from, p.whole_to AS month_to,
           min(b.covers_from) OVER (PARTITION BY b.service_id, b.subscription_id) AS subscription_from
    FROM billed b
    JOIN billing_period p USING (period_id)
    WHERE b.service_id IN (SELECT service_id FROM suspect)
    WINDOW same_in_any_file AS (PARTITION BY b.service_id ORDER BY b.charge_id, b.covers_from, b.covers_to, b.product_id, b.subscription_id,
                                         b.amount_minor, b.rate_minor, b.quantity)
),
percentage AS (
    SELECT l.service_id, l.line_number, max(a.rate_minor) AS access_rate, any_value(q.factor) AS factor
    FROM line l
    JOIN promotion q ON q.charge_id = l.charge_id AND q.product_id IS NULL
    JOIN line a ON a.service_id = l.service_id AND a.charge_id = q.applies_to
         AND a.covers_from <= l.covers_from AND a.covers_to >= l.covers_to
         AND (prorated(a.rate_minor * price_scale(), q.factor, l.covers_from, l.covers_to, l.month_from, l.month_to)
              = l.amount_minor
              OR rounded(a.rate_minor::BIGINT * q.factor, 10000) = l.rate_minor)
    GROUP BY l.service_id, l.line_number
)
SELECT l.*, coalesce(q.access_rate, l.rate_minor) * price_scale() AS unit_price, coalesce(q.factor, 10000 * l.quantity) AS factor,
       EXISTS (
           SELECT 1 FROM line o
           WHERE o.service_id = l.service_id AND o.charge_id = l.charge_id
             AND o.covers_from < l.covers_to AND o.covers_to > l.covers_from
             AND CASE WHEN o.subscription_id <> l.subscription_id
                      THEN (o.subscription_from, o.subscription_id) < (l.subscription_from, l.subscription_id)
                      ELSE o.line_number < l.line_number AND o.product_id = l.product_id
                           AND o.covers_from = l.covers_from AND o.covers_to = l.covers_to
                           AND o.amount_minor = l.amount_minor END
       ) AS is_duplicate
FROM line l
LEFT JOIN percentage q USING (service_id, line_number);

-- Days that lines of a charge cover without a break, by product and quantity: lines that touch are one span.
CREATE TABLE billed_run AS
WITH marked AS (
    SELECT service_id, charge_id, product_id, quantity, covers_from, covers_to,
           coalesce(covers_from > max(covers_to) OVER (
               PARTITION BY service_id, charge_id, product_id, quantity ORDER BY covers_from, covers_to
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true)::INTEGER AS opens
    FROM suspect_line
    WHERE NOT is_duplicate
),
numbered AS (
    SELECT *, sum(opens) OVER (PARTITION BY service_id, charge_id, product_id, quantity ORDER BY covers_from, covers_to
                               ROWS UNBOUNDED PRECEDING) AS run
    FROM marked
)
SELECT service_id, charge_id, product_id, quantity, min(covers_from) AS starts_on, max(covers_to) AS ends_on
FROM numbered
GROUP BY service_id, charge_id, product_id, quantity, run;

CREATE TABLE covered AS
WITH marked AS (
    SELECT *, coalesce(starts_on > max(ends_on) OVER (PARTITION BY service_id, charge_id ORDER BY starts_on, ends_on
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true)::INTEGER AS opens
    FROM billed_run
),
numbered AS (
    SELECT *, sum(opens) OVER (PARTITION BY service_id, charge_id ORDER BY starts_on, ends_on
                               ROWS UNBOUNDED PRECEDING) AS run
    FROM marked
)
SELECT service_id, charge_id, min(starts_on) AS starts_on, max(ends_on) AS ends_on
FROM numbered
GROUP BY service_id, charge_id, run;

-- What is delivered, piece by piece, with the days that billing knew the service.
CREATE TABLE suspect_piece AS
SELECT d.*, coalesce(s.billing_from, DATE '9999-12-31') AS billing_from,
       coalesce(s.billing_to, DATE '9999-12-31') AS billing_to
FROM delivered_piece d
JOIN suspect s USING (service_id)
WHERE NOT d.is_suspended;

CREATE TABLE delivered_part AS
SELECT service_id, charge_id, period_id,
       sum(prorated(unit_price, factor, starts_on, ends_on, month_from, month_to))::BIGINT AS delivered,
       sum(prorated(unit_price, factor, greatest(starts_on, billing_from), ends_on, month_from, month_to))::BIGINT
           AS since_billing,
       sum(prorated(unit_price, factor, greatest(starts_on, billing_from), least(ends_on, billing_to),
                    month_from, month_to))::BIGINT AS within_billing,
       sum(greatest(0, date_diff('day', starts_on, ends_on)))::INTEGER AS delivered_days
FROM suspect_piece
GROUP BY service_id, charge_id, period_id
UNION ALL
SELECT o.service_id, o.charge_id, o.period_id, rounded(o.unit_price, price_scale()),
       CASE WHEN s.billing_from IS NULL THEN 0 ELSE rounded(o.unit_price, price_scale()) END,
       CASE WHEN s.billing_from IS NULL THEN 0 ELSE rounded(o.unit_price, price_scale()) END, 1
FROM one_time o
JOIN suspect s USING (service_id);

CREATE TABLE covered_part AS
SELECT i.service_id, i.charge_id, i.period_id,
       sum(prorated(i.unit_price, i.factor, greatest(i.starts_on, c.starts_on), least(i.ends_on, c.ends_on),
                    i.month_from, i.month_to))::BIGINT AS covered
FROM suspect_piece i
JOIN covered c ON c.service_id = i.service_id AND c.charge_id = i.charge_id
     AND c.starts_on < i.ends_on AND c.ends_on > i.starts_on
GROUP BY i.service_id, i.charge_id, i.period_id
UNION ALL
SELECT o.service_id, o.charge_id, o.period_id, rounded(o.unit_price, price_scale())
FROM one_time o
WHERE (o.service_id, o.charge_id, o.period_id) IN (SELECT service_id, charge_id, period_id FROM suspect_line);
