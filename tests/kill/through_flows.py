"""One run through flows: flow runs of a real server are killed, others go on, and everything is looked at."""

import os
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import update

from console.demo_activation import ELEMENT_VARIABLES, operator_folder
from flows.server import PrefectServer
from handoffs.effect_states import WAITING
from hub.archive import DATABASE_FILE
from hub.sagas.elements import open_element
from hub.workplace import open_hub
from provisioning.change import shows
from provisioning.facts import SagaFacts
from provisioning.line import LAYERS
from provisioning.standing import wanted
from simulated_estate.living_line import LivingLine
from storage.effects import Effect, effects
from storage.sagas import Saga, sagas, steps_of
from storage.schema.effects import EFFECT
from storage.schema.sagas import SAGA
from tests.fakes.lumen_valley import lumen_valley
from tests.forked import PROCESSES
from tests.kill.end_state import billed_without_proof, wrong_in_systems
from tests.kill.flow_cases import FLOW_CASES, MARKET, Corner, FlowCase, Story, now
from tests.kill.flow_process import FlowRun, run_flows_when_asked

MOST_AGAIN = 6
RECOVERY_S = 30.0
SUBSCRIBERS = 20


@dataclass(frozen=True)
class FlowPlan:
    """What happens in a run; the same for the same seed.

    Attributes:
        stage: whose flow run is killed.
        point: of the hub's journal at which it dies; 0 where it is killed from outside.
        killed_after_s: when that is.
    """

    seed: int
    case: FlowCase
    stage: int
    point: int
    killed_after_s: float | None


def planned_flow(seed: int, cases: Sequence[FlowCase] = FLOW_CASES) -> FlowPlan:
    """The run of a seed; each case comes once in as many seeds as there are cases."""
    chance = random.Random(seed)
    case = cases[seed % len(cases)]
    stage = chance.randrange(len(case.stages))
    point, after_s = chance.randint(1, case.stages[stage].points), chance.uniform(0.5, 3.0)
    by_timer = chance.random() < 0.2
    return FlowPlan(seed, case, stage, 0 if by_timer else point, after_s if by_timer else None)


@dataclass
class FlowFound:
    """What a run came to.

    Attributes:
        killed: how many flow runs were killed.
        wrong: what is not as it should be.
    """

    plan: FlowPlan
    killed: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        plan, wrong = self.plan, "; ".join(self.wrong) or "as it should be"
        moment = f"point {plan.point}" if plan.point else f"after {plan.killed_after_s:.2f} s"
        again = f"again: python -m tests.kill --runs 0 --through-flows 1 --seed {plan.seed}"
        return f"seed {plan.seed}: {plan.case.name}, stage {plan.stage + 1}, {moment}: {wrong}\n  {again}"


