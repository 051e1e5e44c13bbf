-- The difference of each subject and month, share by share: what findings must add up to. A share has the name of the
-- column in which rules read it.

CREATE VIEW difference_view AS
WITH charge_share AS (
    SELECT service_id, charge_id, period_id, unbilled_before AS unbilled_before_amount,
           unbilled_after AS unbilled_after_amount, missing AS missing_amount, tier AS tier_amount,
           price AS price_amount, arithmetic AS arithmetic_amount, undelivered AS undelivered_amount,
           billed_before_service AS billed_before_service_amount,
           billed_after_service AS billed_after_service_amount, unentitled AS unentitled_amount,
           duplicate AS duplicate_amount, unclear AS unclear_amount
    FROM charge_row
),
share AS (
    SELECT *
    FROM charge_share
    UNPIVOT (amount FOR share IN (unbilled_before_amount, unbilled_after_amount, missing_amount, tier_amount, price_amount,
                                  arithmetic_amount, undelivered_amount, billed_before_service_amount,
                                  billed_after_service_amount, unentitled_amount, duplicate_amount, unclear_amount))
)
SELECT s.service AS subject, p.starts_on AS period, f.charge_family, x.share, sum(x.amount)::BIGINT AS difference
FROM share x
JOIN suspect s USING (service_id)
JOIN billing_period p USING (period_id)
JOIN charge_family f USING (charge_id)
WHERE s.is_judged AND x.amount <> 0
GROUP BY ALL
UNION ALL
SELECT s.service, p.starts_on, '', 'live_while_suspended_amount', sum(x.live_while_suspended)::BIGINT
FROM suspended_part x
JOIN suspect s USING (service_id)
JOIN billing_period p USING (period_id)
WHERE s.is_judged
GROUP BY ALL;
