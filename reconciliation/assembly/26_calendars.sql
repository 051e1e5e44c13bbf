-- Services that are not billed by calendar months: by which calendar, and on which day of the month its periods begin.
CREATE TABLE service_calendar AS
SELECT i.service_id, c.calendar_id, c.anchor_day
FROM account_calendar c
JOIN identity i USING (account);

-- Their first charged day, where the days before the first whole period are given away. What began before the judged
-- periods needs no answer.
CREATE TABLE first_charged AS
SELECT s.service_id, min(p.starts_on) AS charged_on
FROM service_calendar z
JOIN service_span s USING (service_id)
JOIN billing_period p USING (calendar_id)
WHERE charged_from(DATE '2000-01-02') > DATE '2000-01-02' AND p.starts_on >= s.starts_on
  AND s.starts_on > (SELECT min(starts_on) FROM period)
GROUP BY s.service_id;
