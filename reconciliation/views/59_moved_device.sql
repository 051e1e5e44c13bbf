-- The analysis view `moved_device`: one row a service on the list of those that are moved, with the access device that
-- each side says it has. What hangs on it is what a month of the service comes to.

CREATE TABLE moved_device_view AS
WITH last_period AS (
    SELECT calendar_id, max(period_id) AS period_id FROM billing_period GROUP BY calendar_id
),
month AS (
    SELECT x.service_id, sum(x.expected_minor)::BIGINT AS amount
    FROM migration_row x
    JOIN service s USING (service_id)
    JOIN charge c USING (charge_id)
    JOIN last_period l ON l.calendar_id = s.calendar_id AND l.period_id = x.period_id
    WHERE c.kind <> 'one_time'
    GROUP BY x.service_id
)
SELECT s.service, s.account, p.starts_on AS period, p.is_recoverable, t.amount AS expected_amount, t.amount AS billed_amount,
       m.wave, m.cut_over_on, m.serial AS told_serial, s.serial AS field_serial, s.network_seen, s.network_live,
       t.amount AS monthly_amount, list_concat([m.ref], s.evidence) AS evidence
FROM moved_service m
JOIN service s USING (service_id)
JOIN month t USING (service_id)
JOIN last_period l ON l.calendar_id = s.calendar_id
JOIN billing_period p ON p.period_id = l.period_id
WHERE s.is_judged;
