-- Days on which a service moved house: lines are cut there.

CREATE TABLE move AS
SELECT DISTINCT service_id, done_on AS starts_on
FROM job
WHERE order_type = 'move' AND done_on IS NOT NULL;
