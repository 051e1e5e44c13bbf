"""What a saga has proven: of which service, with which offerings, and from which day it counts; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from canonical_model.catalogue import ProductOffering
from canonical_model.markets import Market
from canonical_model.network import ServiceActivation
from provisioning.facts import SagaFacts
from provisioning.saga import SagaKind


@dataclass(frozen=True, slots=True)
class Proven:
    """What was proven.

    Attributes:
        offerings: of the catalogue, by id.
        at: when it was so for the first time and from then on without a break.
        day: from which it counts.
    """

    facts: SagaFacts
    market: Market
    offerings: Mapping[str, ProductOffering]
    at: datetime
    day: date

    def code_of(self, offering_id: str) -> str:
        """The billing code under which an offering is sold now.

        Raises:
            KeyError: the catalogue does not know the offering.
        """
        return self.offerings[offering_id].billing_codes[0]

    @property
    def offering_id(self) -> str:
        """What is installed: what the technician says, or else what the network was told."""
        return self.facts.installed_offering_id or self.facts.profile.offering_id


_BEGINS: frozenset[SagaKind] = frozenset({"activate", "take_on", "change_tier", "add_part", "move"})
"""Kinds of sagas that bring about what an order asked for; others end something, or let it rest."""


def activation_of(key: str, kind: SagaKind, told: Proven, system: str) -> ServiceActivation | None:
    """What a saga has shown of its order, as every system's records are kept; None where it shows none to work.

    Args:
        key: of the saga.
        kind: of the saga.
        told: what it has proven.
        system: as which the hub says so.
    """
    order = told.facts.order_number
    if order is None or kind not in _BEGINS:
        return None
    record = {"market": told.market.id, "source_system": system, "source_object": "saga", "source_id": key}
    return ServiceActivation(**record, order_number=order, works_since=told.at)


def proven(
    facts: SagaFacts, market: Market, offerings: Mapping[str, ProductOffering], verified_at: datetime
) -> Proven:
    """What the facts prove.

    Someone who had left before the network was told of it pays nothing for the days between.
    """
    since = facts.working_since if facts.standing == "active" else None
    at = (since or verified_at).replace(microsecond=0)  # as exact as the systems keep it that are told
    day = market.local_date(at)
    if facts.standing == "ended" and facts.effective_on is not None:
        day = min(day, facts.effective_on)
    return Proven(facts, market, offerings, at, day)
