-- What is owed on accounts that have adjustments: the findings' months, and what no rule claims. Estimates are owed by
-- nobody, and what cannot be told is not settled; an adjustment of an account with a service that is not judged may be that
-- service's, so it settles nothing.

CREATE TABLE owed AS
SELECT account, subject, cause, rule_id, direction, exposure_class, charge_family, share, period, amount,
       row_number() OVER (ORDER BY account, subject, cause, exposure_class, period) AS number
FROM (
    SELECT account_of(l.subject) AS account, l.subject, l.rule_id || ' ' || l.direction AS cause, l.rule_id, l.direction, l.exposure_class,
           '' AS charge_family, '' AS share, l.period,
           sum(CASE WHEN l.direction = 'over_billed' THEN -l.exposure_minor ELSE l.exposure_minor END)::BIGINT AS amount
    FROM claimed_line l
    WHERE account_of(l.subject) IN (SELECT account FROM correction WHERE is_judged) AND l.direction IN ('over_billed', 'under_billed')
      AND l.exposure_class IN ('lost', 'recoverable', 'refund_due')
    GROUP BY ALL
    HAVING sum(l.exposure_minor) > 0
    UNION ALL
    SELECT account_of(subject), subject, '~' || share || ' ' || charge_family, '', '', '', charge_family, share, period, amount
    FROM unclaimed
    WHERE account_of(subject) IN (SELECT account FROM correction WHERE is_judged)
      AND share NOT IN ('unclear_amount', 'live_while_suspended_amount')
);
