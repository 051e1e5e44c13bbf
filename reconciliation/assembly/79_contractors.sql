-- Lines of contractors' invoices: whether the work order was reported with proof, whether the line was asked for before,
-- and what the tasks that were reported earn.

CREATE TABLE contractor_line AS
WITH asked AS (
    SELECT *, source_system || '/' || source_object || '/' || source_id AS ref,
           row_number() OVER same AS turn, first_value(source_system || '/' || source_object || '/' || source_id) OVER same AS first_ref
    FROM supplier_invoice_line
    WHERE currency = market_currency() AND invoiced_on <= as_of_day()
    WINDOW same AS (PARTITION BY supplier, work_order_id, rate_code ORDER BY invoiced_on, invoice_id, line_number, source_id)
),
earned AS (
    SELECT t.work_order_id, t.code, sum(t.quantity * r.amount_minor)::BIGINT AS earned_minor
    FROM completion_task t
    JOIN contractor_rate r USING (code)
    GROUP BY t.work_order_id, t.code
),
-- Tasks that no line names: a line under another code may stand for them, the first one for all.
unnamed AS (
    SELECT e.work_order_id, sum(e.earned_minor)::BIGINT AS earned_minor
    FROM earned e
    ANTI JOIN asked a ON a.work_order_id = e.work_order_id AND a.rate_code = e.code
    GROUP BY e.work_order_id
),
proof AS (
    SELECT c.work_order_id, min(c.source_system || '/' || c.source_object || '/' || c.source_id) AS ref
    FROM field_completion c
    WHERE c.latitude IS NOT NULL OR c.work_order_id IN (SELECT work_order_id FROM completion_photo)
       OR c.work_order_id IN (SELECT work_order_id FROM completion_material)
    GROUP BY c.work_order_id
)
SELECT 'invoice_line/' || a.invoice_id || '-' || a.line_number AS subject, a.supplier, a.invoice_id, a.work_order_id,
       a.rate_code, a.quantity, a.amount_minor, a.invoiced_on, a.turn > 1 AS is_repeated, p.ref IS NOT NULL AS has_proof,
       coalesce(e.earned_minor,
                CASE WHEN row_number() OVER (PARTITION BY a.work_order_id, e.earned_minor IS NULL
                                             ORDER BY a.invoiced_on, a.invoice_id, a.line_number) = 1
                     THEN u.earned_minor END, 0) AS earned_minor,
       list_distinct([r FOR r IN [a.ref, a.first_ref, p.ref] IF r IS NOT NULL]) AS refs
FROM asked a
LEFT JOIN earned e ON e.work_order_id = a.work_order_id AND e.code = a.rate_code
LEFT JOIN unnamed u ON u.work_order_id = a.work_order_id
LEFT JOIN proof p ON p.work_order_id = a.work_order_id;
