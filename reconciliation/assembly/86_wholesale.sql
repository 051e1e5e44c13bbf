-- Lines that other providers rent, with what the network shows of the device at their end, and what was asked for them.

CREATE TABLE retail_line AS
SELECT 'wholesale_line/' || w.line_id AS subject, w.line_id, w.retailer, w.offering_id AS offering, w.serial,
       greatest(w.active_from, d.registered_on) AS lit_from, coalesce(w.active_to, DATE '9999-12-31') AS active_to,
       d.last_traffic_on, p.unit_price,
       [ref FOR ref IN [w.source_system || '/' || w.source_object || '/' || w.source_id, d.observation_ref]
        IF ref IS NOT NULL] AS refs
FROM wholesale_line w
JOIN wholesale_price p ON p.offering = w.offering_id
LEFT JOIN device d USING (serial);

CREATE TABLE retail_charge AS
SELECT 'wholesale_line/' || c.line_id AS subject, c.invoice_id, c.covers_from, c.covers_to, c.amount_minor,
       [c.source_system || '/' || c.source_object || '/' || c.source_id] AS refs
FROM wholesale_charge c
WHERE c.currency = market_currency() AND c.invoiced_on <= as_of_day();
