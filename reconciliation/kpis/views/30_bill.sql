-- The view `bill`: one row a bill that was made in the judged months and sent, without those of our own accounts.

CREATE TABLE kpi_bill_view AS
WITH line AS (
    SELECT l.bill_id, coalesce(sum(l.amount_minor) FILTER (l.covers_to <= b.period_from AND l.amount_minor > 0), 0)::BIGINT AS late_minor,
           coalesce(sum(l.amount_minor) FILTER (l.covers_to > b.period_from AND l.amount_minor > 0), 0)::BIGINT AS current_minor
    FROM charge_line l
    JOIN customer_bill b USING (bill_id)
    GROUP BY l.bill_id
),
disputed AS (
    SELECT d.bill_id, min(local_date(d.opened_at)) AS opened_on
    FROM dispute d
    WHERE d.bill_id IS NOT NULL
    GROUP BY d.bill_id
)
SELECT b.bill_id, b.account_number AS account, b.billed_on, b.total_minor AS billed_amount,
       coalesce(l.late_minor, 0) AS late_amount, coalesce(l.current_minor, 0) AS current_amount,
       coalesce(d.opened_on < b.billed_on + 60, false) AS is_disputed,
       CASE WHEN d.opened_on < b.billed_on + 60 THEN abs(b.total_minor) ELSE 0 END AS disputed_amount,
       abs(b.total_minor) AS absolute_amount, b.billed_on + 60 > as_of_day() AS is_window_open, l.bill_id IS NOT NULL AS has_lines
FROM customer_bill b
LEFT JOIN line l USING (bill_id)
LEFT JOIN disputed d USING (bill_id)
WHERE b.billed_on >= period_from() AND b.billed_on < period_to() AND b.state IN ('sent', 'partiallyPaid', 'settled')
  AND b.account_number NOT IN (SELECT account_number FROM billing_account WHERE segment = 'internal');
