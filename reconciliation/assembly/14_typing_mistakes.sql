-- Serials that nearly match: beside a line that the network does not see, a typing mistake is likelier than a ghost.
-- Only a device that carries traffic and that the field knows from no other job may be meant, and only where one fits
-- one: devices of one box have neighbouring serials. A person decides.

-- Two serials that differ by one character, or by two neighbours that changed places, become the same when one
-- character is taken out of each: so they meet in a join on equality.
CREATE TABLE near_miss AS
WITH unseen AS (
    SELECT DISTINCT service_id, serial
    FROM binding
    WHERE bound_to = DATE '9999-12-31' AND serial NOT IN (SELECT serial FROM device)
),
unknown AS (
    SELECT serial
    FROM device
    WHERE is_live AND serial NOT IN (SELECT serial FROM binding)
      AND serial NOT IN (SELECT serial FROM completion_material)
),
shortened AS (
    SELECT serial, is_seen,
           unnest(list_transform(range(1, length(serial) + 1),
                                 lambda place: serial[:place - 1] || serial[place + 1:])) AS rest
    FROM (SELECT DISTINCT serial, false AS is_seen FROM unseen UNION ALL SELECT serial, true FROM unknown)
),
alike AS (
    SELECT DISTINCT f.serial AS field_serial, n.serial AS network_serial
    FROM shortened f
    JOIN shortened n ON n.rest = f.rest AND n.is_seen AND NOT f.is_seen
    WHERE damerau_levenshtein(f.serial, n.serial) <= 1
),
-- A device that the work order of another service expects is not a mistyped one of this.
expected AS (
    SELECT w.expected_serial AS serial, j.service_id
    FROM work_order w
    LEFT JOIN job j USING (work_order_id)
    WHERE w.expected_serial IS NOT NULL
)
SELECT u.service_id, a.field_serial, a.network_serial
FROM alike a
JOIN unseen u ON u.serial = a.field_serial
ANTI JOIN expected e ON e.serial = a.network_serial AND e.service_id IS DISTINCT FROM u.service_id
QUALIFY count(DISTINCT a.network_serial) OVER (PARTITION BY a.field_serial) = 1
    AND count(DISTINCT a.field_serial) OVER (PARTITION BY a.network_serial) = 1;
