"""Remedies that need no person: what runs have proposed, as far as the market's policy lets it through."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from canonical_model.money import minor_digits
from hub.cases.worked import BY_POLICY, WorkedCase
from hub.operator_folder.remedies_file import MarketRemedies
from reconciliation.cases import may_happen
from reconciliation.remedies import MONEY_KINDS
from storage.cases import cases_of
from storage.remedies import remedies_of_market


def approved_by_policy(
    connection: Connection, market: str, currency: str, policy: MarketRemedies, at: datetime
) -> Iterator[WorkedCase]:
    """What runs proposed and the policy lets through, the smallest first, until its sum for one run is reached."""
    digits = minor_digits(currency)
    most = int(policy.approves_up_to.scaleb(digits))
    left = int(policy.approves_in_all.scaleb(digits))
    if not most or not left:
        return
    cases = cases_of(connection, market)
    waiting = remedies_of_market(connection, market, {"proposed"})
    candidates = [
        remedy
        for each in waiting.values()
        for remedy in each
        if remedy.kind in MONEY_KINDS and remedy.proposed_by.startswith("run ") and remedy.amount_minor <= most
        if may_happen(cases[remedy.fingerprint].state or "new", "remedy_approved")
    ]
    for remedy in sorted(candidates, key=lambda one: (one.amount_minor, one.fingerprint, one.number)):
        left -= remedy.amount_minor
        if left < 0:
            return
        worked = WorkedCase(cases[remedy.fingerprint], [remedy])
        why = f"up to {policy.approves_up_to} {currency} needs no person in {market}"
        worked.move(remedy, "approved", "remedy_approved", why, approved_by=BY_POLICY, approved_at=at)
        yield worked
