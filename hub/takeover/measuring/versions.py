"""What a hand-off of a market is decided by, as fingerprints: rules, mappings, drivers, network, catalogue.

Evidence that was gathered under one of them says nothing of another. What another market sells, reads or is told is
no part of it, nor are people. What a gate asks for decides no order: a change of it is told and noted, a verdict of
before it lets nothing go on, and what was gathered stays.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import get_args
from weakref import WeakKeyDictionary

from canonical_model.catalogue import ProductOffering
from canonical_model.markets import Market
from canonical_model.record import Record
from handoffs.policy_blocks import LeftStage
from handoffs.stages import Handoff
from hub.operator_folder.comparisons_folder import shipped_comparisons
from hub.operator_folder.load import Operator

PARTS_OF: dict[Handoff, tuple[str, ...]] = {
    "order_to_provisioning": (
        *("mappings", "catalogue", "network", "drivers"),
        *("commands", "gates", "packs", "policy"),
    ),
    "provisioning_to_dispatch": ("mappings", "network", "commands", "packs", "policy"),
    "dispatch_to_field": ("mappings", "network", "commands", "gates", "packs", "policy"),
    "field_to_billing": (
        *("mappings", "catalogue", "network", "drivers"),
        *("gates", "commands", "rules", "packs", "policy"),
    ),
}
"""What each hand-off hangs on; ``packs`` are comparisons, ``drivers`` the code for devices."""

POLICY = "policy"
"""The part that is told and noted, and sets no clock."""

TOLD: dict[Handoff, frozenset[str]] = {
    "order_to_provisioning": frozenset({"change_session", "end_session", "set_device_state", "label_device"}),
    "provisioning_to_dispatch": frozenset({"create_work_order", "update_work_order", "close_work_order"}),
    "dispatch_to_field": frozenset({"create_work_order", "update_work_order", "return_device"}),
    "field_to_billing": frozenset(
        {
            *("set_customer_status", "set_service_status", "close_work_order", "notify_subscriber"),
            *("start_billing", "change_billing", "stop_billing", "suspend_billing", "resume_billing"),
            "post_adjustment",
        }
    ),
}
"""Commands by which each hand-off is led."""

_BOOKS = frozenset(
    f"canonical_model.{module}" for module in ("billing", "suppliers", "wholesale", "take_over", "care")
)
"""Records that say nothing of what happens before billing is told."""


@dataclass(frozen=True, slots=True)
class Versions:
    """What is at work.

    Attributes:
        fingerprint: of all parts that decide.
        parts: fingerprint by part.
    """

    fingerprint: str
    parts: Mapping[str, str]

    @property
    def policy(self) -> str:
        """Fingerprint of what gates ask for, and of what is done about harm."""
        return self.parts[POLICY]


_TOLD: WeakKeyDictionary[Operator, dict[tuple[str, Handoff], Versions]] = WeakKeyDictionary()
"""What was told of operators that are loaded; what one of them says does not change while it lives."""


def versions_of(operator: Operator, market: str, handoff: Handoff) -> Versions:
    """What a hand-off of a market is decided by now.

    Raises:
        ConfigurationError: our own policy is wrong.
    """
    told = _TOLD.setdefault(operator, {})
    if (market, handoff) not in told:
        told[market, handoff] = _versions(operator, market, handoff)
    return told[market, handoff]


def _versions(operator: Operator, market: str, handoff: Handoff) -> Versions:
    known = operator.markets[market]
    parts = {name: _digest(_TEXTS[name](operator, known, handoff)) for name in PARTS_OF[handoff]}
    deciding = (f"{name}={value}" for name, value in sorted(parts.items()) if name != POLICY)
    return Versions(_digest(deciding), parts)


def _mappings(operator: Operator, market: Market, handoff: Handoff) -> Iterator[str]:
    """The files by which systems of the market are read, as far as the hand-off looks at what they give."""
    read = {
        mapping.file
        for system, mappings in operator.mappings.items()
        if _serves(operator, system, market)
        for mapping in mappings
        if handoff == "field_to_billing" or any(not _is_of_books(record.entity) for record in mapping.records)
    }
    yield from (f"{file}\n{operator.sources[file]}" for file in sorted(read))


def _is_of_books(entity: type[Record]) -> bool:
    return entity.__module__ in _BOOKS


def _serves(operator: Operator, system: str, market: Market) -> bool:
    return operator.file.systems[system].market in (None, market.id)


def _catalogue(operator: Operator, market: Market, handoff: Handoff) -> Iterator[str]:
    """What the market sells, at its own prices; what something costs the operator decides no order and no bill."""
    del handoff
    catalogue = operator.catalogue
    sold = [each for each in catalogue.offerings if _is_sold(each, market)]
    for offering in sold:
        told = offering.model_dump(mode="json", exclude={"prices"})
        yield json.dumps([told, [repr(price) for price in offering.prices_in(market.id)]], sort_keys=True)
    names = {each.id for each in sold}
    yield from (repr(each) for each in catalogue.promotions if not each.offerings or names & {*each.offerings})
    yield from (repr(each) for each in catalogue.bundles)
    yield repr((catalogue.price_digits, catalogue.proration.get(market.id), catalogue.back_bill_months))
    yield repr((catalogue.goodwill_reasons, catalogue.missed_appointment_causes))
    yield repr(catalogue.missed_appointment_credit.get(market.id))


def _is_sold(offering: ProductOffering, market: Market) -> bool:
    fits = not offering.technologies or market.technology in offering.technologies
    return fits and bool(offering.prices_in(market.id))


def _network(operator: Operator, market: Market, handoff: Handoff) -> Iterator[str]:
    """What ``network.yaml`` says of the market and its technology; another's elements are none of its business."""
    del handoff
    network = operator.network
    own = sorted((name, each) for name, each in network.elements.items() if each.market in (None, market.id))
    yield from (f"{name} {each!r}" for name, each in own)
    blocks = (*network.profiles, *network.voice, *network.verification, *network.dispatch)
    yield from (repr(each) for each in blocks if _is_of(each, market))
    yield repr((network.layers.get(market.id), network.watch, network.lifecycle))


