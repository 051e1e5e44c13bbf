-- Items that no bill has yet, and whether there is a subscription of the account's that they can be billed under.

CREATE TABLE item_stage AS
SELECT 'billing_item/' || b.item_id AS subject, b.item_id, coalesce(b.account_number, '') AS account,
       coalesce(b.subscription_id, '') AS subscription_id, b.billing_code, b.state, b.created_on, b.amount_minor,
       EXISTS (SELECT 1 FROM subscription s
               WHERE s.subscription_id = b.subscription_id
                 AND coalesce(s.account_number = b.account_number, true)) AS is_attached,
       as_of_day() AS seen_on, [b.source_system || '/' || b.source_object || '/' || b.source_id] AS refs
FROM billing_item b
WHERE b.currency = market_currency() AND b.created_on <= as_of_day();
