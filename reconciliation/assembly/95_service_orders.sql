-- Which service each order is of, for those who look at the records of a service: what it shares with others.

CREATE TABLE service_order AS
SELECT DISTINCT o.service_id, i.service, o.order_number
FROM ordered o
JOIN identity i USING (service_id);
