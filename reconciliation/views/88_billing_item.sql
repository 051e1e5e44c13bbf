-- The analysis view `billing_item`: one row an item of a judged month or since that stands on no bill.

CREATE TABLE billing_item_view AS
SELECT b.subject AS billing_item, date_trunc('month', b.created_on)::DATE AS period,
       coalesce(p.is_recoverable, true) AS is_recoverable, 0::BIGINT AS expected_amount, 0::BIGINT AS billed_amount, b.account,
       b.subscription_id, b.billing_code, b.state, b.created_on, (b.seen_on - b.created_on)::INTEGER AS days_since,
       b.is_attached, b.amount_minor AS item_amount, b.refs AS evidence
FROM item_stage b
LEFT JOIN period p ON p.starts_on = date_trunc('month', b.created_on)
WHERE b.created_on >= (SELECT min(starts_on) FROM period);
