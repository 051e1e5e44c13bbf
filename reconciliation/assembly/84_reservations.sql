-- What is reserved for an order, and since when for nobody: since the promised day of an order that was called off or
-- turned down, or since the end of the service that it opened.

CREATE TABLE reservation_stage AS
SELECT 'reservation/' || r.resource_id AS subject, r.resource_id, r.kind, r.order_number, o.account_number AS account,
       o.state AS order_state, r.reserved_on, coalesce(r.released_on, DATE '9999-12-31') AS released_on,
       greatest(r.reserved_on,
                CASE WHEN o.state IN ('cancelled', 'rejected')
                     THEN coalesce(o.effective_on, local_date(o.completed_at), local_date(o.ordered_at))
                     WHEN s.ends_on <= as_of_day() THEN s.ends_on END) AS stranded_on,
       c.amount_minor AS monthly_minor,
       [ref FOR ref IN [r.source_system || '/' || r.source_object || '/' || r.source_id,
                        o.source_system || '/' || o.source_object || '/' || o.source_id] IF ref IS NOT NULL] AS refs
FROM resource_reservation r
JOIN product_order o USING (order_number)
LEFT JOIN ordered p USING (order_number)
LEFT JOIN service_span s ON s.service_id = p.service_id
JOIN cost c ON c.cost = r.kind
WHERE o.state IN ('cancelled', 'rejected') OR s.ends_on <= as_of_day();
