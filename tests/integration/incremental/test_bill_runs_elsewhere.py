"""Accounts that are not judged again count in their bill cycle: who is due, who was billed, and who waits."""

from dataclasses import replace
from datetime import date

from judged_both_ways import LATER, background, bench, comparable

from canonical_model.billing import ChargeLine
from canonical_model.record import Record
from reconciliation.findings import Reconciliation
from tests.fakes.small_operator import SmallOperator, next_month

TENTH = 10


def in_two_cycles() -> SmallOperator:
    """Bills of March are out on the first and not on the tenth; one account has no bill yet and may be of either."""
    operator = background(SmallOperator())
    operator.clean("1")
    for account in ("81", "82", "83"):
        operator.installed(account)
        for month in (1, 2):
            start = date(2026, month, 1)
            operator.line(
                account,
                "SLV",
                start,
                next_month(start),
                "60.00",
                "60.00",
                billed_on=next_month(start).replace(day=TENTH),
                source_id=f"{account}-{month}",
            )
    for account in ("84", "85"):
        operator.installed(account, date(2026, 3, 20))
    return operator


def without(records: list[Record], account: str, month: int | None = None) -> list[Record]:
    """The records without the bill lines of an account, or without that of a month."""
    return [
        one
        for one in records
        if not isinstance(one, ChargeLine)
        or one.account_number != account
        or (month is not None and one.covers_from.month != month)
    ]


def test_accounts_that_wait_are_counted_wherever_they_are_judged() -> None:
    before = in_two_cycles()
    another = replace(before, records=list(before.records))
    another.line("1", "VOI", date(2026, 3, 1), date(2026, 4, 1), "19.99", "19.99", source_id="new")
    steps = {
        "another account": another.records,
        "one of the cycle": without(before.records, "82", month=1),
        "one that leaves it": without(before.records, "83"),
    }
    with bench(before) as base:
        for what, records in steps.items():
            with bench(before, base.place) as made:
                found = made.judged_by_changes(records)
                whole = made.judged_whole(records, "whole", LATER)
                assert isinstance(found, Reconciliation), (what, found)
                assert comparable(found) == comparable(whole), what
                waiting = {one.subject for one in found.not_judged if one.scope == "month"}
                assert f"2026-03, bills of day {TENTH}" in waiting, what
                assert any(subject.endswith("accounts without a bill") for subject in waiting), what
