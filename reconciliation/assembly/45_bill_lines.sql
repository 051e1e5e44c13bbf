-- Which service each bill line belongs to: the only one of its account, or the one its subscription is for.

CREATE TABLE bill_line AS
SELECT coalesce(c.service_id, a.service_id) AS service_id, l.*
FROM charge_line l
JOIN identity a ON a.account = l.account_number AND a.turn = 1
LEFT JOIN subscription_candidate c
  ON c.is_chosen AND c.account = l.account_number
 AND c.name = CASE WHEN NOT a.is_only
                   THEN coalesce('subscription ' || l.subscription_id, 'the line from ' || l.covers_from) END;

-- Services of one account that nothing tells apart: better no answer than a wrong one.
CREATE TABLE entangled AS
WITH candidate AS (
    SELECT c.*, l.service, l.lives_from, l.lives_to, greatest(l.lives_from, c.stays_from) AS there_from,
           least(l.lives_to, c.stays_to) AS there_to
    FROM subscription_candidate c
    JOIN life l USING (service_id)
),
billed AS (
    SELECT chosen.service_id, chosen.service, other.service_id AS other_id, other.service AS other_service, chosen.name,
           chosen.there_from < other.there_to AND other.there_from < chosen.there_to AS is_double,
           chosen.lives_to <= other.lives_from AND chosen.last_day > other.lives_from
               AND other.service_id NOT IN (SELECT service_id FROM subscription_candidate WHERE is_chosen) AS is_instead
    FROM candidate chosen
    JOIN candidate other
      ON other.account = chosen.account AND other.name = chosen.name AND other.service_id <> chosen.service_id
    WHERE chosen.is_chosen
),
instructed AS (
    SELECT c.service_id, l.service, o.service_id AS other_id, x.service AS other_service, c.order_type, c.order_number
    FROM chosen_order c
    JOIN order_candidate o ON o.order_number = c.order_number AND o.service_id <> c.service_id AND o.is_there = c.is_there
    JOIN life l ON l.service_id = c.service_id
    JOIN life x ON x.service_id = o.service_id
    WHERE c.state = 'completed'
      AND (c.day IS NULL OR x.lives_to > c.day AND (x.lives_from < c.day OR x.lives_from = c.day AND c.order_type <> 'cease'))
),
pair AS (
    SELECT service_id, other_id,
           'services ' || least(service, other_service) || ' and ' || greatest(service, other_service)
           || ' live at the same time, and no premise tells which of them '
           || array_to_string(list_slice(list_sort(list(DISTINCT name)), 1, 3), ', ') || ' is for' AS reason
    FROM billed
    WHERE is_double
    GROUP BY service_id, service, other_id, other_service
    UNION ALL
    SELECT service_id, other_id,
           name || ' of service ' || service || ' goes on while service ' || other_service
           || ' has no bill of its own: the one may stand for the other'
    FROM billed
    WHERE is_instead AND NOT is_double
    UNION ALL
    SELECT service_id, other_id,
           'services ' || least(service, other_service) || ' and ' || greatest(service, other_service)
           || ' live at the same time, and no premise tells which of them ' || order_type || ' order ' || order_number
           || ' is about'
    FROM instructed
)
SELECT DISTINCT unnest([service_id, other_id]) AS service_id, reason
FROM pair;
