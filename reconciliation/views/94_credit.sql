-- The analysis view `credit`: one row a credit out of goodwill that was given in a judged month or since.

CREATE TABLE credit_view AS
SELECT c.subject AS adjustment, date_trunc('month', c.posted_on)::DATE AS period,
       coalesce(p.is_recoverable, true) AS is_recoverable, 0::BIGINT AS expected_amount, 0::BIGINT AS billed_amount, c.account,
       coalesce(c.reason, '') AS reason, c.posted_on, (c.posted_on - c.given_before_on)::INTEGER AS days_since_alike,
       c.amount_minor AS credit_amount, c.refs AS evidence
FROM credit_stage c
LEFT JOIN period p ON p.starts_on = date_trunc('month', c.posted_on)
WHERE c.posted_on >= (SELECT min(starts_on) FROM period);
