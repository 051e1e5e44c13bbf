-- What either billing system has of the services that were moved between them.

CREATE TABLE moved_service AS
WITH bill AS (
    SELECT l.service_id, max(l.covers_to) FILTER (l.source_system = c.legacy_system) AS legacy_to,
           min(l.covers_from) FILTER (l.source_system = c.target_system) AS target_from,
           bool_or(l.source_system = c.legacy_system AND l.covers_from >= c.cut_over_on) AS is_still_in_legacy
    FROM posted_line l
    JOIN cut_over c USING (service_id)
    WHERE l.delivered_by = 'access'
    GROUP BY l.service_id
)
SELECT c.service_id, c.wave, c.legacy_system, c.target_system, c.cut_over_on, c.serial, c.ref, b.legacy_to, b.target_from,
       coalesce(b.is_still_in_legacy, false) AS is_still_in_legacy,
       b.target_from IS NOT NULL
           OR EXISTS (SELECT 1 FROM subscription s
                      WHERE s.account_number = c.account AND s.source_system = c.target_system) AS is_in_target
FROM cut_over c
LEFT JOIN bill b USING (service_id);

-- Discounts of moved services whose promised days ended while the job that ends discounts was off for their wave.
CREATE TABLE expiry_pause AS
SELECT DISTINCT e.service_id, e.charge_id, e.ends_on
FROM entitled e
JOIN cut_over c USING (service_id)
JOIN job_pause j ON j.wave = c.wave AND j.job = 'promotion_expiry' AND e.ends_on >= j.paused_from
     AND (j.paused_to IS NULL OR e.ends_on < j.paused_to);

-- Moved services that were ceased while the job that disconnects was off for their wave.
CREATE TABLE disconnection_pause AS
SELECT DISTINCT s.service_id, s.ceased_on
FROM service_span s
JOIN cut_over c USING (service_id)
JOIN job_pause j ON j.wave = c.wave AND j.job = 'disconnection' AND s.ceased_on >= j.paused_from
     AND (j.paused_to IS NULL OR s.ceased_on < j.paused_to);

CREATE TABLE moved_bill AS
SELECT b.service_id, b.charge_id, b.period_id,
       coalesce(sum(b.amount_minor) FILTER (split_part(b.line_ref, '/', 1) = c.target_system), 0)::BIGINT AS target_minor,
       coalesce(sum(b.amount_minor) FILTER (split_part(b.line_ref, '/', 1) <> c.target_system), 0)::BIGINT AS legacy_minor
FROM billed b
JOIN cut_over c USING (service_id)
GROUP BY b.service_id, b.charge_id, b.period_id;
