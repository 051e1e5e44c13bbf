-- Whose bills of the last billing periods are still to come. A period is judged for an account once the bill run that
-- closes it has happened: one that is dated on its last day or later and reaches into it. In arrears that is the period's
-- own run; in advance it is the next one, which also has what changed during the period.

-- How far the bills reach that an account got on a day, in the last half-year.
CREATE TABLE bill AS
SELECT account, billed_on, max(reaches_to) AS reaches_to
FROM (SELECT account_number AS account, billed_on, period_to AS reaches_to FROM customer_bill
      UNION ALL
      SELECT account_number, billed_on, covers_to FROM charge_line)
WHERE billed_on > as_of_day() - 184 AND billed_on <= as_of_day()
GROUP BY account, billed_on;

-- The cycle of an account that is billed by calendar months is the day of the month on which most of its bills are
-- dated; that of any other is its anchor.
CREATE TABLE cycle AS
SELECT account, cycle_day, false AS is_anchored
FROM (SELECT account, day(billed_on) AS cycle_day, count(*) AS bills FROM bill GROUP BY ALL)
ANTI JOIN account_calendar USING (account)
QUALIFY row_number() OVER (PARTITION BY account ORDER BY bills DESC, cycle_day) = 1;

INSERT INTO cycle
SELECT account, anchor_day, true FROM account_calendar WHERE account IN (SELECT account FROM bill);

-- Periods that a run may still be missing for. What is not billed 45 days after its end is not late but lost.
CREATE VIEW late_period AS
SELECT * FROM billing_period WHERE ends_on > as_of_day() - 45;

-- Who is due to be billed for such a period (billed up to it, and neither ended nor suspended since), and who was.
CREATE TABLE due_account AS
WITH ended AS (
    SELECT s.account_number AS account, m.period_id
    FROM subscription s
    LEFT JOIN account_calendar z ON z.account = s.account_number
    JOIN late_period m ON m.calendar_id = coalesce(z.calendar_id, 0)
    GROUP BY s.account_number, m.period_id
    HAVING NOT bool_or(s.starts_on < m.ends_on AND CASE s.state WHEN 'active' THEN coalesce(s.ends_on > m.starts_on, true)
                       WHEN 'closed' THEN coalesce(s.ends_on > m.starts_on, false) ELSE false END)
    UNION
    SELECT s.account, m.period_id
    FROM service_span s
    LEFT JOIN account_calendar z USING (account)
    JOIN late_period m ON m.calendar_id = coalesce(z.calendar_id, 0)
    GROUP BY s.account, m.period_id, m.starts_on
    HAVING max(s.ends_on) <= m.starts_on
),
reach AS (
    SELECT b.account, m.period_id, m.starts_on, m.ends_on, bool_or(b.reaches_to >= m.starts_on) AS is_reached,
           bool_or(b.reaches_to > m.starts_on AND b.billed_on >= m.ends_on - 1) AS is_billed
    FROM bill b
    LEFT JOIN account_calendar z USING (account)
    JOIN late_period m ON m.calendar_id = coalesce(z.calendar_id, 0)
    GROUP BY b.account, m.period_id, m.starts_on, m.ends_on
)
SELECT r.* EXCLUDE (period_id), c.cycle_day, c.is_anchored, r.is_reached AND e.account IS NULL AS is_due
FROM reach r
JOIN cycle c USING (account)
LEFT JOIN ended e ON e.account = r.account AND e.period_id = r.period_id;

