-- The checks over one bucket of services, written for this catalogue and these mistakes alone.

CREATE MACRO share(price, factor, f, t, mf, mt) AS
    CASE WHEN f >= t THEN 0
         WHEN factor < 0 OR price < 0
             THEN -((-2 * price::BIGINT * factor * (t - f) + (mt - mf) * 10000::BIGINT) // (20000::BIGINT * (mt - mf)))
         ELSE (2 * price::BIGINT * factor * (t - f) + (mt - mf) * 10000::BIGINT) // (20000::BIGINT * (mt - mf)) END;

CREATE TABLE price AS
SELECT r.product_id, r.period_id, r.piece_from, r.piece_to, r.unit_price, p.starts_on AS mf, p.ends_on AS mt,
       share(r.unit_price, 10000, r.piece_from, r.piece_to, p.starts_on, p.ends_on) AS whole
FROM rate r
JOIN period p USING (period_id);

-- Expected pieces and bill lines in one pass; what does not cancel out is wrong. The entries are written down first,
-- because DuckDB sums each part of a UNION ALL for itself and then all of it once more.
CREATE TABLE entry AS
SELECT d.service_id, d.charge_id, r.period_id,
       CASE WHEN d.factor = 10000 AND d.starts_on <= r.piece_from AND d.ends_on >= r.piece_to THEN r.whole
            ELSE share(r.unit_price, d.factor, greatest(d.starts_on, r.piece_from), least(d.ends_on, r.piece_to), r.mf,
                       r.mt) END AS cents
FROM delivered d
JOIN price r ON r.product_id = d.product_id AND r.piece_from < d.ends_on AND r.piece_to > d.starts_on
WHERE d.unit_price IS NULL AND NOT d.is_suspended
UNION ALL
SELECT d.service_id, d.charge_id, p.period_id,
       share(d.unit_price, d.factor, greatest(d.starts_on, p.starts_on), least(d.ends_on, p.ends_on),
             p.starts_on, p.ends_on)
FROM delivered d
JOIN period p ON p.starts_on < d.ends_on AND p.ends_on > d.starts_on
WHERE d.unit_price IS NOT NULL AND NOT d.is_suspended
UNION ALL
SELECT service_id, charge_id, period_id, unit_price FROM one_time
UNION ALL
SELECT service_id, charge_id, period_id, -amount_minor FROM billed;

CREATE TABLE wrong AS
SELECT service_id, charge_id, period_id, sum(cents)::BIGINT AS cents
FROM entry
GROUP BY service_id, charge_id, period_id
HAVING sum(cents) <> 0;

DROP TABLE entry;

CREATE TABLE suspect AS
SELECT service_id, service_start, service_end, billing_from, billing_to FROM service WHERE service_id IN (SELECT service_id FROM wrong);

CREATE TABLE line AS
SELECT b.service_id, b.charge_id, b.product_id, b.period_id, b.covers_from, b.covers_to, b.rate_minor, b.amount_minor,
       p.starts_on AS mf, p.ends_on AS mt,
       b.subscription_id <> first_value(b.subscription_id) OVER (
           PARTITION BY b.service_id, b.charge_id ORDER BY b.covers_from, b.subscription_id) AS is_again
FROM billed b
JOIN period p USING (period_id)
WHERE b.service_id IN (SELECT service_id FROM suspect);

CREATE TABLE piece AS
SELECT d.service_id, d.charge_id, r.period_id, d.product_id, d.factor, d.basis, r.unit_price,
       greatest(d.starts_on, r.piece_from) AS f, least(d.ends_on, r.piece_to) AS t, r.mf, r.mt,
       s.service_start, s.billing_from, s.billing_to
FROM delivered d
JOIN suspect s USING (service_id)
JOIN price r ON r.product_id = d.product_id AND r.piece_from < d.ends_on AND r.piece_to > d.starts_on
WHERE d.unit_price IS NULL AND NOT d.is_suspended;

-- Every share of a difference: cents that should have been billed are positive.
CREATE TABLE part AS
-- never billed, or billed too late
SELECT service_id, charge_id, period_id, CASE WHEN billing_from IS NULL THEN 'RL-A01' ELSE 'RL-A02' END AS rule_id,
       share(unit_price, factor, f, t, mf, mt)
       - share(unit_price, factor, greatest(f, coalesce(billing_from, DATE '9999-12-31')), t, mf, mt) AS cents
FROM piece
WHERE billing_from IS NULL OR billing_from > f
UNION ALL
SELECT o.service_id, o.charge_id, o.period_id, 'RL-A01', o.unit_price
FROM one_time o
JOIN suspect s USING (service_id)
WHERE s.billing_from IS NULL
UNION ALL
-- closed in billing, still up
SELECT service_id, charge_id, period_id, 'RL-B03',
       share(unit_price, factor, greatest(f, billing_from), t, mf, mt)
       - share(unit_price, factor, greatest(f, billing_from), least(t, billing_to), mf, mt)
FROM piece
WHERE billing_to < t
UNION ALL
-- billed before the service worked, or although it never did
SELECT l.service_id, l.charge_id, l.period_id, CASE WHEN s.service_start IS NULL THEN 'RL-B02' ELSE 'RL-A03' END,
       share(l.rate_minor, 10000, greatest(l.covers_from, coalesce(s.service_start, DATE '9999-12-31')), l.covers_to,
             l.mf, l.mt) - l.amount_minor
FROM line l
JOIN suspect s USING (service_id)
WHERE NOT l.is_again AND (s.service_start IS NULL OR l.covers_from < s.service_start)
UNION ALL
-- billed after the service ended
SELECT l.service_id, l.charge_id, l.period_id, 'RL-B04',
       share(l.rate_minor, 10000, l.covers_from, least(l.covers_to, s.service_end), l.mf, l.mt) - l.amount_minor
FROM line l
JOIN suspect s USING (service_id)
WHERE NOT l.is_again AND l.covers_to > s.service_end
UNION ALL
-- billed by a second subscription
SELECT service_id, charge_id, period_id, 'RL-B05', -amount_minor FROM line WHERE is_again
UNION ALL
-- a discount after its term; a percentage is that of the access line beside it
SELECT l.service_id, l.charge_id, l.period_id, 'RL-D01',
       share(coalesce(a.rate_minor, l.rate_minor), CASE WHEN a.rate_minor IS NULL THEN 10000 ELSE q.factor END,
             l.covers_from, least(l.covers_to, e.ends_on), l.mf, l.mt) - l.amount_minor
FROM line l
JOIN promotion q ON q.charge_id = l.charge_id
JOIN entitled e ON e.service_id = l.service_id AND e.charge_id = l.charge_id AND e.ends_on < l.covers_to
LEFT JOIN line a ON q.product_id IS NULL AND a.service_id = l.service_id AND a.charge_id = q.applies_to
     AND a.covers_from <= l.covers_from AND a.covers_to >= l.covers_to AND NOT a.is_again
WHERE NOT l.is_again
UNION ALL
-- a rented device that no line was ever for
SELECT i.service_id, i.charge_id, i.period_id, 'RL-E01',
       share(i.unit_price, i.factor, greatest(i.f, i.billing_from), least(i.t, i.billing_to), i.mf, i.mt)
FROM piece i
JOIN product p ON p.product_id = i.product_id AND p.delivered_by = 'device'
ANTI JOIN line l ON l.service_id = i.service_id AND l.charge_id = i.charge_id
WHERE i.billing_from IS NOT NULL;

-- The rest of a difference is tier where the products differ, and price where they are the same.
CREATE TABLE tier AS
SELECT i.service_id, i.period_id, arg_max(i.product_id, i.f) AS installed, arg_max(i.basis, i.f) AS basis,
       any_value(l.product_id) AS charged
FROM piece i
JOIN product p ON p.product_id = i.product_id AND p.delivered_by = 'access' AND p.charge_id = i.charge_id
JOIN (SELECT service_id, charge_id, period_id, arg_max(product_id, covers_from) AS product_id
      FROM line WHERE NOT is_again GROUP BY service_id, charge_id, period_id) l
  ON l.service_id = i.service_id AND l.charge_id = i.charge_id AND l.period_id = i.period_id
GROUP BY i.service_id, i.period_id;

CREATE TABLE rest AS
SELECT w.service_id, w.charge_id, w.period_id, w.cents - coalesce(p.cents, 0) AS cents
FROM wrong w
LEFT JOIN (SELECT service_id, charge_id, period_id, sum(cents)::BIGINT AS cents FROM part
           GROUP BY service_id, charge_id, period_id) p
     USING (service_id, charge_id, period_id)
WHERE w.cents <> coalesce(p.cents, 0);

-- What a suspended line that runs on would bring: the bill without the suspension less the bill with it.
CREATE TABLE running AS
WITH stopped AS (
    SELECT d.service_id, r.period_id, r.mf, r.mt, r.unit_price, d.factor, r.piece_from, r.piece_to, d.starts_on,
           CASE WHEN b.starts_on IS NOT NULL THEN greatest(b.starts_on, r.piece_from)
                ELSE greatest(d.starts_on, r.piece_from) END AS f,
           least(d.ends_on, r.piece_to) AS t
    FROM delivered d
    JOIN price r ON r.product_id = d.product_id AND r.piece_from < d.ends_on AND r.piece_to > d.starts_on
    LEFT JOIN delivered b ON b.service_id = d.service_id AND b.charge_id = d.charge_id
         AND b.product_id = d.product_id AND b.ends_on = d.starts_on AND NOT b.is_suspended
    WHERE d.is_suspended AND d.unit_price IS NULL
)
SELECT service_id, period_id,
       sum(share(unit_price, factor, f, t, mf, mt)
           - share(unit_price, factor, f, greatest(f, least(starts_on, t)), mf, mt))::BIGINT AS cents
FROM stopped
GROUP BY service_id, period_id;

CREATE TABLE month AS
SELECT service_id, period_id, rule_id, sum(cents)::BIGINT AS cents FROM part WHERE cents <> 0
GROUP BY service_id, period_id, rule_id
UNION ALL
SELECT r.service_id, r.period_id,
       CASE WHEN t.installed = t.charged THEN 'RL-C05' WHEN t.basis = 'network' THEN 'RL-C01'
            WHEN t.basis = 'field' THEN 'RL-C03' ELSE 'unexplained' END, sum(r.cents)::BIGINT
FROM rest r
LEFT JOIN tier t USING (service_id, period_id)
GROUP BY 1, 2, 3
UNION ALL
SELECT service_id, period_id, 'RL-G01', cents FROM running
UNION ALL
-- a device of a service that was never billed: the service has the money
SELECT i.service_id, i.period_id, 'RL-E01', 0
FROM piece i
JOIN product p ON p.product_id = i.product_id AND p.delivered_by = 'device'
WHERE i.billing_from IS NULL
GROUP BY i.service_id, i.period_id;

CREATE TABLE found AS
SELECT m.rule_id, s.service AS subject, m.cents, p.starts_on AS period,
       CASE WHEN m.rule_id IN ('RL-A03', 'RL-B02', 'RL-B04', 'RL-B05') OR m.cents < 0 THEN 'over_billed'
            ELSE 'under_billed' END AS direction,
       CASE WHEN m.rule_id = 'RL-G01' THEN 'at_risk'
            WHEN m.rule_id IN ('RL-A03', 'RL-B02', 'RL-B04', 'RL-B05') OR m.cents < 0 THEN 'refund_due'
            WHEN p.is_recoverable THEN 'recoverable' ELSE 'lost' END AS exposure_class,
       s.evidence
FROM month m
JOIN service s USING (service_id)
JOIN period p USING (period_id)
WHERE s.is_judged;
