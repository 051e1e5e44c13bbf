"""What the legacy systems and their people do: everything that is not the hub's, and every visit of a technician."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.rehearsal.beliefs import Beliefs
from benchmarks.rehearsal.elements import OUTER_VLAN, Network, rates_of
from benchmarks.rehearsal.operator_folder import CODES, TIERS, aaa_of, olt_of
from benchmarks.rehearsal.town import HOME, Town, Work
from canonical_model.billing import Subscription
from canonical_model.field_work import (
    CompletionMaterial,
    CompletionPhoto,
    CompletionTest,
    FieldCompletion,
    WorkOrder,
    WorkOrderVisit,
)
from canonical_model.network import NetworkObservation
from canonical_model.orders import ProductOrder
from canonical_model.stock import StockMovement
from handoffs.stages import Handoff
from hub.running_clock import Clock
from hub.takeover.authority import MayAct
from provisioning.line import Line

_PHOTOS = ("drop", "terminal", "device label")


@dataclass(slots=True)
class Legacy:
    """The old way of a market.

    Attributes:
        may_act: by it people know what is left to them, as ``splice market who-acts`` tells.
        port_off: how many ports beside the right one technicians plug terminals in.
    """

    town: Town
    beliefs: Beliefs
    network: Network
    clock: Clock
    may_act: MayAct
    port_off: int = 0

    def is_ours(self, work: Work, handoff: Handoff) -> bool:
        """Whether a hand-off of a work is left to legacy."""
        return self.may_act(work.market, handoff, work.name).actor == "legacy"

    def make_jobs(self) -> None:
        """A job for each order that has none, with the device that goes with it."""
        for work in self.town.waiting.values():
            job = self._job(work) if work.job_by == "legacy" and work.reserved else None
            if job is not None and job.expected_serial is None:  # somebody reads it off the hub's page
                self.beliefs.change(WorkOrder, job.source_id, expected_serial=work.reserved)
            if work.job_by or not self.is_ours(work, "provisioning_to_dispatch"):
                continue
            work.job_by = "legacy"
            name = f"L-{work.order}"
            self.beliefs.say(
                WorkOrder, "fsm", work.market, name, work_order_id=name, order_number=work.order, work_type="install",
                state="scheduled", created_at=self.clock(), scheduled_for=work.visit_at,
                expected_serial=work.serial if self.is_ours(work, "order_to_provisioning") else None,
            )  # fmt: skip

    def schedule(self) -> None:
        """Dispatchers say when the technician comes with jobs that the hub has made."""
        for work in self.town.waiting.values():
            job = self._job(work)
            if job is not None and job.scheduled_for is None:
                self.beliefs.change(WorkOrder, job.source_id, scheduled_for=work.visit_at)

    def provision(self, work: Work) -> None:
        """Tell the network of a line by hand, before the technician is there."""
        line = line_of(work)
        _, speed = TIERS[work.tier]
        told = {"serial": work.serial, "enabled": True, "down_mbps": speed, "up_mbps": speed, "onu_id": work.number}
        tags = {"outer_vlan": OUTER_VLAN, "inner_vlan": 1000 + work.number}
        for element, settings in ((olt_of(work.market), told | tags), (aaa_of(work.market), {"group": work.tier})):
            self.network.wanted[element][work.account] = settings
            self.network.tell(element, line, settings, "legacy")
        work.provisioned_by = "legacy"

    def visit(self, work: Work) -> None:
        """A technician installs what the job names, and says so."""
        job = self._job(work)
        if job is None:
            return
        is_legacys = self.is_ours(work, "order_to_provisioning")
        if is_legacys:
            self.provision(work)
        serial = work.serial if is_legacys else job.expected_serial or work.reserved
        if not serial:
            return
        place = int(work.port.rpartition("/")[2]) + self.port_off
        self.network.plug(serial, olt_of(work.market), f"1/1/{place}")
        work.installed = serial

    def report(self, work: Work) -> None:
        """The tablet reports what was done."""
        job = self._job(work)
        if job is None or not work.installed:
            return
        at, name, market, say = work.visit_at, job.work_order_id, work.market, self.beliefs.say
        home = {"latitude": HOME[0], "longitude": HOME[1]}
        done = {"crew": "Crew 1", "technician": "T-1", "checklist_complete": True, "signed": True, **home}
        visit = {"dispatched_at": at - timedelta(hours=2), "arrived_at": at - timedelta(hours=1), "left_at": at}
        say(WorkOrderVisit, "fsm", market, name, work_order_id=name, visit_number=1, outcome="done", **visit)
        say(
            FieldCompletion, "fsm", market, name, work_order_id=name, completed_at=at,
            received_at=at + timedelta(minutes=1), installed_offering_id=work.tier, **done,
        )  # fmt: skip
        say(CompletionMaterial, "fsm", market, name, work_order_id=name, kind="ont", serial=work.installed)
        for place, subject in enumerate(_PHOTOS):
            say(CompletionPhoto, "fsm", market, f"{name}-{place}", work_order_id=name, subject=subject)
        speed = {"value": float(TIERS[work.tier][1]) * 0.97, "unit": "Mbit/s", "passed": True}
        say(CompletionTest, "fsm", market, name, work_order_id=name, name="speed_down", **speed)
        moved = {"kind": "ont", "model": "GX-100", "movement": "issued", "moved_at": at, "work_order_id": name}
        say(StockMovement, "fsm", market, f"{work.installed}/out", serial=work.installed, **moved)
        self.beliefs.change(WorkOrder, name, state="completed")
        self.town.taken += work.installed != work.serial
        work.done_at = at
        del self.town.waiting[work.order]
        self.town.unbilled[work.order] = work

    def bill(self) -> None:
        """Tell CRM and billing of what was installed; somebody types it in the next morning."""
        for work in list(self.town.unbilled.values()):
            if work.done_at is None:
                continue
            side = self.may_act(work.market, "field_to_billing", work.name)
            if side.actor == "hub":
                work.billed_by = "hub"
                del self.town.unbilled[work.order]
            elif side.actor == "legacy":
                self._start(work, work.done_at)
                del self.town.unbilled[work.order]

    def _start(self, work: Work, at: datetime) -> None:
        name = f"L-{work.order}"
        self.beliefs.say(
            Subscription, "billing", work.market, name, subscription_id=name, account_number=work.account,
            billing_code=CODES[work.tier], state="active", starts_on=self.town.day_of(at),
        )  # fmt: skip
        self.beliefs.change(ProductOrder, work.order, state="completed", completed_at=at)
        work.billed_by = "legacy"

    def _job(self, work: Work) -> WorkOrder | None:
        jobs = [self.beliefs.get(WorkOrder, name) for name in self.beliefs.jobs[work.order]]
        return next((each for each in jobs if each.state not in ("cancelled", "completed")), None)


def line_of(work: Work) -> Line:
    """The line of a work as legacy makes it."""
    return Line(
        service_id=work.account,
        market=work.market,
        element=olt_of(work.market),
        port=work.port,
        onu_id=work.number,
        serial=work.serial,
        username=f"{olt_of(work.market)} {work.port}:{work.number}",
    )


def sweep(network: Network, beliefs: Beliefs, market: str, at: datetime, *, is_whole: bool) -> None:
    """Let a market's element show its devices: those that changed, or all of them."""
    element = olt_of(market)
    services = (
        list(network.told[element])
        if is_whole
        else [each for each in network.changed if each in network.told[element]]
    )
    for service in services:
        network.changed.pop(service, None)
        settings, line = network.told[element][service], network.lines[service]
        serial = str(settings.get("serial"))
        there = network.plugged.get(serial)
        if there is None:
            continue
        up = settings.get("enabled") is True and there.port == line.port
        since = max(there.since, network.session_since(line) or there.since)
        beliefs.say(
            NetworkObservation, element, market, serial, serial=serial, element=element,
            port=f"{there.port}/{settings.get('onu_id')}", observed_at=at, operational_state="up" if up else "down",
                profile=rates_of(settings), registered_since=there.since, profile_since=since,
            last_traffic_at=at if up else None,
        )  # fmt: skip
