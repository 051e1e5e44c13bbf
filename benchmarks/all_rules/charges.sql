-- The 32 rules over single charges. Each asks for one share of the difference, so every share is read once, and the few
-- rows that have it are held against the rules that ask for it.

WITH missing AS (
    SELECT * FROM charge_view WHERE missing_amount <> 0
),
tier AS (
    SELECT * FROM charge_view WHERE tier_amount <> 0
),
price AS (
    SELECT * FROM charge_view WHERE price_amount <> 0
),
undelivered AS (
    SELECT * FROM charge_view WHERE undelivered_amount <> 0
),
unentitled AS (
    SELECT * FROM charge_view WHERE unentitled_amount > 0
),
-- What was delivered and never billed. A discount that is missing is owed to the customer.
not_billed AS (
    SELECT *, unnest(list_filter([
        CASE WHEN delivered_by = 'order_item' AND charge_kind = 'recurring' AND NOT charge_ever_billed THEN 'RL-C08' END,
        CASE WHEN is_stub AND charge_kind <> 'one_time' AND charge_ever_billed THEN 'RL-J05-stub' END,
        CASE WHEN charge_kind = 'discount' AND missing_amount < 0 THEN 'RL-D02' END,
        CASE WHEN delivered_by = 'device' AND NOT charge_ever_billed THEN 'RL-E01' END,
        CASE WHEN missing_amount > 0 THEN CASE delivered_by
            WHEN 'early_end' THEN 'RL-C11'
            WHEN 'task' THEN 'RL-A08'
            WHEN 'installation' THEN 'RL-A05'
            WHEN 'reconnection' THEN 'RL-G07'
            WHEN 'visit' THEN 'RL-I05' END END
    ], lambda rule: rule IS NOT NULL)) AS rule_id
    FROM missing
),
-- What was billed and not delivered.
not_delivered AS (
    SELECT *, unnest(list_filter([
        CASE WHEN delivered_by = 'order_item' AND charge_kind = 'recurring' AND undelivered_amount < 0
                  AND included_in = '' THEN 'RL-C09' END,
        CASE WHEN included_in <> '' AND charge_kind = 'recurring' AND undelivered_amount < 0 THEN 'RL-D05' END,
        CASE WHEN undelivered_amount > 0
             THEN CASE discount_kind WHEN 'bundle' THEN 'RL-D04' WHEN 'condition' THEN 'RL-D10' END END,
        CASE WHEN cut_since IS NOT NULL THEN 'RL-G02' END,
        CASE WHEN family_delivered_by = 'device'
             THEN CASE WHEN returned_on IS NULL THEN 'RL-E02' ELSE 'RL-E04' END END,
        CASE WHEN undelivered_amount < 0 THEN CASE delivered_by
            WHEN 'reconnection' THEN 'RL-G07-without-event'
            WHEN 'installation' THEN 'RL-A06' END END
    ], lambda rule: rule IS NOT NULL)) AS rule_id
    FROM undelivered
),
signed AS MATERIALIZED (
    -- another product than the billed one
    SELECT service, period, charge, charge_family, is_recoverable, expected_amount, billed_amount, evidence,
           tier_amount AS cents, unnest(list_filter([
        CASE WHEN family_delivered_by = 'device' THEN 'RL-E06'
             WHEN is_misdated THEN 'RL-C04' END,
        CASE WHEN delivered_by = 'order_item' THEN 'RL-C10' END,
        CASE WHEN family_delivered_by <> 'device' AND billed_offering <> '' AND installed_offering <> billed_offering
                  AND crossed_with <> '' THEN 'RL-B07' END,
        CASE WHEN family_delivered_by <> 'device' AND billed_offering <> '' AND installed_offering <> billed_offering
                  AND NOT is_misdated
             THEN CASE WHEN installed_basis IN ('network', 'order')
                       THEN CASE WHEN installed_is_dearer THEN 'RL-C01' ELSE 'RL-C02' END
                       WHEN installed_basis = 'field' AND delivered_days > 0 THEN 'RL-C03' END END
    ], lambda rule: rule IS NOT NULL)) AS rule_id
    FROM tier
    UNION ALL
    -- another price than the list's
    SELECT service, period, charge, charge_family, is_recoverable, expected_amount, billed_amount, evidence,
           price_amount,
           CASE WHEN NOT on_hold THEN 'RL-C05' WHEN hold_used_on IS NULL THEN 'RL-G03' ELSE 'RL-G04' END
    FROM price
    UNION ALL
    -- an amount that does not follow from its rate
    SELECT service, period, charge, charge_family, is_recoverable, expected_amount, billed_amount, evidence,
           arithmetic_amount, 'RL-C07'
    FROM charge_view
    WHERE arithmetic_amount <> 0
),
net AS (
    SELECT rule_id, service, period, charge_family, sum(cents) < 0 AS is_over FROM signed GROUP BY ALL
),
told AS (
    SELECT * FROM signed JOIN net USING (rule_id, service, period, charge_family)
)
SELECT rule_id, service AS subject,
       CASE WHEN rule_id = 'RL-D02' THEN 'over_billed' ELSE 'under_billed' END AS direction,
       CASE WHEN rule_id = 'RL-D02' THEN 'refund_due' WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END AS exposure_class,
       period, charge, expected_amount AS expected_minor, billed_amount AS billed_minor,
       CASE WHEN rule_id = 'RL-D02' THEN -missing_amount ELSE missing_amount END AS exposure_minor, evidence
FROM not_billed
UNION ALL
SELECT rule_id, service, CASE WHEN rule_id IN ('RL-D04', 'RL-D10') THEN 'under_billed' ELSE 'over_billed' END,
       CASE WHEN rule_id NOT IN ('RL-D04', 'RL-D10') THEN 'refund_due' WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END,
       period, charge, expected_amount, billed_amount,
       CASE WHEN rule_id IN ('RL-D04', 'RL-D10') THEN undelivered_amount ELSE -undelivered_amount END, evidence
FROM not_delivered
UNION ALL
SELECT CASE WHEN discount_basis = 'promised' THEN 'RL-D01' WHEN discount_kind = 'granted' THEN 'RL-D06' ELSE 'RL-D03' END,
       service, 'under_billed', CASE WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END,
       period, charge, expected_amount, billed_amount, unentitled_amount, evidence
FROM unentitled
WHERE discount_basis = 'promised' OR discount_kind IN ('granted', 'promotion')
UNION ALL
SELECT rule_id, service, CASE WHEN is_over THEN 'over_billed' ELSE 'under_billed' END,
       CASE WHEN is_over THEN 'refund_due' WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END,
       period, charge, expected_amount, billed_amount, CASE WHEN is_over THEN -cents ELSE cents END, evidence
FROM told
