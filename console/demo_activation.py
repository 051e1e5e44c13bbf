"""`splice demo activate`: one order from its address to its first bill, and one that is held and bills nothing."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import typer
import yaml

from canonical_model.errors import UnsafeToContinue
from canonical_model.money import Money
from console.demo_workspace import WORKSPACE, WorkspaceOption, emptied
from console.estate import SeedOption, variables
from console.service_shown import history_table
from console.workplace import EXAMPLE_OPERATOR, screen
from hub.effects.drain import drain
from hub.explain import explained_subject
from hub.operator_folder.handoffs_file import HANDOFFS_FILE
from hub.readiness.beginning import begin_ready
from hub.readiness.qualifying import qualify_address
from hub.sagas.advance import advance
from hub.sagas.desk import Desk
from hub.sagas.elements import open_element
from hub.service_history.history import service_history
from hub.snapshots import take_snapshot
from hub.sync import sync_stream, sync_system
from hub.takeover.authority import authority_of
from hub.workplace import Hub, open_hub
from provisioning.facts import SagaFacts
from simulated_estate.bill_run import run_bills
from simulated_estate.bookkeeping.stock import delivered
from simulated_estate.estate import build_estate
from simulated_estate.living_line import DEVICE, LOGIN, RELEASE, LivingLine
from simulated_estate.markets import MARKETS
from simulated_estate.months import next_month
from simulated_estate.newcomers import completion_of, walk_in
from simulated_estate.servers.serve import RunningEstate, serve_estate
from storage.sagas import Saga, sagas

MARKET = "riverbend"
ADDRESS = "4711 Lakeview Lane"
SERIALS = ("ALCL0DE70001", "ALCL0DE70002")
SUBSCRIBERS, MONTHS = 40, 2
FOUR_MINUTES = timedelta(minutes=4)
ELEMENT_VARIABLES = {"LUMEN_VALLEY_DEMO_CONTROLLER_PASSWORD": LOGIN[1]}


@dataclass
class DemoClock:
    """Stands still but for what the demo lets pass, so that half an hour of soak takes no time."""

    now: datetime

    def __call__(self) -> datetime:
        """The moment at which the demo is."""
        return self.now

    def pass_by(self, time: timedelta) -> None:
        """Let time pass."""
        self.now += time


@dataclass(frozen=True)
class Stage:
    """Everything that takes part.

    Attributes:
        line: the corner of the plant that lives.
    """

    hub: Hub
    estate: RunningEstate
    line: LivingLine
    clock: DemoClock

    def pull(self, *systems: str) -> None:
        """Bring what systems believe."""
        for system in systems:
            sync_system(self.hub, system, self.clock())

    def lead(self, desk: Desk, rounds: int = 8, apart: timedelta = timedelta(seconds=61)) -> None:
        """Lead sagas and send effects, while the plant lives."""
        for _ in range(rounds):
            advance(desk)
            drain(self.hub, self.clock, desk.may_act)
            self.line.live()
            self.clock.pass_by(apart)

    def saga_of(self, order: str) -> Saga:
        """The saga of an order."""
        with self.hub.database.reading() as connection:
            return sagas(connection, order_number=order)[-1]


def activate(seed: SeedOption = 1, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Bring one service to life from its address to its first bill, and one that lies in the network and is held."""
    emptied(workspace)
    with _stage(workspace, seed) as stage:
        desk = Desk(
            stage.hub,
            stage.hub.operator.network,
            lambda name: open_element(stage.hub, name),
            stage.clock,
            authority_of(stage.hub, stage.clock),
        )
        with desk:
            good = _one_that_works(stage, desk)
            bad = _one_that_is_held(stage, desk)
        _first_invoice(stage, good)
        _no_invoice(stage, bad)
        _show(stage, good, "An order that was brought to life")
        _show(stage, bad, "An order that the network lied about: held, and nothing is billed")
    if (good.state, bad.state) != ("done", "held"):
        raise UnsafeToContinue(f"the orders ended as {good.state} ({good.reason}) and {bad.state} ({bad.reason})")


