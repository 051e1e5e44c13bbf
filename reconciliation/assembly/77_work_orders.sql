-- Work orders by id: their last visit, and what came before them at the same service. A job whose order leads to no
-- service stands alone.

CREATE TABLE work_order_stage AS
WITH last_visit AS (
    SELECT work_order_id, max(visit_number) AS visits,
           arg_max(local_date(coalesce(arrived_at, scheduled_start)), visit_number) AS visited_on,
           arg_max(outcome, visit_number) AS outcome, arg_max(cause, visit_number) AS cause
    FROM work_order_visit
    GROUP BY work_order_id
),
-- The last test before the last visit.
last_test AS (
    SELECT t.work_order_id, arg_max(t.verdict, t.tested_at) AS line_test,
           min(date_diff('hour', t.tested_at, v.arrived_at)) AS hours_since_test
    FROM service_test t
    JOIN (SELECT work_order_id, max(arrived_at) AS arrived_at FROM work_order_visit GROUP BY work_order_id) v
      USING (work_order_id)
    WHERE t.tested_at <= v.arrived_at
    GROUP BY t.work_order_id
),
known AS (
    SELECT w.work_order_id, w.order_number, w.work_type, w.state, o.service_id, i.account, v.visits, v.outcome, v.cause,
           coalesce(v.visited_on, local_date(w.scheduled_for)) AS day, w.scheduled_for,
           w.state IN ('new', 'scheduled', 'dispatched', 'in_progress', 'on_hold') AS is_open,
           w.source_system || '/' || w.source_object || '/' || w.source_id AS ref
    FROM work_order w
    LEFT JOIN ordered o USING (order_number)
    LEFT JOIN identity i USING (service_id)
    LEFT JOIN last_visit v USING (work_order_id)
),
preceded AS (
    SELECT *, lag(day) OVER repairs AS repaired_before_on, lag(cause) OVER repairs AS cause_before,
           lag(ref) OVER repairs AS repair_before
    FROM known
    WHERE work_type = 'repair' AND outcome = 'done' AND service_id IS NOT NULL
    WINDOW repairs AS (PARTITION BY service_id ORDER BY day, scheduled_for, work_order_id)
),
twin AS (
    SELECT *, lag(ref) OVER same AS open_before
    FROM known
    WHERE is_open AND service_id IS NOT NULL
    WINDOW same AS (PARTITION BY service_id, work_type ORDER BY scheduled_for, work_order_id)
)
SELECT 'work_order/' || k.work_order_id AS subject, k.work_order_id, k.order_number, k.account, k.work_type, k.state,
       coalesce(k.visits, 0)::INTEGER AS visits, k.outcome, k.cause, k.day, k.is_open, t.open_before IS NOT NULL AS is_twin,
       p.repaired_before_on, p.cause_before, x.line_test, x.hours_since_test::INTEGER AS hours_since_test,
       [ref FOR ref IN [k.ref, p.repair_before, t.open_before] IF ref IS NOT NULL] AS refs
FROM known k
LEFT JOIN preceded p USING (work_order_id)
LEFT JOIN twin t USING (work_order_id)
LEFT JOIN last_test x USING (work_order_id)
WHERE k.day IS NOT NULL;
