-- The analysis view `promised_credit`: one row a credit that was approved in a judged month or since.

CREATE TABLE promised_credit_view AS
SELECT s.subject AS "case", date_trunc('month', s.approved_on)::DATE AS period,
       coalesce(p.is_recoverable, true) AS is_recoverable, 0::BIGINT AS expected_amount, 0::BIGINT AS billed_amount, s.account,
       s.approved_on, s.posted_on, (s.seen_on - s.approved_on)::INTEGER AS days_since, s.amount_minor AS credit_amount,
       s.refs AS evidence
FROM promise_stage s
LEFT JOIN period p ON p.starts_on = date_trunc('month', s.approved_on)
WHERE s.approved_on >= (SELECT min(starts_on) FROM period);
