-- What was done with bills once they were made: sent or held, paid, and given back out of goodwill. In the market's
-- money only.

CREATE TABLE bill_stage AS
WITH cut_off AS (
    SELECT DISTINCT i.account
    FROM suspended u
    JOIN identity i USING (service_id)
    WHERE u.ends_on = DATE '9999-12-31'
)
SELECT 'bill/' || bill_id AS subject, bill_id, account_number AS account, state, billed_on, total_minor AS amount_minor,
       account_number IN (SELECT account FROM cut_off) AS is_cut_off,
       bill_id IN (SELECT bill_id FROM dispute
                   WHERE bill_id IS NOT NULL AND (closed_at IS NULL OR closed_at > as_of_moment())) AS is_disputed,
       as_of_day() AS seen_on, [source_system || '/' || source_object || '/' || source_id] AS refs
FROM customer_bill
WHERE currency = market_currency() AND billed_on <= as_of_day();

CREATE TABLE payment_stage AS
SELECT 'payment/' || source_id AS subject, source_id AS payment_id, account_number AS account, received_on, bill_id,
       amount_minor, as_of_day() AS seen_on, [source_system || '/' || source_object || '/' || source_id] AS refs
FROM payment
WHERE currency = market_currency() AND received_on <= as_of_day();

-- Goodwill alone: any other adjustment corrects a charge, and is weighed against what was billed wrongly.
CREATE TABLE credit_stage AS
WITH given AS (
    SELECT *, source_system || '/' || source_object || '/' || source_id AS ref
    FROM adjustment
    WHERE currency = market_currency() AND posted_on <= as_of_day() AND amount_minor < 0
      AND lower(coalesce(reason, '')) IN (SELECT reason FROM goodwill)
)
SELECT 'adjustment/' || source_id AS subject, source_id AS adjustment_id, account_number AS account, reason, posted_on,
       -amount_minor AS amount_minor, lag(posted_on) OVER alike AS given_before_on,
       [r FOR r IN [ref, lag(ref) OVER alike] IF r IS NOT NULL] AS refs
FROM given
WINDOW alike AS (PARTITION BY account_number, lower(reason), amount_minor ORDER BY posted_on, source_id);
