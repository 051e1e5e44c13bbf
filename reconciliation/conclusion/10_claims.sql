-- What each rule claims of a month, each cause once, and what no rule claims.

-- The explaining rules' own money, by subject and month.
CREATE TABLE carried AS
SELECT p.rule_id, h.subject, h.period, min(h.rule_id) AS explaining
FROM precedence p
JOIN hit h ON h.rule_id = p.explaining AND h.exposure_minor <> 0
GROUP BY p.rule_id, h.subject, h.period;

CREATE TABLE claimed_line AS
SELECT h.rule_id, h.subject, h.direction, h.exposure_class, h.period, h.charge, h.expected_minor, h.billed_minor,
       CASE WHEN c.explaining IS NULL THEN h.exposure_minor ELSE 0 END AS exposure_minor, c.explaining
FROM hit h
LEFT JOIN carried c USING (rule_id, subject, period)
WHERE h.exposure_minor <> 0 OR c.explaining IS NOT NULL;

-- What comes to nothing over all its months is no finding, unless other rules have the money of each.
DELETE FROM claimed_line l
USING (
    SELECT rule_id, subject, direction, exposure_class
    FROM claimed_line
    GROUP BY ALL
    HAVING sum(exposure_minor) <= 0 AND bool_or(explaining IS NULL)
) n
WHERE l.rule_id = n.rule_id AND l.subject = n.subject AND l.direction = n.direction AND l.exposure_class = n.exposure_class;

-- A rule claims the share that its exposure reads. Over all charges together (no family), or over several shares
-- together (no share), a claim can only be held against their sum.
CREATE TABLE claim AS
SELECT l.subject, l.period, coalesce(f.charge_family, '') AS charge_family, r.share,
       sum(CASE WHEN l.direction = 'over_billed' THEN -l.exposure_minor ELSE l.exposure_minor END)::BIGINT AS amount
FROM claimed_line l
JOIN claiming r USING (rule_id)
LEFT JOIN (SELECT c.charge, coalesce(f.charge, c.charge) AS charge_family
           FROM charge c
           LEFT JOIN (SELECT charge_id, applies_to FROM promotion UNION SELECT charge_id, first_member FROM bundle) q
                  USING (charge_id)
           LEFT JOIN charge f ON f.charge_id = q.applies_to) f ON f.charge = l.charge
WHERE l.exposure_minor <> 0
GROUP BY l.subject, l.period, f.charge_family, r.share;

-- Charges and signs are kept apart, so that two mistakes of opposite signs cannot hide each other.
CREATE TABLE unclaimed AS
WITH entry AS (
    SELECT subject, period, charge_family, share, difference AS amount FROM difference
    UNION ALL
    SELECT subject, period, charge_family, share, -amount FROM claim
),
keyed AS (
    SELECT e.subject, e.period, e.amount, CASE WHEN m.subject IS NULL THEN e.share ELSE '' END AS share,
           CASE WHEN m.subject IS NULL AND s.subject IS NULL THEN e.charge_family ELSE '' END AS charge_family
    FROM entry e
    LEFT JOIN (SELECT DISTINCT subject, period FROM claim WHERE share = '') m USING (subject, period)
    LEFT JOIN (SELECT DISTINCT subject, period, share FROM claim WHERE charge_family = '') s
           USING (subject, period, share)
)
SELECT subject, period, charge_family, share, sum(amount)::BIGINT AS amount
FROM keyed
GROUP BY subject, period, charge_family, share
HAVING sum(amount) <> 0;
