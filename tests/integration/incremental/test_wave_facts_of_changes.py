"""What a wave is judged by is the same where only what changed was judged anew."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from judged_both_ways import LATER, background, bench

from canonical_model.billing import ChargeLine, Subscription
from canonical_model.record import Record
from canonical_model.take_over import AccountBalance, AccountCutOver
from reconciliation.acquisition.wave_facts import WaveFacts, read_wave_facts
from reconciliation.findings import Reconciliation
from reconciliation.snapshot.manifest import read_manifest
from tests.fakes.small_operator import SmallOperator

CUT = date(2026, 3, 1)


def moving() -> SmallOperator:
    operator = background(SmallOperator())
    for account in ("91", "92", "93"):
        operator.installed(account)
        operator.whole_months(account, "SLV", "60.00", (1, 2))
        listing = {"wave": "W1", "legacy_system": "billing", "target_system": "new", "cut_over_on": CUT}
        operator.add(AccountCutOver, "new", account_number=account, **listing)
        for system in ("billing", "new"):
            deposit = {"balance_type": "deposit", "amount_minor": 5000, "currency": "USD", "as_of": CUT}
            operator.add(AccountBalance, system, account_number=account, **deposit)
        plan = {"subscription_id": f"n{account}", "billing_code": "SLV", "state": "active", "starts_on": CUT}
        operator.add(Subscription, "new", account_number=account, **plan)
    return operator


def test_facts_of_changes_over_a_whole_snapshot_are_those_of_a_whole_one() -> None:
    operator = moving()
    changed = replace(operator, records=list(operator.records))
    line = {
        "billing_code": "SLV",
        "rate_minor": 5500,
        "amount_minor": 5500,
        "currency": "USD",
        "covers_from": CUT,
        "covers_to": date(2026, 4, 1),
        "billed_on": date(2026, 4, 1),
    }
    changed.add(ChargeLine, "new", source_id="later", account_number="91", **line)
    changed.add(
        ChargeLine, "billing", source_id="dearer", account_number="92", **line | {"covers_from": date(2026, 2, 1)}
    )
    left_the_list = (AccountCutOver, "93")
    records: list[Record] = [
        each for each in changed.records if (type(each), getattr(each, "account_number", "")) != left_the_list
    ]
    with bench(operator) as base:
        found = base.judged_by_changes(records)
        assert isinstance(found, Reconciliation), found
        base.judged_whole(records, "whole", LATER)
        by_changes, whole = (facts(base.snapshots / name) for name in ("changes", "whole"))
    assert by_changes == whole
    assert [each.account for each in by_changes.accounts] == ["91", "92"]
    assert sorted(each.account for each in by_changes.balances) == ["91", "92"]


def facts(place: Path) -> WaveFacts:
    found = read_wave_facts(place, read_manifest(place), ["billing"])
    return replace(
        found,
        accounts=tuple(sorted(found.accounts, key=lambda each: each.account)),
        charges=tuple(sorted(found.charges, key=lambda each: (each.account, each.code))),
        balances=tuple(sorted(found.balances, key=lambda each: (each.account, each.kind))),
        unlisted=tuple(sorted(found.unlisted)),
        told=frozenset(),
    )
