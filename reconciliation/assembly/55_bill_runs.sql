-- Whose bills of the last months are still to come. A month is judged for an account once the bill run that closes it
-- has happened: one that is dated on its last day or later and reaches into it. In arrears that is the month's own
-- run; in advance it is the next one, which also has what changed during the month.

-- How far the bills reach that an account got on a day, in the last half-year.
CREATE TABLE bill AS
SELECT account, billed_on, max(reaches_to) AS reaches_to
FROM (SELECT account_number AS account, billed_on, period_to AS reaches_to FROM customer_bill
      UNION ALL
      SELECT account_number, billed_on, covers_to FROM charge_line)
WHERE billed_on > as_of_day() - 184 AND billed_on <= as_of_day()
GROUP BY account, billed_on;

-- The cycle of an account is the day of the month on which most of its bills are dated.
CREATE TABLE cycle AS
SELECT account, cycle_day
FROM (SELECT account, day(billed_on) AS cycle_day, count(*) AS bills FROM bill GROUP BY ALL)
QUALIFY row_number() OVER (PARTITION BY account ORDER BY bills DESC, cycle_day) = 1;

-- Months that a run may still be missing for. What is not billed 45 days after its end is not late but lost.
CREATE VIEW late_month AS
SELECT * FROM period WHERE ends_on > as_of_day() - 45;

-- Who is due to be billed for such a month (billed up to it, and neither ended nor suspended since), and who was.
CREATE TABLE due_account AS
WITH ended AS (
    SELECT s.account_number AS account, m.period_id
    FROM subscription s
    CROSS JOIN late_month m
    GROUP BY s.account_number, m.period_id
    HAVING NOT bool_or(s.starts_on < m.ends_on AND CASE s.state WHEN 'active' THEN coalesce(s.ends_on > m.starts_on, true)
                       WHEN 'closed' THEN coalesce(s.ends_on > m.starts_on, false) ELSE false END)
    UNION
    SELECT s.account, m.period_id
    FROM service_span s
    CROSS JOIN late_month m
    GROUP BY s.account, m.period_id, m.starts_on
    HAVING max(s.ends_on) <= m.starts_on
),
reach AS (
    SELECT b.account, m.period_id, m.starts_on, m.ends_on, bool_or(b.reaches_to >= m.starts_on) AS is_reached,
           bool_or(b.reaches_to > m.starts_on AND b.billed_on >= m.ends_on - 1) AS is_billed
    FROM bill b
    CROSS JOIN late_month m
    GROUP BY b.account, m.period_id, m.starts_on, m.ends_on
)
SELECT r.*, c.cycle_day, r.is_reached AND e.account IS NULL AS is_due
FROM reach r
JOIN cycle c USING (account)
LEFT JOIN ended e ON e.account = r.account AND e.period_id = r.period_id;

-- A run has happened when all who were due have their bill, but one in ten (or one): customers leave and mistakes are
-- made, and a run that is half done has not happened. Where nobody was due, the calendar tells.
CREATE TABLE run AS
SELECT *, CASE WHEN due > 0 THEN billed > 0 AND due - billed <= greatest(1, due // 10)
               WHEN cycle_day >= day(ends_on - 1) THEN ends_on - 1 <= as_of_day()
               ELSE least(ends_on + (cycle_day - 1)::INTEGER, last_day(ends_on)) <= as_of_day() END AS has_happened
FROM (SELECT cycle_day, period_id, starts_on, ends_on, sum(accounts)::BIGINT AS accounts, sum(due)::BIGINT AS due,
             sum(billed)::BIGINT AS billed
      FROM (SELECT cycle_day, period_id, starts_on, ends_on, 1 AS accounts, is_due::INTEGER AS due,
                   (is_due AND is_billed)::INTEGER AS billed
            FROM due_account
            UNION ALL
            FROM elsewhere_run)
      GROUP BY cycle_day, period_id, starts_on, ends_on);

-- Up to the first month whose run has not happened, or to the last one that really has bills.
CREATE TABLE closed_cycle AS
SELECT cycle_day, any_value(accounts) AS accounts,
       greatest(max(ends_on) FILTER (has_happened AND billed > 0),
                coalesce(min(starts_on) FILTER (NOT has_happened), max(ends_on))) AS judged_to
FROM run
GROUP BY cycle_day;

-- How far the cycles are judged that one account in a hundred or more belongs to, and how far the furthest one.
CREATE TABLE slowest_cycle AS
SELECT min(judged_to) FILTER (100 * accounts >= (SELECT count(*) FROM cycle)
                                                + (SELECT coalesce(sum(accounts), 0) FROM elsewhere_cycle)) AS first_to,
       max(judged_to) AS last_to
FROM closed_cycle;

-- Services whose last months are not judged, with the first day that is not. An account without bills may belong to
-- any cycle; one that was passed over by a run of each of them is not waiting for a bill.
CREATE TABLE awaited AS
WITH own AS (
    SELECT account, max(ends_on) FILTER (is_billed) AS judged_to FROM due_account GROUP BY account
),
closing AS (
    SELECT s.service_id, s.service, s.account, c.cycle_day,
           CASE WHEN c.account IS NOT NULL THEN greatest(z.judged_to, o.judged_to)
                WHEN charged_from(s.starts_on) >= w.first_to THEN w.first_to
                ELSE w.last_to END AS judged_to
    FROM service_span s
    CROSS JOIN slowest_cycle w
    LEFT JOIN cycle c USING (account)
    LEFT JOIN closed_cycle z USING (cycle_day)
    LEFT JOIN own o USING (account)
)
SELECT c.*
FROM closing c
CROSS JOIN (SELECT max(ends_on) AS ends_on FROM period) p
WHERE c.judged_to < p.ends_on
  AND (EXISTS (SELECT 1 FROM delivered d
               WHERE d.service_id = c.service_id AND d.ends_on > c.judged_to AND d.starts_on < p.ends_on)
       OR EXISTS (SELECT 1 FROM one_time o JOIN period m USING (period_id)
                  WHERE o.service_id = c.service_id AND m.starts_on >= c.judged_to)
       OR EXISTS (SELECT 1 FROM billed b WHERE b.service_id = c.service_id AND b.covers_to > c.judged_to));

-- For these services the world ends there.
DELETE FROM delivered USING awaited a
WHERE delivered.service_id = a.service_id AND delivered.starts_on >= a.judged_to;

UPDATE delivered SET ends_on = a.judged_to
FROM awaited a
WHERE delivered.service_id = a.service_id AND delivered.ends_on > a.judged_to;

DELETE FROM one_time USING awaited a, period m
WHERE one_time.service_id = a.service_id AND m.period_id = one_time.period_id AND m.starts_on >= a.judged_to;

DELETE FROM billed USING awaited a, period m
WHERE billed.service_id = a.service_id AND m.period_id = billed.period_id AND m.starts_on >= a.judged_to;