def _is_of(block: object, market: Market) -> bool:
    markets: tuple[str, ...] = getattr(block, "markets", ())
    technology = getattr(block, "technology", None)
    return (not markets or market.id in markets) and technology in (None, market.technology)


def _gates(operator: Operator, market: Market, handoff: Handoff) -> Iterator[str]:
    del handoff
    book = operator.gates.book
    yield from sorted(repr(each) for each in (*book.gates, *book.overrides) if _is_of(each, market))


def _rules(operator: Operator, market: Market, handoff: Handoff) -> Iterator[str]:
    del handoff
    book = operator.rulebook
    yield from sorted(repr(each) for each in (*book.rules, *book.overrides) if _is_of(each, market))


def _commands(operator: Operator, market: Market, handoff: Handoff) -> Iterator[str]:
    for name in sorted(TOLD[handoff] & operator.commands.keys()):
        yield from (repr(each) for each in operator.commands[name] if _serves(operator, each.system, market))


def _packs(operator: Operator, market: Market, handoff: Handoff) -> Iterator[str]:
    """The comparison; our own by its file, so that a comment in it counts as a change, too."""
    del market
    own = operator.own_comparisons.get(handoff)
    if own is not None and own.pack != shipped_comparisons()[handoff].pack:
        yield own.pack.model_dump_json()
    else:
        yield from _shipped("rules", f"packs/handoffs/{handoff.replace('_', '-')}.yaml")


def _drivers(operator: Operator, market: Market, handoff: Handoff) -> Iterator[str]:
    del operator, market, handoff
    return _shipped("provisioning", "**/*.py")


def _policy(operator: Operator, market: Market, handoff: Handoff) -> Iterator[str]:
    for leaves in get_args(LeftStage):
        yield repr(operator.handoffs.gate(market.id, handoff, leaves))
    yield repr(sorted(operator.handoffs.rules(market.id).items()))


_TEXTS: Mapping[str, Callable[[Operator, Market, Handoff], Iterator[str]]] = {
    "mappings": _mappings,
    "catalogue": _catalogue,
    "network": _network,
    "gates": _gates,
    "rules": _rules,
    "commands": _commands,
    "packs": _packs,
    "drivers": _drivers,
    POLICY: _policy,
}
"""What each part consists of."""


def _shipped(package: str, pattern: str) -> Iterator[str]:
    yield _shipped_digest(package, pattern)


@cache
def _shipped_digest(package: str, pattern: str) -> str:
    """Fingerprint of our own files, which do not change while a process lives."""
    folder = Path(str(files(package)))
    return _digest(
        f"{each.relative_to(folder)}\n{each.read_text(encoding='utf-8')}" for each in sorted(folder.glob(pattern))
    )


def _digest(texts: Iterable[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for text in texts:
        digest.update(f"{len(text)}\n{text}".encode())
    return digest.hexdigest()
