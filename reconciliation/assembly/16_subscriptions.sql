-- Which service each subscription of an account with several services is for. Other accounts need no answer.

-- What such accounts are billed under: a subscription, known by its record or by its lines only; a line without one
-- stands for itself and its first day.
CREATE TABLE billed_under AS
WITH line AS (
    SELECT l.account_number AS account,
           coalesce('subscription ' || l.subscription_id, 'the line from ' || l.covers_from) AS name,
           min(l.covers_from) AS first_day, max(l.covers_to) AS last_day
    FROM charge_line l
    WHERE l.account_number IN (SELECT account FROM sibling)
    GROUP BY ALL
),
subscribed AS (
    SELECT u.account_number AS account, 'subscription ' || u.subscription_id AS name, min(u.starts_on) AS starts_on,
           min(u.premise_id) AS premise_id
    FROM subscription u
    WHERE u.account_number IN (SELECT account FROM sibling)
    GROUP BY u.account_number, u.subscription_id
)
SELECT account, name, coalesce(s.starts_on, l.first_day) AS starts_on, s.premise_id, l.last_day
FROM line l
FULL JOIN subscribed s USING (account, name);

-- The services it may be for: those that were at its premise, where billing names one of theirs, else all of the
-- account. Of these the latest whose order had been placed when it began; a bill that starts with the order and
-- before the service is still the new one's, and one that runs on after a cease still the old one's.
CREATE TABLE subscription_candidate AS
WITH there AS (
    SELECT u.account, u.name, y.service_id, y.placed_on, y.starts_on AS stays_from, y.ends_on AS stays_to
    FROM billed_under u
    JOIN stay y ON y.account = u.account AND y.premise_id = u.premise_id
),
anywhere AS (
    SELECT u.account, u.name, s.service_id, s.placed_on, DATE '0001-01-01' AS stays_from, DATE '9999-12-31' AS stays_to
    FROM billed_under u
    JOIN sibling s ON s.account = u.account
    ANTI JOIN there t ON t.account = u.account AND t.name = u.name
)
SELECT c.*, u.starts_on, u.last_day,
       row_number() OVER (
           PARTITION BY c.account, c.name
           ORDER BY c.placed_on <= u.starts_on DESC, CASE WHEN c.placed_on <= u.starts_on THEN c.placed_on END DESC,
                    CASE WHEN c.placed_on <= u.starts_on THEN c.service_id END DESC, c.placed_on, c.service_id
       ) = 1 AS is_chosen
FROM (FROM there UNION ALL FROM anywhere) c
JOIN billed_under u USING (account, name);
