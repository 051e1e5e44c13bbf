-- The analysis view `shared_device`: one row a month and service that claims a device which an earlier service has
-- claimed for the same days.

CREATE TABLE shared_device_view AS
SELECT s.service, s.account, s.first_service, s.first_account, s.serial, p.starts_on AS period, p.is_recoverable, 0::BIGINT AS expected_amount,
       s.billed_minor AS billed_amount, s.claimed_from, coalesce(d.is_live, false) AS is_live,
       list_distinct(s.line_refs || [d.observation_ref]) AS evidence
FROM shared_charge s
JOIN billing_period p USING (period_id)
LEFT JOIN device_state d ON d.serial = s.serial;
