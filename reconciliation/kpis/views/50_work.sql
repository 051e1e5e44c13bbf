-- The view `touch`: one row a hand on the work of an order in the judged months.

CREATE TABLE kpi_touch_view AS
SELECT t.step, t.action, t.made_by = 'person' AS is_person, coalesce(t.actor, '') AS actor,
       t.made_by = 'person' AND NOT (t.step = 'order' AND t.action = 'entered') AS is_manual,
       t.action IN ('corrected', 'rescheduled', 'forced') AS is_rework
FROM touch t
WHERE local_date(t.touched_at) >= period_from() AND local_date(t.touched_at) < period_to();

-- The view `recovery_case`: one row a case about money that was billed too little, by its age when it ended, or now.
CREATE TABLE kpi_recovery_case_view AS
SELECT fingerprint, state, exposure_class, identified_minor AS identified_amount, recovered_minor AS recovered_amount,
       (coalesce(ended_on, as_of_day()) - found_on)::BIGINT AS days_open,
       CASE WHEN recovered_minor > 0 THEN (ended_on - found_on)::BIGINT END AS days_to_recovery,
       CASE WHEN coalesce(ended_on, as_of_day()) - found_on <= 30 THEN '0-30 days'
            WHEN coalesce(ended_on, as_of_day()) - found_on <= 60 THEN '31-60 days'
            WHEN coalesce(ended_on, as_of_day()) - found_on <= 90 THEN '61-90 days'
            ELSE 'over 90 days' END AS age
FROM recovery
WHERE direction = 'under_billed' AND exposure_class IN ('lost', 'recoverable') AND identified_minor > 0;
