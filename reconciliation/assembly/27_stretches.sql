-- Stretches that may be charged: the service without suspended and courtesy days, cut where it moved house
-- or was taken over by another billing system, because either is a new subscription and so a new line. They begin with the first day that is charged. A suspension
-- that the network ignores is a stretch of its own kind: nothing is charged for it, and it shows what it would have
-- brought.
CREATE TABLE stretch AS
WITH gap AS (
    SELECT * FROM suspended
    UNION ALL SELECT * FROM courtesy
    UNION ALL SELECT service_id, since, DATE '9999-12-31' FROM kept_cut
    UNION ALL SELECT service_id, starts_on, starts_on FROM move
    UNION ALL SELECT service_id, cut_over_on, cut_over_on FROM cut_over
),
opening AS (
    SELECT service_id, starts_on AS since FROM service_span WHERE starts_on IS NOT NULL
    UNION SELECT service_id, ends_on FROM gap WHERE ends_on < DATE '9999-12-31'
),
-- The next gap after an opening; one that has begun already leaves the opening no day.
closing AS (
    SELECT o.service_id, o.since, min(g.starts_on) AS until
    FROM opening o
    JOIN gap g ON g.service_id = o.service_id AND g.ends_on > o.since
    GROUP BY ALL
)
SELECT o.service_id, greatest(o.since, coalesce(f.charged_on, charged_from(s.starts_on))) AS starts_on,
       least(s.ends_on, coalesce(c.until, s.ends_on)) AS ends_on, false AS is_suspended
FROM opening o
JOIN service_span s USING (service_id)
LEFT JOIN closing c ON c.service_id = o.service_id AND c.since = o.since
LEFT JOIN first_charged f ON f.service_id = o.service_id
WHERE o.since >= s.starts_on
  AND greatest(o.since, coalesce(f.charged_on, charged_from(s.starts_on))) < least(s.ends_on, coalesce(c.until, s.ends_on))
UNION ALL
SELECT s.service_id, u.starts_on, s.ends_on, true
FROM suspended u
JOIN service_span s USING (service_id)
WHERE u.ends_on = DATE '9999-12-31' AND s.network_live AND s.last_traffic_on > u.starts_on + 2;