def _one_that_works(stage: Stage, desk: Desk) -> Saga:
    hub, clock, may_act = stage.hub, stage.clock, desk.may_act
    order = walk_in(stage.estate.books, beside=("static-ip",))
    stage.pull("crm", "fsm", "billing")
    answer = qualify_address(hub, MARKET, ADDRESS, clock(), "fiber-500")
    room = answer.rooms[0].terminal
    _say("address", f"{ADDRESS} is {answer.result}: terminal {room.terminal} on {room.element} {room.port}")
    begin_ready(hub, MARKET, clock(), may_act)
    drain(hub, clock, may_act)
    begin_ready(hub, MARKET, clock(), may_act)
    facts = SagaFacts.model_validate_json(stage.saga_of(order).facts)
    _say("order", f"{order}: {facts.line.element} {facts.line.port} number {facts.line.onu_id} is kept")
    _say("device", f"{facts.expected_serial} goes along; field service has job {facts.work_order_id}")
    stage.lead(desk, 1)
    stage.line.plug(str(facts.expected_serial), facts.line.port)
    _say("technician", f"plugs {facts.expected_serial} in at {facts.line.port}")
    stage.lead(desk, 3)
    _say("network", stage.saga_of(order).reason)
    stage.lead(desk, 9, apart=FOUR_MINUTES)  # a soak counts no time in which nobody looks
    _complete(stage, facts)
    _say("technician", "reports the job as done, with photographs, place and signature")
    stage.lead(desk)
    stage.pull("crm", "billing")
    done = stage.saga_of(order)
    _say("bill", done.reason)
    return done


def _one_that_is_held(stage: Stage, desk: Desk) -> Saga:
    hub, clock, may_act = stage.hub, stage.clock, desk.may_act
    order = walk_in(stage.estate.books, number=2)
    stage.pull("crm")
    for _ in range(2):
        begin_ready(hub, MARKET, clock(), may_act)
        drain(hub, clock, may_act)
    begin_ready(hub, MARKET, clock(), may_act)
    facts = SagaFacts.model_validate_json(stage.saga_of(order).facts)
    stage.line.controller.lie = "forgets"
    _say("network", "from now on the controller says yes and writes nothing")
    stage.line.plug(str(facts.expected_serial), facts.line.port)
    for _ in range(6):
        stage.lead(desk, 1)
        clock.pass_by(timedelta(minutes=10))
    held = stage.saga_of(order)
    _say("held", f"{held.reason}; {(held.person or 'nobody').replace('_', ' ')} is asked")
    return held


def _first_invoice(stage: Stage, saga: Saga) -> None:
    """Bill the month, and hold the bill against what was delivered, as a reconciliation of the market does."""
    hub, account = stage.hub, _account_of(saga)
    first = next_month(hub.operator.markets[MARKET].local_date(stage.clock()))
    stage.clock.now = datetime.combine(first + timedelta(days=4), time(12), UTC)
    for bill in run_bills(stage.estate.books, account, MARKET, first):
        _say("invoice", f"{bill['billNumber']} of {bill['billDate']}: {bill['total']} {bill['currency']}")
    stage.pull("crm", "fsm", "billing")
    folder, manifest = take_snapshot(hub, MARKET, stage.clock())
    for service in explained_subject(folder, manifest, account):
        for month in service.explanation.months:
            minors = (month.expected_minor, month.billed_minor)
            owed, billed = (Money.from_minor(minor, manifest.market.currency) for minor in minors)
            _say("checked", f"{month.charge.replace('_', ' ')} of {month.period:%b %Y}: {owed} owed, {billed} billed")
            if month.expected_minor != month.billed_minor or not month.billed_minor:
                raise UnsafeToContinue(f"the first bill of {account} is not what was delivered")


