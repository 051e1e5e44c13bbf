"""Accounts that move to another billing system are judged by what changed as they are judged by everything."""

from dataclasses import replace
from datetime import date

from judged_both_ways import LATER, background, bench, comparable

from canonical_model.billing import ChargeLine
from canonical_model.record import Record
from canonical_model.take_over import AccountBalance, AccountCutOver, JobPause
from reconciliation.findings import Reconciliation
from reconciliation.incremental.take import NeedsWhole
from tests.fakes.small_operator import SmallOperator

CUT = date(2026, 3, 1)


def moving() -> SmallOperator:
    """Two accounts of one wave, both dropped so far, with a deposit."""
    operator = background(SmallOperator())
    for account in ("91", "92"):
        operator.installed(account)
        operator.whole_months(account, "SLV", "60.00", (1, 2))
        list_ = {"wave": "W1", "legacy_system": "billing", "target_system": "new", "cut_over_on": CUT}
        operator.add(AccountCutOver, "new", account_number=account, **list_)
        deposit = {"balance_type": "deposit", "amount_minor": 5000, "currency": "USD", "as_of": CUT}
        operator.add(AccountBalance, "billing", account_number=account, **deposit)
    return operator


def test_whatever_changes_of_a_move_is_judged_as_if_everything_was() -> None:
    operator = moving()
    line = {
        "billing_code": "SLV",
        "rate_minor": 6000,
        "amount_minor": 5500,
        "currency": "USD",
        "covers_from": CUT,
        "covers_to": date(2026, 4, 1),
        "billed_on": date(2026, 4, 1),
    }
    pause = {"job": "promotion_expiry", "wave": "W1", "paused_from": CUT}
    steps: list[list[Record]] = []
    for entity, facts in ((ChargeLine, {"account_number": "91", **line}), (JobPause, pause)):
        after = replace(operator, records=list(operator.records))
        after.add(entity, "new", source_id="later", **facts)
        steps.append(after.records)
    steps.append([one for one in operator.records if not isinstance(one, AccountCutOver)])
    with bench(operator) as base:
        for records in steps:
            with bench(operator, base.place) as made:
                found = made.judged_by_changes(records)
                whole = made.judged_whole(records, "whole", LATER)
                if any(isinstance(one, JobPause) for one in records):
                    assert found == NeedsWhole("JobPause changed, which may be about every account")
                    continue
                assert isinstance(found, Reconciliation), found
                assert comparable(found) == comparable(whole)
