-- What the subjects of a market have in common: by kind the member, the subject and the day since which it is one.

-- The orders of services with the day from which they count.
CREATE TABLE cause_order AS
SELECT s.service, o.order_number, o.order_type, o.state, o.offering_id, o.premise_id,
       coalesce(o.effective_on, local_date(o.completed_at), local_date(o.ordered_at), DATE '0001-01-01') AS since
FROM service_order s
JOIN product_order o USING (order_number)
WHERE o.state NOT IN ('cancelled', 'rejected');

-- Jobs that were done at services: a survey leaves nothing behind.
CREATE TABLE cause_job AS
SELECT o.service, w.work_order_id, c.crew, local_date(c.completed_at) AS since
FROM cause_order o
JOIN work_order w USING (order_number)
JOIN field_completion c USING (work_order_id)
WHERE w.work_type <> 'survey';

CREATE VIEW hub_member AS
SELECT 'hub' AS kind, p.hub AS member, o.service AS subject, o.since
FROM cause_order o
JOIN (SELECT source_id AS premise_id, min(hub) AS hub FROM premise WHERE hub IS NOT NULL GROUP BY source_id) p
  USING (premise_id)
WHERE o.order_type IN ('new', 'move');

CREATE VIEW element_member AS
SELECT 'element' AS kind, arg_max(element, (observed_at, element)) AS member, serial AS subject, NULL::DATE AS since
FROM network_observation
GROUP BY serial;

CREATE VIEW crew_member AS
SELECT 'crew' AS kind, crew AS member, service AS subject, since FROM cause_job WHERE crew IS NOT NULL;

CREATE VIEW contractor_member AS
SELECT 'contractor' AS kind, supplier AS member, work_order_id AS subject, NULL::DATE AS since
FROM supplier_invoice_line;

CREATE VIEW offering_member AS
SELECT 'offering' AS kind, offering_id AS member, service AS subject, since
FROM cause_order
WHERE offering_id IS NOT NULL AND order_type IN ('new', 'change', 'move');

CREATE VIEW charge_member AS
SELECT 'charge' AS kind, c.charge AS member, o.service AS subject, NULL::DATE AS since
FROM cause_order o
JOIN product_order_item i USING (order_number)
JOIN offering_charge c ON c.offering = i.product_id
WHERE i.action IN ('add', 'modify');

CREATE VIEW work_member AS
SELECT 'work' AS kind, since::VARCHAR AS member, service AS subject, since
FROM (SELECT service, since FROM cause_job
      UNION ALL
      SELECT service, since FROM cause_order
      WHERE state = 'completed' AND since >= DATE '1900-01-01'
        AND order_number NOT IN (SELECT order_number FROM work_order WHERE work_type <> 'survey'))
WHERE since >= period_from() AND since <= as_of_day();

CREATE VIEW cut_over_member AS
SELECT 'cut_over' AS kind, c.cut_over_on::VARCHAR AS member, s.service AS subject, c.cut_over_on AS since
FROM account_cut_over c
JOIN service s ON s.account = c.account_number
WHERE c.cut_over_on <= as_of_day();

-- Bills by the day that they are dated; where billing tells of no bills as such, its lines do.
CREATE VIEW bill_run_member AS
SELECT 'bill_run' AS kind, billed_on::VARCHAR AS member, account AS subject, billed_on AS since
FROM (SELECT account_number AS account, billed_on FROM customer_bill
      UNION ALL
      SELECT DISTINCT account_number, billed_on FROM charge_line WHERE (SELECT count(*) FROM customer_bill) = 0)
WHERE billed_on >= period_from() AND billed_on <= as_of_day();

-- The bills of accounts with a finding, and the months that they reach into: lines are many, and are put together for
-- these accounts alone.
CREATE VIEW cause_bill AS
SELECT account_number AS account, bill_id, billed_on, period_from, period_to
FROM customer_bill
UNION ALL
SELECT account_number, NULL, billed_on, min(covers_from), max(covers_to)
FROM charge_line
WHERE (SELECT count(*) FROM customer_bill) = 0 AND account_number IN (SELECT account FROM cause_subject)
GROUP BY account_number, billed_on;

CREATE VIEW biller_member AS
SELECT 'biller' AS kind, u.source_system AS member, s.service AS subject, min(u.starts_on) AS since
FROM subscription u
JOIN service s ON s.account = u.account_number
GROUP BY u.source_system, s.service;
