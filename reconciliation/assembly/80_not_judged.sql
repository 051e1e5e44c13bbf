-- Records whose keys lead nowhere, each with what a person should look at. They are listed, never guessed.

CREATE TABLE not_judged AS
SELECT 'record' AS scope, w.source_system || '/' || w.source_object || '/' || w.source_id AS subject,
       'work order for order ' || w.order_number || ': no order has this number' AS reason
FROM work_order w
WHERE w.order_number NOT IN (SELECT order_number FROM product_order)
UNION ALL
SELECT 'record', o.source_system || '/' || o.source_object || '/' || o.source_id,
       'order of account ' || o.account_number || ': no billing account has this number'
FROM product_order o
WHERE o.account_number NOT IN (SELECT account FROM account)
UNION ALL
SELECT 'record', 'account/' || l.account_number,
       count(*) || ' bill lines of account ' || l.account_number || ', which the order system does not know'
FROM charge_line l
WHERE l.account_number NOT IN (SELECT account FROM account)
GROUP BY l.account_number
UNION ALL
SELECT 'record', 'billing code ' || l.billing_code,
       sum(l.lines)::BIGINT || ' bill lines carry billing code ' || l.billing_code || ', which no offering of the catalogue has'
FROM (SELECT billing_code, 1 AS lines FROM charge_line WHERE billing_code NOT IN (SELECT code FROM billing_code)
      UNION ALL FROM elsewhere_code_lines) l
GROUP BY l.billing_code
UNION ALL
SELECT 'record', 'service/' || a.service, u.reason
FROM unjudged u
JOIN identity a USING (service_id)
UNION ALL
SELECT 'record', d.observation_ref,
       'device ' || d.serial || ' on ' || d.element || ' nearly matches a serial that the field recorded'
FROM device_state d
WHERE d.is_near_miss
UNION ALL
SELECT 'record', 'service/' || s.service,
       'device ' || s.serial || ' of this service is not seen by any network element'
FROM service_span s
WHERE s.serial IS NOT NULL AND NOT s.network_seen AND s.ends_on = DATE '9999-12-31'
  AND s.service_id NOT IN (SELECT service_id FROM near_miss)
UNION ALL
SELECT 'record', d.observation_ref,
       'device ' || d.serial || ' on ' || d.element || ' carries traffic and no field record knows it; no offering has its'
       || ' profile ' || coalesce(n.profile, '(none)') || ', so it has no price'
FROM device_state d
JOIN device n USING (serial)
WHERE d.is_live AND NOT d.known_to_field AND NOT d.is_awaited AND NOT d.is_near_miss AND d.profile_product IS NULL;
