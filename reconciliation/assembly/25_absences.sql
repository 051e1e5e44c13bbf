-- Lines that the network tells otherwise of than billing: still locked although billing has connected them again, and in
-- use although they are kept through a season.

-- A line that billing had suspended and charges again, locked and without traffic since: nothing is delivered. Two days
-- are what connecting again may take.
CREATE TABLE kept_cut AS
WITH last_suspension AS (
    SELECT u.service_id, max(u.ends_on) AS ends_on FROM suspended u GROUP BY u.service_id
)
SELECT u.service_id, u.ends_on AS since
FROM last_suspension u
JOIN service_span s USING (service_id)
JOIN device d ON d.serial = s.serial
WHERE u.ends_on < least(s.ends_on, as_of_day() - 2) AND d.is_locked AND NOT coalesce(d.last_traffic_on >= u.ends_on, false);

-- A line that carried traffic during a hold that is not over: since it was provisioned anew, if that was during the
-- hold; else only the last traffic proves the use. In its first days a hold may still be used.
CREATE TABLE hold_use AS
SELECT x.service_id, x.valid_from,
       max(CASE WHEN s.profile_on > x.valid_from THEN s.profile_on ELSE s.last_traffic_on END) AS used_on
FROM alteration x
JOIN service_span s USING (service_id)
WHERE x.kind = 'seasonal_hold' AND x.amount_minor IS NOT NULL AND s.network_live
  AND s.last_traffic_on > x.valid_from + 2 AND s.last_traffic_on < coalesce(x.valid_to, DATE '9999-12-31')
GROUP BY x.service_id, x.valid_from;
