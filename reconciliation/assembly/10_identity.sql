-- Who is who: one service an account, the jobs done for it, and the device that is bound to it.
-- Joins are exact on normalised keys: account number (CRM, billing), order number (CRM, field), serial (field, network).

CREATE TABLE account AS
SELECT row_number() OVER (ORDER BY account_number)::INTEGER AS service_id,
       account_number AS service, account_number AS account,
       any_value(segment) AS segment
FROM billing_account
GROUP BY account_number;

CREATE TABLE ordered AS
SELECT a.service_id, o.*
FROM product_order o
JOIN account a ON a.account = o.account_number;

-- One row a completed or open job; `done_on` is the local day of the event, however late it was received.
CREATE TABLE job AS
SELECT o.service_id, o.order_number, o.order_type, w.work_order_id, w.work_type, w.state AS work_state,
       c.completed_at, local_date(c.completed_at) AS done_on, p.product_id AS installed_product,
       w.source_system || '/' || w.source_object || '/' || w.source_id AS work_order_ref,
       c.source_system || '/' || c.source_object || '/' || c.source_id AS completion_ref
FROM work_order w
JOIN ordered o USING (order_number)
LEFT JOIN field_completion c USING (work_order_id)
LEFT JOIN product p ON p.id = c.installed_offering_id;

CREATE TABLE binding AS
SELECT j.service_id, m.serial, j.done_on AS bound_from,
       lead(j.done_on, 1, DATE '9999-12-31') OVER (PARTITION BY j.service_id ORDER BY j.completed_at) AS bound_to,
       j.completed_at, j.order_number
FROM job j
JOIN completion_material m USING (work_order_id)
WHERE m.kind IN ('ont', 'nid', 'subscriber_module') AND j.completed_at IS NOT NULL;

-- The last word of the network on each device.
CREATE TABLE device AS
SELECT n.serial, n.element, n.port, n.operational_state, p.product_id AS profile_product, n.profile,
       local_date(n.registered_since) AS registered_on,
       n.profile_since, local_date(n.profile_since) AS profile_on,
       local_date(n.last_traffic_at) AS last_traffic_on,
       n.operational_state = 'up' AND n.last_traffic_at IS NOT NULL AS is_live,
       n.source_system || '/' || n.source_object || '/' || n.source_id AS observation_ref
FROM (SELECT *, row_number() OVER (PARTITION BY serial ORDER BY observed_at DESC) AS age
      FROM network_observation) n
LEFT JOIN profile_product p ON p.profile = n.profile
WHERE n.age = 1;

-- Serials that nearly match: a typing mistake is likelier than a ghost beside a dark line. A person decides.
CREATE TABLE near_miss AS
SELECT b.service_id, b.serial AS field_serial, d.serial AS network_serial
FROM (SELECT * FROM binding WHERE bound_to = DATE '9999-12-31' AND serial NOT IN (SELECT serial FROM device)) b
JOIN (SELECT serial FROM device WHERE serial NOT IN (SELECT serial FROM binding)) d
  ON damerau_levenshtein(b.serial, d.serial) <= 1;
