-- Findings: what is still owed after adjustments.

-- A month that is settled in part keeps the rest on its lines, taken off in the order of their charges.
CREATE TABLE settled_month AS
SELECT o.rule_id, o.subject, o.direction, o.exposure_class, o.period, any_value(abs(o.amount)) AS amount,
       sum(abs(s.amount))::BIGINT AS settled
FROM settlement s
JOIN owed o USING (number)
WHERE o.rule_id <> ''
GROUP BY ALL;

CREATE TABLE line AS
FROM claimed_line
ANTI JOIN settled_month USING (rule_id, subject, direction, exposure_class, period)
UNION ALL BY NAME
SELECT * EXCLUDE (exposure_minor, amount, settled, before),
       CASE WHEN settled = amount THEN 0
            ELSE exposure_minor - greatest(0, least(exposure_minor, settled - before)) END::BIGINT AS exposure_minor
FROM (
    SELECT l.*, m.amount, m.settled,
           coalesce(sum(greatest(l.exposure_minor, 0)) OVER (
               PARTITION BY l.rule_id, l.subject, l.direction, l.exposure_class, l.period
               ORDER BY l.charge, l.expected_minor, l.billed_minor
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::BIGINT AS before
    FROM claimed_line l
    JOIN settled_month m USING (rule_id, subject, direction, exposure_class, period)
);

DELETE FROM line WHERE exposure_minor = 0 AND explaining IS NULL;

-- A line without money points to a finding; where an adjustment settled that one, there is nothing to point to.
DELETE FROM line
WHERE explaining IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM line o WHERE o.rule_id = line.explaining AND o.subject = line.subject
                  AND o.period = line.period AND o.exposure_minor <> 0);

-- The judged periods of services that are not billed by calendar months.
CREATE TABLE other_period AS
SELECT s.service AS subject, p.starts_on, p.ends_on, p.starts_on = max(p.starts_on) OVER (PARTITION BY s.service) AS is_last
FROM service s
JOIN billing_period p USING (calendar_id)
LEFT JOIN awaited a USING (service_id)
WHERE s.calendar_id <> 0 AND p.ends_on <= coalesce(a.judged_to, p.ends_on);

CREATE TABLE summed AS
SELECT fingerprint_of(l.rule_id, l.subject, l.direction, l.exposure_class) AS fingerprint,
       l.rule_id, l.subject, l.direction, l.exposure_class, sum(l.exposure_minor)::BIGINT AS exposure_minor,
       coalesce(sum(l.exposure_minor)
                    FILTER (coalesce(o.is_last, l.period = coalesce(a.last_period, getvariable('last_period')))), 0)::BIGINT
           AS run_rate_minor,
       min(l.period) AS evidence_from, max(coalesce(o.ends_on, last_day(l.period) + 1)) AS evidence_to,
       min(l.explaining) AS explaining
FROM line l
LEFT JOIN other_period o ON o.subject = l.subject AND o.starts_on = l.period
LEFT JOIN (SELECT service AS subject, (min(judged_to) - INTERVAL 1 MONTH)::DATE AS last_period
           FROM awaited GROUP BY service) a ON a.subject = l.subject
GROUP BY l.rule_id, l.subject, l.direction, l.exposure_class;

-- Adjustments come first among the proofs: what is still owed cannot be understood without them.
CREATE TABLE finding AS
SELECT s.fingerprint, s.rule_id, getvariable('market') AS market, s.subject, s.direction, s.exposure_class,
       s.exposure_minor, s.run_rate_minor, getvariable('currency') AS currency, s.evidence_from, s.evidence_to,
       CASE WHEN s.exposure_minor = 0 THEN e.fingerprint END AS explained_by,
       list_slice(coalesce(x.refs, []) || coalesce(p.evidence, []), 1, getvariable('most_evidence')) AS evidence
FROM summed s
LEFT JOIN (SELECT rule_id, subject, list_sort(list_distinct(flatten(list(evidence)))) AS evidence
           FROM proof GROUP BY rule_id, subject) p USING (rule_id, subject)
LEFT JOIN (SELECT o.rule_id, o.subject, o.direction, list(DISTINCT s.ref ORDER BY s.ref) AS refs
           FROM settlement s JOIN owed o USING (number)
           GROUP BY ALL) x USING (rule_id, subject, direction)
LEFT JOIN (SELECT rule_id, subject, arg_max(fingerprint, (exposure_minor, fingerprint)) AS fingerprint
           FROM summed
           WHERE rule_id IN (SELECT explaining FROM precedence)
           GROUP BY rule_id, subject) e ON e.rule_id = s.explaining AND e.subject = s.subject;
