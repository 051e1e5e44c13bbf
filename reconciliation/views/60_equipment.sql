-- The analysis view `equipment`: one row a month and device that the network carries although the field never
-- recorded it, at the list price of the profile it is provisioned with.

CREATE TABLE unrecorded AS
SELECT * FROM device_state WHERE NOT known_to_field;

CREATE TABLE unrecorded_month AS
SELECT d.serial, r.period_id,
       sum(prorated(r.unit_price, 10000, greatest(d.registered_on, r.piece_from), r.piece_to,
                    p.starts_on, p.ends_on))::BIGINT AS list_minor
FROM unrecorded d
JOIN rate r ON r.product_id = d.profile_product AND r.piece_to > d.registered_on
JOIN period p ON p.period_id = r.period_id
GROUP BY d.serial, r.period_id;

CREATE TABLE equipment_view AS
SELECT d.serial, p.starts_on AS period, p.is_recoverable, m.list_minor AS expected_amount, 0::BIGINT AS billed_amount,
       d.element, d.is_live, d.is_awaited, d.is_near_miss, coalesce(q.id, '') AS profile_offering, d.registered_on,
       d.last_traffic_on, [d.observation_ref] AS evidence
FROM unrecorded_month m
JOIN unrecorded d USING (serial)
JOIN period p USING (period_id)
LEFT JOIN product q ON q.product_id = d.profile_product;
