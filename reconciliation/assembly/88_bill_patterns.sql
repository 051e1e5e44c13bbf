-- Each bill beside those before it, at most twelve of the account: the middle of what they came to, and how far they
-- usually are from it (the median of the distances). Lines that were taken back, and those that take them back, say
-- nothing of a pattern.

CREATE TABLE bill_pattern AS
WITH charged AS (
    SELECT l.account_number AS account, l.billed_on, sum(l.amount_minor)::BIGINT AS charged_minor,
           coalesce(sum(l.amount_minor) FILTER (c.kind <> 'one_time'), 0)::BIGINT AS recurring_minor,
           count_if(c.kind <> 'one_time')::INTEGER AS recurring_lines
    FROM posted_line l
    JOIN charge c USING (charge_id)
    GROUP BY l.account_number, l.billed_on
),
beside AS (
    SELECT 'bill/' || b.bill_id AS subject, b.billed_on, c.charged_minor, c.recurring_minor, c.recurring_lines,
           coalesce(list(c.charged_minor) OVER earlier, []) AS charged_before,
           coalesce(list(c.recurring_minor) OVER earlier, []) AS recurring_before,
           min(b.billed_on) OVER earlier AS history_from,
           b.source_system || '/' || b.source_object || '/' || b.source_id AS ref
    FROM customer_bill b
    JOIN charged c ON c.account = b.account_number AND c.billed_on = b.billed_on
    WHERE b.currency = market_currency() AND b.billed_on <= as_of_day()
    WINDOW earlier AS (PARTITION BY b.account_number ORDER BY b.billed_on, b.bill_id
                       ROWS BETWEEN 12 PRECEDING AND 1 PRECEDING)
)
SELECT subject, billed_on, charged_minor, recurring_minor, recurring_lines, len(charged_before)::INTEGER AS history_bills,
       history_from, coalesce(round(list_median(charged_before)), 0)::BIGINT AS usual_minor,
       coalesce(round(list_median(recurring_before)), 0)::BIGINT AS usual_recurring_minor,
       coalesce(round(list_aggregate(charged_before, 'mad')), 0)::BIGINT AS spread_minor, [ref] AS refs
FROM beside;
