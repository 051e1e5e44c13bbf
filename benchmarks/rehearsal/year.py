"""A year of take-overs, day by day: people order, legacy and the hub act, the guard looks, somebody approves."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.rehearsal.beliefs import Beliefs
from benchmarks.rehearsal.billing import Biller
from benchmarks.rehearsal.elements import Network
from benchmarks.rehearsal.legacy import Legacy, sweep
from benchmarks.rehearsal.noted import Noted
from benchmarks.rehearsal.operator_folder import SHARED, olt_of, write_folder
from benchmarks.rehearsal.sinks import Systems
from benchmarks.rehearsal.town import Town, orders_of_day
from benchmarks.rehearsal.truth import FirstDays, first_days, wrongly_billed
from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.network import ServiceActivation
from handoffs.questions import Question
from handoffs.rollback import Trip
from handoffs.stages import HANDOFFS
from hub.decision import Decision
from hub.effects.drain import drain
from hub.readiness.beginning import begin_ready
from hub.reconcile import reconcile_market
from hub.sagas.advance import advance
from hub.sagas.desk import Desk
from hub.sagas.look_turns import LookTurns
from hub.takeover.authority import MayAct, authority_of
from hub.takeover.leading import look_on
from hub.takeover.powers import VerdictGate, people_of
from hub.takeover.questions import answer
from hub.takeover.shadow.run import shadow_market
from hub.takeover.watching import watch_takeover
from hub.workplace import Hub, open_hub
from provisioning.facts import SagaFacts
from storage.current_records import current_records

SLOTS = (18, 23)
"""Hours of a day, UTC, at which what technicians did until then is looked at."""
APPROVER = "ann"
LOOKED_AT_ON = (2, 16)
"""Days of the month on which a market is reconciled, and its hand-offs are moved where their gates have passed."""
SENT_ON = 4
"""Day of the month on which the bills of its first are sent."""
PAID_ON = 14
ROUNDS = 8


@dataclass
class Hand:
    """A clock that stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Year:
    """Everything of a rehearsal.

    Attributes:
        a_day: orders of a working day, in each market.
        noted: what happened to the take-over, in order.
        mornings: what somebody does every morning, by whoever rehearses a mistake.
    """

    hub: Hub
    clock: Hand
    beliefs: Beliefs
    network: Network
    systems: Systems
    towns: Mapping[str, Town]
    legacies: Mapping[str, Legacy]
    billers: Mapping[str, Biller]
    desk: Desk
    may_act: MayAct
    a_day: int
    began_on: date
    opened_at: datetime
    noted: list[Noted] = field(default_factory=list)
    corrected: int = 0
    mornings: list[Callable[[], None]] = field(default_factory=list)

    def days(self, number: int, before_each: Callable[["Year", date], None] = lambda _year, _day: None) -> None:
        """Live through some days."""
        for place in range(number):
            day = self.began_on + timedelta(days=place)
            before_each(self, day)
            self.live(day)

    def live(self, day: date) -> None:
        """One day, from the night's orders to the evening's questions."""
        self._morning(day)
        if day.day == 1:
            self._bills(day)
        if day.day == PAID_ON:
            for biller in self.billers.values():
                biller.be_paid()
        for hour in SLOTS:
            self._slot(day, hour)
        if day.day in LOOKED_AT_ON:
            self._reconcile(day)
        if day.day == SENT_ON:
            self._send_bills()
        if day.weekday() == 0 or day.day in LOOKED_AT_ON:
            self._shadow()
        if day.day in LOOKED_AT_ON:
            self._lead()

    def _at(self, day: date, hour: int, minute: int = 0) -> None:
        self.clock.now = max(self.clock.now, datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC))

    def _pass(self, minutes: float = 1) -> None:
        self.clock.now += timedelta(minutes=minutes)

    def _morning(self, day: date) -> None:
        before = day - timedelta(days=1)
        self._at(day, 12)
        for town in self.towns.values():
            for at in orders_of_day(before, self.a_day, town.chance):
                placed = datetime.combine(before, at, town.zone)
                town.order(min(placed, self.clock.now), day + timedelta(days=3 + town.chance.randrange(4)))
            town.deliver(self.clock.now)
            self.legacies[town.market].bill()
            sweep(
                self.network,
                self.beliefs,
                town.market,
                self.clock.now,
                is_whole=day.weekday() == 0 or day.day in LOOKED_AT_ON,
            )
        for act in self.mornings:
            act()
        self._pull(*SHARED, *map(olt_of, self.towns))
        self._pass()
        self._guard()
        for market in self.towns:
            self._begin(market)
        for legacy in self.legacies.values():
            legacy.make_jobs()
        self._send()
        for legacy in self.legacies.values():
            legacy.schedule()
        self._pass()
        self._pull("fsm")
        for market in self.towns:
            self._begin(market)
        self.work_off()

    def _slot(self, day: date, hour: int) -> None:
        end = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        self._at(day, hour - 1, 40)
        self._guard()  # nothing new is begun that nobody watches
        due = [
            (self.legacies[town.market], work)
            for town in self.towns.values()
            for work in town.waiting.values()
            if work.visit_at <= end
        ]
        for legacy, work in due:
            legacy.visit(work)
        self.work_off()
        self._at(day, hour)
        for legacy, work in due:
            legacy.report(work)
        for market in self.towns:
            sweep(self.network, self.beliefs, market, self.clock.now, is_whole=False)
        self._pull("fsm", *map(olt_of, self.towns))
        for market in self.towns:
            self._begin(market)
        self._pass()
        self.work_off()
        self._pull("crm", "billing", "fsm")
        self._pass()
        self._guard()

    def _pull(self, *systems: str) -> None:
        for system in systems:
            self.beliefs.pull(self.hub, system, self.clock.now)

    def _begin(self, market: str) -> None:
        outcome = begin_ready(self.hub, market, self.clock.now, self.may_act)
        for each in outcome.begun:
            if each.saga is not None:
                facts = SagaFacts.model_validate_json(each.saga.facts)
                work = self.towns[market].works[each.order_number]
                work.reserved, work.port, work.provisioned_by = str(facts.expected_serial), facts.line.port, "hub"
        for each in outcome.told:
            self.noted.append(Noted(self.clock.now, market, "held", f"order {each.order_number}: {each.said}"))

    def _send(self) -> None:
        drain(self.hub, self.clock, self.may_act, open_sink=self.systems.open)

    def work_off(self) -> None:
        """Let the hub go on with everything that is due, as its worker does at any hour."""
        for _ in range(ROUNDS):
            moved = advance(self.desk).settled
            self._send()
            self._pass(0.5)
            if not moved:
                break

    def _guard(self) -> None:
        for market in self.towns:
            began = time.perf_counter()
            outcome = watch_takeover(self.hub, market, self.clock.now).guarded
            took = time.perf_counter() - began
            for trip in outcome.trips:
                self._note_trip(trip, took)
            for handoff, done in outcome.done.items():
                kind = "moved" if done.startswith("in ") else "kept"  # stopped already, or let pass by a person
                self.noted.append(Noted(self.clock.now, market, kind, done, handoff, "guard", took))

    def _note_trip(self, trip: Trip, took: float) -> None:
        self.noted.append(
            Noted(
                self.clock.now, trip.signal.market, "tripped", trip.said, trip.signal.handoff, trip.signal.kind, took
            )
        )

    def _bills(self, day: date) -> None:
        for biller in self.billers.values():
            biller.run(day)
        self._pull("billing")

    def _send_bills(self) -> None:
        """Bills go out; whoever judges the year is told which of them are wrong."""
        for market, biller in self.billers.items():
            accounts = biller.send()
            wrong, accounts_of = self.wrongly_billed(market, accounts), self.towns[market].by_account
            by_hub = [each for each in wrong if accounts_of[each].billed_by == "hub"]
            said = f"{len(accounts)} bills, {len(wrong)} wrong, {len(by_hub)} of these by the hub"
            of_hub = sum(accounts_of[each].billed_by == "hub" for each in accounts)
            self.noted.append(
                Noted(
                    *(self.clock.now, market, "sent", said),
                    wrong=len(wrong),
                    wrong_of_hub=len(by_hub),
                    of_hub=of_hub,
                )
            )

    def wrongly_billed(self, market: str, accounts: Collection[str] | None = None) -> dict[str, int]:
        """Cents by which what accounts were sent is wrong; see ``truth.wrongly_billed``."""
        return wrongly_billed(self.towns[market], self.billers[market], self.first_days(market), accounts)

    def first_days(self, market: str) -> FirstDays:
        """From which day each account of a market pays; see ``truth.first_days``."""
        with self.hub.database.reading() as connection:
            shown = current_records(connection, ServiceActivation, market)
        return first_days(self.towns[market], self.network, shown)

    def note(self, market: str, kind: str, said: str, handoff: str = "") -> None:
        """Note something that happened."""
        self.noted.append(Noted(self.clock.now, market, kind, said, handoff))

    def _reconcile(self, day: date) -> None:
        self._at(day, 23, 40)
        for market in self.towns:
            reconcile_market(self.hub, market, self.clock.now, self.clock.now)

    def _shadow(self) -> None:
        for market in self.towns:
            shadow_market(self.hub, market, self.clock.now)

    def _lead(self) -> None:
        self._pass()
        self._guard()
        for market in self.towns:
            for handoff in HANDOFFS:
                self._pass(0.1)
                look = look_on(self.hub, market, handoff, self.clock.now)
                self.noted.append(Noted(self.clock.now, market, "asked", look.said, handoff))
                if look.question is not None:
                    self._approve(look.question)

    def _approve(self, question: Question) -> None:
        self._pass(0.1)
        decision = Decision(APPROVER, self.clock.now, "its gate has passed")
        gate, people = VerdictGate(self.hub), people_of(self.hub, question.market)
        try:
            moved = answer(self.hub, question.id, decision, people, gate, approves=True)
        except (ConfigurationError, UnsafeToContinue) as error:
            self.noted.append(Noted(self.clock.now, question.market, "held", str(error), question.handoff))
            return
        said = "stays" if moved is None else f"{moved.stage} {moved.cohort}"
        self.noted.append(Noted(self.clock.now, question.market, "moved", said, question.handoff, APPROVER))


