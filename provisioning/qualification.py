"""Whether a service can be delivered at an address, on which line, with what; and why not; pure.

Words follow TMF645: ``qualificationResult``, ``eligibilityUnavailabilityReason`` with its code and label, and
``alternateServiceProposal``.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from canonical_model.catalogue import Catalogue, ProductOffering
from canonical_model.network import Technology
from canonical_model.places import Premise
from provisioning.addressing import AddressMatch, told
from provisioning.equipment import TERMINAL_KINDS, StockedDevice, TierNeeds, fitting, has_fitting, needs_of
from provisioning.network_file import NETWORK_FILE, NetworkFile
from provisioning.plant_room import TerminalRoom
from provisioning.unavailability import ReasonCode, Unavailability

QualificationResult = Literal["qualified", "alternate", "unqualified"]
"""It can be delivered; it cannot, and something else can; nothing can."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked.

    Attributes:
        offering_id: of the catalogue; None to be told what can be sold.
        on: local day for which prices have to hold.
    """

    market: str
    offering_id: str | None
    on: date


@dataclass(frozen=True, slots=True)
class ServiceQualification:
    """The answer.

    Attributes:
        reasons: why not, the first hindrance first; empty where it is qualified.
        premise: what the address means.
        candidates: premises that may be meant, where it is none.
        rooms: terminals that can serve it and have room, the nearest first.
        offerings: that can be sold there.
        alternatives: of these, those that are proposed for the one that was asked for.
        models: of the device that ends the line, those that do; any where there is none.
        devices: serials in the store room that do, the first to go out first.
        is_replanned: the premise's own terminal is full, and a neighbour takes its place.
        expected_on: local day on which it may be asked again, where the plant is being built.
    """

    asked: Asked
    result: QualificationResult
    reasons: tuple[Unavailability, ...] = ()
    premise: Premise | None = None
    candidates: tuple[Premise, ...] = ()
    rooms: tuple[TerminalRoom, ...] = ()
    offerings: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    devices: tuple[StockedDevice, ...] = ()
    is_replanned: bool = False
    expected_on: date | None = None

    @property
    def technology(self) -> Technology | None:
        """Of the line; None where there is none."""
        return self.rooms[0].terminal.technology if self.rooms else None

    @property
    def free_capacity(self) -> int:
        """Services that can still be connected to the nearest terminal."""
        return self.rooms[0].free if self.rooms else 0


@dataclass(frozen=True, slots=True)
class Operation:
    """What an operator sells, with what, on what: the tables of a qualification."""

    catalogue: Catalogue
    network: NetworkFile
    stock: Sequence[StockedDevice] = field(default_factory=tuple)


def qualify(
    asked: Asked, address: AddressMatch, plant: Iterable[TerminalRoom], operation: Operation
) -> ServiceQualification:
    """Qualify an address.

    Args:
        asked: what is asked.
        address: what the address means.
        plant: terminals of the premise's hub, in any order.
        operation: the operator's tables.
    """
    premise = address.premise
    if premise is None:
        return _unqualified(asked, _address_reason(address), candidates=address.candidates)
    near = _nearest(premise, plant)
    own = [room for room in near if room.terminal.terminal == premise.terminal]
    built_on = min(_building(own, asked.on), default=None)
    if (unserviceable := _serviceability(premise, built_on)) is not None:
        return _unqualified(asked, unserviceable, premise=premise, expected_on=built_on)
    near = [room for room in near if room.terminal.ready_on is None or room.terminal.ready_on <= asked.on]
    if not own:
        where = f"terminal {premise.terminal}" if premise.terminal else "the premise names no terminal"
        return _unqualified(asked, Unavailability("noTerminal", where), premise=premise)
    with_room = [room for room in near if room.free]
    if not with_room:
        full = f"{premise.terminal} and every other terminal of {premise.hub or 'its hub'} is full"
        return _unqualified(asked, Unavailability("noFreeCapacity", full), premise=premise)
    return _sold(asked, premise, with_room, operation, is_replanned=not any(room.free for room in own))


def _sold(
    asked: Asked, premise: Premise, near: list[TerminalRoom], operation: Operation, *, is_replanned: bool
) -> ServiceQualification:
    hindered = {
        each.id: _hindrances(asked, each, near[0], operation)
        for each in operation.catalogue.offerings
        if each.delivered_by == "access"
    }
    possible = tuple(offering for offering, reasons in hindered.items() if not reasons)
    wanted = asked.offering_id
    reasons = hindered.get(wanted, (Unavailability("unmappedOffering", wanted),)) if wanted else ()
    if wanted is None and not possible:
        reasons = tuple(dict.fromkeys(reason for each in hindered.values() for reason in each))
    result: QualificationResult = "qualified" if not reasons else "alternate" if possible else "unqualified"
    chosen = wanted if wanted in possible else next(iter(possible), None)
    if chosen is None:
        return ServiceQualification(asked, result, reasons, premise, rooms=tuple(near), is_replanned=is_replanned)
    needs = _needs(asked.market, chosen, near[0], operation.network)
    models = () if needs is None else needs.models
    return ServiceQualification(
        asked,
        result,
        reasons,
        premise,
        rooms=tuple(room for room in near if _carries(asked.market, chosen, room, operation.network)),
        offerings=possible,
        alternatives=possible if result == "alternate" else (),
        models=models,
        devices=tuple(fitting(operation.stock, near[0].terminal.technology, models)),
        is_replanned=is_replanned,
    )


def _hindrances(
    asked: Asked, offering: ProductOffering, room: TerminalRoom, operation: Operation
) -> tuple[Unavailability, ...]:
    """Everything that keeps an offering from being delivered on a terminal."""
    offering_id = offering.id
    terminal, network = room.terminal, operation.network
    if offering.technologies and terminal.technology not in offering.technologies:
        return (Unavailability("technologyMismatch", f"{offering_id} is not sold on {terminal.technology}"),)
    if not any(price.valid_from <= asked.on < price.valid_to for price in offering.prices_in(asked.market)):
        return (Unavailability("offeringNotSold", f"{offering_id} has no price in {asked.market} on {asked.on}"),)
    if not offering.billing_codes:
        return (Unavailability("unmappedOffering", f"{offering_id} has no billing code"),)
    if terminal.element not in network.elements:
        return (Unavailability("elementNotProvisioned", f"{NETWORK_FILE} knows no element {terminal.element}"),)
    needs = _needs(asked.market, offering_id, room, network)
    if needs is None:
        return (Unavailability("noProfile", f"{offering_id} on {terminal.element}"),)
    if not needs.carried_by(terminal.pon_mode):
        modes = " or ".join(needs.pon_modes)
        return (Unavailability("ponModeMismatch", f"{offering_id} needs {modes}, the port has {terminal.pon_mode}"),)
    found: list[Unavailability] = []
    if network.limits_of(asked.market, terminal.technology) is None:
        found.append(Unavailability("nothingToProve", f"{terminal.technology} in {asked.market}"))
    if not has_fitting(operation.stock, terminal.technology, needs.models):
        kind = TERMINAL_KINDS[terminal.technology]
        of = f" of model {' or '.join(needs.models)}" if needs.models else ""
        found.append(Unavailability("noEquipment", f"no {kind}{of}"))
    return tuple(found)


def _needs(market: str, offering_id: str, room: TerminalRoom, network: NetworkFile) -> TierNeeds | None:
    block = network.elements.get(room.terminal.element)
    if block is None:
        return None
    return needs_of(network, market, room.terminal.technology, block.variant, offering_id)


def _carries(market: str, offering_id: str, room: TerminalRoom, network: NetworkFile) -> bool:
    needs = _needs(market, offering_id, room, network)
    return needs is not None and needs.carried_by(room.terminal.pon_mode)


def _nearest(premise: Premise, plant: Iterable[TerminalRoom]) -> list[TerminalRoom]:
    """Terminals of the premise's hub: its own, those of the same port, those of the same element, the others."""
    of_hub = [room for room in plant if premise.hub is None or room.terminal.hub in (None, premise.hub)]
    own = [room.terminal for room in of_hub if room.terminal.terminal == premise.terminal]
    ports = {(each.element, each.port) for each in own}
    elements, technologies = {each.element for each in own}, {each.technology for each in own}

    def distance(room: TerminalRoom) -> tuple[bool, bool, bool, str, str]:
        each = room.terminal
        is_own = each.terminal == premise.terminal
        on_port = (each.element, each.port) in ports
        return (not is_own, not on_port, each.element not in elements, each.terminal, each.port)

    return sorted((room for room in of_hub if room.terminal.technology in technologies), key=distance)


