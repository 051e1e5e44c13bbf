-- One row a service: from when to when it was delivered, and what each system believes of it.
-- While the network carries its traffic a service is delivered, whatever the order book says.

CREATE TABLE ceased AS
SELECT service_id, min(effective_on) AS ceased_on
FROM ordered
WHERE order_type = 'cease' AND state = 'completed'
GROUP BY service_id;

CREATE TABLE service_span AS
WITH installed AS (
    SELECT service_id, min(counts_on) AS starts_on
    FROM job
    WHERE order_type = 'new' AND done_on IS NOT NULL
    GROUP BY service_id
),
current_device AS (
    SELECT service_id, serial, completed_at AS bound_at
    FROM binding
    WHERE bound_to = DATE '9999-12-31'
),
-- Devices that were left for another service since, or came back into stock before their last traffic: what they carry now says nothing of a service that was ceased.
passed_on AS (
    SELECT DISTINCT c.service_id
    FROM current_device c
    JOIN binding b ON b.serial = c.serial AND b.service_id <> c.service_id AND b.completed_at > c.bound_at
    UNION
    SELECT c.service_id
    FROM current_device c
    JOIN stock_movement m ON m.serial = c.serial AND m.movement = 'returned' AND m.moved_at > c.bound_at
    JOIN device d ON d.serial = c.serial AND d.last_traffic_on > local_date(m.moved_at)
)
SELECT a.service_id, a.service, a.account, a.segment, i.starts_on,
       CASE WHEN i.starts_on IS NULL THEN NULL
            WHEN c.ceased_on IS NULL OR (coalesce(d.is_live, false) AND d.last_traffic_on > c.ceased_on + 2)
                THEN DATE '9999-12-31'
            ELSE greatest(c.ceased_on, i.starts_on) END AS ends_on,
       c.ceased_on, b.serial, d.serial IS NOT NULL AS network_seen, coalesce(d.is_live, false) AS network_live,
       d.last_traffic_on, d.profile_product, d.profile_on, d.profile_since, d.observation_ref
FROM identity a
LEFT JOIN installed i USING (service_id)
LEFT JOIN ceased c USING (service_id)
LEFT JOIN current_device b USING (service_id)
LEFT JOIN passed_on p USING (service_id)
LEFT JOIN device d ON d.serial = b.serial AND (c.ceased_on IS NULL OR p.service_id IS NULL);

-- Days on which billing had suspended the service; the current suspension has no end.
CREATE TABLE suspended AS
SELECT coalesce(c.service_id, a.service_id) AS service_id, s.starts_on,
       coalesce(s.ends_on, DATE '9999-12-31') AS ends_on
FROM suspension_period s
JOIN subscription u USING (subscription_id)
JOIN identity a ON a.account = u.account_number AND a.turn = 1
LEFT JOIN subscription_service c ON c.account = a.account AND c.name = 'subscription ' || u.subscription_id
GROUP BY ALL;

-- From when to when a service may be spoken of: one that was never installed is meant from its order on.
CREATE TABLE life AS
SELECT s.service_id, i.account, i.service, i.turn, coalesce(s.starts_on, i.opened_on) AS lives_from,
       coalesce(s.ends_on, s.ceased_on, DATE '9999-12-31') AS lives_to
FROM service_span s
JOIN sibling i USING (service_id);

-- Departures from the price list are agreed with an account. They hold for all services of it, but where their days
-- touch the life of one only.
CREATE TABLE alteration AS
WITH touched AS (
    SELECT x.source_system, x.source_object, x.source_id, l.service_id,
           bool_or(l.lives_from < coalesce(x.valid_to, DATE '9999-12-31') AND x.valid_from < l.lives_to) AS is_touched
    FROM price_alteration x
    JOIN life l ON l.account = x.account_number
    GROUP BY ALL
),
meant AS (
    SELECT * FROM touched
    QUALIFY is_touched OR count(*) FILTER (is_touched) OVER (PARTITION BY source_system, source_object, source_id) <> 1
)
SELECT i.service_id, x.*
FROM price_alteration x
JOIN identity i ON i.account = x.account_number AND i.is_only
UNION ALL
SELECT m.service_id, x.*
FROM price_alteration x
JOIN meant m ON m.source_system = x.source_system AND m.source_object = x.source_object AND m.source_id = x.source_id;

CREATE TABLE courtesy AS
SELECT service_id, valid_from AS starts_on, coalesce(valid_to, DATE '9999-12-31') AS ends_on
FROM alteration
WHERE kind = 'courtesy_account';

-- The day a service moved house: the first job of the move that was done.
CREATE TABLE move AS
SELECT service_id, min(counts_on) AS starts_on
FROM job
WHERE order_type = 'move' AND done_on IS NOT NULL
GROUP BY service_id, order_number;