-- A run has happened when all who were due have their bill, but one in ten (or one): customers leave and mistakes are
-- made, and a run that is half done has not happened. Where nobody was due, the calendar tells.
CREATE TABLE run AS
SELECT *, CASE WHEN due > 0 THEN billed > 0 AND due - billed <= greatest(1, due // 10)
               WHEN is_anchored THEN ends_on <= as_of_day()
               WHEN cycle_day >= day(ends_on - 1) THEN ends_on - 1 <= as_of_day()
               ELSE least(ends_on + (cycle_day - 1)::INTEGER, last_day(ends_on)) <= as_of_day() END AS has_happened
FROM (SELECT cycle_day, is_anchored, max(starts_on) AS starts_on, ends_on, sum(accounts)::BIGINT AS accounts,
             sum(due)::BIGINT AS due, sum(billed)::BIGINT AS billed
      FROM (SELECT cycle_day, is_anchored, starts_on, ends_on, 1 AS accounts, is_due::INTEGER AS due,
                   (is_due AND is_billed)::INTEGER AS billed
            FROM due_account
            UNION ALL
            FROM elsewhere_run)
      GROUP BY cycle_day, is_anchored, ends_on);

-- Up to the first period whose run has not happened, or to the last one that really has bills.
CREATE TABLE closed_cycle AS
SELECT cycle_day, is_anchored, any_value(accounts) AS accounts,
       greatest(max(ends_on) FILTER (has_happened AND billed > 0),
                coalesce(min(starts_on) FILTER (NOT has_happened), max(ends_on))) AS judged_to
FROM run
GROUP BY cycle_day, is_anchored;

-- How far the cycles of calendar months are judged that one account of them in a hundred or more belongs to, and how far
-- the furthest one.
CREATE TABLE slowest_cycle AS
SELECT min(judged_to) FILTER (100 * accounts >= (SELECT count(*) FROM cycle WHERE NOT is_anchored)
                                                + (SELECT coalesce(sum(accounts), 0) FROM elsewhere_cycle)) AS first_to,
       max(judged_to) AS last_to
FROM closed_cycle
WHERE NOT is_anchored;

-- Services whose last periods are not judged, with the first day that is not. An account without bills may belong to
-- any cycle; one that was passed over by a run of each of them is not waiting for a bill. Of an anchored account the cycle
-- is known; it is judged by whole periods of its own.
CREATE TABLE awaited AS
WITH own AS (
    SELECT account, max(ends_on) FILTER (is_billed) AS judged_to FROM due_account GROUP BY account
),
calendar_end AS (
    SELECT calendar_id, max(ends_on) AS ends_on FROM billing_period GROUP BY calendar_id
),
anchored AS (
    SELECT z.service_id, any_value(z.calendar_id) AS calendar_id, any_value(z.anchor_day) AS anchor_day,
           max(p.ends_on) FILTER (p.ends_on <= greatest(coalesce(k.judged_to, e.ends_on), o.judged_to)) AS judged_to,
           min(p.starts_on) AS first_day
    FROM service_calendar z
    JOIN service_span s USING (service_id)
    JOIN calendar_end e USING (calendar_id)
    JOIN billing_period p USING (calendar_id)
    LEFT JOIN closed_cycle k ON k.cycle_day = z.anchor_day AND k.is_anchored
    LEFT JOIN own o ON o.account = s.account
    GROUP BY z.service_id
),
closing AS (
    SELECT s.service_id, s.service, s.account, coalesce(c.cycle_day, n.anchor_day) AS cycle_day,
           n.service_id IS NOT NULL AS is_anchored, coalesce(n.calendar_id, 0) AS calendar_id,
           CASE WHEN n.service_id IS NOT NULL THEN coalesce(n.judged_to, n.first_day)
                WHEN c.account IS NOT NULL THEN greatest(z.judged_to, o.judged_to)
                WHEN charged_from(s.starts_on) >= w.first_to THEN w.first_to
                ELSE w.last_to END AS judged_to
    FROM service_span s
    CROSS JOIN slowest_cycle w
    LEFT JOIN anchored n USING (service_id)
    LEFT JOIN cycle c USING (account)
    LEFT JOIN closed_cycle z ON z.cycle_day = c.cycle_day AND z.is_anchored = c.is_anchored
    LEFT JOIN own o USING (account)
)
SELECT c.*
FROM closing c
JOIN calendar_end p USING (calendar_id)
WHERE c.judged_to < p.ends_on
  AND (EXISTS (SELECT 1 FROM delivered d
               WHERE d.service_id = c.service_id AND d.ends_on > c.judged_to AND d.starts_on < p.ends_on)
       OR EXISTS (SELECT 1 FROM one_time o JOIN billing_period m USING (period_id)
                  WHERE o.service_id = c.service_id AND m.starts_on >= c.judged_to)
       OR EXISTS (SELECT 1 FROM billed b WHERE b.service_id = c.service_id AND b.covers_to > c.judged_to));

-- The periods that are not judged of them.
CREATE TABLE awaited_period AS
SELECT DISTINCT a.account, a.cycle_day, a.is_anchored, p.starts_on, p.ends_on
FROM awaited a
JOIN billing_period p ON p.calendar_id = a.calendar_id AND p.starts_on >= a.judged_to;

-- For these services the world ends there.
DELETE FROM delivered USING awaited a
WHERE delivered.service_id = a.service_id AND delivered.starts_on >= a.judged_to;

UPDATE delivered SET ends_on = a.judged_to
FROM awaited a
WHERE delivered.service_id = a.service_id AND delivered.ends_on > a.judged_to;

DELETE FROM one_time USING awaited a, billing_period m
WHERE one_time.service_id = a.service_id AND m.period_id = one_time.period_id AND m.starts_on >= a.judged_to;

DELETE FROM billed USING awaited a, billing_period m
WHERE billed.service_id = a.service_id AND m.period_id = billed.period_id AND m.starts_on >= a.judged_to;
