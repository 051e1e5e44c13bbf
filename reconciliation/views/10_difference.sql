-- Expected against billed, one row a service, charge and billing period; only rows that disagree go on.

-- What the list asks for a whole piece at a full share is computed once, as most pieces are delivered whole.
CREATE TABLE listed_piece AS
SELECT r.product_id, r.calendar_id, r.period_id, r.unit_price, r.piece_from, r.piece_to, p.whole_from, p.whole_to,
       prorated(r.unit_price, 10000, r.piece_from, r.piece_to, p.whole_from, p.whole_to) AS whole_amount
FROM billing_rate r
JOIN billing_period p ON p.period_id = r.period_id;

-- What is delivered, period by period and price by price; an account's own price takes the place of the list price.
CREATE VIEW delivered_piece AS
SELECT d.service_id, d.charge_id, d.product_id, d.factor, d.is_suspended, d.basis, d.starts_on AS delivered_from,
       r.period_id, r.unit_price, greatest(d.starts_on, r.piece_from) AS starts_on,
       least(d.ends_on, r.piece_to) AS ends_on, r.piece_from AS price_from, r.whole_from AS month_from,
       r.whole_to AS month_to,
       CASE WHEN d.factor = 10000 AND d.starts_on <= r.piece_from AND d.ends_on >= r.piece_to THEN r.whole_amount
            ELSE prorated(r.unit_price, d.factor, greatest(d.starts_on, r.piece_from), least(d.ends_on, r.piece_to),
                          r.whole_from, r.whole_to) END AS amount
FROM delivered d
JOIN listed_piece r ON r.product_id = d.product_id AND r.calendar_id = d.calendar_id AND r.piece_from < d.ends_on
     AND r.piece_to > d.starts_on
WHERE d.unit_price IS NULL
UNION ALL
SELECT d.service_id, d.charge_id, d.product_id, d.factor, d.is_suspended, d.basis, d.starts_on, p.period_id,
       d.unit_price, greatest(d.starts_on, p.starts_on), least(d.ends_on, p.ends_on), p.starts_on, p.whole_from, p.whole_to,
       prorated(d.unit_price, d.factor, greatest(d.starts_on, p.starts_on), least(d.ends_on, p.ends_on),
                p.whole_from, p.whole_to)
FROM delivered d
JOIN billing_period p ON p.calendar_id = d.calendar_id AND p.starts_on < d.ends_on AND p.ends_on > d.starts_on
WHERE d.unit_price IS NOT NULL;

-- One sum over what is delivered and what is billed, the latter negative: what balances is dropped at once. The entries
-- are written down first: DuckDB sums each part of a UNION ALL for itself and then all of it once more.
CREATE TEMP TABLE entry AS
SELECT service_id, charge_id, period_id, amount FROM delivered_piece WHERE NOT is_suspended
UNION ALL
SELECT service_id, charge_id, period_id, rounded(unit_price, price_scale()) FROM one_time
UNION ALL
SELECT service_id, charge_id, period_id, -amount_minor FROM billed;

CREATE TABLE difference AS
SELECT service_id, charge_id, period_id, sum(amount)::BIGINT AS difference_minor
FROM entry
GROUP BY service_id, charge_id, period_id
HAVING sum(amount) <> 0;
