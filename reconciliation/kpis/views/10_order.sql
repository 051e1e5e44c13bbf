-- The view `order`: one row an order of a new customer that was placed in the judged months, with what became of it.

-- The work order that brought the service: the one that was completed first, else the one that was there first.
CREATE TABLE kpi_install AS
SELECT w.order_number, w.work_order_id, w.created_at, c.completed_at
FROM work_order w
LEFT JOIN (SELECT work_order_id, min(completed_at) AS completed_at FROM field_completion GROUP BY work_order_id) c
  USING (work_order_id)
WHERE w.work_type = 'install'
QUALIFY row_number() OVER (PARTITION BY w.order_number
                           ORDER BY c.completed_at NULLS LAST, w.created_at NULLS LAST, w.work_order_id) = 1;

-- Visits in order. What lies between an arrival at a locked door and the next arrival is the customer's own time.
CREATE TABLE kpi_attended AS
WITH arrival AS (
    SELECT work_order_id, visit_number, dispatched_at, arrived_at, outcome,
           lead(arrived_at) OVER (PARTITION BY work_order_id ORDER BY visit_number) AS next_arrived_at
    FROM work_order_visit
    WHERE arrived_at IS NOT NULL
)
SELECT work_order_id, count(*) AS visits, min(arrived_at) AS arrived_at,
       arg_min(dispatched_at, visit_number) AS dispatched_at, arg_min(outcome, visit_number) AS first_outcome,
       coalesce(sum(minutes_between(arrived_at, next_arrived_at)) FILTER (outcome = 'no_access'), 0) AS customer_minutes
FROM arrival
GROUP BY work_order_id;

-- The network's last word on each device.
CREATE TABLE kpi_device AS
SELECT serial, registered_since
FROM network_observation
QUALIFY row_number() OVER (PARTITION BY serial
                           ORDER BY observed_at DESC, operational_state = 'up' DESC, last_traffic_at DESC NULLS LAST,
                                    element, port, source_id) = 1;

-- When the device of each installation came up. One that was left anew since, and registered after this installation
-- was over, tells of the later one.
CREATE TABLE kpi_activation AS
WITH left_device AS (
    SELECT DISTINCT m.work_order_id, m.serial, c.completed_at
    FROM completion_material m
    JOIN field_completion c USING (work_order_id)
    WHERE m.kind IN ('ont', 'nid', 'subscriber_module')
),
told AS (
    SELECT l.work_order_id, d.registered_since,
           d.registered_since > l.completed_at
           AND EXISTS (SELECT 1 FROM left_device o WHERE o.serial = l.serial AND o.completed_at > l.completed_at) AS is_later
    FROM left_device l
    LEFT JOIN kpi_device d USING (serial)
)
SELECT work_order_id, min(registered_since) FILTER (NOT is_later) AS activated_at,
       coalesce(bool_or(is_later), false) AS is_used_again
FROM told
GROUP BY work_order_id;

CREATE TABLE kpi_asked AS
SELECT order_number, min(account_number) AS account, min(state) AS state, min(ordered_at) AS ordered_at,
       count(*) OVER (PARTITION BY min(account_number)) AS new_orders
FROM product_order
WHERE order_type = 'new' AND state NOT IN ('cancelled', 'rejected', 'acknowledged')
GROUP BY order_number;

CREATE TABLE kpi_delivery AS
SELECT o.*, i.work_order_id, i.created_at, i.completed_at, v.visits, v.arrived_at, v.dispatched_at, v.first_outcome,
       v.customer_minutes, a.activated_at, local_date(a.activated_at) AS active_on,
       coalesce(a.is_used_again, false) AS is_used_again
FROM kpi_asked o
LEFT JOIN kpi_install i USING (order_number)
LEFT JOIN kpi_attended v USING (work_order_id)
LEFT JOIN kpi_activation a USING (work_order_id)
WHERE local_date(o.ordered_at) >= period_from() AND local_date(o.ordered_at) < period_to() OR o.ordered_at IS NULL;

CREATE TABLE kpi_first_bill AS
SELECT o.order_number, arg_min(b.bill_id, (b.billed_on, b.bill_id)) AS bill_id, min(b.billed_on) AS billed_on
FROM kpi_delivery o
JOIN customer_bill b ON b.account_number = o.account AND b.billed_on >= o.active_on
                    AND b.state IN ('sent', 'partiallyPaid', 'settled')
GROUP BY o.order_number;

-- The monthly charge of the highest rate on a first bill is that of the access.
CREATE TABLE kpi_first_rate AS
SELECT bill_id, max(rate_minor) AS rate_minor FROM charge_line WHERE bill_id IN (SELECT bill_id FROM kpi_first_bill) GROUP BY bill_id;

