"""Make an order ready: its line, its device, its job and its saga, each once, wherever it was interrupted."""

from dataclasses import dataclass, replace
from datetime import datetime

from canonical_model.errors import ConfigurationError, OnHold, UnsafeToContinue
from canonical_model.orders import OrderType, ProductOrder
from handoffs.stages import Authority
from hub.readiness.changing import service_meant
from hub.readiness.jobs import Job, begin_package, stuck_job, tell_job
from hub.readiness.keeping import Kept, keep
from hub.readiness.market_view import MarketView
from hub.readiness.order_records import OrderRecords
from hub.readiness.outcome import Readiness, Wishes, held
from hub.readiness.planning import OrderPlanner, PlannedOrder, activation_facts, line_of
from hub.readiness.service_orders import ServiceOrder
from hub.readiness.standing import begun_before, not_led, stands_already
from hub.sagas.asking import move_service
from hub.sagas.beginning import begin_saga
from hub.sagas.known_services import KnownService, working_service
from hub.sagas.wishes import Wish
from hub.takeover.authority import MayAct
from hub.workplace import Hub
from provisioning.completeness import CannotDispatch
from provisioning.profile import ProvisioningProfile
from provisioning.qualification import ServiceQualification
from provisioning.unavailability import Unavailability
from provisioning.work_order_context import WorkOrderContext
from storage.sagas import Saga

NEEDS_A_LINE: tuple[OrderType, ...] = ("new", "move")
"""Types of orders for which a line and a device are kept and a technician is sent."""


def made_ready(
    hub: Hub,
    known: OrderRecords,
    view: MarketView,
    now: datetime,
    may_act: MayAct,
    wishes: Wishes | None = None,
    moves: ServiceOrder | None = None,
) -> Readiness:
    """Make an order ready; stating the same wish again changes nothing.

    Args:
        hub: the operator's hub.
        known: what systems know around the order.
        view: of its market.
        now: when this happens.
        may_act: who may act.
        wishes: what a person adds.
        moves: of an order that moves a service, what is known of that.

    Raises:
        ConfigurationError: no system takes a job of this market.
        RetryableError: the database is out of reach.
    """
    order, wanted = known.order, wishes or Wishes()
    before = begun_before(hub, order, ("activate", "move"))
    if (stands := stands_already(order, NEEDS_A_LINE, before, again=wanted.again)) is not None:
        return stands
    work = f"order/{order.order_number}"
    provisions = may_act(order.market, "order_to_provisioning", work)
    dispatches = may_act(order.market, "provisioning_to_dispatch", work)
    if (stands := not_led(order, provisions, dispatches)) is not None:
        return stands
    moving = None if moves is None else _moving(hub, moves, provisions)
    if isinstance(moving, Readiness):
        return moving
    if moving is not None:
        service_id, known = moving.service_id, _as_it_is(known, moving)
    else:
        service_id = view.service_of(order.order_number) or (before[-1].service_id if before else known.service_id)
    owned = _Owned(may_act, provisions, makes_jobs=dispatches.actor == "hub")
    operation = view.operation(hub.operator.catalogue, hub.operator.network, order.order_number)
    planner = OrderPlanner(known, service_id, view, operation, now, wanted.consent)
    return _Making(hub, planner, owned, len(before) + 1, moving).made()


def _moving(hub: Hub, moves: ServiceOrder, provisions: Authority) -> KnownService | Readiness:
    """The service that moves; or why it cannot."""
    order = moves.order
    service = service_meant(hub, moves, provisions)
    if isinstance(service, Readiness):
        return service
    try:
        known = working_service(hub, service)
    except ConfigurationError as error:
        return held(order, Unavailability("serviceNotReady", str(error)))
    tier = known.facts.profile.offering_id
    if order.offering_id not in (None, tier):
        said = f"it has {tier}, and the move wants {order.offering_id}: order the tier apart from the move"
        return held(order, Unavailability("serviceNotReady", said))
    return known


def _as_it_is(known: OrderRecords, moving: KnownService) -> OrderRecords:
    """The same, with the tier that the service has."""
    order = known.order.model_copy(update={"offering_id": moving.facts.profile.offering_id})
    return replace(known, order=order)


