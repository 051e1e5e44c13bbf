"""Which services that legacy has brought to life the hub can adopt, and what it has to know of each; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from canonical_model.billing import Subscription
from canonical_model.catalogue import ProductOffering
from canonical_model.network import NetworkObservation
from canonical_model.orders import ProductOrder
from hub.readiness.orders_around import placed, service_of
from hub.takeover.legacy_installs import PlaceInPlant, line_seen
from provisioning.facts import SagaFacts
from provisioning.network_file import NetworkFile
from provisioning.profile_making import ProfileRequest, make_profile
from provisioning.sold_beside import kind_beside

ACCESS = "access"
"""The charge of what carries everything else."""


@dataclass(frozen=True, slots=True)
class StandingService:
    """An account with a terminal, as all systems tell it.

    Attributes:
        serial: of the terminal.
        order_number: of the job that put it there.
        orders: of the account.
        under_way: an open order of it that is legacy's to carry out.
        subscriptions: of the account that are not closed.
        seen: the terminal as an element showed it last.
        place: where in the plant that is.
    """

    account_number: str
    serial: str
    order_number: str
    orders: Sequence[ProductOrder] = ()
    under_way: str | None = None
    subscriptions: Sequence[Subscription] = ()
    seen: NetworkObservation | None = None
    place: PlaceInPlant | None = None

    @property
    def service_id(self) -> str:
        """As findings name it."""
        brought = [each for each in self.orders if each.order_type == "new" and each.state == "completed"]
        return service_of(max(brought, key=placed), self.orders) if brought else self.account_number


@dataclass(slots=True)
class _Sold:
    """What billing bills, by what it is."""

    access: list[Subscription] = field(default_factory=list)
    voice: list[Subscription] = field(default_factory=list)
    extras: list[Subscription] = field(default_factory=list)


def facts_of_standing(
    service: StandingService, offerings: Mapping[str, ProductOffering], network: NetworkFile
) -> SagaFacts | str:
    """Everything that the hub has to know of a service; or what keeps it from adopting it.

    Args:
        service: as all systems tell it.
        offerings: of the catalogue, by billing code.
        network: the tables.
    """
    if service.under_way is not None:
        return f"order {service.under_way} is under way, and legacy's"
    seen, place = service.seen, service.place
    if seen is None or place is None:
        return f"no element shows {service.serial} on a port of the plant"
    if seen.element not in network.elements:
        return f"network.yaml knows no element {seen.element}"
    sold = _sold(service, offerings)
    if isinstance(sold, str):
        return sold
    (access,) = sold.access
    voice = None if not sold.voice else offerings[sold.voice[0].billing_code].id
    terminal, number = place
    if number is None and terminal.technology != "active_ethernet":
        return f"{seen.element} shows it on {seen.port} without the number of its place"
    service_id, market = service.service_id, seen.market
    asked = ProfileRequest(
        market,
        terminal.technology,
        network.elements[seen.element].variant,
        offerings[access.billing_code].id,
        number or 0,
        None if voice is None else network.voice_of(market, terminal.technology, service_id, service.account_number),
    )
    try:
        profile = make_profile(network, network.fingerprint, asked)
    except ValueError as error:
        return str(error)
    if profile is None:
        return f"network.yaml has no profile for {asked.offering_id}"
    return SagaFacts(
        line=line_seen(service_id, seen, place),
        profile=profile,
        order_number=service.order_number,
        account_number=service.account_number,
        subscription_id=access.subscription_id,
        voice_offering_id=voice,
        voice_subscription_id=None if voice is None else sold.voice[0].subscription_id,
        extra_offering_ids=tuple(offerings[each.billing_code].id for each in sold.extras),
        extra_subscription_ids=tuple(each.subscription_id for each in sold.extras),
        installed_offering_id=asked.offering_id,
        expected_serial=seen.serial,
    )


def _sold(service: StandingService, offerings: Mapping[str, ProductOffering]) -> _Sold | str:
    sold, by_id = _Sold(), {each.id: each for each in offerings.values()}
    for each in sorted(service.subscriptions, key=lambda one: one.subscription_id):
        offering = offerings.get(each.billing_code)
        if offering is None:
            return f"the catalogue knows no {each.billing_code}, which billing bills"
        if each.state != "active":
            return f"subscription {each.subscription_id} is {each.state}"
        kind = ACCESS if offering.charge == ACCESS else kind_beside(offering, by_id)
        if kind is not None:
            {ACCESS: sold.access, "voice": sold.voice, "extra": sold.extras}[kind].append(each)
    if len(sold.access) != 1:
        return f"billing bills {len(sold.access)} accesses of it" if sold.access else "billing bills no access of it"
    return "billing bills several telephones of it" if len(sold.voice) > 1 else sold
