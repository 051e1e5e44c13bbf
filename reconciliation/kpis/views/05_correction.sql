-- Adjustments that correct a bill: neither goodwill nor of our own accounts.

CREATE TABLE kpi_correction AS
SELECT a.account_number AS account, a.amount_minor, a.posted_on
FROM adjustment a
WHERE coalesce(lower(a.reason), '') NOT IN (SELECT reason FROM goodwill)
  AND a.account_number NOT IN (SELECT account_number FROM billing_account WHERE segment = 'internal');
