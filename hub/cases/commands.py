"""A remedy as a command to the billing system."""

from collections.abc import Mapping
from datetime import date

from canonical_model.money import Money
from handoffs.commands import Command, FieldValue, from_json
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
        "reason": f"{_WORDS[remedy.kind]}, case {finding.fingerprint}",
        "posted_on": today,
    }


def _account(finding: Finding) -> str:
    return finding.subject.partition("/")[0]
