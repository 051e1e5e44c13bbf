-- The view `month`: one row a judged month, and a month before them that a finding reaches back to, with its sums.

-- Services with their days: by the field and the network, or by billing where their records lead nowhere.
CREATE TABLE kpi_service AS
SELECT service, account, is_judged, ceased_on,
       CASE WHEN is_judged OR service_start IS NOT NULL THEN service_start ELSE billing_from END AS starts_on,
       coalesce(CASE WHEN is_judged OR service_start IS NOT NULL THEN service_end ELSE billing_to END,
                DATE '9999-12-31') AS ends_on
FROM service
WHERE service_start IS NOT NULL OR NOT is_judged AND billing_from IS NOT NULL;

CREATE TABLE kpi_month_view AS
WITH month AS (
    SELECT starts_on AS period FROM period UNION SELECT period FROM finding_month
),
at_work AS (
    SELECT p.starts_on AS period, count(*) AS services
    FROM period p
    JOIN kpi_service s ON s.starts_on < p.ends_on AND s.ends_on > p.starts_on
    GROUP BY ALL
),
ended AS (
    SELECT date_trunc('month', ceased_on)::DATE AS period, count(*) AS ceased
    FROM kpi_service WHERE ceased_on IS NOT NULL GROUP BY ALL
),
told AS (
    SELECT date_trunc('month', local_date(opened_at))::DATE AS period, count(*) FILTER (kind <> 'reconciliation') AS calls,
           count(*) FILTER (kind = 'reconciliation') AS comparisons,
           count(*) FILTER (kind = 'reconciliation' AND handled_minutes IS NULL) AS comparisons_unmeasured,
           coalesce(sum(handled_minutes) FILTER (kind = 'reconciliation'), 0)::BIGINT AS comparison_minutes
    FROM trouble_ticket GROUP BY ALL
),
charged AS (
    SELECT p.starts_on AS period, sum(l.amount_minor)::BIGINT AS billed_minor
    FROM charge_line l JOIN period p ON l.covers_from >= p.starts_on AND l.covers_from < p.ends_on GROUP BY ALL
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

-- The view `service`: one row a service that ran on a day of the judged months, suspended or not.
CREATE TABLE kpi_service_view AS
SELECT service, account, is_judged,
       service IN (SELECT subject FROM finding_month
                   WHERE subject_kind = 'service' AND direction IN ('under_billed', 'over_billed')) AS is_misbilled
FROM kpi_service
WHERE starts_on < period_to() AND ends_on > period_from();
