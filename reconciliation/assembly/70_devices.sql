-- Devices by serial: what the network carries, and which services claim it. A serial claimed twice meets itself
-- here whatever services it belongs to.

CREATE TABLE claim AS
SELECT b.serial, b.service_id, s.service, s.account, greatest(b.bound_from, s.starts_on) AS starts_on,
       least(b.bound_to, s.ends_on) AS ends_on,
       rank() OVER (PARTITION BY b.serial ORDER BY b.completed_at, b.service_id) AS turn
FROM (SELECT serial, service_id, min(bound_from) AS bound_from, max(bound_to) AS bound_to,
             min(completed_at) AS completed_at
      FROM binding GROUP BY serial, service_id) b
JOIN service_span s USING (service_id)
WHERE greatest(b.bound_from, s.starts_on) < least(b.bound_to, s.ends_on);

CREATE TABLE device_state AS
SELECT d.serial, d.element, d.port, d.profile_product, d.registered_on, d.last_traffic_on, d.is_live, d.observation_ref,
       d.operational_state = 'discovered' AS is_discovered, date_diff('hour', d.registered_since, as_of_moment()) AS hours_known,
       EXISTS (SELECT 1 FROM completion_material m WHERE m.serial = d.serial)
           OR EXISTS (SELECT 1 FROM left_device l WHERE l.serial = d.serial)
           OR EXISTS (SELECT 1 FROM wholesale_line l WHERE l.serial = d.serial)
           OR EXISTS (SELECT 1 FROM work_order w WHERE w.expected_serial = d.serial AND w.state = 'completed'
                      AND w.work_order_id NOT IN (SELECT work_order_id FROM field_completion)) AS known_to_field,
       EXISTS (SELECT 1 FROM work_order w WHERE w.expected_serial = d.serial
               AND w.state NOT IN ('completed', 'cannot_complete', 'cancelled')) AS is_awaited,
       EXISTS (SELECT 1 FROM near_miss n WHERE n.network_serial = d.serial) AS is_near_miss
FROM device d;

-- Services that share a serial at the same time, each with the first it shares it with, and what the later one was
-- billed month by month. Of a service whose bill lines may be another's nothing is said.
CREATE TABLE shared_serial AS
SELECT later.serial, arg_min(earlier.service, earlier.turn) AS first_service,
       arg_min(earlier.account, earlier.turn) AS first_account, later.service, later.account, later.service_id,
       min(greatest(earlier.starts_on, later.starts_on)) AS starts_on, max(least(earlier.ends_on, later.ends_on)) AS ends_on
FROM claim earlier
JOIN claim later ON later.serial = earlier.serial AND later.turn > earlier.turn AND later.service_id <> earlier.service_id
     AND greatest(earlier.starts_on, later.starts_on) < least(earlier.ends_on, later.ends_on)
WHERE later.service_id NOT IN (SELECT service_id FROM entangled)
GROUP BY later.serial, later.service, later.account, later.service_id;

CREATE TABLE shared_charge AS
SELECT s.serial, s.first_service, s.first_account, s.service, s.account, s.starts_on AS claimed_from, b.period_id,
       sum(b.amount_minor)::BIGINT AS billed_minor, list(b.line_ref ORDER BY b.line_ref) AS line_refs
FROM shared_serial s
JOIN billed b ON b.service_id = s.service_id AND b.covers_from < s.ends_on AND b.covers_to > s.starts_on
GROUP BY ALL;
