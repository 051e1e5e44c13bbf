-- What the field did for each service, and the device that is bound to it.

-- When what an order asked for was shown to work for the first time.
CREATE TABLE shown AS
SELECT order_number, min(works_since) AS works_since,
       arg_min(source_system || '/' || source_object || '/' || source_id, (works_since, source_system, source_id)) AS ref
FROM service_activation
GROUP BY order_number;

-- One row a completed or open job; `done_on` is the local day of the event, however late it was received. What it left
-- counts from there, or from the day on which it was shown to work: a completion says only that somebody was there.
-- A job that was done after that began, and is not the first of its order, did something else.
CREATE TABLE job AS
SELECT o.service_id, o.order_number, o.order_type, w.work_order_id, w.work_type, w.state AS work_state,
       w.expected_serial, c.completed_at, local_date(c.completed_at) AS done_on,
       CASE WHEN c.completed_at IS NULL THEN NULL
            WHEN c.completed_at <= s.works_since
                 OR c.completed_at = min(c.completed_at) OVER (PARTITION BY w.order_number)
                THEN local_date(coalesce(s.works_since, c.completed_at))
            ELSE local_date(c.completed_at) END AS counts_on,
       p.product_id AS installed_product,
       w.source_system || '/' || w.source_object || '/' || w.source_id AS work_order_ref,
       c.source_system || '/' || c.source_object || '/' || c.source_id AS completion_ref
FROM work_order w
JOIN ordered o USING (order_number)
LEFT JOIN field_completion c USING (work_order_id)
LEFT JOIN shown s USING (order_number)
LEFT JOIN product p ON p.id = c.installed_offering_id;

-- The last word of the network on each device; of two elements that list it at one moment, the one it is up on.
CREATE TABLE device AS
SELECT n.serial, n.element, n.port, n.operational_state, p.product_id AS profile_product, n.profile,
       n.registered_since, local_date(n.registered_since) AS registered_on,
       n.profile_since, local_date(n.profile_since) AS profile_on,
       local_date(n.last_traffic_at) AS last_traffic_on,
       n.operational_state = 'up' AND n.last_traffic_at IS NOT NULL AS is_live,
       n.administrative_state = 'locked' AS is_locked,
       n.source_system || '/' || n.source_object || '/' || n.source_id AS observation_ref
FROM (SELECT *, row_number() OVER (PARTITION BY serial
                                   ORDER BY observed_at DESC, operational_state = 'up' DESC,
                                            last_traffic_at DESC NULLS LAST, element, port, source_id) AS age
      FROM network_observation) n
LEFT JOIN profile_product p ON p.profile = n.profile
WHERE n.age = 1;

-- Access devices that a completion leaves at the premise. One that lists none left the device that the work order
-- expected, if the network shows it; else it left the one that was there.
CREATE TABLE left_device AS
SELECT DISTINCT j.service_id, j.work_order_id, j.order_number, j.completed_at, j.done_on, m.serial,
       m.serial IS NOT DISTINCT FROM j.expected_serial AS is_expected
FROM job j
JOIN completion_material m USING (work_order_id)
WHERE m.kind IN ('ont', 'nid', 'subscriber_module') AND j.completed_at IS NOT NULL;

INSERT INTO left_device
SELECT DISTINCT j.service_id, j.work_order_id, j.order_number, j.completed_at, j.done_on, j.expected_serial, true
FROM job j
JOIN device d ON d.serial = j.expected_serial
WHERE j.completed_at IS NOT NULL AND j.work_type NOT IN ('survey', 'disconnect', 'recovery')
  AND j.work_order_id NOT IN (SELECT work_order_id FROM left_device);

-- A completion with several access devices: one of them is in use, and the network shows which. One that another
-- service claims is that one's.
CREATE TABLE one_of_several AS
WITH several AS (
    SELECT l.*
    FROM left_device l
    SEMI JOIN (SELECT work_order_id FROM left_device GROUP BY work_order_id HAVING count(DISTINCT serial) > 1) s
      USING (work_order_id)
),
elsewhere AS (
    SELECT DISTINCT s.work_order_id, s.serial
    FROM several s
    JOIN left_device l ON l.serial = s.serial AND l.service_id <> s.service_id
)
SELECT s.service_id, s.work_order_id, s.serial, coalesce(d.is_live, false) AND e.serial IS NULL AS is_in_use,
       row_number() OVER (
           PARTITION BY s.work_order_id
           ORDER BY e.serial IS NULL DESC, coalesce(d.is_live, false) DESC, d.serial IS NOT NULL DESC,
                    d.last_traffic_on DESC NULLS LAST, s.is_expected DESC, s.serial
       ) AS choice
FROM several s
LEFT JOIN device d USING (serial)
LEFT JOIN elsewhere e USING (work_order_id, serial);

CREATE TABLE binding AS
SELECT l.service_id, l.work_order_id, l.serial, l.done_on AS bound_from,
       lead(l.done_on, 1, DATE '9999-12-31') OVER (
           PARTITION BY l.service_id ORDER BY l.completed_at, l.order_number, l.work_order_id
       ) AS bound_to,
       l.completed_at, l.order_number
FROM left_device l
WHERE NOT EXISTS (SELECT 1 FROM one_of_several s
                  WHERE s.work_order_id = l.work_order_id AND s.serial = l.serial AND s.choice > 1);
