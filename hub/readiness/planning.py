"""What the hub would do with an order, from what is known around it: its line, its device, its job; pure.

Readiness acts on this plan, and shadow compares it with what legacy does.
"""

from dataclasses import dataclass
from datetime import datetime

from canonical_model.network import Technology
from canonical_model.orders import ProductOrder
from hub.readiness.market_view import MarketView
from hub.readiness.order_records import OrderRecords
from provisioning.addressing import AddressMatch
from provisioning.completeness import CannotDispatch, cannot_dispatch
from provisioning.equipment import StockedDevice
from provisioning.facts import SagaFacts
from provisioning.line import Line
from provisioning.plant_room import FIRST_NUMBER
from provisioning.profile import ProvisioningProfile, Voice
from provisioning.profile_making import ProfileRequest, make_profile
from provisioning.qualification import Asked, Operation, ServiceQualification, qualify
from provisioning.sold_beside import SoldBeside, sold_beside
from provisioning.unavailability import Unavailability
from provisioning.work_order_context import JobRecords, KeptLine, WorkOrderContext, work_order_context
from storage.reservations import Reservation


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """What would be kept and told if nobody else came in between.

    Attributes:
        found: the qualification.
        reasons: why nothing would; empty where the job can be made, or only lacks something.
        beside: what is sold beside the access.
        line, device, profile, context: what would be kept and told; None where there are reasons.
        missing: what a technician would lack.
    """

    found: ServiceQualification
    reasons: tuple[Unavailability, ...]
    beside: SoldBeside
    line: Reservation | None = None
    device: StockedDevice | None = None
    profile: ProvisioningProfile | None = None
    context: WorkOrderContext | None = None
    missing: CannotDispatch | None = None


@dataclass(frozen=True, slots=True)
class OrderPlanner:
    """One order and everything that its plan stands on.

    Attributes:
        known: what systems know around the order.
        service_id: of the service that it brings.
        view: of its market.
        operation: the operator's tables.
        now: this moment.
        consent: who agreed, where whoever owns the building has to.
    """

    known: OrderRecords
    service_id: str
    view: MarketView
    operation: Operation
    now: datetime
    consent: str | None = None

    @property
    def order(self) -> ProductOrder:
        """The order."""
        return self.known.order

    def planned(self) -> PlannedOrder:
        """Look at everything; keep and tell nothing."""
        found, beside = self._qualified(), self._beside()
        reasons = (*self.known.hindrances, *found.reasons, *_unknown_products(beside))
        if reasons:
            return PlannedOrder(found, reasons, beside)
        line, device = self._next_line(found), found.devices[0]
        try:
            profile = self.profile_on(found, line)
        except ValueError as error:
            return PlannedOrder(found, (Unavailability("noProfile", str(error)),), beside)
        context = self.job_on(found, line, device, profile)
        missing = cannot_dispatch(context, self.operation.network.required_in(self.view.market.id))
        return PlannedOrder(found, (), beside, line, device, profile, context, missing)

    def profile_on(self, found: ServiceQualification, line: Reservation) -> ProvisioningProfile | None:
        """The profile of the service on a line.

        Raises:
            ValueError: the tables give no tag for a terminal of that number.
        """
        technology = found.rooms[0].terminal.technology
        asked = ProfileRequest(
            market=self.view.market.id,
            technology=technology,
            variant=self.operation.network.elements[line.element].variant,
            offering_id=self.order.offering_id or "",
            onu_id=line.onu_id if technology == "pon" else 0,
            voice=self._voice(technology),
        )
        return make_profile(self.operation.network, self.view.tables, asked)

    def _voice(self, technology: Technology) -> Voice | None:
        """The SIP line, where the order sells a telephone."""
        if self._beside().voice is None:
            return None
        market, account = self.view.market.id, self.order.account_number
        return self.operation.network.voice_of(market, technology, self.service_id, account)

    def job_on(
        self,
        found: ServiceQualification,
        line: Reservation,
        device: StockedDevice,
        profile: ProvisioningProfile | None,
    ) -> WorkOrderContext:
        """The job as a technician is told of it."""
        known, kept = self.known, _kept_line(found, line)
        return work_order_context(
            self.order,
            known.premise,
            profile,
            self.operation.network.limits_of(self.view.market.id, found.rooms[0].terminal.technology),
            kept,
            (device.serial, device.model),
            JobRecords(
                customer=known.customer,
                seen=self.view.seen.get((kept.element, kept.port), ()),
                outages=self.view.outages,
                jobs=known.past_jobs,
                inside_wiring=known.inside_wiring,
            ),
            self.now,
            scheduled_for=next((job.scheduled_for for job in known.jobs if job.scheduled_for), None),
            consent=self.consent,
        )

    def _qualified(self) -> ServiceQualification:
        order, premise = self.order, self.known.premise
        asked = Asked(order.market, order.offering_id, self.view.market.local_date(self.now))
        rooms = () if premise is None else self.view.rooms_for(premise, order.order_number)
        found = qualify(asked, AddressMatch(premise), rooms, self.operation)
        if order.offering_id is None and not found.reasons:
            no_offering = Unavailability("unmappedOffering", "the order names no offering")
            return ServiceQualification(asked, "unqualified", (no_offering,), premise)
        return found

    def _beside(self) -> SoldBeside:
        return sold_beside(self.known.items, {each.id: each for each in self.operation.catalogue.offerings})

    def _next_line(self, found: ServiceQualification) -> Reservation:
        """What would be kept if nobody else came in between."""
        terminal = found.rooms[0].terminal
        number = FIRST_NUMBER[terminal.technology]
        return Reservation(
            terminal.element,
            terminal.port,
            number,
            self.service_id,
            self.order.order_number,
            self.now,
            terminal.terminal,
        )


