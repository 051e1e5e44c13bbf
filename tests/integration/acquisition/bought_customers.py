"""A customer who was bought and is one of ours: what the systems say of both, and what a person answers."""

from datetime import date, timedelta
from typing import Any

from canonical_model.billing import CustomerBill
from canonical_model.record import Record
from canonical_model.take_over import AccountCutOver
from hub.acquisition.overlapping import OverlapShown, overlaps_of
from hub.decision import Decision
from hub.identity.answering import answer
from hub.identity.match import match
from identity.answers import Answer
from storage.identity_links import IdentityLink
from tests.fakes.identities import NOON, Believed
from tests.fakes.small_operator import MARKET

ANA = {"email": "ana.reyes@example.org", "born": "1984-03-01", "address": "12 Elm Street", "postal_code": "55101"}
BOUGHT, OURS = "71", "8"


def add(believed: Believed, entity: type[Record], system: str, account: str, **facts: Any) -> Any:
    if entity is AccountCutOver:
        facts |= {"cut_over_on": date(2026, 9, 1)}
    number = f"{entity.__name__}-{len(believed.records)}"
    record = entity(
        market=MARKET.id, source_system=system, source_object="o", source_id=number, account_number=account, **facts
    )  # type: ignore[call-arg]
    believed.records.append(record)
    return record


def bill(believed: Believed, account: str, state: str = "sent", total: int = 5995, system: str = "billing") -> str:
    days = {"period_from": date(2026, 9, 1), "period_to": date(2026, 10, 1), "billed_on": date(2026, 10, 1)}
    facts = {"bill_id": f"B{account}", "state": state, "total_minor": total, "currency": "USD", **days}
    return str(add(believed, CustomerBill, system, account, **facts).bill_id)


def overlap(believed: Believed) -> OverlapShown:
    believed.pull()
    with believed.hub.open() as hub:
        match(hub, "customer", NOON)
        (found,) = overlaps_of(hub, MARKET.id, "W1")
    return found


def say(believed: Believed, shown: OverlapShown, said: Answer = "accept") -> IdentityLink:
    with believed.hub.open() as hub:
        return answer(hub, shown.link.link, said, Decision("rosa", NOON + timedelta(hours=1), "same passport"))
