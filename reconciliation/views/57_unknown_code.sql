-- The analysis view `unknown_code`: one row a service, month and billing code that no offering of the catalogue has.

CREATE TABLE unknown_code_view AS
SELECT s.service, s.account, u.billing_code, p.starts_on AS period, p.is_recoverable, 0::BIGINT AS expected_amount,
       sum(u.amount_minor)::BIGINT AS billed_amount, count(*)::INTEGER AS lines, list(DISTINCT u.line_ref ORDER BY u.line_ref) AS evidence
FROM unknown_line u
JOIN service s USING (service_id)
JOIN billing_period p ON p.period_id = u.period_id AND p.starts_on <= u.covers_from AND u.covers_from < p.ends_on
GROUP BY s.service, s.account, u.billing_code, p.starts_on, p.is_recoverable;