def _address_reason(address: AddressMatch) -> Unavailability:
    code: ReasonCode = "addressAmbiguous" if address.is_ambiguous else "addressNotFound"
    may_be = "; ".join(told(each) for each in address.candidates[:5])
    return Unavailability(code, f"it may be {may_be}" if may_be else "nothing is like it")


def _building(own: Iterable[TerminalRoom], on: date) -> Iterator[date]:
    """The days on which the premise's own terminals are built, where none of them is."""
    days = [room.terminal.ready_on for room in own]
    if all(day is not None and day > on for day in days):
        yield from (day for day in days if day is not None)


def _serviceability(premise: Premise, built_on: date | None) -> Unavailability | None:
    codes: dict[str, ReasonCode] = {
        "planned": "notYetServiceable",
        "not_serviceable": "notServiceable",
        "unknown": "serviceabilityUnknown",
    }
    code = codes.get(premise.serviceability, None if built_on is None else "notYetServiceable")
    when = "" if built_on is None or code != "notYetServiceable" else f", expected on {built_on}"
    return None if code is None else Unavailability(code, told(premise) + when)


def _unqualified(
    asked: Asked,
    reason: Unavailability,
    premise: Premise | None = None,
    candidates: tuple[Premise, ...] = (),
    expected_on: date | None = None,
) -> ServiceQualification:
    return ServiceQualification(asked, "unqualified", (reason,), premise, candidates, expected_on=expected_on)
