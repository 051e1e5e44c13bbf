-- Credits that are owed without anybody asking: for days on which a line was down, and for appointments that were not
-- kept; beside what the customer got out of goodwill since, and whether a case has promised something.

CREATE TABLE down_line AS
SELECT o.outage_id, s.service_id, s.service, s.account, local_date(o.started_at) AS down_on,
       local_date(o.ended_at) AS up_on, date_diff('hour', o.started_at, o.ended_at) AS hours_down,
       o.source_system || '/' || o.source_object || '/' || o.source_id AS ref, d.observation_ref
FROM outage o
JOIN device d ON d.element = o.element AND (o.port IS NULL OR d.port = o.port)
JOIN service_span s ON s.serial = d.serial
WHERE o.ended_at <= as_of_moment() AND d.registered_on <= local_date(o.started_at)
  AND s.starts_on <= local_date(o.started_at) AND s.ends_on >= local_date(o.ended_at)
  AND s.service_id NOT IN (SELECT service_id FROM unjudged);

CREATE TABLE down_amount AS
WITH priced AS (
    SELECT n.outage_id, n.service_id, coalesce(d.unit_price, r.unit_price) AS unit_price, d.factor,
           greatest(n.down_on, d.starts_on, r.piece_from) AS starts_on, least(n.up_on, d.ends_on, r.piece_to) AS ends_on,
           p.whole_from AS month_from, p.whole_to AS month_to
    FROM down_line n
    JOIN delivered d ON d.service_id = n.service_id AND NOT d.is_suspended
    JOIN (SELECT calendar_id, product_id, period_id, piece_from, piece_to, unit_price FROM billing_rate) r
      ON r.product_id = d.product_id AND r.calendar_id = d.calendar_id
    JOIN (SELECT period_id, whole_from, whole_to FROM billing_period) p USING (period_id)
)
SELECT outage_id, service_id,
       sum(prorated(unit_price, factor, starts_on, ends_on, month_from, month_to))::BIGINT AS amount_minor
FROM priced
GROUP BY outage_id, service_id;

CREATE TABLE owed_credit AS
SELECT 'outage/' || n.outage_id || '-' || replace(n.service, '/', '-') AS subject, 'outage' AS kind, n.service, n.account,
       n.down_on AS happened_on, n.hours_down::INTEGER AS hours_down, a.amount_minor, [n.ref, n.observation_ref] AS refs
FROM down_line n
JOIN down_amount a USING (outage_id, service_id)
UNION ALL
SELECT 'work_order/' || j.work_order_id, 'appointment', i.service, i.account, local_date(v.scheduled_start), 0, c.amount_minor,
       [j.work_order_ref]
FROM job j
JOIN identity i USING (service_id)
JOIN work_order_visit v USING (work_order_id)
JOIN missed_appointment_cause m USING (cause)
CROSS JOIN missed_appointment_credit c
WHERE local_date(v.scheduled_start) <= as_of_day();

CREATE TABLE credit_owed AS
SELECT o.*, as_of_day() AS seen_on,
       coalesce((SELECT sum(-x.amount_minor) FROM adjustment x
                 WHERE x.account_number = o.account AND x.currency = market_currency() AND x.amount_minor < 0
                   AND lower(coalesce(x.reason, '')) IN (SELECT reason FROM goodwill)
                   AND x.posted_on BETWEEN o.happened_on AND o.happened_on + 60), 0)::BIGINT AS credited_minor,
       EXISTS (SELECT 1 FROM credit_approval c
               WHERE c.account_number = o.account AND c.approved_on BETWEEN o.happened_on AND o.happened_on + 60) AS is_promised
FROM owed_credit o;
