-- The analysis view `order_stage`: one row a month and order that the customer waits for, at the list price of what
-- was ordered, from the promised day on.

CREATE TABLE waiting AS
SELECT o.subject, r.period_id,
       sum(prorated(r.unit_price, 10000, greatest(charged_from(o.promised_on), r.piece_from), least(o.seen_on, r.piece_to),
                    p.starts_on, p.ends_on))::BIGINT AS list_minor
FROM order_stage o
JOIN product q ON q.id = o.offering
JOIN rate r ON r.product_id = q.product_id AND r.piece_to > charged_from(o.promised_on) AND r.piece_from < o.seen_on
JOIN period p USING (period_id)
WHERE NOT o.is_delivered AND o.state NOT IN ('completed', 'cancelled', 'rejected')
GROUP BY o.subject, r.period_id;

CREATE TABLE order_stage_view AS
SELECT o.subject AS "order", p.starts_on AS period, p.is_recoverable, w.list_minor AS expected_amount,
       0::BIGINT AS billed_amount, o.order_number, o.account, o.state, o.ordered_on, o.promised_on,
       (o.seen_on - o.promised_on)::INTEGER AS days_waiting, o.has_open_work, o.refs AS evidence
FROM waiting w
JOIN order_stage o USING (subject)
JOIN period p USING (period_id);
