-- Bill lines that stand: with what the catalogue knows of their code, in the market's money, and not taken back.

CREATE VIEW known_line AS
SELECT l.*, l.source_system || '/' || l.source_object || '/' || l.source_id AS line_ref, p.product_id, p.charge_id,
       p.delivered_by
FROM bill_line l
JOIN billing_code b ON b.code = l.billing_code
JOIN product p ON p.product_id = b.product_id
WHERE l.currency = market_currency();

-- A line is taken back by the opposite amount for the same service, charge and days, on whatever bill: then neither
-- of them was billed. One that takes back less stays, and so does what it leaves of the other.
CREATE TABLE taken_back AS
WITH taking AS (
    SELECT DISTINCT service_id, charge_id, covers_from, covers_to
    FROM known_line
    WHERE amount_minor <> 0 AND (amount_minor < 0) <> (delivered_by = 'discount')
),
touched AS (
    SELECT l.line_ref, l.service_id, l.charge_id, l.covers_from, l.covers_to, l.subscription_id, l.billed_on,
           l.amount_minor, abs(l.amount_minor) AS size, l.amount_minor < 0 AS is_negative
    FROM known_line l
    JOIN taking USING (service_id, charge_id, covers_from, covers_to)
    WHERE l.amount_minor <> 0
),
counted AS (
    SELECT *, sum(amount_minor) OVER same_days AS rest,
           count_if(is_negative) OVER same_size AS negatives, count_if(NOT is_negative) OVER same_size AS positives,
           CASE WHEN is_negative THEN count_if(NOT is_negative) OVER same_subscription
                ELSE count_if(is_negative) OVER same_subscription END AS own_opposites,
           row_number() OVER (PARTITION BY service_id, charge_id, covers_from, covers_to, size, is_negative,
                                           subscription_id ORDER BY billed_on, line_ref) AS own_turn
    FROM touched
    WINDOW same_days AS (PARTITION BY service_id, charge_id, covers_from, covers_to),
           same_size AS (PARTITION BY service_id, charge_id, covers_from, covers_to, size),
           same_subscription AS (PARTITION BY service_id, charge_id, covers_from, covers_to, size, subscription_id)
),
-- Lines of one subscription meet each other first.
paired AS (
    SELECT *, row_number() OVER (PARTITION BY service_id, charge_id, covers_from, covers_to, size, is_negative
                                 ORDER BY own_turn > own_opposites, billed_on, line_ref) AS turn
    FROM counted
)
SELECT line_ref FROM paired WHERE rest = 0 OR turn <= least(negatives, positives);

CREATE VIEW posted_line AS
SELECT * FROM known_line WHERE line_ref NOT IN (SELECT line_ref FROM taken_back);

-- A sum over two currencies is an amount of nothing: where a bill has lines in other money, its service is not judged.
CREATE TABLE foreign_bill AS
SELECT service_id,
       count(*) || ' bill lines are in ' || string_agg(DISTINCT currency, ', ' ORDER BY currency)
       || ', the money of this market is ' || market_currency() AS reason
FROM bill_line
WHERE currency <> market_currency() AND covers_to > (SELECT min(starts_on) FROM period)
GROUP BY service_id;
