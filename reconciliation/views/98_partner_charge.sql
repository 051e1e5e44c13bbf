-- The analysis view `partner_charge`: one row a line of a partner's invoice that is for days of a judged month or since.

CREATE TABLE partner_charge_view AS
SELECT p.subject AS partner_line, date_trunc('month', p.covers_from)::DATE AS period, false AS is_recoverable,
       0::BIGINT AS expected_amount, 0::BIGINT AS billed_amount, p.supplier, p.kind, p.account, p.product, p.covers_from,
       p.covers_to, p.is_known, p.is_served, p.amount_minor AS invoiced_amount, p.refs AS evidence
FROM partner_line p
WHERE p.covers_from >= (SELECT min(starts_on) FROM period);
