-- The analysis view `charge`: one row a service, charge and month whose bill disagrees with what was delivered.
-- Every *_amount is a share of expected minus billed, in minor units; together they are the whole difference.

CREATE TABLE charge_ever AS
SELECT DISTINCT service_id, charge_id FROM suspect_line;

-- In a month with lines under codes that nobody knows, it cannot be told whether what is missing is among them.
CREATE TABLE unclear_month AS
SELECT DISTINCT service_id, period_id FROM unknown_line;

CREATE TABLE charge_row AS
WITH share AS (
    SELECT d.service_id, d.charge_id, d.period_id, coalesce(e.delivered, 0) AS expected_minor,
           coalesce(e.delivered, 0) - d.difference_minor AS billed_minor,
           s.billing_from IS NULL AS never_billed, u.service_id IS NOT NULL AS is_unclear,
           coalesce(e.delivered, 0) - coalesce(e.since_billing, 0) AS unbilled_before,
           coalesce(e.since_billing, 0) - coalesce(e.within_billing, 0) AS unbilled_after,
           coalesce(e.within_billing, 0) - coalesce(c.covered, 0) AS missing,
           coalesce(c.covered, 0) - coalesce(r.repriced, 0) AS tier,
           coalesce(r.repriced, 0) - coalesce(b.stated, 0) AS price,
           coalesce(b.stated, 0) - coalesce(b.in_delivery, 0) AS arithmetic,
           coalesce(b.in_delivery, 0) - coalesce(b.in_service, 0) AS undelivered,
           coalesce(b.in_service, 0) - coalesce(b.before_end, 0) AS billed_before_service,
           coalesce(b.before_end, 0) - coalesce(b.entitled, 0) AS billed_after_service,
           coalesce(b.entitled, 0) - coalesce(b.billed_once, 0) AS unentitled,
           coalesce(b.billed_once, 0) - coalesce(e.delivered, 0) + d.difference_minor AS duplicate,
           coalesce(e.delivered_days, 0) AS delivered_days
    FROM difference d
    JOIN suspect s USING (service_id)
    LEFT JOIN delivered_part e USING (service_id, charge_id, period_id)
    LEFT JOIN covered_part c USING (service_id, charge_id, period_id)
    LEFT JOIN repriced_part r USING (service_id, charge_id, period_id)
    LEFT JOIN billed_part b USING (service_id, charge_id, period_id)
    LEFT JOIN unclear_month u USING (service_id, period_id)
)
SELECT * REPLACE (CASE WHEN is_unclear THEN 0 ELSE unbilled_before END AS unbilled_before,
                  CASE WHEN is_unclear THEN 0 ELSE unbilled_after END AS unbilled_after,
                  CASE WHEN is_unclear THEN 0 ELSE missing END AS missing),
       CASE WHEN is_unclear THEN unbilled_before + unbilled_after + missing ELSE 0 END AS unclear
FROM share;

-- Discounts belong to what they are given on, those of a bundle to its first member.
CREATE TABLE charge_family AS
SELECT c.charge_id, coalesce(f.charge, c.charge) AS charge_family, coalesce(f.delivered_by, c.delivered_by) AS delivered_by
FROM charge c
LEFT JOIN (SELECT charge_id, applies_to FROM promotion UNION SELECT charge_id, first_member FROM bundle) q
       ON q.charge_id = c.charge_id
LEFT JOIN charge f ON f.charge_id = q.applies_to;

CREATE TABLE returned_device AS
SELECT d.service_id, c.charge AS charge_family, d.returned_on
FROM device_return d
JOIN charge c USING (charge_id);

-- Charges of what comes with something else that was delivered in the month.
CREATE TABLE included AS
SELECT d.service_id, p.period_id, t.charge_id, min(q.id) AS id
FROM suspect_delivered d
JOIN product_part t USING (product_id)
JOIN product q USING (product_id)
JOIN billing_period p ON p.calendar_id = d.calendar_id AND p.starts_on < d.ends_on AND p.ends_on > d.starts_on
WHERE NOT d.is_suspended
GROUP BY d.service_id, p.period_id, t.charge_id;

