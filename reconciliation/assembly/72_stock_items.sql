-- Devices by serial as the store room knows them, beside what the field did with them: at which service each was left
-- last, and until when.

CREATE TABLE held_device AS
WITH left_there AS (
    SELECT service_id, serial, 'access' AS place, completed_at, done_on, true AS is_ours FROM left_device
    UNION ALL
    SELECT j.service_id, m.serial, m.kind, j.completed_at, j.done_on, m.ownership <> 'customer'
    FROM job j
    JOIN completion_material m USING (work_order_id)
    WHERE j.completed_at IS NOT NULL AND m.kind NOT IN ('ont', 'nid', 'subscriber_module')
),
replaced AS (
    SELECT *, min(done_on) OVER (PARTITION BY service_id, place ORDER BY completed_at
                                 GROUPS BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS replaced_on
    FROM left_there
)
SELECT serial, service_id, completed_at, replaced_on
FROM replaced
WHERE is_ours
QUALIFY row_number() OVER (PARTITION BY serial ORDER BY completed_at DESC, replaced_on DESC NULLS FIRST, service_id) = 1;

CREATE TABLE stock_item AS
SELECT t.serial, t.kind, t.model, t.movement, t.moved_on, as_of_day() AS seen_on, s.service, s.account,
       least(h.replaced_on, s.ends_on) AS held_until,
       h.serial IS NOT NULL OR EXISTS (SELECT 1 FROM completion_material m WHERE m.serial = t.serial) AS is_recorded,
       EXISTS (SELECT 1 FROM near_miss n WHERE n.network_serial = t.serial) AS is_near_miss,
       coalesce(w.state IN ('completed', 'cannot_complete', 'cancelled'), false) AS is_work_over, t.refs
FROM stock_state t
LEFT JOIN held_device h USING (serial)
LEFT JOIN service_span s USING (service_id)
LEFT JOIN work_order w ON w.work_order_id = t.work_order_id;

-- Since when a device is in stock, where no service holds it.
CREATE TABLE in_stock AS
SELECT serial, moved_on AS since
FROM stock_item
WHERE movement IN ('received', 'returned') AND NOT coalesce(held_until = DATE '9999-12-31', false);
