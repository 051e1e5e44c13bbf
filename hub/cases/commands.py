"""A remedy as a command to the billing system."""

from collections.abc import Mapping
from datetime import date

from canonical_model.money import Money
from handoffs.commands import Command, FieldValue, from_json
from hub.workplace import Hub
from reconciliation.findings import Finding
from rules.remedy import RemedyKind
from storage.remedies import Remedy

COMMAND_OF: Mapping[RemedyKind, str] = {
    "backbill": "post_adjustment",
    "credit": "post_adjustment",
    "start_charge": "start_billing",
    "stop_charge": "stop_billing",
    "price_correction": "change_billing",
}
"""The command of each kind; a ``task`` has none."""

_WORDS: Mapping[RemedyKind, str] = {"backbill": "back-billing", "credit": "credit"}


def command_of(remedy: Remedy, finding: Finding, today: date) -> Command:
    """The command of a remedy that is no task.

    Args:
        remedy: the remedy; its key is the command's.
        finding: that it is for.
        today: in the market's calendar; the day an adjustment is posted on.
    """
    name = COMMAND_OF[remedy.kind]
    return Command(
        name=name,
        market=finding.market,
        handoff="remedies",
        subject=f"account/{_account(finding)}",
        fields=_adjustment(remedy, finding, today) if name == "post_adjustment" else from_json(name, remedy.fields),
        idempotency_key=remedy.key,
    )


def takers_of(hub: Hub, remedy: Remedy, market: str) -> tuple[str, ...]:
    """The systems that take the command of a remedy in a market; none where the hub may send no remedies there."""
    if not hub.operator.remedies.of(market).sends:
        return ()
    systems = hub.operator.file.systems
    files = hub.operator.commands.get(COMMAND_OF[remedy.kind], ())
    return tuple(file.system for file in files if systems[file.system].market in (None, market))


def by_hand(remedy: Remedy, finding: Finding) -> str:
    """What a person has to do where no system takes the command."""
    if remedy.kind not in ("backbill", "credit"):
        given = ", ".join(f"{name} {value}" for name, value in remedy.fields.items() if value is not None)
        return f"{COMMAND_OF[remedy.kind].replace('_', ' ')}: {given}"
    amount = Money.from_minor(remedy.amount_minor, finding.currency)
    what = f"{_WORDS[remedy.kind]} of {amount} on account {_account(finding)}"
    return f"{what}, with the reason '{_reason(remedy, finding)}'"


def given_by_the_case(name: str, finding: Finding) -> dict[str, FieldValue]:
    """What a case knows of the fields of a command: whose account it is, and the reason where one may be given."""
    known: dict[str, FieldValue] = {"account_number": _account(finding)}
    if name == "stop_billing":
        known["reason"] = f"case {finding.fingerprint}"
    return known


def _adjustment(remedy: Remedy, finding: Finding, today: date) -> dict[str, FieldValue]:
    amount = Money.from_minor(remedy.amount_minor, finding.currency).amount
    return {
        "account_number": _account(finding),
        "amount": -amount if remedy.kind == "credit" else amount,
        "currency": finding.currency,
        "reason": _reason(remedy, finding),
        "posted_on": today,
    }


def _reason(remedy: Remedy, finding: Finding) -> str:
    return f"{_WORDS[remedy.kind]}, case {finding.fingerprint}"


def _account(finding: Finding) -> str:
    return finding.subject.partition("/")[0]
