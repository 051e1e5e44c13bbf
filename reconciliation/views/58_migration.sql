-- The analysis view `migration`: one row a service that was moved to another billing system, charge and month, whether
-- its bills agree with what was delivered or not.

CREATE TABLE migration_row AS
SELECT coalesce(b.service_id, x.service_id) AS service_id, coalesce(b.charge_id, x.charge_id) AS charge_id,
       coalesce(b.period_id, x.period_id) AS period_id, coalesce(b.legacy_minor, 0) AS legacy_minor,
       coalesce(b.target_minor, 0) AS target_minor,
       coalesce(x.expected_minor, b.legacy_minor + b.target_minor) AS expected_minor,
       coalesce(x.unbilled_after, 0) AS unbilled_after,
       coalesce(x.billed_after_service, 0) AS billed_after, coalesce(x.unentitled, 0) AS unentitled
FROM moved_bill b
FULL JOIN (SELECT * FROM charge_row WHERE service_id IN (SELECT service_id FROM moved_service)) x
       ON x.service_id = b.service_id AND x.charge_id = b.charge_id AND x.period_id = b.period_id;

-- A charge and the discounts given on it are right or wrong together.
CREATE TABLE migration_family AS
SELECT x.service_id, x.period_id, f.charge_family, bool_or(x.expected_minor <> x.legacy_minor + x.target_minor) AS is_wrong,
       sum(x.legacy_minor) <> 0 AS has_legacy
FROM migration_row x
JOIN charge_family f USING (charge_id)
GROUP BY ALL;

-- What the legacy had right in its last whole month and the target has wrong in its first came to harm on the way.
CREATE TABLE harmed AS
SELECT m.service_id, n.charge_family
FROM moved_service m
JOIN service s USING (service_id)
JOIN billing_period e ON e.calendar_id = s.calendar_id AND e.starts_on <= m.target_from AND m.target_from < e.ends_on
JOIN migration_family n ON n.service_id = m.service_id AND n.period_id = e.period_id AND n.is_wrong
JOIN billing_period l ON l.calendar_id = s.calendar_id AND l.ends_on <= m.cut_over_on
     AND m.cut_over_on < CAST(l.ends_on + INTERVAL 1 MONTH AS DATE)
JOIN (SELECT DISTINCT service_id, period_id FROM migration_family WHERE has_legacy) b
  ON b.service_id = m.service_id AND b.period_id = l.period_id
LEFT JOIN migration_family o ON o.service_id = m.service_id AND o.period_id = l.period_id
     AND o.charge_family = n.charge_family
WHERE NOT coalesce(o.is_wrong, false);

CREATE TABLE migration_view AS
SELECT s.service, s.account, c.charge, f.charge_family, c.kind AS charge_kind,
       CASE WHEN c.kind = 'discount' THEN 'discount' WHEN c.delivered_by = 'early_end' THEN 'penalty'
            WHEN c.kind = 'one_time' THEN 'one_time' ELSE 'recurring' END AS charge_class,
       p.starts_on AS period, p.is_recoverable, x.expected_minor AS expected_amount,
       x.legacy_minor + x.target_minor AS billed_amount, x.legacy_minor AS legacy_amount, x.target_minor AS target_amount,
       x.unbilled_after AS unbilled_after_amount, x.billed_after AS billed_after_service_amount,
       x.unentitled AS unentitled_amount, q.ends_on AS expired_in_pause_on, d.ceased_on AS ceased_in_pause_on,
       h.service_id IS NOT NULL AS was_right_before,
       m.wave, m.cut_over_on, m.is_in_target, m.legacy_to, m.target_from, s.network_live,
       coalesce(m.target_from > m.legacy_to AND p.starts_on < m.target_from AND p.ends_on > m.legacy_to, false) AS is_gap_month,
       coalesce(m.target_from < m.legacy_to AND p.starts_on < m.legacy_to AND p.ends_on > m.target_from, false)
           AS is_overlap_month,
       m.is_still_in_legacy,
       list_concat([m.ref], s.evidence) AS evidence
FROM migration_row x
JOIN moved_service m USING (service_id)
JOIN service s USING (service_id)
JOIN charge c USING (charge_id)
JOIN billing_period p USING (period_id)
JOIN charge_family f USING (charge_id)
LEFT JOIN (SELECT service_id, charge_id, max(ends_on) AS ends_on FROM expiry_pause GROUP BY ALL) q
       ON q.service_id = x.service_id AND q.charge_id = x.charge_id
LEFT JOIN disconnection_pause d ON d.service_id = x.service_id
LEFT JOIN harmed h ON h.service_id = x.service_id AND h.charge_family = f.charge_family
WHERE s.is_judged;
