-- Services that have each other's device: what was taken along for the one was left at the other, both ways. What was
-- taken along says the work order that expects a serial, or the store room that issued it for the job.

CREATE TABLE crossed AS
WITH meant AS (
    SELECT service_id, expected_serial AS serial FROM job WHERE expected_serial IS NOT NULL AND completed_at IS NOT NULL
    UNION
    SELECT j.service_id, m.serial
    FROM stock_movement m
    JOIN job j USING (work_order_id)
    WHERE m.movement = 'issued'
),
strange AS (
    SELECT b.service_id, b.serial, b.bound_from
    FROM binding b
    WHERE b.bound_to = DATE '9999-12-31' AND (b.service_id, b.serial) NOT IN (SELECT service_id, serial FROM meant)
)
SELECT a.service_id, min(i.service) AS crossed_with, min(greatest(a.bound_from, b.bound_from)) AS since
FROM strange a
JOIN meant m ON m.serial = a.serial
JOIN strange b ON b.service_id = m.service_id
JOIN meant n ON n.serial = b.serial AND n.service_id = a.service_id
JOIN identity i ON i.service_id = b.service_id
GROUP BY a.service_id;
