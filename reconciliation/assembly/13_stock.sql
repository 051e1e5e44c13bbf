-- What the store room says of each serial: its last movement, and what model it is.

CREATE TABLE stock_state AS
SELECT serial, arg_max(kind, turn) AS kind, arg_max(model, turn) FILTER (model IS NOT NULL) AS model,
       arg_max(movement, turn) AS movement, local_date(max(moved_at)) AS moved_on,
       arg_max(work_order_id, turn) AS work_order_id, list(ref ORDER BY turn DESC) AS refs
FROM (SELECT *, source_system || '/' || source_object || '/' || source_id AS ref,
             row_number() OVER (PARTITION BY serial ORDER BY moved_at, source_id) AS turn
      FROM stock_movement
      WHERE moved_at <= as_of_moment())
GROUP BY serial;