CREATE TABLE kpi_order_touch AS
SELECT t.order_number, count(*) FILTER (t.step = 'provisioning') AS provisionings,
       count(*) FILTER (t.step = 'provisioning' AND t.made_by = 'person') AS provisioning_hands,
       count(*) FILTER (t.step = 'provisioning' AND t.made_by = 'person' AND t.action IN ('corrected', 'forced')) AS rework,
       count(*) FILTER (t.made_by = 'person' AND t.action IN ('corrected', 'rescheduled', 'forced')) AS unplanned,
       count(*) FILTER (t.made_by = 'person' AND NOT (t.step = 'order' AND t.action = 'entered')) AS hands
FROM touch t
LEFT JOIN work_order w USING (work_order_id)
WHERE t.order_number IS NOT NULL AND (t.work_order_id IS NULL OR w.work_type = 'install')
GROUP BY t.order_number;

CREATE TABLE kpi_wrong_first_bill AS
SELECT DISTINCT o.order_number
FROM kpi_delivery o
JOIN kpi_first_bill b USING (order_number)
JOIN finding_month f ON f.account = o.account AND f.subject_kind = 'service'
                    AND f.direction IN ('under_billed', 'over_billed')
                    AND f.starts_on <= o.active_on AND o.active_on < CAST(f.starts_on + INTERVAL 1 MONTH AS DATE)
UNION
SELECT o.order_number
FROM kpi_delivery o
JOIN kpi_first_bill b USING (order_number)
JOIN kpi_correction c ON c.account = o.account AND c.posted_on >= b.billed_on AND c.posted_on < b.billed_on + 60;

CREATE TABLE kpi_came_back AS
SELECT o.order_number
FROM kpi_delivery o
JOIN work_order w ON w.order_number = o.order_number AND w.work_type = 'repair'
JOIN kpi_attended v ON v.work_order_id = w.work_order_id
WHERE v.arrived_at >= o.completed_at AND v.arrived_at < o.completed_at + INTERVAL 30 DAY
UNION
SELECT o.order_number
FROM kpi_delivery o
JOIN trouble_ticket t ON t.account_number = o.account AND t.kind = 'fault'
WHERE t.opened_at >= o.completed_at AND t.opened_at < o.completed_at + INTERVAL 30 DAY;

CREATE TABLE kpi_order_view AS
SELECT o.order_number, o.ordered_at, o.state, o.work_order_id IS NOT NULL AS has_work_order, o.created_at,
       o.dispatched_at, o.arrived_at, o.completed_at, o.activated_at, o.is_used_again, b.billed_on, p.received_on,
       o.new_orders = 1 AS is_only_service, coalesce(o.visits, 0) AS visits, coalesce(o.first_outcome, '') AS first_outcome,
       minutes_between(o.ordered_at, o.activated_at) AS minutes_to_activation,
       minutes_between(o.ordered_at, o.activated_at) - o.customer_minutes AS minutes_to_activation_net,
       minutes_between(o.ordered_at, o.created_at) AS minutes_to_work_order,
       minutes_between(o.created_at, o.arrived_at) AS minutes_to_arrival,
       minutes_between(o.arrived_at, o.completed_at) AS minutes_to_completion,
       minutes_between(o.completed_at, o.activated_at) AS minutes_to_active,
       minutes_between(o.dispatched_at, o.completed_at) AS minutes_from_dispatch,
       (b.billed_on - o.active_on)::BIGINT AS days_to_invoice,
       (p.received_on - local_date(o.ordered_at))::BIGINT AS days_to_cash,
       (2 * r.rate_minor * 12 * (b.billed_on - o.active_on) + 365) // 730 AS float_amount,
       coalesce(t.provisionings, 0) AS provisionings, coalesce(t.provisioning_hands, 0) AS provisioning_hands,
       coalesce(t.rework, 0) AS rework, coalesce(t.unplanned, 0) AS unplanned, coalesce(t.hands, 0) AS hands,
       o.order_number IN (SELECT order_number FROM kpi_wrong_first_bill) AS is_first_bill_wrong,
       o.order_number IN (SELECT order_number FROM kpi_came_back) AS is_back_within_month,
       o.completed_at + INTERVAL 30 DAY > as_of_moment() AS is_month_open
FROM kpi_delivery o
LEFT JOIN kpi_first_bill b USING (order_number)
LEFT JOIN kpi_first_rate r USING (bill_id)
LEFT JOIN (SELECT bill_id, min(received_on) AS received_on FROM payment WHERE bill_id IS NOT NULL GROUP BY bill_id) p
  USING (bill_id)
LEFT JOIN kpi_order_touch t USING (order_number);