@contextmanager
def rehearsed(folder: Path, markets: Mapping[str, str], handoffs: str, began_on: date, a_day: int) -> Iterator[Year]:
    """An operator that has just opened, at work in a folder."""
    write_folder(folder / "operator", markets, handoffs)
    clock = Hand(datetime(began_on.year, began_on.month, began_on.day, 6, tzinfo=UTC))
    beliefs, network = Beliefs(), Network(clock)
    systems = Systems(beliefs, clock)
    with open_hub(folder / "operator", folder / "work", {"REHEARSAL": "none"}) as hub:
        may_act = authority_of(hub, clock)
        towns = {
            market: Town(market, ZoneInfo(zone), number, Random(number), beliefs)
            for number, (market, zone) in enumerate(markets.items(), start=11)
        }
        for town in towns.values():
            town.build(clock.now)
        given: dict[str, Any] = {
            "legacies": {name: Legacy(town, beliefs, network, clock, may_act) for name, town in towns.items()},
            "billers": {name: Biller(name, beliefs) for name in towns},
        }
        with Desk(hub, hub.operator.network, network.driver, clock, may_act, looks=LookTurns(timedelta())) as desk:
            yield Year(
                hub,
                clock,
                beliefs,
                network,
                systems,
                towns,
                desk=desk,
                may_act=may_act,
                a_day=a_day,
                began_on=began_on,
                opened_at=clock.now,
                **given,
            )
