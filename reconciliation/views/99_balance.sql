-- The analysis view `balance`: one row a balance of an account that was moved to another billing system. A receivable
-- that shrank is money the operator does not ask for any more; a deposit or a payment that shrank is the customer's.

CREATE TABLE balance_view AS
SELECT b.subject AS balance, date_trunc('month', b.cut_over_on)::DATE AS period,
       coalesce(p.is_recoverable, true) AS is_recoverable, b.legacy_minor + b.in_flight_minor AS expected_amount,
       b.target_minor AS billed_amount, b.account, b.balance_type, b.cut_over_on, b.closed_on, b.opened_on,
       b.legacy_minor AS legacy_amount, b.target_minor AS target_amount, b.in_flight_minor AS in_flight_amount,
       CASE b.balance_type WHEN 'receivable' THEN b.legacy_minor + b.in_flight_minor - b.target_minor
            ELSE b.target_minor - b.legacy_minor - b.in_flight_minor END AS missing_claim_amount,
       b.refs AS evidence
FROM balance_stage b
LEFT JOIN period p ON p.starts_on = date_trunc('month', b.cut_over_on)
WHERE b.cut_over_on >= (SELECT min(starts_on) FROM period);
