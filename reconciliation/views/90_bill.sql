-- The analysis view `bill`: one row a bill that was made in a judged month or since, with what the account was
-- billed before it.

CREATE TABLE bill_view AS
SELECT b.subject AS bill, date_trunc('month', b.billed_on)::DATE AS period, coalesce(p.is_recoverable, true) AS is_recoverable,
       b.amount_minor AS expected_amount, b.amount_minor AS billed_amount, b.account, b.state, b.billed_on, b.is_cut_off, b.is_disputed,
       (b.seen_on - b.billed_on)::INTEGER AS days_since, coalesce(h.history_bills, 0) AS history_bills, h.history_from,
       coalesce(h.charged_minor, 0) AS charged_amount, coalesce(h.usual_minor, 0) AS usual_amount,
       coalesce(h.spread_minor, 0) AS spread_amount, coalesce(h.recurring_lines, 0) AS recurring_lines,
       coalesce(h.recurring_minor, 0) AS recurring_amount, coalesce(h.usual_recurring_minor, 0) AS usual_recurring_amount,
       b.refs AS evidence
FROM bill_stage b
LEFT JOIN bill_pattern h ON h.subject = b.subject
LEFT JOIN period p ON p.starts_on = date_trunc('month', b.billed_on)
WHERE b.billed_on >= (SELECT min(starts_on) FROM period);
