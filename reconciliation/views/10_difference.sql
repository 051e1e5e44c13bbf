-- Expected against billed, one row a service, charge and month; only rows that disagree go on.

CREATE TABLE expected AS
SELECT d.service_id, d.charge_id, r.period_id,
       sum(prorated(coalesce(d.unit_price, r.unit_price), d.factor,
                    greatest(d.starts_on, r.piece_from), least(d.ends_on, r.piece_to),
                    p.starts_on, p.ends_on))::BIGINT AS expected_minor
FROM delivered d
JOIN rate r ON r.product_id = d.product_id AND r.piece_from < d.ends_on AND r.piece_to > d.starts_on
JOIN period p ON p.period_id = r.period_id
WHERE NOT d.is_suspended
GROUP BY d.service_id, d.charge_id, r.period_id
UNION ALL
SELECT service_id, charge_id, period_id, half_up(unit_price, price_scale()) FROM one_time;

CREATE TABLE difference AS
SELECT service_id, charge_id, period_id,
       coalesce(e.expected_minor, 0) AS expected_minor, coalesce(b.billed_minor, 0) AS billed_minor
FROM expected e
FULL JOIN (
    SELECT service_id, charge_id, period_id, sum(amount_minor)::BIGINT AS billed_minor
    FROM billed
    GROUP BY service_id, charge_id, period_id
) b USING (service_id, charge_id, period_id)
WHERE coalesce(e.expected_minor, 0) <> coalesce(b.billed_minor, 0);
