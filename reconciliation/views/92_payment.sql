-- The analysis view `payment`: one row a payment that came in a judged month or since.

CREATE TABLE payment_view AS
SELECT y.subject AS payment, date_trunc('month', y.received_on)::DATE AS period,
       coalesce(p.is_recoverable, true) AS is_recoverable, 0::BIGINT AS expected_amount, 0::BIGINT AS billed_amount,
       y.account, y.received_on, (y.seen_on - y.received_on)::INTEGER AS days_since, y.bill_id IS NOT NULL AS is_applied,
       y.amount_minor AS paid_amount, y.refs AS evidence
FROM payment_stage y
LEFT JOIN period p ON p.starts_on = date_trunc('month', y.received_on)
WHERE y.received_on >= (SELECT min(starts_on) FROM period);
