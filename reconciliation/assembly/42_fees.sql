-- One-time fees: for the first installation, for each end of a suspension, for leaving before the term is over, for each
-- task on a job that has a price, and for each visit that the customer caused.

CREATE TABLE due_fee AS
WITH installed AS (
    SELECT s.service_id, s.starts_on AS due_on, 1 AS times, 'installation' AS delivered_by, NULL::SMALLINT AS of_product
    FROM service_span s
    WHERE NOT EXISTS (SELECT 1 FROM ordered o
                      WHERE o.service_id = s.service_id AND o.order_type = 'new' AND o.install_fee_waived)
),
restored AS (
    SELECT u.service_id, u.ends_on, 1, 'reconnection', NULL
    FROM suspended u
    JOIN service_span s USING (service_id)
    WHERE u.starts_on >= s.starts_on AND u.ends_on < s.ends_on AND u.ends_on <= as_of_day()
),
term AS (
    SELECT s.service_id, s.ends_on, CAST(s.starts_on + to_months(max(o.term_months)::INTEGER) AS DATE) AS term_to
    FROM service_span s
    JOIN ordered o ON o.service_id = s.service_id AND o.order_type = 'new' AND o.state = 'completed'
    WHERE s.ends_on < DATE '9999-12-31' AND o.term_months IS NOT NULL
    GROUP BY s.service_id, s.starts_on, s.ends_on
),
-- A month that has begun counts as a whole one.
broken_term AS (
    SELECT service_id, ends_on,
           datesub('month', ends_on, term_to)
           + (CAST(ends_on + to_months(datesub('month', ends_on, term_to)::INTEGER) AS DATE) < term_to)::INTEGER AS months_left,
           'early_end', NULL
    FROM term
    WHERE ends_on < term_to
),
task AS (
    SELECT j.service_id, j.done_on, sum(t.quantity), 'task', w.product_id
    FROM job j
    JOIN completion_task t USING (work_order_id)
    JOIN work_code w USING (code)
    WHERE j.done_on IS NOT NULL
    GROUP BY j.service_id, j.done_on, j.work_order_id, w.product_id
),
visit AS (
    SELECT j.service_id, j.done_on, 1, 'visit', w.product_id
    FROM job j
    JOIN (SELECT work_order_id, arg_max(cause, visit_number) AS cause FROM work_order_visit GROUP BY work_order_id) v
      USING (work_order_id)
    JOIN work_code w ON w.code = v.cause
    WHERE j.done_on IS NOT NULL
)
SELECT e.service_id, e.due_on, f.product_id, f.charge_id, f.delivered_by,
       CASE WHEN f.per_month_left OR f.delivered_by = 'task' THEN e.times ELSE 1 END AS times
FROM (FROM installed UNION ALL FROM restored UNION ALL FROM broken_term UNION ALL FROM task UNION ALL FROM visit) e
JOIN product f ON f.delivered_by = e.delivered_by AND f.product_id = coalesce(e.of_product, f.product_id)
WHERE NOT EXISTS (SELECT 1 FROM alteration x
                  WHERE x.service_id = e.service_id AND x.kind = 'fee_waiver' AND x.code = f.id
                    AND x.valid_from <= e.due_on AND e.due_on < coalesce(x.valid_to, DATE '9999-12-31'))
  AND NOT EXISTS (SELECT 1 FROM courtesy c
                  WHERE c.service_id = e.service_id AND c.starts_on <= e.due_on AND e.due_on < c.ends_on);

-- Those that fall into a judged period.
CREATE TABLE one_time AS
SELECT d.service_id, d.charge_id, d.product_id, r.period_id, sum(r.unit_price * d.times)::INTEGER AS unit_price
FROM due_fee d
LEFT JOIN service_calendar z USING (service_id)
JOIN billing_rate r ON r.calendar_id = coalesce(z.calendar_id, 0) AND r.product_id = d.product_id
     AND r.piece_from <= d.due_on AND d.due_on < r.piece_to
GROUP BY d.service_id, d.charge_id, d.product_id, r.period_id;
