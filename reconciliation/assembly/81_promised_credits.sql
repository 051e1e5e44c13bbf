-- Credits that were approved in a case, and whether one of that amount was posted on the account since: the first
-- posted for the first approved, and so on.

CREATE TABLE promise_stage AS
WITH approved AS (
    SELECT *, source_system || '/' || source_object || '/' || source_id AS ref,
           row_number() OVER (PARTITION BY account_number, amount_minor ORDER BY approved_on, case_number) AS turn
    FROM credit_approval
    WHERE currency = market_currency() AND approved_on <= as_of_day()
),
posted AS (
    SELECT a.account_number, -a.amount_minor AS amount_minor, a.posted_on,
           a.source_system || '/' || a.source_object || '/' || a.source_id AS ref,
           row_number() OVER (PARTITION BY a.account_number, a.amount_minor ORDER BY a.posted_on, a.source_id) AS turn
    FROM adjustment a
    SEMI JOIN approved p ON p.account_number = a.account_number AND p.amount_minor = -a.amount_minor
         AND p.approved_on <= a.posted_on
    WHERE a.currency = market_currency() AND a.posted_on <= as_of_day()
)
SELECT 'case/' || p.case_number AS subject, p.case_number, p.account_number AS account, p.approved_on, p.amount_minor,
       d.posted_on, as_of_day() AS seen_on, [ref FOR ref IN [p.ref, d.ref] IF ref IS NOT NULL] AS refs
FROM approved p
LEFT JOIN posted d USING (account_number, amount_minor, turn);