@dataclass(frozen=True, slots=True)
class _Owned:
    """What of an order is the hub's.

    Attributes:
        provisions: by which it provisions it.
        makes_jobs: whether it makes the technician's job as well, or takes the one that is made.
    """

    may_act: MayAct
    provisions: Authority
    makes_jobs: bool


@dataclass(frozen=True, slots=True)
class _Making:
    """One order while it is made ready."""

    hub: Hub
    planner: OrderPlanner
    owned: _Owned
    attempt: int
    moving: KnownService | None = None

    @property
    def _order(self) -> ProductOrder:
        return self.planner.order

    def made(self) -> Readiness:
        """Look first; keep, tell and begin only what is whole."""
        planner, plan = self.planner, self.planner.planned()
        reasons = plan.reasons
        if not reasons and (stuck := stuck_job(self.hub, self._order.order_number, self.attempt)) is not None:
            reasons = (stuck,)
        if reasons:
            return self._held(plan.found, *reasons)
        if plan.missing is not None:
            reason = Unavailability("cannotDispatch", plan.missing.said)
            return self._held(plan.found, reason, missing=plan.missing, context=plan.context)
        number, provisions = self._order.order_number, self.owned.provisions
        try:
            kept = keep(self.hub, planner.view, plan.found, number, planner.service_id, provisions, planner.now)
        except UnsafeToContinue as error:
            return Readiness(number, "stopped", said=str(error))
        if isinstance(kept, Unavailability):
            return self._held(plan.found, kept)
        return self._told(plan, kept)

    def _told(self, plan: PlannedOrder, kept: Kept) -> Readiness:
        found = plan.found
        try:
            profile = self.planner.profile_on(found, kept.line)
        except ValueError as error:
            return self._held(found, Unavailability("noProfile", str(error)))
        context = self.planner.job_on(found, kept.line, kept.device, profile)
        job = self._job(context)
        if job.reason is not None:
            return self._held(found, job.reason, context=context)
        if job.work_order_id is None or profile is None:
            return Readiness(
                self._order.order_number, "awaits_job", said=job.said, qualification=found, context=context
            )
        try:
            saga = self._begun(plan, kept, profile, job.work_order_id)
        except UnsafeToContinue as error:
            return self._held(found, Unavailability("serviceUnderWay", str(error)), context=context)
        except ConfigurationError as error:
            return self._held(found, Unavailability("serviceNotReady", str(error)), context=context)
        number = self._order.order_number
        return Readiness(number, "begun", said=job.said, qualification=found, context=context, saga=saga)

    def _begun(self, plan: PlannedOrder, kept: Kept, profile: ProvisioningProfile, job: str) -> Saga:
        order, now = self._order, self.planner.now
        if self.moving is None:
            facts = activation_facts(order, kept.line, profile, plan.beside, kept.device, job)
            return begin_saga(self.hub, "activate", facts, now, attempt=self.attempt)
        line = line_of(kept.line, order.market, profile)
        wish = Wish(reason=f"order {order.order_number}", order_number=order.order_number, work_order_id=job)
        return move_service(self.hub, self.moving.service_id, line, now, wish, kept.device.serial)

    def _job(self, context: WorkOrderContext) -> Job:
        planner = self.planner
        if not self.owned.makes_jobs:
            made = next((each.work_order_id for each in planner.known.jobs), None)
            return Job(made, said=f"job {made} is legacy's" if made else "the legacy system makes its job")
        try:
            return self._told_job(context)
        except OnHold as error:
            return Job(said=str(error))
        except UnsafeToContinue as error:
            return Job(reason=Unavailability("jobNotCreated", str(error)))

    def _told_job(self, context: WorkOrderContext) -> Job:
        planner, may_act = self.planner, self.owned.may_act
        market, now = planner.view.market.id, planner.now
        job = tell_job(self.hub, market, context, planner.known.jobs, self.attempt, now, may_act)
        if job.reason is None:
            begin_package(self.hub, market, self._order.order_number, now, may_act)
        return job

    def _held(
        self,
        found: ServiceQualification,
        *reasons: Unavailability,
        missing: CannotDispatch | None = None,
        context: WorkOrderContext | None = None,
    ) -> Readiness:
        said = "; ".join(each.label for each in reasons)
        return Readiness(self._order.order_number, "held", reasons, said, missing, found, context)
