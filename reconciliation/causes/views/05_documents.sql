-- What the documents that findings are about name: their account, order, work order or supplier.

CREATE TABLE document AS
SELECT subject, min(account) AS account, min(service) AS service, min(order_number) AS order_number,
       min(work_order_id) AS work_order_id, min(supplier) AS supplier
FROM (SELECT subject, account FROM bill_stage
      UNION ALL BY NAME SELECT subject, account FROM payment_stage
      UNION ALL BY NAME SELECT subject, account FROM credit_stage
      UNION ALL BY NAME SELECT subject, account FROM promise_stage
      UNION ALL BY NAME SELECT subject, account FROM item_stage
      UNION ALL BY NAME SELECT subject, account FROM balance_stage
      UNION ALL BY NAME SELECT subject, account, supplier FROM partner_line
      UNION ALL BY NAME SELECT subject, account, service FROM credit_owed
      UNION ALL BY NAME SELECT subject, account, order_number FROM reservation_stage
      UNION ALL BY NAME SELECT subject, work_order_id, supplier FROM contractor_line)
WHERE subject IN (SELECT subject FROM standing)
GROUP BY subject;