CREATE TABLE charge_view AS
SELECT s.service, s.account, c.charge, f.charge_family, c.kind AS charge_kind,
       c.delivered_by, f.delivered_by AS family_delivered_by, c.discount_kind,
       CASE WHEN c.kind <> 'discount' THEN '' WHEN e.charge_id IS NOT NULL THEN 'promised'
            WHEN n.charge_id IS NOT NULL THEN 'ineligible' ELSE 'none' END AS discount_basis,
       h.service_id IS NOT NULL AS on_hold, p.ends_on <> p.whole_to AS is_stub, p.starts_on AS period, p.is_recoverable,
       x.expected_minor AS expected_amount, x.billed_minor AS billed_amount,
       x.unbilled_before AS unbilled_before_amount, x.unbilled_after AS unbilled_after_amount,
       x.missing AS missing_amount, x.tier AS tier_amount, x.price AS price_amount,
       x.arithmetic AS arithmetic_amount, x.undelivered AS undelivered_amount,
       CASE WHEN v.returned_on < p.ends_on THEN v.returned_on END AS returned_on,
       x.billed_before_service AS billed_before_service_amount,
       x.billed_after_service AS billed_after_service_amount,
       x.unentitled AS unentitled_amount, x.duplicate AS duplicate_amount,
       x.delivered_days, x.never_billed,
       k.service_id IS NOT NULL AS charge_ever_billed,
       coalesce(i.id, '') AS installed_offering, coalesce(t.basis, '') AS installed_basis,
       coalesce(j.id, '') AS billed_offering, coalesce(o.id, '') AS ordered_offering,
       coalesce(ip.unit_price > jp.unit_price, false) AS installed_is_dearer, m.service_id IS NOT NULL AS is_misdated,
       coalesce(z.crossed_with, '') AS crossed_with, y.since AS cut_since, w.used_on AS hold_used_on, coalesce(g.id, '') AS included_in,
       s.service_start, s.service_end, s.ceased_on, s.is_called_off, s.billing_from, s.billing_to,
       s.network_seen, s.network_live, s.has_completion, s.has_work_order, s.courtesy_ended_on, s.is_beside_billed,
       s.segment,
       s.evidence
FROM charge_row x
JOIN suspect s USING (service_id)
JOIN charge c USING (charge_id)
JOIN billing_period p USING (period_id)
JOIN charge_family f ON f.charge_id = x.charge_id
LEFT JOIN charge_ever k ON k.service_id = x.service_id AND k.charge_id = x.charge_id
LEFT JOIN installed_tier t ON t.service_id = x.service_id AND t.period_id = x.period_id
LEFT JOIN product i ON i.product_id = t.product_id
LEFT JOIN billed_tier u ON u.service_id = x.service_id AND u.period_id = x.period_id
LEFT JOIN product j ON j.product_id = u.product_id
LEFT JOIN month_price ip ON ip.product_id = t.product_id AND ip.period_id = x.period_id
LEFT JOIN month_price jp ON jp.product_id = u.product_id AND jp.period_id = x.period_id
LEFT JOIN misdated m ON m.service_id = x.service_id
LEFT JOIN (SELECT DISTINCT service_id, charge_id FROM entitled) e ON e.service_id = x.service_id AND e.charge_id = x.charge_id
LEFT JOIN ineligible n ON n.service_id = x.service_id AND n.charge_id = x.charge_id
LEFT JOIN (SELECT DISTINCT h.service_id, p.period_id
           FROM hold h
           JOIN suspect s USING (service_id)
           JOIN billing_period p ON p.calendar_id = s.calendar_id AND p.starts_on < h.ends_on AND p.ends_on > h.starts_on) h
       ON h.service_id = x.service_id AND h.period_id = x.period_id
LEFT JOIN crossed z ON z.service_id = x.service_id AND z.since < p.ends_on
LEFT JOIN kept_cut y ON y.service_id = x.service_id AND y.since < p.ends_on
LEFT JOIN (SELECT service_id, min(used_on) AS used_on FROM hold_use GROUP BY service_id) w
       ON w.service_id = x.service_id AND w.used_on < p.ends_on
LEFT JOIN included g ON g.service_id = x.service_id AND g.charge_id = x.charge_id AND g.period_id = x.period_id
LEFT JOIN returned_device v ON v.service_id = x.service_id AND v.charge_family = f.charge_family
LEFT JOIN product o ON o.product_id = s.ordered_product
WHERE s.is_judged;
