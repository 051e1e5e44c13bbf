-- The rules over services that were moved to another biller, and over codes that the catalogue does not know.

WITH told AS (
    SELECT *, date_trunc('month', cut_over_on) AS cut_over_month FROM migration_view
),
harmed AS (
    SELECT service, period, charge, is_recoverable, expected_amount, billed_amount, evidence, unbilled_after_amount,
           unentitled_amount, billed_after_service_amount,
           unnest(list_filter([
        CASE WHEN unbilled_after_amount <> 0 AND NOT is_in_target AND network_live AND period >= cut_over_month
             THEN 'RL-J01' END,
        CASE WHEN is_in_target AND is_gap_month AND expected_amount <> billed_amount THEN 'RL-J05' END,
        CASE WHEN is_in_target AND is_overlap_month AND expected_amount <> billed_amount
             THEN CASE WHEN NOT is_still_in_legacy THEN 'RL-J05-overlap'
                       WHEN period >= cut_over_month THEN 'RL-J02' END END,
        CASE WHEN expired_in_pause_on IS NOT NULL AND unentitled_amount > 0 THEN 'RL-J07' END,
        CASE WHEN ceased_in_pause_on IS NOT NULL AND billed_after_service_amount <> 0 THEN 'RL-J07-disconnection' END
    ], lambda rule: rule IS NOT NULL)) AS rule_id
    FROM told
),
worse AS (
    SELECT *, sum(expected_amount - billed_amount) OVER (PARTITION BY service, period, charge_family) < 0 AS is_over
    FROM told
    WHERE expected_amount <> billed_amount AND is_in_target AND was_right_before AND period >= cut_over_month
      AND NOT is_gap_month AND NOT is_overlap_month AND unbilled_after_amount = 0 AND billed_after_service_amount = 0
)
SELECT rule_id, service AS subject,
       CASE WHEN rule_id IN ('RL-J02', 'RL-J05-overlap', 'RL-J07-disconnection') THEN 'over_billed'
            ELSE 'under_billed' END AS direction,
       CASE WHEN rule_id IN ('RL-J02', 'RL-J05-overlap', 'RL-J07-disconnection') THEN 'refund_due'
            WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END AS exposure_class,
       period, charge, expected_amount AS expected_minor, billed_amount AS billed_minor,
       CASE rule_id
           WHEN 'RL-J01' THEN unbilled_after_amount
           WHEN 'RL-J05' THEN expected_amount - billed_amount
           WHEN 'RL-J07' THEN unentitled_amount
           WHEN 'RL-J07-disconnection' THEN -billed_after_service_amount
           ELSE billed_amount - expected_amount END AS exposure_minor,
       evidence
FROM harmed
UNION ALL
SELECT 'RL-J04', service, CASE WHEN is_over THEN 'over_billed' ELSE 'under_billed' END,
       CASE WHEN is_over THEN 'refund_due' WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END,
       period, charge, expected_amount, billed_amount, abs(expected_amount - billed_amount), evidence
FROM worse
UNION ALL
SELECT 'RL-J06', service, 'under_billed', 'at_risk', period, '', expected_amount, billed_amount, monthly_amount, evidence
FROM moved_device_view
WHERE network_seen AND told_serial <> field_serial
UNION ALL
SELECT 'RL-C06', service, CASE WHEN net < 0 THEN 'under_billed' ELSE 'over_billed' END, 'at_risk', period, '',
       expected_amount, billed_amount, CASE WHEN net < 0 THEN -billed_amount ELSE billed_amount END, evidence
FROM (SELECT *, sum(billed_amount) OVER (PARTITION BY service, period) AS net FROM unknown_code_view)
WHERE billed_amount <> 0
