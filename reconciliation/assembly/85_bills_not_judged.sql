-- What could not be judged because of the bills themselves.

INSERT INTO not_judged
SELECT 'month',
       strftime(starts_on, '%Y-%m')
       || CASE WHEN cycle_day IS NULL THEN ', accounts without a bill' ELSE ', bills of day ' || cycle_day END,
       CASE accounts WHEN 1 THEN '1 account' ELSE accounts || ' accounts' END || ': the bill run that closes '
       || strftime(starts_on, '%B %Y') || ' has not happened'
       || CASE WHEN cycle_day IS NULL THEN ' in every bill cycle, and they were connected too late for an earlier one'
               ELSE ' (' || billed || ' of ' || due || ' that are due have its bill)' END
FROM (SELECT m.starts_on, a.cycle_day, sum(a.accounts)::BIGINT AS accounts, any_value(r.billed) AS billed,
             any_value(r.due) AS due
      FROM (SELECT cycle_day, min(judged_to) AS judged_to, 1 AS accounts FROM awaited GROUP BY account, cycle_day
            UNION ALL
            FROM elsewhere_awaited) a
      JOIN period m ON m.starts_on >= a.judged_to
      LEFT JOIN run r ON r.cycle_day = a.cycle_day AND r.period_id = m.period_id
      GROUP BY m.starts_on, a.cycle_day)
UNION ALL
SELECT 'adjustment', x.source_system || '/' || x.source_object || '/' || x.source_id,
       CASE WHEN x.currency <> market_currency()
            THEN 'it is in ' || x.currency || ', the money of this market is ' || market_currency()
            ELSE 'no billing account has its number ' || x.account_number END
FROM adjustment x
WHERE x.posted_on >= (SELECT min(starts_on) FROM period)
  AND (x.currency <> market_currency() OR x.account_number NOT IN (SELECT account FROM service));
