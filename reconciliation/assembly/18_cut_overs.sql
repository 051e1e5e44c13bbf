-- Accounts that are moved to another billing system: each service with the first day that the target bills.

CREATE TABLE cut_over AS
SELECT i.service_id, c.account_number AS account, c.wave, c.legacy_system, c.target_system, c.cut_over_on, c.serial,
       c.source_system || '/' || c.source_object || '/' || c.source_id AS ref
FROM account_cut_over c
JOIN identity i ON i.account = c.account_number
QUALIFY row_number() OVER (PARTITION BY i.service_id ORDER BY c.cut_over_on DESC, c.source_id) = 1;