@dataclass(frozen=True)
class FlowWorld:
    """A corner of an operator's plant and a process that runs flows; used for many runs."""

    corner: Corner
    pipe: Pipe
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def run(self, plan: FlowPlan) -> FlowFound:
        """Let a plan happen."""
        story, found = Story(self.corner, next(self.numbers)), FlowFound(plan)
        for place, stage in enumerate(plan.case.stages):
            stage.before(story)
            told_before = self._told_to_elements()
            asked, dies = {**self.corner.place, **stage.asked(story)}, place == plan.stage
            point, after_s = (plan.point, plan.killed_after_s) if dies else (0, None)
            found.killed += bool(self._ran(FlowRun(stage.flow, asked, point, after_s)))
            is_last = place == len(plan.case.stages) - 1
            for _ in range(MOST_AGAIN):
                if self._is_over(plan.case, story, is_last=is_last):
                    break
                self._time_passes()
                self._ran(FlowRun(stage.flow, asked))  # whoever asks again states the same wish
                self._time_passes()
                self._ran(FlowRun("recover_sagas", {**self.corner.place, "seconds": RECOVERY_S}))
            told = self._told_to_elements() - told_before
            found.wrong += [f"{what} was told {times} times" for what, times in told.items() if times > 1]
        found.wrong += self._wrong(plan.case, story)
        return found

    def _told_to_elements(self) -> Counter[str]:
        """How often each object of the OLT was written, and each setting of each router."""
        line = self.corner.line
        sets = [
            f"{task['device']} {task['parameterValues']}"
            for task in line.routers.done
            if task["name"] == "setParameterValues"
        ]
        return Counter([*line.controller.written, *sets])

    def _ran(self, asked: FlowRun) -> int:
        self.pipe.send(asked)
        signal: int = self.pipe.recv()
        return signal

    def _time_passes(self) -> None:
        """Leases of processes that were killed end, and what is to be looked at later is due."""
        at = now() - timedelta(seconds=1)
        with self.corner.hub.database.writing() as connection:
            for table in (SAGA, EFFECT):
                connection.execute(update(table).where(table.c.lease_until.is_not(None)).values(lease_until=at))
                connection.execute(update(table).where(table.c.due_at > at).values(due_at=at))

    def _is_over(self, case: FlowCase, story: Story, *, is_last: bool) -> bool:
        with self.corner.hub.database.reading() as connection:
            if effects(connection, states=WAITING, most=1):
                return False
        saga = self.corner.saga_of(story.order) if story.order else None
        if not case.kind or not is_last:
            return not story.order or saga is not None
        last = None if saga is None else self._last_saga(saga)
        return last is not None and last.kind == case.kind and last.state in ("done", "held", "undone")

    def _last_saga(self, of_order: Saga) -> Saga:
        with self.corner.hub.database.reading() as connection:
            return sagas(connection, service_id=of_order.service_id)[-1]

    def _wrong(self, case: FlowCase, story: Story) -> list[str]:
        with self.corner.hub.database.reading() as connection:
            known = effects(connection, most=10_000)
        wrong = [f"{each.command} is {each.state}" for each in known if each.state != "done"]
        wrong += wrong_in_systems(self.corner.running, known)
        if not case.kind:
            return wrong
        saga = self._last_saga(story.saga())
        with self.corner.hub.database.reading() as connection:
            steps = steps_of(connection, saga.id)
        told = [each for each in known if each.idempotency_key.startswith(f"{saga.key}/")]
        if (saga.kind, saga.state, saga.step) != (case.kind, "done", "release"):
            wrong.append(f"{saga.kind} is {saga.state} at {saga.step}: {saga.reason}")
        if saga.lease_until is not None:
            wrong.append("a lease was not given back")
        if tuple(each.command for each in told) != case.commands:
            wrong.append(f"other systems: {[each.command for each in told]}")
        facts = SagaFacts.model_validate_json(saga.facts)
        return [
            *wrong,
            *self._wrong_in_network(facts),
            *_sold_once(facts, known),
            *billed_without_proof(saga, steps, told),
        ]

    def _wrong_in_network(self, facts: SagaFacts) -> list[str]:
        hub, wrong = self.corner.hub, []
        for layer in LAYERS:
            element = hub.operator.network.element_of(MARKET, facts.line.element, layer)
            assert element is not None
            shall = wanted(layer, facts.standing, facts.line, facts.profile)
            driver = open_element(hub, element)
            if not shows(driver.observe(facts.line), None if shall is None else dict(shall)):
                wrong.append(f"{element} does not hold it")
            driver.close()
        return wrong


def _sold_once(facts: SagaFacts, known: list[Effect]) -> list[str]:
    """An order has one job, and its account one subscription of each thing."""
    jobs = [each for each in known if each.command == "create_work_order"]
    bills = [each.fields for each in known if each.command == "start_billing"]
    counts = Counter(str(each["offering_id"]) for each in bills if each["account_number"] == facts.account_number)
    counts["jobs"] = sum(each.fields["order_number"] == facts.order_number for each in jobs)
    return [f"{count} times {what} of one order" for what, count in counts.items() if count > 1]


@contextmanager
def flow_world(folder: Path, server: PrefectServer) -> Iterator[FlowWorld]:
    """A world in an empty folder, whose flow runs report to a server."""
    with ExitStack() as stack:
        valley = stack.enter_context(lumen_valley(folder / "valley", subscribers=SUBSCRIBERS, months=2))
        line = stack.enter_context(_living(folder))
        operator = _without_soak(operator_folder(folder))
        elements = {
            "LUMEN_VALLEY_DEMO_CONTROLLER": line.olt_address,
            "LUMEN_VALLEY_RB_AAA": line.aaa_address,
            "LUMEN_VALLEY_RB_ACS": line.acs_address,
        }
        environment = server.environment(os.environ | valley.environment | ELEMENT_VARIABLES | elements)
        workspace = folder / "work"
        hub = stack.enter_context(open_hub(operator, workspace, environment))
        corner = Corner(hub, valley.estate, valley.running, line, {"operator": operator, "workspace": workspace})
        mine, theirs = PROCESSES.Pipe()
        arguments = (environment, str(workspace / DATABASE_FILE), theirs)
        process = PROCESSES.Process(target=run_flows_when_asked, args=arguments)
        process.start()
        theirs.close()
        try:
            assert mine.recv() == "ready"
            yield FlowWorld(corner, mine)
        finally:
            mine.send(None) if process.is_alive() else None
            process.join(30)
            process.kill()
            mine.close()


@contextmanager
def _living(folder: Path) -> Iterator[LivingLine]:
    """A corner of the plant that lives until the block is left."""
    line, ended = LivingLine(folder, now), threading.Event()

    def live() -> None:
        while not ended.wait(0.1):
            line.live()

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield line
    finally:
        ended.set()
        thread.join()
        line.stop()


def _without_soak(folder: Path) -> Path:
    network: dict[str, Any] = yaml.safe_load((folder / "network.yaml").read_text(encoding="utf-8"))
    for block in network["verification"]:
        block["soak_minutes"] = 0
    (folder / "network.yaml").write_text(yaml.safe_dump(network), encoding="utf-8")
    return folder
