-- The analysis views `outage_credit` and `missed_appointment`: one row a line that was down, or an appointment that was
-- not kept, in a judged month or since.

CREATE VIEW owed_row AS
SELECT o.*, date_trunc('month', o.happened_on)::DATE AS period, coalesce(p.is_recoverable, true) AS is_recoverable,
       (o.seen_on - o.happened_on)::INTEGER AS days_since, greatest(0, o.amount_minor - o.credited_minor)::BIGINT AS owed_amount
FROM credit_owed o
LEFT JOIN period p ON p.starts_on = date_trunc('month', o.happened_on)
WHERE o.happened_on >= (SELECT min(starts_on) FROM period);

CREATE TABLE outage_credit_view AS
SELECT subject AS outage, period, is_recoverable, 0::BIGINT AS expected_amount, 0::BIGINT AS billed_amount, service, account,
       happened_on, hours_down, days_since, is_promised, credited_minor AS credited_amount, owed_amount, refs AS evidence
FROM owed_row
WHERE kind = 'outage';

CREATE TABLE missed_appointment_view AS
SELECT subject AS work_order, period, is_recoverable, 0::BIGINT AS expected_amount, 0::BIGINT AS billed_amount, service, account,
       happened_on, days_since, is_promised, credited_minor AS credited_amount, owed_amount, refs AS evidence
FROM owed_row
WHERE kind = 'appointment';
