"""What legacy has installed, as the saga needs it that bills it from its proof; pure.

The hub takes such an order on by it (``hub.takeover.taking_on``), and shadow states by it what it would have billed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from canonical_model.catalogue import ProductOffering
from canonical_model.network import NetworkObservation
from canonical_model.orders import ProductOrder, ProductOrderItem
from canonical_model.plant import AccessTerminal
from provisioning.facts import SagaFacts
from provisioning.line import Line
from provisioning.network_file import NetworkFile
from provisioning.profile_making import ProfileRequest, make_profile
from provisioning.sold_beside import sold_beside

PlaceInPlant = tuple[AccessTerminal, int | None]
"""A terminal, and the number of a device on its port; see ``provisioning.plant_room.place_of``."""


@dataclass(frozen=True, slots=True)
class LegacyInstall:
    """An order that legacy has carried out, as far as systems tell.

    Attributes:
        service_id: of the service that the order brings.
        items: that stand on the order.
        work_order_id: of the job that was completed; None where none was.
        serial: of the terminal that the job left.
        line: where an element shows that terminal.
        place: where in the plant that is.
    """

    order: ProductOrder
    service_id: str
    items: Sequence[ProductOrderItem] = ()
    work_order_id: str | None = None
    serial: str | None = None
    line: NetworkObservation | None = None
    place: PlaceInPlant | None = None


def line_seen(service_id: str, seen: NetworkObservation, place: PlaceInPlant) -> Line:
    """The line of a service whose terminal an element shows; AAA knows it by its circuit (RFC 4679).

    Args:
        service_id: of the service.
        seen: its terminal.
        place: where in the plant that is.
    """
    terminal, number = place
    circuit = f"{seen.element} {terminal.port}" + ("" if number is None else f":{number}")
    return Line(
        service_id=service_id,
        market=seen.market,
        element=seen.element,
        port=terminal.port,
        onu_id=number,
        serial=seen.serial,
        username=circuit,
    )


def facts_of_install(
    install: LegacyInstall, offerings: Mapping[str, ProductOffering], network: NetworkFile
) -> SagaFacts | str:
    """Everything that the proof needs; or what is not there yet.

    Args:
        install: what systems tell.
        offerings: of the catalogue, by id.
        network: the tables.

    Raises:
        ValueError: the tables give no tag for a terminal of that number.
    """
    order, line = install.order, install.line
    if install.work_order_id is None:
        return "its job is not completed"
    if install.serial is None:
        return f"job {install.work_order_id} names no terminal"
    if line is None or line.port is None:
        return f"no element shows {install.serial}"
    if line.element not in network.elements:
        return f"network.yaml knows no element {line.element}"
    if install.place is None:
        return f"the plant knows no port {line.port} of {line.element}"
    beside = sold_beside(install.items, offerings)
    if beside.unknown:
        return f"the catalogue knows no {beside.unknown[0]}, which the order adds"
    terminal, number = install.place
    variant = network.elements[line.element].variant
    asked = ProfileRequest(order.market, terminal.technology, variant, order.offering_id or "", number or 0)
    profile = make_profile(network, network.fingerprint, asked)
    if profile is None:
        return f"network.yaml has no profile for {order.offering_id}"
    return SagaFacts(
        line=line_seen(install.service_id, line, install.place),
        profile=profile,
        order_number=order.order_number,
        account_number=order.account_number,
        work_order_id=install.work_order_id,
        expected_serial=install.serial,
        voice_offering_id=beside.voice,
        extra_offering_ids=beside.extras,
    )
