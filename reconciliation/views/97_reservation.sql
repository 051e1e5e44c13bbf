-- The analysis view `reservation`: one row a resource that is kept for nobody and each judged month in which it was kept
-- from the first day to the last.

CREATE TABLE reservation_view AS
SELECT r.subject AS reservation, p.starts_on AS period, false AS is_recoverable, 0::BIGINT AS expected_amount,
       0::BIGINT AS billed_amount, r.kind, r.order_number, r.account, r.order_state, r.reserved_on, r.stranded_on,
       r.monthly_minor AS monthly_cost, r.refs AS evidence
FROM reservation_stage r
JOIN period p ON p.starts_on >= r.stranded_on AND p.ends_on <= r.released_on;
