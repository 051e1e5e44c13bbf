-- The view `visit`: one row a truck that arrived in the judged months, with what one costs.

CREATE TABLE kpi_visit_view AS
WITH visit AS (
    SELECT w.work_order_id, w.order_number, w.work_type, o.account_number AS account, o.premise_id, v.visit_number,
           v.scheduled_start, v.dispatched_at, v.arrived_at, v.left_at, v.outcome, v.cause
    FROM work_order_visit v
    JOIN work_order w USING (work_order_id)
    LEFT JOIN (SELECT order_number, min(account_number) AS account_number, min(premise_id) AS premise_id
               FROM product_order GROUP BY order_number) o USING (order_number)
    WHERE v.arrived_at IS NOT NULL
),
-- The job that was done last at the same place, before this one.
after_work AS (
    SELECT *, lag(arrived_at) OVER place AS before_at, lag(work_order_id) OVER place AS before_id,
           lag(work_type) OVER place AS before_type, lag(cause) OVER place AS before_cause
    FROM visit
    WINDOW place AS (PARTITION BY account, premise_id ORDER BY arrived_at, work_order_id, visit_number)
),
tested AS (
    SELECT t.work_order_id, arg_max(t.verdict, t.tested_at) AS verdict, max(t.tested_at) AS tested_at
    FROM service_test t
    GROUP BY t.work_order_id
)
SELECT v.work_order_id, v.order_number, v.work_type, v.outcome, v.visit_number,
       v.account IS NOT NULL AS is_place_known,
       v.visit_number > 1
       OR coalesce(v.work_type = 'repair' AND v.before_id <> v.work_order_id
                   AND v.arrived_at < v.before_at + INTERVAL 30 DAY
                   AND (v.before_type <> 'repair' OR v.cause IS NULL OR v.before_cause IS NULL OR v.cause = v.before_cause),
                   false) AS is_return,
       minutes_between(v.scheduled_start, v.arrived_at) AS minutes_late,
       minutes_between(v.dispatched_at, v.arrived_at) AS minutes_on_the_way,
       minutes_between(v.arrived_at, v.left_at) AS minutes_on_site,
       t.verdict AS line_test,
       coalesce(t.verdict = 'passed' AND t.tested_at <= v.arrived_at
                AND v.arrived_at < t.tested_at + INTERVAL 24 HOUR, false) AS is_needless,
       c.amount_minor AS cost_amount
FROM after_work v
LEFT JOIN tested t USING (work_order_id)
LEFT JOIN (SELECT amount_minor FROM cost WHERE cost = 'truck_roll') c ON true
WHERE local_date(v.arrived_at) >= period_from() AND local_date(v.arrived_at) < period_to();

-- The view `technician_day`: one row a technician and day with a completed job. Days without one are not seen.
CREATE TABLE kpi_technician_day_view AS
SELECT coalesce(technician, '') AS technician, local_date(completed_at) AS day, count(*) AS jobs
FROM field_completion
WHERE local_date(completed_at) >= period_from() AND local_date(completed_at) < period_to()
GROUP BY ALL;
