-- The analysis view `field_visit`: one row a work order from the first judged month on, with what one more visit costs.

CREATE TABLE field_visit_view AS
SELECT w.subject AS work_order, date_trunc('month', w.day)::DATE AS period, false AS is_recoverable,
       0::BIGINT AS expected_amount, 0::BIGINT AS billed_amount, coalesce(w.account, '') AS account, w.order_number,
       w.work_type, w.state, coalesce(w.outcome, '') AS outcome, coalesce(w.cause, '') AS cause, w.visits, w.is_open,
       w.is_twin, w.repaired_before_on, coalesce(w.cause_before, '') AS cause_before,
       (w.day - w.repaired_before_on)::INTEGER AS days_since_repair, coalesce(w.line_test, '') AS line_test, w.hours_since_test,
       c.amount_minor AS visit_cost, w.refs AS evidence
FROM work_order_stage w
JOIN cost c ON c.cost = 'truck_roll'
WHERE w.day >= (SELECT min(starts_on) FROM period);
