-- Adjustments that may settle a difference: those in the market's money that are no goodwill. They name no charge, so
-- which difference each settles is decided when all differences of the account are known.

-- An adjustment corrects periods of its account that had begun, or had been billed in advance, when it was posted.
CREATE TABLE correction AS
WITH first_bill AS (
    SELECT m.period_id, min(l.billed_on) AS billed_on
    FROM (SELECT date_trunc('month', covers_from) AS month, billed_on FROM known_line
          UNION ALL SELECT month, billed_on FROM elsewhere_line_day WHERE is_known) l
    JOIN billing_period m ON m.calendar_id = 0 AND m.starts_on = l.month
    GROUP BY m.period_id
    UNION ALL
    SELECT d.period_id, min(l.billed_on)
    FROM known_line l
    JOIN service_calendar z USING (service_id)
    JOIN billing_day d ON d.calendar_id = z.calendar_id AND d.day = l.covers_from
    GROUP BY d.period_id
),
owner AS (
    SELECT account, min(service_id) AS service_id, bool_and(is_judged) AS is_judged FROM service GROUP BY account
)
SELECT o.service_id, o.account, o.is_judged, x.source_system || '/' || x.source_object || '/' || x.source_id AS ref,
       x.posted_on, coalesce(x.reason, '') AS reason, x.amount_minor,
       (SELECT max(m.ends_on) FROM billing_period m LEFT JOIN first_bill f USING (period_id)
        WHERE m.calendar_id = coalesce(c.calendar_id, 0) AND (m.starts_on <= x.posted_on OR f.billed_on <= x.posted_on)) AS settles_to
FROM adjustment x
JOIN owner o ON o.account = x.account_number
LEFT JOIN account_calendar c USING (account)
WHERE x.currency = market_currency() AND x.amount_minor <> 0
  AND x.posted_on >= (SELECT min(starts_on) FROM period) AND x.posted_on <= as_of_day()
  AND lower(coalesce(x.reason, '')) NOT IN (SELECT reason FROM goodwill);
