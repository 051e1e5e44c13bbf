-- The rules over devices.

WITH seen AS (
    SELECT *, unnest(list_filter([
        CASE WHEN is_live AND NOT known_to_field THEN 'RL-B01' END,
        CASE WHEN is_live AND in_stock_since IS NOT NULL THEN 'RL-E05' END,
        CASE WHEN is_discovered AND hours_known > 24 THEN 'RL-B09' END
    ], lambda rule: rule IS NOT NULL)) AS rule_id
    FROM equipment_view
    WHERE NOT is_awaited AND NOT is_near_miss AND expected_amount <> 0
)
SELECT rule_id, serial AS subject, 'under_billed' AS direction, 'at_risk' AS exposure_class, period, '' AS charge,
       expected_amount AS expected_minor, billed_amount AS billed_minor, expected_amount AS exposure_minor, evidence
FROM seen
UNION ALL
SELECT CASE WHEN is_recorded THEN 'RL-E03' ELSE 'RL-I04' END, serial, 'cost', 'cost', period, '', expected_amount,
       billed_amount, device_cost, evidence
FROM stock_item_view
WHERE CASE WHEN is_recorded THEN days_missed > 30 ELSE is_work_over AND NOT is_near_miss AND days_missed > 14 END
  AND device_cost <> 0
UNION ALL
SELECT 'RL-B05-shared-device', service, 'over_billed', 'refund_due', period, '', expected_amount, billed_amount,
       billed_amount, evidence
FROM shared_device_view
WHERE billed_amount > 0
