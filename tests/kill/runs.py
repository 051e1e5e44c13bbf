"""One run: a use case begins, processes that lead it are killed, others go on, and everything is looked at."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from hub.sagas.beginning import begin_saga
from hub.workplace import Hub
from provisioning.change import shows
from provisioning.facts import SagaFacts
from provisioning.line import LAYERS
from provisioning.standing import wanted
from storage.effects import effects
from storage.sagas import Saga, saga_with, steps_of
from tests.fakes.activations import OpenOrders
from tests.fakes.doomed import SIDES, Side
from tests.fakes.effects import START, impatient
from tests.fakes.lines import NETWORK
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley
from tests.fakes.told_network import ToldNetwork
from tests.forked import PROCESSES
from tests.kill.end_state import billed_without_proof, wrong_in_systems
from tests.kill.leading_process import Leading, Workplace, lead_when_asked
from tests.kill.use_cases import USE_CASES, Place, UseCase

POINTS: dict[Side, int] = {"planning": 60, "sending": 12, "reading": 34}
"""About as many points of each side are on the way of an activation; beyond its last one nobody is killed."""
DEVICE_FAULTS = ("loses_answer", "lies", "away")
SYSTEM_FAULTS = (
    "billing:answer_lost=1",
    "billing:answer_late=2",
    "billing:write_lost=1",
    "fsm:answer_lost=1",
    "crm:answer_lost=1",
    "crm:answer_late=2",
    "fsm:rubbish=1",
)
PATIENCE_S = 1.0
"""How long the hub waits for an answer; shorter than an answer that comes late."""
MOVES = (31.0, 31.0, 61.0)
AFTERWARDS = timedelta(minutes=25)
"""By then every lease has ended, and no step has waited so long that a person is asked."""
LATER = (31.0, 61.0, 61.0, 130.0, 130.0, 610.0, 610.0, 610.0)
APART = timedelta(hours=4)


@dataclass(frozen=True)
class Plan:
    """What happens in a run; the same for the same seed.

    Attributes:
        seed: of the run.
        doomed: processes that lead at the same time, with the ends that they come to.
    """

    seed: int
    case: UseCase
    device_faults: tuple[tuple[str, str], ...]
    system_faults: str
    together: bool
    doomed: tuple[tuple[Side | None, int, float | None], ...]


def planned(seed: int, cases: Sequence[UseCase] = USE_CASES) -> Plan:
    """The run of a seed."""
    chance = random.Random(seed)
    together = chance.random() < 0.2
    racing = chance.random() < 0.3
    faulty = chance.random() < 0.4
    elements = [chance.choice(("olt-1", "aaa-1", "acs-1")) for _ in range(chance.randint(0, 2) if faulty else 0)]
    doomed: list[tuple[Side | None, int, float | None]] = []
    for number in range(2 if racing else 1):
        side = chance.choice(SIDES)
        point = chance.randint(1, POINTS[side])
        by_timer = number == 0 and chance.random() < 0.25
        after_s = chance.uniform(0.02, 0.6)
        doomed.append((None, 0, after_s) if by_timer else (side, point, None))
    return Plan(
        seed=seed,
        case=chance.choice(cases),
        device_faults=tuple((element, chance.choice(DEVICE_FAULTS)) for element in elements),
        system_faults=chance.choice(SYSTEM_FAULTS) if faulty and chance.random() < 0.6 else "",
        together=together,
        doomed=tuple(doomed),
    )


@dataclass
class Found:
    """What a run came to.

    Attributes:
        database: the kind of the hub's own.
        killed: how many processes were killed, by side; those from outside are ``outside``.
        wrong: what is not as it should be.
    """

    plan: Plan
    database: str
    killed: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        again = f"again: python -m tests.kill --runs 1 --seed {self.plan.seed} --database {self.database}"
        return f"seed {self.plan.seed}: {'; '.join(self.wrong)}\n  {self.plan}\n  {again}"


@dataclass(frozen=True)
class World:
    """An operator with its network, and a process that leads what it is asked to; used for many runs."""

    operator: LumenValley
    network: ToldNetwork
    hub: Hub
    orders: OpenOrders
    pipe: Pipe
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def run(self, plan: Plan) -> Found:
        """Let a plan happen, in four hours of this world's time.

        Raises:
            LookupError: there are no more orders.
        """
        number = next(self.numbers)
        if number > self.orders.number:
            raise LookupError("every order of this world is used up")
        at, found = START + number * APART, Found(plan, self.hub.database.engine.dialect.name)
        for element, name in plan.device_faults:
            self.network.fail(element, name)
        wish = plan.case.prepared(Place(self.orders, self.network, self.hub.database), number, at)
        saga = begin_saga(self.hub, plan.case.kind, wish, at)
        self.operator.running.set_faults(plan.system_faults)
        begun = [
            Leading(saga.id, at, () if plan.together else MOVES, side, point, after_s)
            for side, point, after_s in plan.doomed
        ]
        for leading, ended_by in zip(begun, self._led(begun), strict=True):
            if ended_by:
                found.killed[leading.side or "outside"] += 1
        self.operator.running.set_faults("")
        self._led([Leading(saga.id, at + AFTERWARDS, LATER)])
        found.wrong += self._wrong(plan.case, saga, wish)
        for element in ("olt-1", "aaa-1", "acs-1"):
            for name in DEVICE_FAULTS:
                self.network.fail(element, name, times=0)
        return found

    def _led(self, asked: list[Leading]) -> list[int]:
        self.pipe.send(asked)
        ends: list[int] = self.pipe.recv()
        return ends

    def _wrong(self, case: UseCase, begun: Saga, wish: SagaFacts) -> list[str]:
        with self.hub.database.reading() as connection:
            saga = saga_with(connection, begun.id)
            steps = steps_of(connection, begun.id)
            known = effects(connection, most=10_000)
        told = [each for each in known if each.idempotency_key.startswith(f"{begun.key}/")]
        assert saga is not None
        wrong = []
        if (saga.state, saga.step) != case.ends:
            wrong.append(f"it is {saga.state} at {saga.step}: {saga.reason}")
        if saga.lease_until is not None:
            wrong.append("a lease was not given back")
        heard = Counter(self.network.heard_of(wish.line.service_id))
        if heard != Counter(case.told):
            wrong.append(f"elements were told {dict(heard)}")
        if saga.state == "done":
            wrong += self._wrong_in_network(SagaFacts.model_validate_json(saga.facts))
        states = [(each.command, each.state) for each in told]
        if states != [(command, "done") for command in case.commands]:
            wrong.append(f"other systems: {states}")
        return [*wrong, *wrong_in_systems(self.operator.running, told), *billed_without_proof(saga, steps, told)]

    def _wrong_in_network(self, facts: SagaFacts) -> list[str]:
        wrong = []
        for layer in LAYERS:
            element = NETWORK.element_of(facts.line.market, facts.line.element, layer)
            if element is None:
                continue
            shall = wanted(layer, facts.standing, facts.line, facts.profile)
            if not shows(self.network.driver(element).observe(facts.line), None if shall is None else dict(shall)):
                wrong.append(f"{element} does not hold it")
        return wrong


@contextmanager
def world(folder: Path, database: str | None = None, subscribers: int = 60) -> Iterator[World]:
    """An operator's world in an empty folder; ``database`` is an address in the place of a SQLite file."""
    with ExitStack() as stack:
        operator = stack.enter_context(lumen_valley(folder / "operator", subscribers=subscribers, months=2))
        impatient(operator, PATIENCE_S)
        if database is not None:
            change(operator.folder / "operator.yaml", r"\nlimits:", f"\ndatabase: {database}\nlimits:")
        hub = stack.enter_context(operator.hub(folder / "work"))
        network = ToldNetwork(folder / "network.sqlite")
        mine, theirs = PROCESSES.Pipe()
        place = Workplace(operator.folder, folder / "work", operator.environment, network)
        process = PROCESSES.Process(target=lead_when_asked, args=(place, theirs))
        process.start()
        theirs.close()
        try:
            assert mine.recv() == "ready"
            yield World(operator, network, hub, OpenOrders(operator), mine)
        finally:
            mine.send(None) if process.is_alive() else None
            process.join(30)
            process.kill()
            mine.close()
