"""A line that a person lets go on is not stopped again for what was known then; works are late for no stop."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from hub.decision import Decision
from hub.takeover.guard import KNOWN, GuardOutcome
from hub.takeover.moves import Wish, move
from hub.takeover.signals.finders import FINDERS
from hub.takeover.signals.look import Look
from hub.takeover.watching import watch_takeover
from hub.workplace import Hub
from storage.effects import effects
from storage.schema.sagas import SAGA
from tests.fakes.acted_works import DONE, NOW, ActedWorks
from tests.fakes.small_operator import MARKET

BILLING = "field_to_billing"
DAY = timedelta(days=1)
ACTIVE = """
declared: {oldtown: {field_to_billing: active}}
markets: {oldtown: {tell: [lead@operator.example], rollback: {stale_feed: {above: 99999}}}}
"""


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    """Works of the hub; of one nothing was told since its proof, which stops the line."""
    works = ActedWorks(tmp_path)
    works.handoffs(ACTIVE)
    works.good(1)
    works.saga(2, DONE, state="running", step="release")
    return works


def look(hub: Hub, **later: float) -> GuardOutcome:
    return watch_takeover(hub, MARKET.id, NOW + timedelta(**later)).guarded


def let_go(hub: Hub, **later: float) -> None:
    decision = Decision("lee", NOW + timedelta(**later), "it is seen to")
    move(hub, Wish(MARKET.id, BILLING, "released"), decision)


def test_what_was_known_when_a_person_let_the_line_go_on_does_not_stop_it_again(works: ActedWorks) -> None:
    with works.hub() as hub:
        assert look(hub).done == {BILLING: "in active now, stopped"}
        let_go(hub, minutes=1)
        again = look(hub, hours=25)
        assert {trip.signal.kind for trip in again.trips} == {"unfinished_works"}
        assert again.done == {BILLING: KNOWN}


def test_what_came_since_stops_it(works: ActedWorks) -> None:
    with works.hub() as hub:
        look(hub)
        let_go(hub, minutes=1)
        works.saga(3, DONE, state="running", step="release")
        works.journals[-1](hub)
        assert look(hub, hours=25).done == {BILLING: "in active now, stopped"}


def test_nobody_is_late_for_a_stop(works: ActedWorks) -> None:
    """A day after its proof a work is late; the days in which the line was stopped are none of these."""
    with works.hub() as hub, hub.database.reading() as connection:
        market = hub.operator.markets[MARKET.id]
        find = FINDERS["unfinished_works"]
        plain = Look(connection, hub.operator, market, NOW)
        assert [each.handoff for each in find(plain)] == [BILLING]
        stopped = Look(connection, hub.operator, market, NOW, went_on={BILLING: NOW - timedelta(hours=1)})
        assert list(find(stopped)) == []


def test_people_are_told_again_of_a_line_that_stands_still_once_each_time(works: ActedWorks) -> None:
    """A work that waits for a stop waits without an end: somebody has to hear of it who has forgotten it."""
    works.staff_by_mail()
    with works.hub() as hub:
        told = [watch_takeover(hub, MARKET.id, NOW + timedelta(hours=at)).reminded for at in (0, 23, 24, 30, 72)]
        with hub.database.reading() as connection:
            sent = [each.fields for each in effects(connection) if each.command == "notify_staff"]
        let_go(hub, hours=73)
        assert watch_takeover(hub, MARKET.id, NOW + timedelta(hours=100)).reminded == 0
    assert told == [0, 0, 1, 0, 1]
    again = [fields for fields in sent if "stopped since" in fields["title"]]
    assert len(again) == 2
    assert {fields["recipient"] for fields in again} == {"lead@operator.example"}
    assert "stands still for 72 hours" in again[1]["body"]
    assert "splice market release oldtown field_to_billing" in again[1]["body"]
    assert "order/92" in again[1]["body"]


@pytest.mark.parametrize(
    ("state", "let_go_before", "is_seen"),
    [("running", 2, False), ("running", 25, True), ("held", 200, False)],
    ids=["it goes on since two hours", "it went on a day ago", "a person is asked"],
)
def test_a_work_is_late_only_since_a_person_let_it_go_on(
    tmp_path: Path, state: str, let_go_before: int, is_seen: bool
) -> None:
    """Its line was stopped every other day for months for works that people looked at every other day."""
    works = ActedWorks(tmp_path)
    works.saga(2, DONE, state=state, step="release")
    works.effect("SO-92/activate/1/start_billing", "start_billing", "account/2", {}, DONE, state="unknown")

    def decided(hub: Hub) -> None:
        with hub.database.writing() as connection:
            connection.execute(update(SAGA).values(step_began_at=NOW - timedelta(hours=let_go_before)))

    works.journals.append(decided)
    with works.hub() as hub, hub.database.reading() as connection:
        market = hub.operator.markets[MARKET.id]
        seen = list(FINDERS["unfinished_works"](Look(connection, hub.operator, market, NOW)))
    assert [each.handoff for each in seen] == ([BILLING] if is_seen else [])


@pytest.mark.parametrize(("let_go_before", "is_seen"), [(2, False), (13, True)])
def test_a_saga_has_not_missed_its_job_since_before_a_person_let_it_go_on(
    tmp_path: Path, let_go_before: int, is_seen: bool
) -> None:
    works = ActedWorks(tmp_path, pulled_at=NOW - timedelta(hours=20))
    works.good(2, state="running", step="gate", completed_at=None)

    def decided(hub: Hub) -> None:
        with hub.database.writing() as connection:
            connection.execute(update(SAGA).values(step_began_at=NOW - timedelta(hours=let_go_before)))

    works.journals.append(decided)
    with works.hub() as hub, hub.database.reading() as connection:
        market = hub.operator.markets[MARKET.id]
        seen = list(FINDERS["unfinished_works"](Look(connection, hub.operator, market, NOW)))
    assert [each.handoff for each in seen] == ([BILLING] if is_seen else [])


@pytest.mark.parametrize(("state", "is_seen"), [("done", False), ("refused", True)])
def test_what_was_told_before_the_weeks_that_are_looked_at_was_told(
    tmp_path: Path, state: str, is_seen: bool
) -> None:
    """A saga that was held for a day after billing was told is younger than what it told."""
    works, began = ActedWorks(tmp_path), NOW - timedelta(days=70)
    works.operator.account("2")
    works.saga(2, began + timedelta(hours=2))
    works.effect("SO-92/activate/1/start_billing", "start_billing", "account/2", {}, began - DAY, state=state)
    with works.hub() as hub, hub.database.reading() as connection:
        market = hub.operator.markets[MARKET.id]
        seen = list(FINDERS["unfinished_works"](Look(connection, hub.operator, market, NOW)))
    assert [each.handoff for each in seen] == ([BILLING] if is_seen else [])