def _no_invoice(stage: Stage, saga: Saga) -> None:
    bills = run_bills(stage.estate.books, _account_of(saga), MARKET, stage.clock().date().replace(day=1))
    _say("invoice", f"none for {_account_of(saga)}, whose order is held" if not bills else f"{len(bills)} bills")
    if bills:
        raise UnsafeToContinue(f"an order that is held was billed: {bills}")


def _account_of(saga: Saga) -> str:
    return SagaFacts.model_validate_json(saga.facts).account_number


def _complete(stage: Stage, facts: SagaFacts) -> None:
    books = stage.estate.books.field_service
    job = next(row for row in books["work_orders"] if row["id"] == facts.work_order_id)
    stage.clock.pass_by(timedelta(minutes=1))
    books["completions"].append(completion_of(job, str(facts.line.serial or facts.expected_serial), stage.clock()))
    stage.clock.pass_by(timedelta(minutes=1))
    sync_stream(stage.hub, "fsm", "completions", stage.clock())


def _show(stage: Stage, saga: Saga, title: str) -> None:
    history = service_history(stage.hub, saga.service_id, MARKET)
    screen.print(f"\n[bold]{title}[/]", highlight=False)
    for sentence in history.stands:
        screen.print(f"  {sentence}", markup=False, highlight=False)
    screen.print(history_table(history, None, proof=False))


def _say(who: str, what: str) -> None:
    screen.print(f"[bold]{who:<11}[/]", end="", highlight=False)
    screen.print(what, markup=False, highlight=False)


@contextmanager
def _stage(workspace: Path, seed: int) -> Iterator[Stage]:
    """The operator's systems and a living line, and a hub that owns every hand-off of the market."""
    built = build_estate(SUBSCRIBERS, MONTHS, seed)
    clock = DemoClock(built.as_of)
    line = LivingLine(workspace, clock)
    market = MARKETS[MARKET]
    built.books.field_service["stock_movements"] += delivered(SERIALS, market, built.as_of.replace(day=1), "GX-100")
    folder = operator_folder(workspace)
    try:
        with serve_estate(built.books) as running:
            environment = os.environ | variables(running) | ELEMENT_VARIABLES
            environment |= {
                "LUMEN_VALLEY_DEMO_CONTROLLER": line.olt_address,
                "LUMEN_VALLEY_RB_AAA": line.aaa_address,
                "LUMEN_VALLEY_RB_ACS": line.acs_address,
            }
            with open_hub(folder, workspace / "hub", environment) as hub:
                yield Stage(hub, running, line, clock)
    finally:
        line.stop()


def operator_folder(workspace: Path) -> Path:
    """The example operator, whose OLTs are reached through the controller, with every hand-off of the market."""
    folder = workspace / "operator"
    shutil.copytree(EXAMPLE_OPERATOR, folder)
    network: dict[str, Any] = yaml.safe_load((folder / "network.yaml").read_text(encoding="utf-8"))
    reached = {
        "driver": "restconf_bbf",
        "variant": "nokia_altiplano",
        "market": MARKET,
        "address": "env:LUMEN_VALLEY_DEMO_CONTROLLER",
        "options": {"username": LOGIN[0], "release": RELEASE, "device": DEVICE},
        "secrets": {"password": "env:LUMEN_VALLEY_DEMO_CONTROLLER_PASSWORD"},
    }
    for name in [name for name in network["elements"] if name.startswith("rb-olt-")]:
        network["elements"][name] = dict(reached)
    del network["elements"]["rb-aaa"]["secrets"]
    (folder / "network.yaml").write_text(yaml.safe_dump(network, sort_keys=False), encoding="utf-8")
    names = ("order_to_provisioning", "provisioning_to_dispatch", "dispatch_to_field", "field_to_billing")
    owned = yaml.safe_dump({"declared": {MARKET: dict.fromkeys(names, "active")}})
    (folder / HANDOFFS_FILE).write_text(owned, encoding="utf-8")
    return folder


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("activate")(activate)
