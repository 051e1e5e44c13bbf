-- Which service each subscription of an account with several services is for. Other accounts need no answer.

-- What such accounts are billed under: a subscription, known by its record or by its lines only; a line without one
-- stands for itself and its first day. What has neither a charge of the catalogue nor a suspension decides nothing.
CREATE TABLE billed_under AS
WITH line AS (
    SELECT account_number AS account,
           coalesce('subscription ' || subscription_id, 'the line from ' || covers_from) AS name,
           min(covers_from) AS first_day, max(covers_to) AS last_day,
           bool_or(billing_code IN (SELECT code FROM billing_code)) AS is_charged
    FROM charge_line
    WHERE account_number IN (SELECT account FROM sibling)
    GROUP BY ALL
),
subscribed AS (
    SELECT account_number AS account, 'subscription ' || subscription_id AS name, min(starts_on) AS starts_on,
           min(premise_id) AS premise_id,
           bool_or(subscription_id IN (SELECT subscription_id FROM suspension_period)) AS is_suspended
    FROM subscription
    WHERE account_number IN (SELECT account FROM sibling)
    GROUP BY ALL
)
SELECT account, name, coalesce(s.starts_on, l.first_day) AS starts_on, l.last_day, s.premise_id,
       coalesce(l.is_charged, false) OR coalesce(s.is_suspended, false) AS decides
FROM line l
FULL JOIN subscribed s USING (account, name);

-- It is for a service that was at its premise, where billing names one of the account's, else for any of them: for the
-- latest whose order had been placed when it began. So a bill that starts with the order and before the service is
-- the new one's, and one that runs on after a cease still the old one's.
CREATE TABLE subscription_service AS
WITH spoken_of AS (
    SELECT *, CASE WHEN account || ' at ' || premise_id IN (SELECT place FROM whereabouts)
                   THEN account || ' at ' || premise_id ELSE account END AS place
    FROM billed_under
),
ordered_there AS (
    SELECT place, placed_on, max(service_id) AS service_id FROM whereabouts GROUP BY place, placed_on
),
first_there AS (
    SELECT place, arg_min(service_id, (placed_on, service_id)) AS service_id FROM whereabouts GROUP BY place
)
SELECT u.account, u.name, u.place, u.last_day, u.decides, coalesce(o.service_id, f.service_id) AS service_id
FROM spoken_of u
JOIN first_there f USING (place)
ASOF LEFT JOIN ordered_there o ON o.place = u.place AND o.placed_on <= u.starts_on;
