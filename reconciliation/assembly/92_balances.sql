-- Balances with which one billing system closed an account and the other opened it. What came in between the two days
-- and was posted in the target is in its balance and not in the legacy one's.

CREATE TABLE balance_stage AS
WITH moved AS (
    SELECT account, any_value(legacy_system) AS legacy_system, any_value(target_system) AS target_system,
           any_value(cut_over_on) AS cut_over_on
    FROM cut_over
    WHERE service_id IN (SELECT service_id FROM moved_service WHERE is_in_target)
    GROUP BY account
),
said AS (
    SELECT m.account, m.cut_over_on, m.target_system, b.balance_type, b.source_system = m.target_system AS is_target,
           b.amount_minor, b.as_of, b.source_system || '/' || b.source_object || '/' || b.source_id AS ref
    FROM account_balance b
    JOIN moved m ON m.account = b.account_number AND b.source_system IN (m.legacy_system, m.target_system)
    WHERE b.currency = market_currency()
),
paired AS (
    SELECT account, balance_type, any_value(cut_over_on) AS cut_over_on, any_value(target_system) AS target_system,
           coalesce(sum(amount_minor) FILTER (NOT is_target), 0)::BIGINT AS legacy_minor,
           coalesce(sum(amount_minor) FILTER (is_target), 0)::BIGINT AS target_minor,
           coalesce(max(as_of) FILTER (NOT is_target), any_value(cut_over_on)) AS closed_on,
           coalesce(max(as_of) FILTER (is_target), any_value(cut_over_on)) AS opened_on, list(ref ORDER BY ref) AS refs
    FROM said
    GROUP BY account, balance_type
),
in_flight AS (
    SELECT p.account, p.balance_type, sum(y.amount_minor)::BIGINT AS paid_minor,
           list(y.source_system || '/' || y.source_object || '/' || y.source_id ORDER BY y.source_id) AS refs
    FROM paired p
    JOIN payment y ON y.account_number = p.account AND y.source_system = p.target_system
         AND y.currency = market_currency() AND y.received_on >= p.closed_on AND y.received_on < p.opened_on
         AND (p.balance_type = 'receivable' AND y.bill_id IS NOT NULL OR p.balance_type = 'unapplied' AND y.bill_id IS NULL)
    GROUP BY p.account, p.balance_type
)
SELECT 'balance/' || p.account || '-' || p.balance_type AS subject, p.account, p.balance_type, p.cut_over_on, p.closed_on,
       p.opened_on, p.legacy_minor, p.target_minor,
       CASE p.balance_type WHEN 'receivable' THEN -1 ELSE 1 END * coalesce(f.paid_minor, 0)::BIGINT AS in_flight_minor,
       list_concat(p.refs, coalesce(f.refs, [])) AS refs
FROM paired p
LEFT JOIN in_flight f USING (account, balance_type);
