-- The lines of the bill, with one thing less each time: first the days that no promise entitles them to (promotions),
-- then the days after and before the service, then those on which what they charge was not delivered; and last what
-- their amount has beside the rate that they state. The fee of an installation has no days.

-- Days of delivery of a charge without a break, moves included.
CREATE TABLE delivered_run AS
WITH marked AS (
    SELECT service_id, charge_id, starts_on, ends_on,
           coalesce(starts_on > max(ends_on) OVER (PARTITION BY service_id, charge_id ORDER BY starts_on, ends_on
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true)::INTEGER AS opens
    FROM suspect_delivered
    WHERE NOT is_suspended
),
numbered AS (
    SELECT *, sum(opens) OVER (PARTITION BY service_id, charge_id ORDER BY starts_on, ends_on
                               ROWS UNBOUNDED PRECEDING) AS run
    FROM marked
)
SELECT service_id, charge_id, min(starts_on) AS starts_on, max(ends_on) AS ends_on
FROM numbered
GROUP BY service_id, charge_id, run;

-- A line as it stands costs what it says, a part of it what its rate gives for those days.
CREATE MACRO line_amount(is_whole, amount, unit_price, factor, starts_on, ends_on, month_from, month_to) AS
    CASE WHEN is_whole THEN amount ELSE prorated(unit_price, factor, starts_on, ends_on, month_from, month_to) END;

CREATE TABLE line_part AS
WITH entitled_days AS (
    SELECT l.service_id, l.charge_id, l.line_number, l.unit_price, l.factor, l.amount_minor, l.period_id, l.month_from, l.month_to,
           l.covers_from, l.covers_to,
           CASE WHEN e.starts_on IS NULL THEN l.covers_from ELSE greatest(l.covers_from, e.starts_on) END AS starts_on,
           CASE WHEN e.starts_on IS NULL THEN l.covers_from ELSE least(l.covers_to, e.ends_on) END AS ends_on
    FROM suspect_line l
    LEFT JOIN entitled e ON e.service_id = l.service_id AND e.charge_id = l.charge_id
         AND e.starts_on < l.covers_to AND e.ends_on > l.covers_from
    WHERE NOT l.is_duplicate AND l.charge_id IN (SELECT charge_id FROM promotion)
    UNION ALL
    SELECT service_id, charge_id, line_number, unit_price, factor, amount_minor, period_id, month_from, month_to, covers_from,
           covers_to, covers_from, covers_to
    FROM suspect_line
    WHERE NOT is_duplicate AND charge_id NOT IN (SELECT charge_id FROM promotion)
),
clipped AS (
    SELECT e.*, f.charge_id IS NOT NULL AS is_due_once,
           CASE WHEN f.charge_id IS NULL THEN coalesce(s.service_start, DATE '9999-12-31')
                ELSE e.covers_from END AS service_start,
           CASE WHEN f.charge_id IS NULL THEN coalesce(s.service_end, DATE '9999-12-31')
                ELSE e.covers_to END AS service_end,
           coalesce(e.starts_on = e.covers_from AND e.ends_on = e.covers_to, false) AS is_whole
    FROM entitled_days e
    JOIN suspect s USING (service_id)
    LEFT JOIN one_time f USING (service_id, charge_id, period_id)
),
served AS (
    SELECT *, greatest(starts_on, service_start) AS served_from, least(ends_on, service_end) AS served_to,
           is_whole AND ends_on <= service_end AS is_whole_to_end,
           is_whole AND ends_on <= service_end AND starts_on >= service_start AS is_whole_served
    FROM clipped
),
-- A charge may have been delivered, taken away and delivered again in one line.
delivery AS (
    SELECT s.service_id, s.line_number, s.starts_on,
           sum(line_amount(s.is_whole_served AND r.starts_on <= s.served_from AND r.ends_on >= s.served_to, s.amount_minor,
                           s.unit_price, s.factor, greatest(s.served_from, r.starts_on), least(s.served_to, r.ends_on),
                           s.month_from, s.month_to))::BIGINT AS delivered,
           sum(prorated(s.unit_price, s.factor, greatest(s.served_from, r.starts_on), least(s.served_to, r.ends_on),
                        s.month_from, s.month_to))::BIGINT AS stated
    FROM served s
    JOIN delivered_run r ON r.service_id = s.service_id AND r.charge_id = s.charge_id
         AND r.starts_on < s.served_to AND r.ends_on > s.served_from
    WHERE NOT s.is_due_once
    GROUP BY s.service_id, s.line_number, s.starts_on
)
SELECT s.service_id, s.charge_id, s.period_id, s.line_number, any_value(s.amount_minor) AS amount,
       sum(line_amount(is_whole, amount_minor, unit_price, factor, s.starts_on, ends_on, month_from, month_to))::BIGINT
           AS entitled,
       sum(line_amount(is_whole_to_end, amount_minor, unit_price, factor, s.starts_on, served_to, month_from, month_to))::BIGINT
           AS before_end,
       sum(line_amount(is_whole_served, amount_minor, unit_price, factor, served_from, served_to, month_from, month_to))::BIGINT
           AS in_service,
       sum(CASE WHEN is_due_once THEN amount_minor ELSE coalesce(d.delivered, 0) END)::BIGINT AS in_delivery,
       sum(CASE WHEN is_due_once THEN amount_minor ELSE coalesce(d.stated, 0) END)::BIGINT AS stated
FROM served s
LEFT JOIN delivery d USING (service_id, line_number, starts_on)
GROUP BY s.service_id, s.charge_id, s.period_id, s.line_number;

CREATE TABLE billed_part AS
SELECT service_id, charge_id, period_id,
       sum(amount)::BIGINT AS billed_once, sum(entitled)::BIGINT AS entitled,
       sum(before_end)::BIGINT AS before_end, sum(in_service)::BIGINT AS in_service,
       sum(in_delivery)::BIGINT AS in_delivery, sum(stated)::BIGINT AS stated
FROM line_part
GROUP BY service_id, charge_id, period_id;
