-- The analysis view `equipment`: one row a month and device that the network shows although the field never recorded
-- it, at the list price of the profile it is provisioned with. One that was discovered and never let in has no profile:
-- it may be worth the market's lowest list price. And one that the store room believes to have, from the day it came in.

CREATE TABLE lowest_tier AS
SELECT product_id
FROM rate
JOIN product USING (product_id)
WHERE delivered_by = 'access' AND piece_to > (SELECT max(starts_on) FROM period)
ORDER BY unit_price, product_id
LIMIT 1;

CREATE TABLE unrecorded AS
SELECT d.* REPLACE (CASE WHEN is_discovered THEN coalesce(profile_product, t.product_id) ELSE profile_product END
                    AS profile_product,
                    greatest(registered_on, CASE WHEN d.last_traffic_on > s.since THEN s.since END) AS registered_on),
       CASE WHEN d.last_traffic_on > s.since THEN s.since END AS in_stock_since
FROM device_state d
LEFT JOIN lowest_tier t ON true
LEFT JOIN in_stock s USING (serial)
WHERE NOT known_to_field OR (d.is_live AND d.last_traffic_on > s.since);

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
       d.element, d.is_live, d.is_awaited, d.is_near_miss, d.is_discovered, d.hours_known, d.known_to_field, d.in_stock_since, coalesce(q.id, '') AS profile_offering, d.registered_on,
       d.last_traffic_on, [d.observation_ref] AS evidence
FROM unrecorded_month m
JOIN unrecorded d USING (serial)
JOIN period p USING (period_id)
LEFT JOIN product q ON q.product_id = d.profile_product;
