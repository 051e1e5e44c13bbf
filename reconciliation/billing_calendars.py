"""Billing calendars: by which periods the accounts of a market are billed, as small tables.

Accounts that are billed by the same periods share a calendar; calendar 0 is that of calendar months, and of every
account of which nothing else is told. ``billing_period`` has the judged periods of all calendars, ``billing_rate``
the list prices cut by them, ``billing_day`` the period of each day, ``account_calendar`` the accounts that are not
billed by calendar months.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import duckdb

from canonical_model.billing_periods import Anchor, BillingPeriod, anchor_in_force, billing_periods
from reconciliation.engines.databases import create_small_table

PERIOD_COLUMNS = (
    "period_id INTEGER, calendar_id INTEGER, starts_on DATE, ends_on DATE, whole_from DATE, whole_to DATE,"
    " is_recoverable BOOLEAN"
)
"""``whole_from`` and ``whole_to`` are the regular period by whose length parts are charged."""

_LONG_AGO = timedelta(days=400)
"""Before the judged days; which of the anchors told by then was called off makes no difference any more."""

_HISTORIES = """
CREATE TEMP TABLE account_history AS
WITH told AS (
    SELECT DISTINCT account_number AS account, valid_from, anchor_day FROM billing_cycle
),
settled AS (
    SELECT account, max(valid_from) AS since FROM told WHERE valid_from <= DATE '{long_ago}' GROUP BY account
)
SELECT t.account, string_agg(t.valid_from || ' ' || t.anchor_day, ',' ORDER BY t.valid_from, t.anchor_day) AS history
FROM told t
LEFT JOIN settled s USING (account)
WHERE s.since IS NULL OR t.valid_from >= s.since
GROUP BY t.account
"""

_RATES = """
CREATE TABLE billing_rate AS
SELECT 0::INTEGER AS calendar_id, product_id, period_id::INTEGER AS period_id, piece_from, piece_to, unit_price
FROM rate
UNION ALL
SELECT p.calendar_id, x.product_id, p.period_id, greatest(p.starts_on, x.valid_from), least(p.ends_on, x.valid_to),
       x.unit_price
FROM billing_period p
JOIN price x ON x.valid_from < p.ends_on AND x.valid_to > p.starts_on
WHERE p.calendar_id <> 0
"""

_DAYS = """
CREATE TABLE billing_day AS
SELECT calendar_id, period_id, CAST(unnest(generate_series(starts_on, ends_on - 1, INTERVAL 1 DAY)) AS DATE) AS day
FROM billing_period
"""


def create_billing_calendars(
    connection: duckdb.DuckDBPyConnection, first_day: date, as_of_day: date, back_bill_from: date
) -> None:
    """Create the tables from ``period``, ``price``, ``rate`` and the records of billing cycles.

    Args:
        connection: of an assembly that has the price book and the records.
        first_day: first judged day.
        as_of_day: periods that have not ended by then are not judged.
        back_bill_from: periods that begin then or later can still be billed.
    """
    connection.execute(_HISTORIES.format(long_ago=first_day - _LONG_AGO))
    found = connection.execute("SELECT DISTINCT history FROM account_history ORDER BY history").fetchall()
    told = {history: _anchors(history) for (history,) in found}
    months = tuple(billing_periods((), first_day, as_of_day))
    by_history = {history: tuple(billing_periods(anchors, first_day, as_of_day)) for history, anchors in told.items()}
    others = dict.fromkeys(periods for periods in by_history.values() if periods != months)
    calendars = {months: 0} | {periods: number for number, periods in enumerate(others, start=1)}
    create_billing_periods(connection, calendars, back_bill_from)
    known = [
        (history, calendars[by_history[history]], anchor_in_force(anchors, as_of_day))
        for history, anchors in told.items()
    ]
    create_small_table(connection, "known_history", "history VARCHAR, calendar_id INTEGER, anchor_day INTEGER", known)
    connection.execute(
        "CREATE TABLE account_calendar AS SELECT account, calendar_id, anchor_day"
        " FROM account_history JOIN known_history USING (history) WHERE calendar_id <> 0"
    )
    connection.execute("DROP TABLE known_history")
    connection.execute(_DAYS)


def create_billing_periods(
    connection: duckdb.DuckDBPyConnection, calendars: Mapping[tuple[BillingPeriod, ...], int], back_bill_from: date
) -> None:
    """Create ``billing_period`` and ``billing_rate``; the periods of calendar 0 are those of ``period``.

    Args:
        connection: has ``period``, ``price`` and ``rate``.
        calendars: number of each calendar; that of 0 is not read.
        back_bill_from: as above.
    """
    ((months,),) = connection.execute("SELECT count(*) FROM period").fetchall()
    periods = [(number, period) for calendar, number in calendars.items() if number for period in calendar]
    rows = [
        (
            place,
            number,
            period.days.start,
            period.days.end,
            period.whole.start,
            period.whole.end,
            period.days.start >= back_bill_from,
        )
        for place, (number, period) in enumerate(periods, start=int(months) + 1)
    ]
    create_small_table(connection, "other_period", PERIOD_COLUMNS, rows)
    connection.execute(
        "CREATE TABLE billing_period AS SELECT period_id::INTEGER AS period_id, 0::INTEGER AS calendar_id, starts_on,"
        " ends_on, starts_on AS whole_from, ends_on AS whole_to, is_recoverable FROM period"
        " UNION ALL FROM other_period"
    )
    connection.execute("DROP TABLE other_period")
    connection.execute(_RATES)


def _anchors(history: str) -> tuple[Anchor, ...]:
    told = (one.split(" ") for one in history.split(","))
    return tuple((date.fromisoformat(since), int(anchor)) for since, anchor in told)
