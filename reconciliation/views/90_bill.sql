-- The analysis view `bill`: one row a bill that was made in a judged month or since.

CREATE TABLE bill_view AS
SELECT b.subject AS bill, date_trunc('month', b.billed_on)::DATE AS period, coalesce(p.is_recoverable, true) AS is_recoverable,
       b.amount_minor AS expected_amount, b.amount_minor AS billed_amount, b.account, b.state, b.billed_on, b.is_cut_off, b.is_disputed,
       (b.seen_on - b.billed_on)::INTEGER AS days_since, b.refs AS evidence
FROM bill_stage b
LEFT JOIN period p ON p.starts_on = date_trunc('month', b.billed_on)
WHERE b.billed_on >= (SELECT min(starts_on) FROM period);
