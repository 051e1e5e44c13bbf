-- The view `month`: one row a judged month, and a month before it that a finding reaches back to, with its sums.

CREATE TABLE kpi_month_view AS
WITH month AS (
    SELECT starts_on AS period FROM period UNION SELECT period FROM finding_month
),
at_work AS (
    SELECT p.starts_on AS period, count(DISTINCT d.service_id) AS services
    FROM period p
    JOIN delivered d ON d.starts_on < p.ends_on AND d.ends_on > p.starts_on AND NOT d.is_suspended
    GROUP BY ALL
),
ended AS (
    SELECT date_trunc('month', ceased_on)::DATE AS period, count(*) AS ceased
    FROM service WHERE ceased_on IS NOT NULL GROUP BY ALL
),
told AS (
    SELECT date_trunc('month', local_date(opened_at))::DATE AS period, count(*) FILTER (kind <> 'reconciliation') AS calls,
           count(*) FILTER (kind = 'reconciliation') AS comparisons,
           count(*) FILTER (kind = 'reconciliation' AND handled_minutes IS NULL) AS comparisons_unmeasured,
           coalesce(sum(handled_minutes) FILTER (kind = 'reconciliation'), 0)::BIGINT AS comparison_minutes
    FROM trouble_ticket GROUP BY ALL
),
charged AS (
    SELECT p.starts_on AS period, sum(b.amount_minor)::BIGINT AS billed_minor
    FROM billed b JOIN period p USING (period_id) GROUP BY ALL
),
sent AS (
    SELECT date_trunc('month', billed_on)::DATE AS period, sum(absolute_amount)::BIGINT AS sent_minor
    FROM kpi_bill_view GROUP BY ALL
),
put_right AS (
    SELECT date_trunc('month', posted_on)::DATE AS period, sum(abs(amount_minor))::BIGINT AS corrected_minor
    FROM kpi_correction GROUP BY ALL
),
leak AS (
    SELECT period, coalesce(sum(exposure_minor) FILTER (exposure_class IN ('lost', 'recoverable')), 0)::BIGINT AS leaked_minor,
           coalesce(sum(exposure_minor) FILTER (exposure_class = 'recoverable'), 0)::BIGINT AS recoverable_minor
    FROM finding_month WHERE direction = 'under_billed' GROUP BY ALL
),
back AS (
    SELECT date_trunc('month', ended_on)::DATE AS period,
           coalesce(sum(recovered_minor), 0)::BIGINT AS recovered_minor FROM recovery WHERE ended_on IS NOT NULL GROUP BY ALL
),
given_up AS (
    SELECT date_trunc('month', ended_on)::DATE AS period, sum(written_off_minor)::BIGINT AS written_off_minor
    FROM recovery WHERE written_off_minor > 0 GROUP BY ALL
)
SELECT m.period, m.period IN (SELECT starts_on FROM period) AS is_judged, coalesce(services, 0) AS services, coalesce(ceased, 0) AS ceased,
       coalesce(calls, 0) AS calls, coalesce(comparisons, 0) AS comparisons,
       coalesce(comparisons_unmeasured, 0) AS comparisons_unmeasured, coalesce(comparison_minutes, 0) AS comparison_minutes,
       coalesce(billed_minor, 0) AS billed_amount, coalesce(sent_minor, 0) AS sent_amount,
       coalesce(corrected_minor, 0) AS corrected_amount, coalesce(leaked_minor, 0) AS leaked_amount,
       coalesce(recoverable_minor, 0) AS recoverable_amount, coalesce(recovered_minor, 0) AS recovered_amount,
       coalesce(written_off_minor, 0) AS written_off_amount
FROM month m
LEFT JOIN at_work USING (period)
LEFT JOIN ended USING (period)
LEFT JOIN told USING (period)
LEFT JOIN charged USING (period)
LEFT JOIN sent USING (period)
LEFT JOIN put_right USING (period)
LEFT JOIN leak USING (period)
LEFT JOIN back USING (period)
LEFT JOIN given_up USING (period);

-- The view `service`: one row a service that was delivered on a day of the judged months.
CREATE TABLE kpi_service_view AS
SELECT s.service, s.account, s.is_judged,
       s.service IN (SELECT subject FROM finding_month WHERE subject_kind = 'service' AND direction IN ('under_billed', 'over_billed'))
           AS is_misbilled
FROM service s
SEMI JOIN (SELECT service_id FROM delivered WHERE starts_on < period_to() AND ends_on > period_from()) d USING (service_id);
