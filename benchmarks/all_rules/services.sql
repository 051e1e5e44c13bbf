-- The rules over services as a whole.

WITH told AS (
    SELECT service, period, is_recoverable, expected_amount, billed_amount, evidence, unbilled_before_amount,
           unbilled_after_amount, billed_before_service_amount, billed_after_service_amount, duplicate_amount,
           live_while_suspended_amount,
           unnest(list_filter([
        CASE WHEN unbilled_before_amount <> 0 AND never_billed AND network_live AND has_completion THEN 'RL-A01' END,
        CASE WHEN unbilled_before_amount <> 0 AND never_billed AND network_live AND has_completion AND is_beside_billed
             THEN 'RL-B06' END,
        CASE WHEN unbilled_before_amount <> 0 AND NOT never_billed AND billing_from > service_start THEN 'RL-A02' END,
        CASE WHEN unbilled_before_amount <> 0 AND network_live AND courtesy_ended_on IS NOT NULL
                  AND (never_billed OR billing_from > courtesy_ended_on) THEN 'RL-B10' END,
        CASE WHEN unbilled_after_amount <> 0 AND network_live AND billing_to < service_end THEN 'RL-B03' END,
        CASE WHEN billed_before_service_amount <> 0
             THEN CASE WHEN service_start IS NOT NULL THEN CASE WHEN billing_from < service_start THEN 'RL-A03' END
                       WHEN has_completion OR network_seen THEN NULL
                       WHEN is_called_off THEN 'RL-A07'
                       WHEN has_work_order AND billed_days_ever > 30 THEN 'RL-B02' END END,
        CASE WHEN billed_after_service_amount <> 0 AND service_start IS NOT NULL AND ceased_on IS NOT NULL
                  AND billing_to > service_end THEN 'RL-B04' END,
        CASE WHEN duplicate_amount < 0 THEN 'RL-B05' END,
        CASE WHEN live_while_suspended_amount > 0 THEN 'RL-G01' END
    ], lambda rule: rule IS NOT NULL)) AS rule_id
    FROM service_state_view
)
SELECT rule_id, service AS subject,
       CASE WHEN rule_id IN ('RL-A03', 'RL-A07', 'RL-B02', 'RL-B04', 'RL-B05') THEN 'over_billed'
            ELSE 'under_billed' END AS direction,
       CASE WHEN rule_id IN ('RL-A03', 'RL-A07', 'RL-B02', 'RL-B04', 'RL-B05') THEN 'refund_due'
            WHEN rule_id = 'RL-G01' THEN 'at_risk' WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END AS exposure_class,
       period, '' AS charge, expected_amount AS expected_minor, billed_amount AS billed_minor,
       CASE rule_id
           WHEN 'RL-B03' THEN unbilled_after_amount
           WHEN 'RL-B04' THEN -billed_after_service_amount
           WHEN 'RL-B05' THEN -duplicate_amount
           WHEN 'RL-G01' THEN live_while_suspended_amount
           WHEN 'RL-A03' THEN -billed_before_service_amount
           WHEN 'RL-A07' THEN -billed_before_service_amount
           WHEN 'RL-B02' THEN -billed_before_service_amount
           ELSE unbilled_before_amount END AS exposure_minor,
       evidence
FROM told
