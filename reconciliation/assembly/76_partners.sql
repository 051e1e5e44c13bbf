-- What partners ask for our customers: whether the line, or the product, was in service on any day that is asked for.

CREATE TABLE partner_line AS
SELECT 'partner_line/' || p.invoice_id || '-' || p.line_number AS subject, p.supplier, p.invoice_id, p.kind,
       p.account_number AS account, coalesce(p.product_id, '') AS product, p.covers_from, p.covers_to, p.amount_minor,
       p.account_number IN (SELECT account FROM account)
           AND (p.kind = 'access_line' OR p.product_id IN (SELECT id FROM product)) AS is_known,
       CASE p.kind WHEN 'access_line' THEN EXISTS (
                SELECT 1 FROM service_span s
                WHERE s.account = p.account_number AND s.starts_on < p.covers_to AND s.ends_on > p.covers_from)
            ELSE EXISTS (
                SELECT 1
                FROM extra_term e
                JOIN product q USING (product_id)
                JOIN service_span s USING (service_id)
                WHERE s.account = p.account_number AND q.id = p.product_id
                  AND greatest(e.starts_on, s.starts_on) < p.covers_to AND least(e.ends_on, s.ends_on) > p.covers_from)
            END AS is_served,
       [p.source_system || '/' || p.source_object || '/' || p.source_id] AS refs
FROM partner_charge p
WHERE p.currency = market_currency() AND p.invoiced_on <= as_of_day();
