-- The analysis view `wholesale_line`: one row a line that another provider rents and judged month in which it was in use:
-- what the catalogue asks for those days, and what was invoiced for days of the month.

CREATE TABLE wholesale_line_view AS
WITH invoiced AS (
    SELECT c.subject, p.period_id, sum(c.amount_minor)::BIGINT AS amount_minor, list(DISTINCT c.refs[1] ORDER BY c.refs[1]) AS refs
    FROM retail_charge c
    JOIN period p ON p.starts_on = date_trunc('month', c.covers_from)
    GROUP BY c.subject, p.period_id
),
used AS (
    SELECT l.*, p.period_id, p.starts_on AS period, p.is_recoverable,
           prorated(l.unit_price, 10000, greatest(l.lit_from, p.starts_on), least(l.active_to, p.ends_on), p.starts_on,
                    p.ends_on)::BIGINT AS expected_amount
    FROM retail_line l
    JOIN period p ON p.starts_on < l.active_to AND p.ends_on > l.lit_from AND l.last_traffic_on >= p.starts_on
)
SELECT u.subject AS wholesale_line, u.period, u.is_recoverable, u.expected_amount,
       coalesce(i.amount_minor, 0)::BIGINT AS billed_amount, u.retailer, u.offering, u.serial, u.lit_from, u.last_traffic_on,
       (u.expected_amount - coalesce(i.amount_minor, 0))::BIGINT AS uninvoiced_amount,
       u.refs || coalesce(i.refs, []) AS evidence
FROM used u
LEFT JOIN invoiced i USING (subject, period_id);
