-- Orders of new customers by number: how far each came, and from which day the customer was to have the service.

CREATE TABLE order_stage AS
WITH field AS (
    SELECT w.order_number, bool_or(c.completed_at IS NOT NULL) AS is_done,
           bool_or(w.state IN ('new', 'scheduled', 'dispatched', 'in_progress')) AS has_open_work,
           list(DISTINCT w.source_system || '/' || w.source_object || '/' || w.source_id) AS refs
    FROM work_order w
    LEFT JOIN field_completion c USING (work_order_id)
    GROUP BY w.order_number
)
SELECT 'order/' || o.order_number AS subject, o.order_number, o.account_number AS account, o.order_type, o.state,
       local_date(o.ordered_at) AS ordered_on, o.effective_on AS promised_on, as_of_day() AS seen_on,
       o.offering_id AS offering, coalesce(f.is_done, false) AS is_delivered, coalesce(f.has_open_work, false) AS has_open_work,
       list_sort([o.source_system || '/' || o.source_object || '/' || o.source_id] || coalesce(f.refs, [])) AS refs
FROM product_order o
LEFT JOIN field f USING (order_number)
WHERE o.order_type = 'new';