def activation_facts(
    order: ProductOrder,
    line: Reservation,
    profile: ProvisioningProfile,
    beside: SoldBeside,
    device: StockedDevice,
    work_order_id: str | None,
) -> SagaFacts:
    """What the saga that brings an order's service to life is about when it begins."""
    return SagaFacts(
        line=line_of(line, order.market, profile),
        profile=profile,
        order_number=order.order_number,
        account_number=order.account_number,
        work_order_id=work_order_id,
        expected_serial=device.serial,
        voice_offering_id=beside.voice,
        extra_offering_ids=beside.extras,
    )


def line_of(kept: Reservation, market: str, profile: ProvisioningProfile) -> Line:
    """The line as the network is told of it; AAA knows a subscriber by his circuit (RFC 4679, agent circuit id).

    A port of a switch has one subscriber. Those of a PON, and of a radio's sector, are told apart by the number of
    their place, though a radio knows its subscribers by their devices.
    """
    onu_id = kept.onu_id if profile.technology == "pon" else None
    is_shared = profile.technology != "active_ethernet"
    circuit = f"{kept.element} {kept.port}" + (f":{kept.onu_id}" if is_shared else "")
    return Line(
        service_id=kept.service_id,
        market=market,
        element=kept.element,
        port=kept.port,
        onu_id=onu_id,
        username=circuit,
    )


def _unknown_products(beside: SoldBeside) -> tuple[Unavailability, ...]:
    """What nobody could bill is asked about before anybody drives."""
    return tuple(
        Unavailability("unmappedOffering", f"the catalogue knows no {product}, which the order adds")
        for product in beside.unknown
    )


def _kept_line(found: ServiceQualification, line: Reservation) -> KeptLine:
    is_pon = found.rooms[0].terminal.technology == "pon"
    premise = found.premise
    is_replanned = premise is not None and line.terminal not in (None, premise.terminal)
    return KeptLine(line.element, line.port, line.onu_id if is_pon else None, line.terminal, line.leg, is_replanned)
