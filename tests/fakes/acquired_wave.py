"""A wave of two accounts that were moved as they should be; tests spoil one thing at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from handoffs.acquisition.steps import (
    RULES,
    FeedSeen,
    IdentityFacts,
    JobOwner,
    Phase,
    RunSeen,
    WaveEvidence,
)
from reconciliation.acquisition.plans import AcquiredCharge, PlanEntry, PlanJudgement, PlanLine
from reconciliation.acquisition.wave_facts import BalancePair, ListedAccount, ListedService, Pause, WaveFacts
from reconciliation.bill_to_bill import BillToBill, ComparedClass
from reconciliation.findings import Finding, FindingLine

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
CUT = date(2026, 9, 1)
LAST_DAY = date(9999, 12, 31)


def service(account: str, **changed: Any) -> ListedService:
    """The service of an account: taken over without a day between."""
    found = ListedService(account, True, f"ABCD0000000{account}", True, True, False, LAST_DAY, True, CUT, CUT)
    return replace(found, **changed)


def listed(account: str, told_serial: str | None = "", **of_service: Any) -> ListedAccount:
    """An account on the list; its device is the right one unless told."""
    serial = f"ABCD0000000{account}" if told_serial == "" else told_serial
    return ListedAccount(account, "W1", CUT, serial, f"new/cut-over/{account}", (service(account, **of_service),))


def compared(account: str, **changed: Any) -> ComparedClass:
    """A recurring charge of 60.00 that is the same on both bills."""
    row = ComparedClass(account, "recurring", date(2026, 8, 1), date(2026, 9, 1), 6000, 6000, 6000, (), 0)
    return replace(row, **changed)


def found(rule: str, account: str, minor: int = 500, **changed: Any) -> Finding:
    """What a rule found on an account in September."""
    lines = (FindingLine(date(2026, 9, 1), "access", 6000, 6000 - minor, minor),)
    months = (date(2026, 9, 1), date(2026, 10, 1))
    finding = Finding(
        f"{rule}-{account}", rule, "m", "service", account, "under_billed", "recoverable", minor, 0, "USD", *months,
        lines=lines,
    )  # fmt: skip
    return replace(finding, **changed)


def facts(**changed: Any) -> WaveFacts:
    """Two accounts, their plans and their balances."""
    accounts = (listed("1"), listed("2"))
    charges = tuple(AcquiredCharge(each.account, "OLD", 6000, 1, CUT, ("silver",)) for each in accounts)
    balances = tuple(BalancePair(each.account, "receivable", 1000, 0, 1000, ()) for each in accounts)
    pause = Pause("disconnection", "W1", CUT, CUT + timedelta(days=20))
    whole = WaveFacts(
        accounts, charges, (), balances, frozenset(("1", "2")), (pause,), (), frozenset(("1", "2"))
    )  # fmt: skip
    return replace(whole, **changed)


def evidence(phase: Phase = "sign_off", **changed: Any) -> WaveEvidence:
    """Everything that shows a wave to be right, a month and a half after its day."""
    rules = {rule: "clean" for names in RULES.values() for rule in names}
    line = PlanLine("OLD", 6000, 2, 12000, PlanEntry("OLD", "silver"))
    whole = WaveEvidence(
        market="m",
        wave="W1",
        phase=phase,
        now=NOW,
        today=NOW.date(),
        currency="USD",
        fresh_hours=48,
        wave_before="",
        feeds=(FeedSeen("old/bills", NOW - timedelta(hours=1), "succeeded"),),
        run=RunSeen(NOW - timedelta(hours=1), rules),
        facts=facts(),
        findings=(),
        plans=PlanJudgement((line,), ()),
        identities=IdentityFacts(NOW - timedelta(hours=1)),
        comparison=BillToBill((compared("1"), compared("2")), ()),
        tells_pauses=True,
        job_owners={"disconnection": JobOwner("kim", date(2026, 10, 1))},
    )
    return replace(whole, **changed)
