"""The guard: harm gives the hand-off back, once; what is well is left alone; people are told once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from canonical_model.errors import ConfigurationError
from handoffs.rollback import Deed
from handoffs.stages import Handoff, TakeoverStage
from hub.takeover.guard import GuardOutcome, Powers, guard_market
from hub.takeover.powers import powers_of
from hub.workplace import Hub
from storage.effects import Effect, effects
from storage.gate_clocks import clock_of
from storage.guard_passes import guard_passes
from storage.schema.sagas import SAGA
from tests.fakes.acted_works import DONE_ON, NOW, ActedWorks

ACTIVE = """
declared:
  oldtown: {order_to_provisioning: active, provisioning_to_dispatch: active, field_to_billing: active}
"""


@dataclass
class Hand:
    """Does what the guard asks, as the take-over would: once."""

    stages: dict[Handoff, TakeoverStage]
    asked: list[tuple[Handoff, Deed]] = field(default_factory=list)
    renewed: list[datetime] = field(default_factory=list)

    def act(self, market: str, handoff: Handoff, deed: Deed, why: str, now: datetime) -> str:
        self.asked.append((handoff, deed))
        if deed == "roll_back":
            self.stages[handoff] = "shadow"
        return f"{deed} of {handoff}"

    @property
    def powers(self) -> Powers:
        def stages(connection: Connection, market: str) -> Mapping[Handoff, TakeoverStage]:
            return dict(self.stages)

        return Powers(stages, self.act, lambda market, now: self.renewed.append(now))


@pytest.fixture
def hand() -> Hand:
    return Hand(
        {"order_to_provisioning": "active", "provisioning_to_dispatch": "active", "field_to_billing": "active"}
    )


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    works = ActedWorks(tmp_path)
    works.handoffs(ACTIVE)
    works.good(1)
    works.good(2)
    return works


def billed_twice(works: ActedWorks) -> None:
    works.operator.subscription("1", "legacy-1", DONE_ON, premise="P1")


def look(hub: Hub, hand: Hand, **moved: float) -> GuardOutcome:
    return guard_market(hub, "oldtown", NOW + timedelta(**moved), hand.powers)


def notices(hub: Hub) -> list[Effect]:
    with hub.database.reading() as connection:
        return [each for each in effects(connection) if each.command == "notify_staff"]


def test_where_all_is_well_the_line_goes_on_and_the_lease_is_kept(works: ActedWorks, hand: Hand) -> None:
    with works.hub() as hub:
        outcome = look(hub, hand)
        with hub.database.reading() as connection:
            (seen,) = guard_passes(connection, "oldtown")
    assert (outcome.trips, outcome.done, outcome.missed) == ((), {}, {})
    assert (hand.asked, hand.renewed) == ([], [NOW])
    assert (seen.at, seen.trips, seen.works) == (NOW, [], None)


def test_one_double_bill_gives_the_hand_off_back_and_no_other(works: ActedWorks, hand: Hand) -> None:
    billed_twice(works)
    with works.hub() as hub:
        outcome = look(hub, hand)
        again = look(hub, hand, minutes=5)
        with hub.database.reading() as connection:
            first = guard_passes(connection, "oldtown", tripped=True)
    assert hand.asked == [("field_to_billing", "roll_back")]
    assert outcome.done == {"field_to_billing": "roll_back of field_to_billing"}
    assert again.trips == ()
    assert [(each["kind"], each["deed"], each["works"]) for each in first[0].trips] == [
        ("double_bill", "roll_back", ["account/1"])
    ]
    assert len(first) == 1


def test_harm_where_the_hub_does_not_act_is_not_the_hubs(works: ActedWorks, hand: Hand) -> None:
    billed_twice(works)
    hand.stages["field_to_billing"] = "shadow"
    with works.hub() as hub:
        assert look(hub, hand).trips == ()
    assert hand.asked == []


def test_a_retired_system_is_given_nothing_back(works: ActedWorks, hand: Hand) -> None:
    billed_twice(works)
    hand.stages["field_to_billing"] = "legacy_retired"
    with works.hub() as hub:
        look(hub, hand)
    assert hand.asked == [("field_to_billing", "hold")]


def test_harm_of_before_the_hand_off_was_given_back_gives_it_back_no_second_time(
    works: ActedWorks, hand: Hand
) -> None:
    billed_twice(works)
    again = replace(hand.powers, since=lambda connection, market, handoff: NOW - timedelta(days=1))
    with works.hub() as hub:
        assert guard_market(hub, "oldtown", NOW, again).trips == ()
        assert guard_market(hub, "oldtown", NOW, hand.powers).trips != ()


def test_the_operator_may_say_that_it_is_held_instead(works: ActedWorks, hand: Hand) -> None:
    works.handoffs(f"{ACTIVE}\nmarkets: {{oldtown: {{rollback: {{double_bill: {{does: hold}}}}}}}}")
    billed_twice(works)
    with works.hub() as hub:
        look(hub, hand)
    assert hand.asked == [("field_to_billing", "hold")]


def test_at_an_event_only_its_works_are_looked_at(works: ActedWorks, hand: Hand) -> None:
    billed_twice(works)
    with works.hub() as hub:
        assert guard_market(hub, "oldtown", NOW, hand.powers, ["order/92"]).trips == ()
        assert guard_market(hub, "oldtown", NOW, hand.powers, ["order/91"]).trips != ()
        with hub.database.reading() as connection:
            assert [each.works for each in guard_passes(connection, "oldtown")] == [("order/91",), ("order/92",)]


def test_people_are_told_once_of_the_same(works: ActedWorks, hand: Hand) -> None:
    works.staff_by_mail()
    works.handoffs(f"{ACTIVE}\nmarkets: {{oldtown: {{tell: [lead@operator.example]}}}}")
    billed_twice(works)
    with works.hub() as hub:
        assert look(hub, hand).told == ("lead@operator.example",)
        hand.stages["field_to_billing"] = "active"
        assert look(hub, hand, minutes=5).told == ()
        (told,) = notices(hub)
    assert told.fields["recipient"] == "lead@operator.example"
    assert "Double bill" in told.fields["body"]
    assert "roll_back of field_to_billing" in told.fields["body"]


def test_a_change_of_the_network_file_is_told_once(works: ActedWorks, hand: Hand) -> None:
    with works.hub() as hub:
        look(hub, hand)
    works.journals.clear()
    file = works.small.folder / "network.yaml"
    file.write_text(file.read_text().replace("outer: 700", "outer: 701"))
    with works.small.open() as hub:
        first, second = look(hub, hand, minutes=5), look(hub, hand, minutes=10)
    assert {(trip.signal.kind, trip.rule.does) for trip in first.trips} == {("versions_changed", "alarm")}
    assert {trip.signal.works for trip in first.trips} == {("network",)}
    assert second.trips == ()
    assert hand.asked == []


def test_a_policy_that_changed_is_told_once_and_sets_no_clock(works: ActedWorks, hand: Hand) -> None:
    with works.hub() as hub:
        look(hub, hand)
        with hub.database.reading() as connection:
            before = clock_of(connection, "oldtown", "field_to_billing")
    works.handoffs(f"{ACTIVE}\neverywhere: {{rollback: {{stale_feed: {{above: 48}}}}}}")
    with works.small.open() as hub:
        first, second = look(hub, hand, minutes=5), look(hub, hand, minutes=10)
        with hub.database.reading() as connection:
            after = clock_of(connection, "oldtown", "field_to_billing")
    assert {(trip.signal.kind, trip.signal.works) for trip in first.trips} == {("versions_changed", ("policy",))}
    assert second.trips == ()
    assert before is not None
    assert after is not None
    assert (after.since, after.versions, after.parts == before.parts) == (before.since, before.versions, False)


def test_two_guards_at_once_do_the_same_as_one(works: ActedWorks, hand: Hand) -> None:
    works.staff_by_mail()
    works.handoffs(f"{ACTIVE}\nmarkets: {{oldtown: {{tell: [lead@operator.example]}}}}")
    billed_twice(works)
    with works.hub() as hub, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: look(hub, hand), range(4)))
        assert len(notices(hub)) == 1
    assert set(hand.asked) == {("field_to_billing", "roll_back")}


def test_a_record_that_cannot_be_read_hides_no_other_harm(works: ActedWorks, hand: Hand) -> None:
    billed_twice(works)
    with works.hub() as hub:
        with hub.database.writing() as connection:
            connection.execute(update(SAGA).where(SAGA.c.service_id == "2").values(facts="{}"))
        outcome = look(hub, hand)
    assert outcome.missed == {"saga SO-92/activate/1": "its facts cannot be read"}
    assert {trip.signal.kind for trip in outcome.trips} >= {"double_bill"}


def test_stages_are_those_that_the_operator_declares(works: ActedWorks) -> None:
    with works.hub() as hub, hub.database.reading() as connection:
        stages = powers_of(hub).stages(connection, "oldtown")
    assert (stages["field_to_billing"], stages["dispatch_to_field"]) == ("active", "observe")


def test_a_market_that_is_not_there_is_told(works: ActedWorks, hand: Hand) -> None:
    with works.hub() as hub, pytest.raises(ConfigurationError, match="oldtow"):
        guard_market(hub, "oldtow", NOW, hand.powers)
