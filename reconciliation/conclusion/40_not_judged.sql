-- What is neither clean nor a finding: records that join nothing, differences that no rule explains, adjustments that
-- correct nothing.

CREATE MACRO money(minor) AS
    CASE WHEN minor < 0 THEN '-' ELSE '' END || abs(minor) // 100 || '.' || lpad((abs(minor) % 100)::VARCHAR, 2, '0')
    || ' ' || getvariable('currency');

CREATE TABLE not_judged AS
WITH settled AS (
    SELECT o.subject, o.period, o.charge_family, o.share, sum(s.amount)::BIGINT AS amount
    FROM settlement s
    JOIN owed o USING (number)
    WHERE o.rule_id = ''
    GROUP BY ALL
),
rest AS (
    SELECT u.subject, u.charge_family, u.share = 'unclear_amount' AS is_unclear,
           min(u.period) AS first_period, max(u.period) AS last_period,
           sum(u.amount - coalesce(s.amount, 0))::BIGINT AS amount
    FROM unclaimed u
    LEFT JOIN settled s USING (subject, period, charge_family, share)
    WHERE u.amount <> coalesce(s.amount, 0)
    GROUP BY u.subject, u.charge_family, is_unclear, u.amount < 0
)
SELECT scope, subject, reason FROM unjoined
UNION ALL
SELECT 'difference', 'service/' || subject,
       'expected minus billed leaves ' || money(amount) || CASE WHEN charge_family = '' THEN '' ELSE ' of ' || charge_family END
       || ' from ' || strftime(first_period, '%Y-%m') || ' to ' || strftime(last_period, '%Y-%m')
       || CASE WHEN is_unclear THEN ' that may be in bill lines under codes which no offering of the catalogue has'
               ELSE ' that no judged rule explains' END
FROM rest
UNION ALL
SELECT 'adjustment', any_value(c.ref),
       'adjustment of ' || money(any_value(c.amount_minor)) || ' on account ' || any_value(c.account) || ', posted on '
       || any_value(c.posted_on) || CASE any_value(c.reason) WHEN '' THEN '' ELSE ' (' || any_value(c.reason) || ')' END
       || ': ' || money((any_value(c.amount_minor) - coalesce(sum(s.amount), 0))::BIGINT)
       || ' of it settle no difference of the judged months'
FROM correction c
LEFT JOIN settlement s ON s.ref = c.ref
WHERE c.is_judged
GROUP BY c.ref
HAVING any_value(c.amount_minor) <> coalesce(sum(s.amount), 0);
