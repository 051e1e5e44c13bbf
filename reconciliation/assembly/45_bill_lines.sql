-- Which service each bill line belongs to: the only one of its account, or the one its subscription is for.

CREATE TABLE bill_line AS
SELECT coalesce(c.service_id, a.service_id) AS service_id, l.*
FROM charge_line l
JOIN identity a ON a.account = l.account_number AND a.turn = 1
LEFT JOIN subscription_service c
  ON c.account = l.account_number
 AND c.name = CASE WHEN NOT a.is_only
                   THEN coalesce('subscription ' || l.subscription_id, 'the line from ' || l.covers_from) END;

-- Services that live at the same time in one place.
CREATE TABLE neighbour AS
WITH present AS (
    SELECT w.place, w.service_id, l.service, l.turn, greatest(l.lives_from, w.starts_on) AS there_from,
           least(l.lives_to, w.ends_on) AS there_to
    FROM whereabouts w
    JOIN life l USING (service_id)
)
SELECT *, coalesce(max(there_to) OVER (earlier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > there_from, false)
              OR coalesce(lead(there_from) OVER earlier < there_to, false) AS is_beside
FROM present
WHERE there_from < there_to
WINDOW earlier AS (PARTITION BY place ORDER BY there_from, there_to, service_id);

-- Orders on whose day another service lived in the place they speak of.
CREATE TABLE doubtful_order AS
WITH begun AS (
    SELECT place, there_from, max(number) AS number
    FROM (SELECT place, there_from, count(*) OVER (PARTITION BY place ORDER BY there_from) AS number FROM neighbour)
    GROUP BY place, there_from
),
over AS (
    SELECT place, there_to, max(number) AS number
    FROM (SELECT place, there_to, count(*) OVER (PARTITION BY place ORDER BY there_to) AS number FROM neighbour)
    GROUP BY place, there_to
)
SELECT o.place, o.order_type || ' order ' || o.order_number AS what
FROM placed_order o
ASOF LEFT JOIN begun b ON b.place = o.place AND b.there_from <= o.begun_by
ASOF LEFT JOIN over e ON e.place = o.place AND e.there_to <= o.day
WHERE o.state = 'completed'
  AND (o.day IS NULL
       OR coalesce(b.number, 0) - coalesce(e.number, 0) > (
           SELECT count(*) FROM neighbour n
           WHERE n.place = o.place AND n.service_id = o.service_id AND n.there_from <= o.begun_by AND n.there_to > o.day));

-- Services of one account that nothing tells apart: better no answer than a wrong one. The same where the bill of one
-- that has ended goes on while another lives that has no bill at all: the one may stand for the other.
CREATE TABLE entangled AS
WITH doubtful AS (
    SELECT s.place, s.name AS what
    FROM subscription_service s
    JOIN neighbour n ON n.place = s.place AND n.service_id = s.service_id AND n.is_beside
    WHERE s.decides
    UNION ALL
    FROM doubtful_order
),
doubt AS (
    SELECT place, min(what) AS what, count(DISTINCT what) - 1 AS more FROM doubtful GROUP BY place
),
named AS (
    SELECT place, array_to_string(list_slice(list(service ORDER BY is_beside DESC, turn), 1, 3), ' and ') AS services
    FROM (SELECT place, service, turn, bool_or(is_beside) AS is_beside FROM neighbour GROUP BY ALL)
    GROUP BY place
),
bill AS (
    SELECT place, service_id, min(name) AS name, max(last_day) AS last_day
    FROM subscription_service
    WHERE decides
    GROUP BY place, service_id
),
instead AS (
    SELECT old.service_id AS old_id, new.service_id AS new_id,
           b.name || ' of service ' || old.service || ' goes on while service ' || new.service
           || ' has no bill of its own: the one may stand for the other' AS reason
    FROM bill b
    JOIN neighbour old ON old.place = b.place AND old.service_id = b.service_id
    JOIN neighbour new ON new.place = b.place AND new.there_from >= old.there_to AND new.there_from < b.last_day
    WHERE new.service_id NOT IN (SELECT service_id FROM bill)
)
SELECT DISTINCT w.service_id,
       'services ' || n.services || ' live at the same time, and no premise tells which of them ' || d.what
       || CASE WHEN d.more > 0 THEN ' (and ' || d.more || ' more)' ELSE '' END || ' is for' AS reason
FROM doubt d
JOIN whereabouts w USING (place)
JOIN named n USING (place)
UNION
SELECT unnest([old_id, new_id]), reason
FROM instead;
