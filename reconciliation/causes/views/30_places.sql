-- To which member of each kind a finding counts.

-- A service is by and by at several members: the last one by the end of the month in which the leak began counts,
-- else the first one after it.
CREATE MACRO turn(since, until) AS
    CASE WHEN since <= until THEN 10000000 ELSE -2 * (since - DATE '0001-01-01') END + (since - DATE '0001-01-01');

CREATE TABLE cause_place AS
WITH of_service AS (
    SELECT s.fingerprint, m.kind, arg_max(m.member, (turn(m.since, s.until), m.member)) AS member, s.service AS subject
    FROM cause_subject s
    JOIN (FROM hub_member UNION ALL FROM offering_member UNION ALL FROM biller_member) m ON m.subject = s.service
    GROUP BY s.fingerprint, m.kind, s.service
),
of_crew AS (
    SELECT s.fingerprint, 'crew' AS kind, coalesce(
               arg_max(j.crew, j.since) FILTER (j.work_order_id = s.work_order_id),
               arg_max(j.crew, (turn(j.since, s.until), j.crew))) AS member, any_value(s.service) AS subject
    FROM cause_subject s
    JOIN cause_job j USING (service)
    WHERE j.crew IS NOT NULL
    GROUP BY s.fingerprint
),
-- What was issued and left nowhere: the service of the job that it was issued for.
of_issued AS (
    SELECT s.fingerprint, 'crew' AS kind, j.crew AS member, j.service AS subject
    FROM cause_subject s
    JOIN cause_job j USING (work_order_id)
    WHERE s.service IS NULL AND s.subject_kind = 'serial' AND j.crew IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY s.fingerprint ORDER BY j.service) = 1
),
of_contractor AS (
    SELECT s.fingerprint, 'contractor' AS kind, min(m.member) AS member, s.work_order_id AS subject
    FROM cause_subject s
    JOIN document d ON d.subject = s.document
    JOIN contractor_member m ON m.subject = s.work_order_id AND m.member = d.supplier
    GROUP BY s.fingerprint, s.work_order_id
),
of_charge AS (
    SELECT s.fingerprint, m.kind, m.member, m.subject
    FROM cause_subject s
    JOIN charge_member m ON m.subject = s.service AND m.member = s.charge
),
event_day AS (
    SELECT s.fingerprint, m.kind, max(m.since)::VARCHAR AS member, s.service AS subject
    FROM cause_subject s
    JOIN (FROM work_member UNION ALL FROM cut_over_member) m
      ON m.subject = s.service AND m.since >= s.began AND m.since <= s.until
    WHERE s.subject_kind IN ('service', 'serial')
    GROUP BY s.fingerprint, m.kind, s.service
),
bill_day AS (
    SELECT s.fingerprint, 'bill_run' AS kind, min(b.billed_on)::VARCHAR AS member, b.account AS subject
    FROM cause_subject s
    JOIN cause_bill b ON b.account = s.account
     AND CASE WHEN s.bill_id IS NOT NULL THEN b.bill_id = s.bill_id
              ELSE s.subject_kind = 'service' AND s.began > period_from() AND b.period_from <= s.until AND b.period_to > s.began END
    WHERE b.billed_on >= period_from() AND b.billed_on <= as_of_day()
    GROUP BY s.fingerprint, b.account
),
candidate AS (
    SELECT *, 'date' AS dimension, CASE kind WHEN 'cut_over' THEN 1 WHEN 'work' THEN 2 ELSE 3 END AS choice
    FROM (FROM event_day UNION ALL FROM bill_day)
    UNION ALL
    SELECT *, 'plan', 1 FROM of_charge
    UNION ALL
    SELECT *, CASE kind WHEN 'offering' THEN 'plan' ELSE kind END, 2 FROM of_service
    UNION ALL
    SELECT *, 'crew', 1 FROM of_contractor
    UNION ALL
    SELECT *, 'crew', 2 FROM (FROM of_crew UNION ALL FROM of_issued)
    UNION ALL
    SELECT s.fingerprint, m.kind, m.member, m.subject, 'element', 1
    FROM cause_subject s
    JOIN element_member m ON m.subject = s.serial
)
SELECT fingerprint, kind, member, subject
FROM candidate
QUALIFY row_number() OVER (PARTITION BY fingerprint, dimension ORDER BY choice) = 1;
