-- The analysis view `contractor_charge`: one row a line of a contractor's invoice of a judged month or since.

CREATE TABLE contractor_charge_view AS
SELECT c.subject AS invoice_line, date_trunc('month', c.invoiced_on)::DATE AS period, false AS is_recoverable,
       0::BIGINT AS expected_amount, 0::BIGINT AS billed_amount, c.supplier, c.work_order_id, c.rate_code, c.quantity,
       c.invoiced_on, c.is_repeated, c.has_proof, c.amount_minor AS invoiced_amount, c.earned_minor AS earned_amount,
       c.refs AS evidence
FROM contractor_line c
WHERE c.invoiced_on >= (SELECT min(starts_on) FROM period);
