-- What could not be judged because of the bills themselves.

INSERT INTO not_judged
SELECT 'month',
       CASE WHEN is_anchored THEN starts_on || ', periods from day ' || cycle_day ELSE strftime(starts_on, '%Y-%m')
            || CASE WHEN cycle_day IS NULL THEN ', accounts without a bill' ELSE ', bills of day ' || cycle_day END END,
       CASE accounts WHEN 1 THEN '1 account' ELSE accounts || ' accounts' END || ': the bill run that closes '
       || CASE WHEN is_anchored THEN 'the period from ' || strftime(starts_on, '%-d %B %Y') ELSE strftime(starts_on, '%B %Y') END
       || ' has not happened'
       || CASE WHEN cycle_day IS NULL THEN ' in every bill cycle, and they were connected too late for an earlier one'
               ELSE ' (' || coalesce(billed, 0) || ' of ' || coalesce(due, 0) || ' that are due have its bill)' END
FROM (SELECT a.starts_on, a.cycle_day, a.is_anchored, sum(a.accounts)::BIGINT AS accounts, sum(r.billed)::BIGINT AS billed,
             sum(r.due)::BIGINT AS due
      FROM (SELECT cycle_day, is_anchored, starts_on, ends_on, sum(accounts) AS accounts
            FROM (SELECT cycle_day, is_anchored, starts_on, ends_on, count(DISTINCT account) AS accounts
                  FROM awaited_period GROUP BY ALL
                  UNION ALL
                  FROM elsewhere_awaited)
            GROUP BY ALL) a
      LEFT JOIN run r USING (cycle_day, is_anchored, ends_on)
      GROUP BY a.starts_on, a.cycle_day, a.is_anchored)
UNION ALL
SELECT 'adjustment', x.source_system || '/' || x.source_object || '/' || x.source_id,
       CASE WHEN x.currency <> market_currency()
            THEN 'it is in ' || x.currency || ', the money of this market is ' || market_currency()
            ELSE 'no billing account has its number ' || x.account_number END
FROM adjustment x
WHERE x.posted_on >= (SELECT min(starts_on) FROM period)
  AND (x.currency <> market_currency() OR x.account_number NOT IN (SELECT account FROM service));
