"""What flows do while they are killed: the stages of each case, what people do before them, and how it has to end."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.effects.drain import drain
from hub.effects.enqueue import enqueue
from hub.readiness.beginning import begin_ready
from hub.sagas.bench import Bench
from hub.sagas.elements import open_element
from hub.sagas.working_off import work_off
from hub.sync import sync_stream, sync_system
from hub.takeover.authority import authority_of
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from simulated_estate.bookkeeping.stock import delivered
from simulated_estate.estate import Estate
from simulated_estate.living_line import LivingLine
from simulated_estate.markets import MARKETS
from simulated_estate.newcomers import completion_of, walk_in
from simulated_estate.servers.serve import RunningEstate
from storage.sagas import Saga, sagas
from tests.fakes.effects import billing_start, job

MARKET = "riverbend"
_MOST_S = 60.0
_BATCH = {"seconds": 30.0}
_TOLD = ("set_customer_status", "start_billing", "close_work_order")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Corner:
    """An operator with a living corner of its plant.

    Attributes:
        place: operator's folder and workspace, as a flow is asked for them.
    """

    hub: Hub
    estate: Estate
    running: RunningEstate
    line: LivingLine
    place: dict[str, Path]

    def saga_of(self, order: str) -> Saga | None:
        """The last saga of an order, once there is one."""
        with self.hub.database.reading() as connection:
            found = sagas(connection, order_number=order)
        return found[-1] if found else None

    def worked_off(self) -> None:
        """Do everything that is due, in this process, which nobody kills."""
        hub, may_act = self.hub, authority_of(self.hub, now)
        bench = Bench(hub, hub.operator.network, lambda element: open_element(hub, element), now, may_act)
        work_off(bench, most_s=_MOST_S)


@dataclass
class Story:
    """One run of a case.

    Attributes:
        number: of the run in its world; its newcomer, device and effects have it too.
        order: of the newcomer.
    """

    corner: Corner
    number: int
    order: str = ""

    @property
    def serial(self) -> str:
        """Of the terminal."""
        return f"ALCL0DE7{self.number:04X}"

    def saga(self) -> Saga:
        """The last saga of the newcomer's order."""
        saga = self.corner.saga_of(self.order)
        assert saga is not None, f"order {self.order} has no saga"
        return saga

    def order_comes_in(self) -> None:
        """A customer orders, and a terminal of the right kind lies in the store room."""
        books, came_in = self.corner.running.books, self.corner.estate.as_of.replace(day=1)
        books.field_service["stock_movements"] += delivered([self.serial], MARKETS[MARKET], came_in, "GX-100")
        self.order = walk_in(books, number=self.number)
        for table in ("Account", "Premise__c", "Order"):
            books.crm[table][-1]["SystemModstamp"] = now()  # else a pull would take it for known
        for system in ("crm", "fsm", "billing"):
            sync_system(self.corner.hub, system, now())

    def made_ready(self) -> None:
        """The same, and its job is known and its saga begun."""
        self.order_comes_in()
        hub, may_act = self.corner.hub, authority_of(self.corner.hub, now)
        for _ in range(2):
            begin_ready(hub, MARKET, now(), may_act)
            drain(hub, now, may_act)

    def technician_comes(self) -> None:
        """Whoever has the job connects the terminal and reports."""
        books = self.corner.running.books
        facts = SagaFacts.model_validate_json(self.saga().facts)
        self.corner.line.plug(str(facts.expected_serial), facts.line.port)
        row = next(each for each in books.field_service["work_orders"] if each["id"] == facts.work_order_id)
        books.field_service["completions"].append(completion_of(row, str(facts.expected_serial), now()))
        sync_stream(self.corner.hub, "fsm", "completions", now())

    def ready_and_completed(self) -> None:
        """A saga is begun and everything is there that it waits for."""
        self.made_ready()
        self.technician_comes()

    def alive(self) -> None:
        """The newcomer's service works and is billed."""
        self.ready_and_completed()
        self.corner.worked_off()
        assert self.saga().state == "done", f"{self.saga().step}: {self.saga().reason}"

    def effects_wait(self) -> None:
        """A dozen effects wait for their turn, some of one account each."""
        for each in range(6):
            number, may_act = 100 * self.number + each, authority_of(self.corner.hub, now)
            for command in (job(number), billing_start(number)):
                enqueue(self.corner.hub, replace(command, market=MARKET), now(), may_act)


Asked = Callable[[Story], dict[str, Any]]


@dataclass(frozen=True)
class Stage:
    """One flow run of a case.

    Attributes:
        before: what people do first.
        flow: that is run, and possibly killed, and run again until nothing is left to do.
        points: about as many points of the journal are on its way.
        asked: fields of its request, beside the place.
    """

    before: Callable[[Story], None]
    flow: str
    points: int
    asked: Asked


@dataclass(frozen=True)
class FlowCase:
    """Something that flows do, and how everybody can see that it was done once.

    Attributes:
        kind: of the last saga; none where there is no saga.
        commands: that other systems were given by that saga, each done exactly once, in order.
    """

    name: str
    stages: tuple[Stage, ...]
    kind: str = ""
    commands: tuple[str, ...] = ()


def _market(story: Story) -> dict[str, Any]:
    del story
    return {"market": MARKET, **_BATCH}


def _batch(story: Story) -> dict[str, Any]:
    del story
    return _BATCH


def _nothing(story: Story) -> dict[str, Any]:
    del story
    return {}


def _changed(change: str, value: str) -> Asked:
    def asked(story: Story) -> dict[str, Any]:
        service = story.saga().service_id
        return {"service": service, "change": change, "value": value, "wish": f"call-{story.number}", **_BATCH}

    return asked


FLOW_CASES = (
    FlowCase(
        "activate_service",
        (
            Stage(Story.order_comes_in, "activate_service", 24, _market),
            Stage(Story.technician_comes, "activate_service", 46, _market),
        ),
        "activate",
        _TOLD,
    ),
    FlowCase("recover_sagas", (Stage(Story.ready_and_completed, "recover_sagas", 46, _batch),), "activate", _TOLD),
    FlowCase(
        "change_service, another tier",
        (Stage(Story.alive, "change_service", 30, _changed("change_tier", "fiber-1000")),),
        "change_tier",
        ("change_billing",),
    ),
    FlowCase(
        "change_service, suspended",
        (Stage(Story.alive, "change_service", 24, _changed("suspend", "walled")),),
        "suspend",
        ("set_service_status",),
    ),
    FlowCase(
        "change_service, an address",
        (Stage(Story.alive, "change_service", 24, _changed("add_part", "static-ip")),),
        "add_part",
        ("start_billing",),
    ),
    FlowCase("drain_outbox", (Stage(Story.effects_wait, "drain_outbox", 60, _nothing),)),
)
