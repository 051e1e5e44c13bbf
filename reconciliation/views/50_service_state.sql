-- The analysis view `service_state`: one row a service and month, all charges together, for what concerns the
-- service as a whole.

-- What a suspension that the network ignores takes off the bill: the bill without it, less the bill with it. In the
-- month in which it began, the line before it would have run on.
CREATE VIEW suspended_piece AS
SELECT d.*, CASE WHEN before.starts_on IS NOT NULL AND d.delivered_from > d.price_from
                 THEN greatest(before.starts_on, d.price_from) ELSE d.starts_on END AS line_from
FROM delivered_piece d
LEFT JOIN suspect_delivered before
  ON before.service_id = d.service_id AND before.charge_id = d.charge_id AND before.product_id = d.product_id
 AND before.ends_on = d.delivered_from AND NOT before.is_suspended
WHERE d.is_suspended;

CREATE TABLE suspended_part AS
SELECT service_id, period_id,
       sum(prorated(unit_price, factor, line_from, ends_on, month_from, month_to)
           - prorated(unit_price, factor, line_from, starts_on, month_from, month_to))::BIGINT AS live_while_suspended
FROM suspended_piece
GROUP BY service_id, period_id;

CREATE TABLE service_row AS
SELECT service_id, period_id, sum(expected_minor)::BIGINT AS expected_minor, sum(billed_minor)::BIGINT AS billed_minor,
       sum(unbilled_before)::BIGINT AS unbilled_before, sum(unbilled_after)::BIGINT AS unbilled_after,
       sum(billed_before_service)::BIGINT AS billed_before_service,
       sum(billed_after_service)::BIGINT AS billed_after_service, sum(duplicate)::BIGINT AS duplicate,
       0::BIGINT AS live_while_suspended
FROM charge_row
GROUP BY service_id, period_id
UNION ALL
SELECT service_id, period_id, live_while_suspended, 0, 0, 0, 0, 0, 0, live_while_suspended FROM suspended_part;

CREATE TABLE billed_days AS
SELECT service_id, sum(date_diff('day', starts_on, ends_on))::INTEGER AS billed_days_ever
FROM covered
WHERE charge_id IN (SELECT charge_id FROM product WHERE delivered_by = 'access')
GROUP BY service_id;

CREATE TABLE service_state_view AS
SELECT s.service, s.account, p.starts_on AS period, p.is_recoverable,
       x.expected_minor AS expected_amount, x.billed_minor AS billed_amount,
       x.unbilled_before AS unbilled_before_amount, x.unbilled_after AS unbilled_after_amount,
       x.billed_before_service AS billed_before_service_amount,
       x.billed_after_service AS billed_after_service_amount, x.duplicate AS duplicate_amount,
       x.live_while_suspended AS live_while_suspended_amount,
       s.billing_from IS NULL AS never_billed, coalesce(b.billed_days_ever, 0) AS billed_days_ever,
       s.service_start, s.service_end, s.ceased_on, s.is_called_off, s.billing_from, s.billing_to, s.suspended_since, s.last_traffic_on,
       s.network_seen, s.network_live, s.has_completion, s.has_work_order, s.courtesy_ended_on, s.is_beside_billed,
       s.segment, s.evidence
FROM service_row x
JOIN suspect s USING (service_id)
JOIN billing_period p USING (period_id)
LEFT JOIN billed_days b ON b.service_id = x.service_id
WHERE s.is_judged;
