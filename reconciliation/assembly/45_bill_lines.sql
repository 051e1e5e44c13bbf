-- Which service each bill line belongs to: the one of its account.

CREATE TABLE bill_line AS
SELECT a.service_id, l.*
FROM charge_line l
JOIN account a ON a.account = l.account_number;
