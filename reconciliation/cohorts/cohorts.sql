-- Cohorts of services. Here are `service`, `product_order`, `premise` and `finding`, the findings that carry money.

-- Services with the day on which they began: by the field and the network, or by their first bill where their records
-- lead nowhere. One that never began is none.
CREATE TABLE begun AS
SELECT service, account, serial,
       CASE WHEN is_judged OR service_start IS NOT NULL THEN service_start ELSE billing_from END AS begun_on
FROM service
WHERE service_start IS NOT NULL OR NOT is_judged AND billing_from IS NOT NULL;

-- The premise that a service was first ordered for: a later service of an account is named for its order.
CREATE TABLE begun_at AS
WITH first_order AS (
    SELECT account_number AS account, arg_min(premise_id, (ordered_at, order_number)) AS premise_id
    FROM product_order WHERE order_type = 'new' AND premise_id IS NOT NULL GROUP BY ALL
),
named AS (
    SELECT account_number || '/' || order_number AS service, min(premise_id) AS premise_id
    FROM product_order WHERE premise_id IS NOT NULL GROUP BY ALL
)
SELECT b.service, coalesce(n.premise_id, CASE WHEN b.service = b.account THEN f.premise_id END) AS premise_id
FROM begun b
LEFT JOIN named n USING (service)
LEFT JOIN first_order f ON f.account = b.account;

CREATE TABLE place AS
SELECT source_id AS premise_id, min(hub) AS hub, min(latitude) AS latitude, min(longitude) AS longitude
FROM premise WHERE hub IS NOT NULL GROUP BY ALL;

CREATE TABLE membership AS
SELECT service, 'month' AS kind, strftime(begun_on, '%Y-%m') AS name FROM begun
UNION ALL
SELECT b.service, 'hub', coalesce(p.hub, '')
FROM begun b JOIN begun_at USING (service) LEFT JOIN place p USING (premise_id);

-- A finding on the serial of a service is one of that service; what is on no service is in no cohort, and is told so.
CREATE TABLE carried AS
SELECT coalesce(s.service, d.service) AS service, f.direction, f.exposure_class, f.exposure_minor
FROM finding f
LEFT JOIN begun s ON f.subject_kind = 'service' AND s.service = f.subject
LEFT JOIN (SELECT serial, min(service) AS service FROM begun WHERE serial IS NOT NULL GROUP BY serial) d
       ON f.subject_kind = 'serial' AND d.serial = f.subject;

CREATE TABLE cohort AS
WITH middle AS (
    SELECT hub AS name, sum(round(latitude * 1000000)::BIGINT)::BIGINT // count(*) AS latitude_micro,
           sum(round(longitude * 1000000)::BIGINT)::BIGINT // count(*) AS longitude_micro
    FROM place WHERE latitude IS NOT NULL AND longitude IS NOT NULL GROUP BY ALL
),
found AS (SELECT DISTINCT service FROM carried WHERE service IS NOT NULL)
SELECT m.kind, m.name, count(*) AS services, count(f.service) AS services_found,
       any_value(l.latitude_micro) AS latitude_micro, any_value(l.longitude_micro) AS longitude_micro
FROM membership m
LEFT JOIN found f USING (service)
LEFT JOIN middle l ON m.kind = 'hub' AND l.name = m.name
GROUP BY m.kind, m.name;

CREATE TABLE cohort_money AS
SELECT k.kind, coalesce(m.name, '') AS name, c.direction, c.exposure_class, count(*) AS findings,
       sum(c.exposure_minor)::BIGINT AS exposure_minor
FROM carried c
CROSS JOIN (VALUES ('month'), ('hub')) k(kind)
LEFT JOIN membership m ON m.service = c.service AND m.kind = k.kind
GROUP BY ALL;
