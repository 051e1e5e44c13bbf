-- The analysis view `stock_item`: one row a device that left the store room and is at no service any more, or never was,
-- in the month from which on it is missed.

CREATE TABLE stock_item_view AS
WITH missed AS (
    SELECT *, CASE WHEN is_recorded THEN held_until ELSE moved_on END AS missed_since
    FROM stock_item
    WHERE movement = 'issued'
)
SELECT m.serial, date_trunc('month', m.missed_since)::DATE AS period, false AS is_recoverable, 0::BIGINT AS expected_amount,
       0::BIGINT AS billed_amount, m.kind, coalesce(m.model, '') AS model, coalesce(m.service, '') AS service, m.moved_on,
       (m.seen_on - m.missed_since)::INTEGER AS days_missed, m.is_recorded, m.is_work_over, m.is_near_miss,
       c.amount_minor AS device_cost, m.refs AS evidence
FROM missed m
JOIN cost c ON c.cost = CASE m.kind WHEN 'router' THEN 'router' ELSE 'access_device' END
WHERE m.missed_since >= greatest(m.moved_on, (SELECT min(starts_on) FROM period)) AND m.missed_since <= m.seen_on;
