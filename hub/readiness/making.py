"""Make an order ready: its line, its device, its job and its saga, each once, wherever it was interrupted."""

from dataclasses import dataclass
from datetime import datetime

from canonical_model.errors import UnsafeToContinue
from canonical_model.network import Technology
from canonical_model.orders import ProductOrder
from handoffs.stages import Authority
from hub.effects.authority import MayAct
from hub.readiness.jobs import Job, stuck_job, tell_job
from hub.readiness.keeping import Kept, keep
from hub.readiness.market_view import MarketView
from hub.readiness.order_records import OPEN_STATES, OrderRecords
from hub.readiness.outcome import Readiness, Wishes
from hub.sagas.beginning import begin_saga
from hub.workplace import Hub
from provisioning.addressing import AddressMatch
from provisioning.completeness import CannotDispatch, cannot_dispatch
from provisioning.equipment import StockedDevice
from provisioning.facts import SagaFacts
from provisioning.line import Line
from provisioning.network_file import NetworkFile
from provisioning.plant_room import FIRST_NUMBER
from provisioning.profile import ProvisioningProfile, Voice
from provisioning.profile_making import ProfileRequest, make_profile
from provisioning.qualification import Asked, ServiceQualification, qualify
from provisioning.sold_beside import SoldBeside, sold_beside
from provisioning.unavailability import Unavailability
from provisioning.work_order_context import JobRecords, KeptLine, WorkOrderContext, work_order_context
from storage.reservations import Reservation
from storage.sagas import Saga, sagas


def made_ready(
    hub: Hub, known: OrderRecords, view: MarketView, now: datetime, may_act: MayAct, wishes: Wishes | None = None
) -> Readiness:
    """Make an order ready; stating the same wish again changes nothing.

    Args:
        hub: the operator's hub.
        known: what systems know around the order.
        view: of its market.
        now: when this happens.
        may_act: who may act.
        wishes: what a person adds.

    Raises:
        ConfigurationError: no system takes a job of this market.
        RetryableError: the database is out of reach.
    """
    order, wanted = known.order, wishes or Wishes()
    before = _earlier_sagas(hub, order)
    if before and not (wanted.again and before[-1].state == "undone"):
        return Readiness(order.order_number, "begun", said=f"saga {before[-1].key}", saga=before[-1])
    if order.order_type != "new" or order.state not in OPEN_STATES:
        return Readiness(order.order_number, "closed", said=f"a {order.order_type} order that is {order.state}")
    service_id = view.service_of(order.order_number) or (before[-1].service_id if before else known.service_id)
    if (foreign := _foreign(order, service_id, may_act)) is not None:
        return Readiness(order.order_number, "not_ours", said=foreign.reason)
    return _Making(hub, known, service_id, view, now, may_act, wanted, len(before) + 1).made()


def _earlier_sagas(hub: Hub, order: ProductOrder) -> list[Saga]:
    with hub.database.reading() as connection:
        found = sagas(connection, order_number=order.order_number, market=order.market)
    return [each for each in found if each.kind == "activate"]


def _foreign(order: ProductOrder, service_id: str, may_act: MayAct) -> Authority | None:
    """Who acts instead of the hub on one of the two hand-offs; nothing is kept for what another provisions."""
    asked = (
        may_act(order.market, "order_to_provisioning", f"service/{service_id}"),
        may_act(order.market, "provisioning_to_dispatch", f"order/{order.order_number}"),
    )
    return next((each for each in asked if each.actor != "hub"), None)


