-- The checks over one bucket of devices.

CREATE TABLE found AS
SELECT 'RL-B01' AS rule_id, d.serial AS subject,
       sum((2 * r.unit_price::BIGINT * (r.piece_to - greatest(d.registered_on, r.piece_from)) + (p.ends_on - p.starts_on))
           // (2 * (p.ends_on - p.starts_on)))::BIGINT AS cents,
       p.starts_on AS period, 'under_billed' AS direction, 'at_risk' AS exposure_class,
       [any_value(d.observation_ref)] AS evidence
FROM device_state d
JOIN rate r ON r.product_id = d.profile_product AND r.piece_to > d.registered_on
JOIN period p USING (period_id)
WHERE NOT d.known_to_field AND d.is_live AND NOT d.is_awaited AND NOT d.is_near_miss
GROUP BY d.serial, p.starts_on
UNION ALL
SELECT 'RL-B05-shared-device', s.service, -sum(s.billed_minor)::BIGINT, p.starts_on, 'over_billed', 'refund_due',
       flatten(list(s.line_refs || [d.observation_ref]))
FROM shared_charge s
JOIN period p USING (period_id)
LEFT JOIN device_state d USING (serial)
WHERE s.billed_minor > 0
GROUP BY s.service, p.starts_on;
