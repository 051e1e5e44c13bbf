-- The rules over work orders, invoices of contractors and partners, and what is kept for nobody.

WITH visit AS (
    SELECT *, unnest(list_filter([
        CASE WHEN is_open AND is_twin THEN 'RL-I03' END,
        CASE WHEN work_type = 'repair' AND outcome = 'done' AND line_test = 'passed' AND hours_since_test <= 24
             THEN 'RL-I01' END,
        CASE WHEN work_type = 'repair' AND outcome = 'done' AND days_since_repair <= 30 AND cause = cause_before
                  AND cause <> '' THEN 'RL-I02' END
    ], lambda rule: rule IS NOT NULL)) AS rule_id
    FROM field_visit_view
    WHERE visit_cost <> 0
)
SELECT rule_id, work_order AS subject, 'cost' AS direction, 'cost' AS exposure_class, period, '' AS charge,
       expected_amount AS expected_minor, billed_amount AS billed_minor, visit_cost AS exposure_minor, evidence
FROM visit
UNION ALL
SELECT CASE WHEN has_proof AND NOT is_repeated THEN 'RL-H05' ELSE 'RL-H04' END, invoice_line, 'cost', 'cost', period, '',
       expected_amount, billed_amount,
       CASE WHEN has_proof AND NOT is_repeated THEN invoiced_amount - earned_amount ELSE invoiced_amount END, evidence
FROM contractor_charge_view
WHERE (NOT has_proof OR is_repeated OR invoiced_amount > earned_amount) AND invoiced_amount <> 0
UNION ALL
SELECT CASE kind WHEN 'licence' THEN 'RL-H03' ELSE 'RL-H01' END, partner_line, 'cost', 'cost', period, '',
       expected_amount, billed_amount, invoiced_amount, evidence
FROM partner_charge_view
WHERE kind IN ('licence', 'access_line') AND is_known AND NOT is_served AND invoiced_amount <> 0
UNION ALL
SELECT 'RL-B08', reservation, 'cost', 'cost', period, '', expected_amount, billed_amount, monthly_cost, evidence
FROM reservation_view
WHERE monthly_cost > 0