@dataclass(frozen=True, slots=True)
class _Making:
    """One order while it is made ready."""

    hub: Hub
    known: OrderRecords
    service_id: str
    view: MarketView
    now: datetime
    may_act: MayAct
    wishes: Wishes
    attempt: int

    @property
    def _order(self) -> ProductOrder:
        return self.known.order

    @property
    def _network(self) -> NetworkFile:
        return self.hub.operator.network

    def made(self) -> Readiness:
        """Look first; keep, tell and begin only what is whole."""
        found = self._qualified()
        reasons = (*self.known.hindrances, *found.reasons, *self._unknown_products())
        if not reasons and (stuck := stuck_job(self.hub, self._order.order_number, self.attempt)) is not None:
            reasons = (stuck,)
        if reasons:
            return self._held(found, *reasons)
        intended = self._context(found, *self._intended(found))
        if (missing := self._missing(intended)) is not None:
            return self._held(
                found, Unavailability("cannotDispatch", missing.said), missing=missing, context=intended
            )
        kept = keep(self.hub, self.view, found, self._order.order_number, self.service_id, self.now)
        if isinstance(kept, Unavailability):
            return self._held(found, kept)
        return self._told(found, kept)

    def _told(self, found: ServiceQualification, kept: Kept) -> Readiness:
        try:
            profile = self._profile(found, kept.line)
        except ValueError as error:
            return self._held(found, Unavailability("noProfile", str(error)))
        context = self._context(found, _kept_line(found, kept.line), kept.device, profile)
        job = self._job(context)
        if job.reason is not None:
            return self._held(found, job.reason, context=context)
        if job.work_order_id is None or profile is None:
            return Readiness(
                self._order.order_number, "awaits_job", said=job.said, qualification=found, context=context
            )
        return self._begun(found, kept, profile, context, job)

    def _begun(
        self,
        found: ServiceQualification,
        kept: Kept,
        profile: ProvisioningProfile,
        context: WorkOrderContext,
        job: Job,
    ) -> Readiness:
        order = self._order
        facts = SagaFacts(
            line=_line(kept.line, order.market, profile),
            profile=profile,
            order_number=order.order_number,
            account_number=order.account_number,
            work_order_id=job.work_order_id,
            expected_serial=kept.device.serial,
            voice_offering_id=self._beside.voice,
            extra_offering_ids=self._beside.extras,
        )
        try:
            saga = begin_saga(self.hub, "activate", facts, self.now, attempt=self.attempt)
        except UnsafeToContinue as error:
            return self._held(found, Unavailability("serviceUnderWay", str(error)), context=context)
        return Readiness(order.order_number, "begun", said=job.said, qualification=found, context=context, saga=saga)

    def _qualified(self) -> ServiceQualification:
        order, premise = self._order, self.known.premise
        asked = Asked(order.market, order.offering_id, self.view.market.local_date(self.now))
        rooms = () if premise is None else self.view.rooms_for(premise, order.order_number)
        found = qualify(asked, AddressMatch(premise), rooms, self.view.operation(self.hub, order.order_number))
        if order.offering_id is None and not found.reasons:
            no_offering = Unavailability("unmappedOffering", "the order names no offering")
            return ServiceQualification(asked, "unqualified", (no_offering,), premise)
        return found

    def _intended(self, found: ServiceQualification) -> tuple[KeptLine, StockedDevice, ProvisioningProfile | None]:
        """What would be kept if nobody else came in between, to see whether anything is missing."""
        terminal = found.rooms[0].terminal
        number = FIRST_NUMBER[terminal.technology]
        line = Reservation(
            terminal.element,
            terminal.port,
            number,
            self.service_id,
            self._order.order_number,
            self.now,
            terminal.terminal,
        )
        return _kept_line(found, line), found.devices[0], self._profile(found, line)

    @property
    def _beside(self) -> SoldBeside:
        return sold_beside(self.known.items, {each.id: each for each in self.hub.operator.catalogue.offerings})

    def _unknown_products(self) -> tuple[Unavailability, ...]:
        """What nobody could bill is asked about before anybody drives."""
        return tuple(
            Unavailability("unmappedOffering", f"the catalogue knows no {product}, which the order adds")
            for product in self._beside.unknown
        )

    def _missing(self, context: WorkOrderContext) -> CannotDispatch | None:
        return cannot_dispatch(context, self._network.required_in(self.view.market.id))

    def _profile(self, found: ServiceQualification, line: Reservation) -> ProvisioningProfile | None:
        technology = found.rooms[0].terminal.technology
        asked = ProfileRequest(
            market=self.view.market.id,
            technology=technology,
            variant=self._network.elements[line.element].variant,
            offering_id=self._order.offering_id or "",
            onu_id=line.onu_id if technology == "pon" else 0,
            voice=self._voice(technology),
        )
        return make_profile(self._network, self.view.tables, asked)

    def _voice(self, technology: Technology) -> Voice | None:
        """The SIP line, where the order sells a telephone."""
        if self._beside.voice is None:
            return None
        market, account = self.view.market.id, self._order.account_number
        return self._network.voice_of(market, technology, self.service_id, account)

    def _context(
        self,
        found: ServiceQualification,
        line: KeptLine,
        device: StockedDevice,
        profile: ProvisioningProfile | None,
    ) -> WorkOrderContext:
        technology = found.rooms[0].terminal.technology
        jobs = self.known.jobs
        return work_order_context(
            self._order,
            self.known.premise,
            profile,
            self._network.limits_of(self.view.market.id, technology),
            line,
            (device.serial, device.model),
            JobRecords(
                customer=self.known.customer,
                seen=self.view.seen.get((line.element, line.port), ()),
                outages=self.view.outages,
                jobs=self.known.past_jobs,
                inside_wiring=self.known.inside_wiring,
            ),
            self.now,
            scheduled_for=next((job.scheduled_for for job in jobs if job.scheduled_for), None),
            consent=self.wishes.consent,
        )

    def _job(self, context: WorkOrderContext) -> Job:
        try:
            return tell_job(
                self.hub, self.view.market.id, context, self.known.jobs, self.attempt, self.now, self.may_act
            )
        except UnsafeToContinue as error:
            return Job(reason=Unavailability("jobNotCreated", str(error)))

    def _held(
        self,
        found: ServiceQualification,
        *reasons: Unavailability,
        missing: CannotDispatch | None = None,
        context: WorkOrderContext | None = None,
    ) -> Readiness:
        said = "; ".join(each.label for each in reasons)
        return Readiness(self._order.order_number, "held", reasons, said, missing, found, context)


def _kept_line(found: ServiceQualification, line: Reservation) -> KeptLine:
    is_pon = found.rooms[0].terminal.technology == "pon"
    premise = found.premise
    is_replanned = premise is not None and line.terminal not in (None, premise.terminal)
    return KeptLine(line.element, line.port, line.onu_id if is_pon else None, line.terminal, line.leg, is_replanned)


def _line(kept: Reservation, market: str, profile: ProvisioningProfile) -> Line:
    """The line as the network is told of it; AAA knows a subscriber by his circuit (RFC 4679, agent circuit id)."""
    onu_id = kept.onu_id if profile.technology == "pon" else None
    circuit = f"{kept.element} {kept.port}" + ("" if onu_id is None else f":{onu_id}")
    return Line(
        service_id=kept.service_id,
        market=market,
        element=kept.element,
        port=kept.port,
        onu_id=onu_id,
        username=circuit,
    )
