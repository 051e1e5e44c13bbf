-- The rules over bills, payments, credits, balances and orders.

WITH odd AS (
    SELECT bill, period, expected_amount, billed_amount, usual_amount, charged_amount, usual_recurring_amount,
           recurring_amount, evidence,
           unnest(list_filter([
        CASE WHEN billed_amount > 0 AND days_since > 7 AND state IN ('new', 'onHold', 'validated') THEN 'RL-A10'
             WHEN billed_amount > 0 AND days_since > 30 AND state = 'sent' AND NOT is_cut_off AND NOT is_disputed
             THEN 'RL-G05' END,
        CASE WHEN history_bills >= 3
             THEN CASE WHEN recurring_amount > 0
                       THEN CASE WHEN abs(charged_amount - usual_amount) > greatest(6 * spread_amount, 35000)
                                 THEN 'RL-C12' END
                       WHEN recurring_lines > 0 AND usual_recurring_amount > 0 THEN 'RL-C12-nothing' END END
    ], lambda rule: rule IS NOT NULL)) AS rule_id
    FROM bill_view
)
SELECT rule_id, bill AS subject,
       CASE WHEN rule_id = 'RL-C12' AND charged_amount > usual_amount THEN 'over_billed' ELSE 'under_billed' END AS direction,
       CASE WHEN rule_id = 'RL-A10' THEN 'deferred' ELSE 'at_risk' END AS exposure_class, period, '' AS charge,
       expected_amount AS expected_minor, billed_amount AS billed_minor,
       CASE rule_id
           WHEN 'RL-C12' THEN abs(usual_amount - charged_amount)
           WHEN 'RL-C12-nothing' THEN usual_recurring_amount - recurring_amount
           ELSE billed_amount END AS exposure_minor,
       evidence
FROM odd
UNION ALL
SELECT 'RL-G06', payment, 'over_billed', 'refund_due', period, '', expected_amount, billed_amount, paid_amount, evidence
FROM payment_view
WHERE NOT is_applied AND days_since > 30 AND paid_amount <> 0
UNION ALL
SELECT 'RL-D07', adjustment, 'under_billed', CASE WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END, period, '',
       expected_amount, billed_amount, credit_amount, evidence
FROM credit_view
WHERE days_since_alike <= 14 AND credit_amount <> 0
UNION ALL
SELECT 'RL-D09', "case", 'over_billed', 'refund_due', period, '', expected_amount, billed_amount, credit_amount, evidence
FROM promised_credit_view
WHERE posted_on IS NULL AND days_since > 14 AND credit_amount <> 0
UNION ALL
SELECT 'RL-D08', outage, 'over_billed', 'refund_due', period, '', expected_amount, billed_amount, owed_amount, evidence
FROM outage_credit_view
WHERE hours_down >= 24 AND days_since > 30 AND NOT is_promised AND owed_amount > 0
UNION ALL
SELECT 'RL-D08-appointment', work_order, 'over_billed', 'refund_due', period, '', expected_amount, billed_amount,
       owed_amount, evidence
FROM missed_appointment_view
WHERE days_since > 30 AND NOT is_promised AND owed_amount > 0
UNION ALL
SELECT 'RL-A09', billing_item, 'under_billed', CASE WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END, period, '',
       expected_amount, billed_amount, item_amount, evidence
FROM billing_item_view
WHERE state = 'pending' AND NOT is_attached AND days_since > 14 AND item_amount > 0
UNION ALL
SELECT 'RL-J03', balance, CASE WHEN missing_claim_amount < 0 THEN 'over_billed' ELSE 'under_billed' END,
       CASE WHEN missing_claim_amount < 0 THEN 'refund_due' WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END,
       period, '', expected_amount, billed_amount, abs(missing_claim_amount), evidence
FROM balance_view
WHERE missing_claim_amount <> 0
UNION ALL
SELECT 'RL-A04', "order", 'under_billed', 'at_risk', period, '', expected_amount, billed_amount, expected_amount, evidence
FROM order_stage_view
WHERE state IN ('pending', 'held', 'inProgress') AND days_waiting > 14 AND expected_amount <> 0
UNION ALL
SELECT 'RL-H02', wholesale_line, 'under_billed', CASE WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END, period, '',
       expected_amount, billed_amount, uninvoiced_amount, evidence
FROM wholesale_line_view
WHERE uninvoiced_amount > 0
