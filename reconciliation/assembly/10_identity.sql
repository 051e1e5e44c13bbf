-- Who is who: the services of each account, and which of them an order belongs to.
-- Joins are exact on normalised keys: account number (CRM, billing), order number (CRM, field), serial (field, network).

CREATE TABLE account AS
SELECT account_number AS account, min(segment) AS segment
FROM billing_account
GROUP BY account_number;

-- A service is opened by a `new` order that was carried out: completed in the order system, or by the field.
CREATE TABLE opening AS
WITH carried_out AS (
    SELECT w.order_number, min(local_date(c.completed_at)) AS done_on
    FROM work_order w
    JOIN field_completion c USING (work_order_id)
    GROUP BY w.order_number
)
SELECT o.account_number AS account, o.order_number, min(o.premise_id) AS premise_id,
       coalesce(min(least(local_date(o.ordered_at), o.effective_on, d.done_on, local_date(o.completed_at))),
                DATE '0001-01-01') AS placed_on,
       coalesce(min(d.done_on), min(o.effective_on), min(local_date(o.completed_at)), min(local_date(o.ordered_at)),
                DATE '0001-01-01') AS opened_on
FROM product_order o
LEFT JOIN carried_out d USING (order_number)
WHERE o.order_type = 'new' AND (o.state = 'completed' OR d.done_on IS NOT NULL)
GROUP BY o.account_number, o.order_number;

-- One row a service. The first of an account has its number for a name, whether or not anything opened it; a later
-- one adds the number of the order that opened it, so that names stay when more are added.
CREATE TABLE identity AS
WITH counted AS (
    SELECT a.account, a.segment, o.order_number AS opened_by, o.premise_id, o.placed_on, o.opened_on,
           row_number() OVER (PARTITION BY a.account ORDER BY o.placed_on, length(o.order_number), o.order_number) AS turn,
           count(*) OVER (PARTITION BY a.account) = 1 AS is_only
    FROM account a
    LEFT JOIN opening o USING (account)
)
SELECT row_number() OVER (ORDER BY account, turn)::INTEGER AS service_id,
       CASE WHEN turn = 1 THEN account ELSE account || '/' || opened_by END AS service, *
FROM counted;

CREATE TABLE sibling AS
SELECT * FROM identity WHERE NOT is_only;

-- The other orders of accounts with several services.
CREATE TABLE loose_order AS
SELECT o.account_number AS account, o.order_number, o.order_type, o.state, o.premise_id,
       coalesce(o.effective_on, local_date(o.completed_at), local_date(o.ordered_at)) AS day,
       least(local_date(o.ordered_at), o.effective_on, local_date(o.completed_at)) AS placed_on
FROM product_order o
WHERE o.account_number IN (SELECT account FROM sibling) AND o.order_number NOT IN (SELECT opened_by FROM sibling);

-- Where each of several services was, and when: it begins at the premise of its order, and a move takes it to
-- another one. Whose move it is only time tells: that of the service opened last.
CREATE TABLE stay AS
WITH opened AS (
    SELECT account, opened_on, arg_max(service_id, turn) AS service_id FROM sibling GROUP BY account, opened_on
),
arrival AS (
    SELECT service_id, account, premise_id, placed_on, opened_on AS since, DATE '0001-01-01' AS starts_on FROM sibling
    UNION ALL
    SELECT s.service_id, o.account, o.premise_id, o.placed_on, o.day, o.day
    FROM loose_order o
    ASOF JOIN opened s ON s.account = o.account AND s.opened_on <= o.day
    WHERE o.order_type = 'move' AND o.state = 'completed'
)
SELECT *, lead(starts_on, 1, DATE '9999-12-31') OVER (PARTITION BY service_id ORDER BY starts_on, placed_on) AS ends_on
FROM arrival;

-- Places that records speak of, and which services were there: the whole account, or one premise of it.
CREATE TABLE whereabouts AS
SELECT account AS place, service_id, placed_on, opened_on AS since, DATE '0001-01-01' AS starts_on,
       DATE '9999-12-31' AS ends_on
FROM sibling
UNION ALL
SELECT account || ' at ' || premise_id, service_id, placed_on, since, starts_on, ends_on
FROM stay
WHERE premise_id IS NOT NULL;

-- An order is of the service at its premise; where that is none or several, of the one opened last before its day.
-- One that began on the very day of a cease is not the one that ceased.
CREATE TABLE placed_order AS
WITH spoken_of AS (
    SELECT *, day - (order_type = 'cease')::INTEGER AS begun_by,
           CASE WHEN order_type <> 'move' AND account || ' at ' || premise_id IN (SELECT place FROM whereabouts)
                THEN account || ' at ' || premise_id ELSE account END AS place
    FROM loose_order
),
arrived AS (
    SELECT place, since, arg_max(service_id, (placed_on, service_id)) AS service_id FROM whereabouts GROUP BY place, since
),
first_there AS (
    SELECT place, arg_min(service_id, (since, service_id)) AS service_id FROM whereabouts GROUP BY place
)
SELECT o.order_number, o.order_type, o.state, o.day, o.begun_by, o.place, coalesce(a.service_id, f.service_id) AS service_id
FROM spoken_of o
JOIN first_there f USING (place)
ASOF LEFT JOIN arrived a ON a.place = o.place AND a.since <= o.begun_by;

CREATE TABLE ordered AS
SELECT i.service_id, o.*
FROM product_order o
JOIN identity i ON i.account = o.account_number AND i.is_only
UNION ALL
SELECT s.service_id, o.*
FROM product_order o
JOIN sibling s ON s.account = o.account_number AND s.opened_by = o.order_number
UNION ALL
SELECT p.service_id, o.*
FROM product_order o
JOIN placed_order p USING (order_number);
