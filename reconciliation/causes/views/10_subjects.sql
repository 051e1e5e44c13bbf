-- What each finding is about: its service, device, account, job and bill, as far as its subject leads to them.

-- The work order, order or account that a document names.
CREATE TABLE cause_document AS
SELECT s.fingerprint, d.account, d.service,
       CASE WHEN s.subject_kind = 'order' THEN substr(s.subject, 7) ELSE d.order_number END AS order_number,
       CASE WHEN s.subject_kind = 'work_order' THEN substr(s.subject, 12) ELSE d.work_order_id END AS work_order_id,
       CASE WHEN s.subject_kind = 'bill' THEN substr(s.subject, 6) END AS bill_id
FROM standing s
LEFT JOIN document d USING (subject)
WHERE s.subject_kind NOT IN ('service', 'serial');

CREATE TABLE cause_subject AS
WITH job_order AS (
    SELECT c.fingerprint, min(coalesce(c.order_number, w.order_number)) AS order_number
    FROM cause_document c
    LEFT JOIN work_order w USING (work_order_id)
    GROUP BY c.fingerprint
),
-- The job that a device was issued for last.
issued AS (
    SELECT m.serial, arg_max(m.work_order_id, (m.moved_at, m.work_order_id)) AS work_order_id
    FROM stock_movement m
    WHERE m.movement = 'issued' AND m.work_order_id IS NOT NULL
      AND m.serial IN (SELECT subject FROM standing WHERE subject_kind = 'serial')
    GROUP BY m.serial
)
SELECT s.fingerprint, s.subject_kind, s.subject AS document, s.began, s.charge, last_day(s.began) AS until,
       CASE s.subject_kind WHEN 'service' THEN s.subject WHEN 'serial' THEN k.service
            ELSE coalesce(d.service, o.service, a.service) END AS service,
       CASE s.subject_kind WHEN 'serial' THEN s.subject WHEN 'service' THEN v.serial END AS serial,
       coalesce(d.account, v.account, k.account) AS account,
       -- a device that no service ever had is the matter of who was given it
       CASE WHEN s.subject_kind = 'serial' AND k.service IS NULL THEN i.work_order_id ELSE d.work_order_id END AS work_order_id,
       d.bill_id
FROM standing s
LEFT JOIN cause_document d USING (fingerprint)
LEFT JOIN job_order j USING (fingerprint)
LEFT JOIN service_order o ON o.order_number = j.order_number
LEFT JOIN service a ON a.service = d.account
LEFT JOIN service v ON s.subject_kind = 'service' AND v.service = s.subject
LEFT JOIN stock_item k ON s.subject_kind = 'serial' AND k.serial = s.subject
LEFT JOIN issued i ON s.subject_kind = 'serial' AND i.serial = s.subject;
