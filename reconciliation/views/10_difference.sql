-- Expected against billed, one row a service, charge and billing period; only rows that disagree go on.

-- What is delivered, period by period and price by price; an account's own price takes the place of the list price.
CREATE VIEW delivered_piece AS
SELECT d.service_id, d.charge_id, d.product_id, d.factor, d.is_suspended, d.basis, d.starts_on AS delivered_from,
       r.period_id, r.unit_price, greatest(d.starts_on, r.piece_from) AS starts_on,
       least(d.ends_on, r.piece_to) AS ends_on, r.piece_from AS price_from, p.whole_from AS month_from,
       p.whole_to AS month_to
FROM delivered d
JOIN billing_rate r ON r.product_id = d.product_id AND r.calendar_id = d.calendar_id AND r.piece_from < d.ends_on
     AND r.piece_to > d.starts_on
JOIN billing_period p ON p.period_id = r.period_id
WHERE d.unit_price IS NULL
UNION ALL
SELECT d.service_id, d.charge_id, d.product_id, d.factor, d.is_suspended, d.basis, d.starts_on, p.period_id,
       d.unit_price, greatest(d.starts_on, p.starts_on), least(d.ends_on, p.ends_on), p.starts_on, p.whole_from, p.whole_to
FROM delivered d
JOIN billing_period p ON p.calendar_id = d.calendar_id AND p.starts_on < d.ends_on AND p.ends_on > d.starts_on
WHERE d.unit_price IS NOT NULL;

-- One sum over what is delivered and what is billed, the latter negative: what balances is dropped at once. Three
-- months share a row, because the time goes into the number of groups.
CREATE TABLE unbalanced AS
WITH entry AS (
    SELECT service_id, charge_id, period_id,
           prorated(unit_price, factor, starts_on, ends_on, month_from, month_to) AS amount
    FROM delivered_piece
    WHERE NOT is_suspended
    UNION ALL
    SELECT service_id, charge_id, period_id, rounded(unit_price, price_scale()) FROM one_time
    UNION ALL
    SELECT service_id, charge_id, period_id, -amount_minor FROM billed
)
SELECT service_id, charge_id, period_id // 3 AS quarter, sum(amount) FILTER (period_id % 3 = 0) AS first,
       sum(amount) FILTER (period_id % 3 = 1) AS second, sum(amount) FILTER (period_id % 3 = 2) AS third
FROM entry
GROUP BY service_id, charge_id, quarter
HAVING first <> 0 OR second <> 0 OR third <> 0;

CREATE TABLE difference AS
SELECT service_id, charge_id, (3 * quarter)::INTEGER AS period_id, first::BIGINT AS difference_minor
FROM unbalanced
WHERE first <> 0
UNION ALL
SELECT service_id, charge_id, (3 * quarter + 1)::INTEGER, second::BIGINT FROM unbalanced WHERE second <> 0
UNION ALL
SELECT service_id, charge_id, (3 * quarter + 2)::INTEGER, third::BIGINT FROM unbalanced WHERE third <> 0;
