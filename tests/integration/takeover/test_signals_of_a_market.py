"""Signs of harm in a market as a whole: quiet feeds, fewer first visits, late charges, freezes, changed versions."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import insert, update

from canonical_model.billing import ChargeLine
from canonical_model.field_work import WorkOrder, WorkOrderVisit
from canonical_model.network import NetworkObservation
from canonical_model.orders import ProductOrder
from handoffs.rollback import Trip
from handoffs.stages import Handoff
from handoffs.statistics import Share
from hub.takeover.signals.look import Look
from hub.takeover.signals.record_drift import emptied, moved
from hub.takeover.signals.usual_volume import unusual
from hub.workplace import Hub
from storage.frozen_jobs import FrozenJob, freeze
from storage.legacy_baselines import add_baselines
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.synchronisation import PULL
from tests.fakes.acted_works import DONE, NOW, ORDERED, ActedWorks, trips_of
from tests.fakes.small_hub import pull_records
from tests.fakes.small_operator import MARKET, serial_of


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    works = ActedWorks(tmp_path)
    for number in (1, 2, 3):
        works.good(number)
    return works


def told(trips: list[Trip], kind: str) -> dict[str, str]:
    return {trip.signal.handoff: trip.rule.does for trip in trips if trip.signal.kind == kind}


# Feeds


def test_a_feed_that_is_a_day_and_a_half_old_gives_back_what_is_judged_by_it(works: ActedWorks) -> None:
    """Scenario 47: where a source goes quiet, everything seems to agree."""
    with works.hub(NOW - timedelta(hours=37)) as hub:
        for system in ("crm", "billing", "olt"):
            believed = [each for each in works.operator.records if each.source_system == system]
            pull_records(hub, system, believed, NOW - timedelta(hours=35))
        stale = told(trips_of(hub), "stale_feed")
    assert stale == {"dispatch_to_field": "roll_back", "field_to_billing": "roll_back"}


def test_a_pull_that_breaks_off_makes_no_feed_fresh(works: ActedWorks) -> None:
    with works.hub(NOW - timedelta(hours=37)) as hub:
        for system in ("crm", "billing", "fsm", "olt"):
            believed = [each for each in works.operator.records if each.source_system == system]
            pull_records(
                hub, system, believed, NOW - timedelta(hours=1), "failed" if system == "fsm" else "succeeded"
            )
        assert set(told(trips_of(hub), "stale_feed")) == {"dispatch_to_field", "field_to_billing"}


def test_an_element_that_was_added_a_moment_ago_is_not_old(works: ActedWorks) -> None:
    with works.small.open() as hub:
        assert set(told(trips_of(hub), "stale_feed").values()) == {"roll_back"}
    folder = works.small.folder / "mappings"
    added = (folder / "fsm.yaml").read_text().replace("stream: all", "stream: more")
    (folder / "fsm-more.yaml").write_text(added)
    with works.hub() as hub:
        assert told(trips_of(hub), "stale_feed") == {}


@pytest.mark.parametrize("hours", [1, 35])
def test_a_feed_of_a_day_is_fresh(works: ActedWorks, hours: int) -> None:
    with works.hub(NOW - timedelta(hours=hours)) as hub:
        assert told(trips_of(hub), "stale_feed") == {}


# Volumes


CLUMPS = {day: 10 * (day * 7919 % 13 % 6) for day in range(1, 36)}
"""Visits that bring ten records each, up to five a day."""
STEADY = dict.fromkeys(range(1, 30), 30)


@pytest.mark.parametrize(
    ("days", "is_seen"),
    [
        (STEADY | {0: 0}, True),
        (STEADY | {0: 3}, True),
        (STEADY | {0: 200}, True),
        (STEADY | {0: 30}, False),
        (STEADY | {0: 12}, False),
        (STEADY | {0: 70}, False),
        (dict.fromkeys(range(1, 30), 3) | {0: 0}, False),
        ({day: 60 if day % 7 else 4 for day in range(1, 36)} | {0: 4}, False),
        ({1: 30, 0: 0}, False),
        (CLUMPS | {0: 4}, False),
        (CLUMPS | dict.fromkeys(range(12), 0), True),
        (STEADY | {0: 0, 8: 3_000}, True),
        (dict.fromkeys(range(7, 36), 3) | dict.fromkeys(range(7), 0), True),
        (STEADY | {7: 400, 0: 28}, False),
        (STEADY | {28: 300, 0: 310}, False),
        (STEADY | {8: 3_000, 0: 400}, True),
        (STEADY | {8: 1_500, 9: 1_500, 0: 400}, True),
        (STEADY | {10: 300, 20: 310, 0: 305}, False),
        (dict.fromkeys(range(1, 13), 30) | {7: 300, 0: 310}, False),
    ],
    ids=[
        *("none", "a tenth", "seven times", "as ever", "a slow day", "a busy day", "small", "sundays", "new"),
        *("a day without a visit", "twelve of them", "all was read anew once", "small for a week"),
        *("a week after bills were made", "bills are made again"),
        *(
            "shouting after all was read anew",
            "or was over midnight",
            "bills of three cycles",
            "what comes weekly, the second time",
        ),
    ],
)
def test_a_day_is_held_against_days_like_it(days: dict[int, int], is_seen: bool) -> None:
    assert bool(unusual(days, ())) == is_seen


def test_on_a_holiday_nothing_is_expected() -> None:
    assert unusual(STEADY | {0: 0}, {0}) == ""


def test_holidays_among_quiet_days_hide_nothing() -> None:
    assert unusual(CLUMPS | dict.fromkeys(range(14), 0), {3, 4}) != ""


def orders_each_day(works: ActedWorks, but: int) -> None:
    """Twenty orders on each of the last weeks' days; none on the last one, or on none."""
    for day in range(1, 33):
        for number in range(20):
            at = NOW - timedelta(hours=6, days=day, minutes=-number - 1)
            if day != but:
                works.operator.order("71", f"5{day:02}{number:02}", offering_id="silver", ordered_at=at)


def test_a_market_whose_orders_stay_away_is_seen_though_the_feed_is_fresh(works: ActedWorks) -> None:
    works.good(9, ordered=NOW - timedelta(days=1, hours=5), day=NOW - timedelta(hours=20))
    orders_each_day(works, but=1)
    silent = told(works.trips(), "silent_stream")
    assert silent["order_to_provisioning"] == "hold"


def test_a_market_whose_orders_come_as_ever_is_let_be(works: ActedWorks) -> None:
    orders_each_day(works, but=0)
    assert told(works.trips(), "silent_stream") == {}


@pytest.mark.parametrize(("brings", "is_seen"), [(90, False), (0, True)], ids=["as ever", "nothing"])
def test_what_was_not_pulled_yet_is_not_missed(works: ActedWorks, brings: int, is_seen: bool) -> None:
    """Nearly everything comes with one pull of the day, and half an hour before it the last one is a day old."""
    at_hours = {23.5: 90, 18.5: 5, 6: 4}
    with works.hub(pulled_at=NOW - timedelta(days=34)) as hub:
        for day in range(32, -1, -1):
            for hours, many in at_hours.items():
                began = NOW - timedelta(days=day, hours=hours)
                landed = brings if (day, many) == (0, 90) else many
                pulled(hub, "fsm", began, landed)
        streams = [trip.said for trip in trips_of(hub) if "fsm/all" in trip.said]
    assert bool(streams) == is_seen


def pulled(hub: Hub, system: str, at: datetime, landed: int) -> None:
    counts = dict.fromkeys(("read", "changed", "unchanged", "closed", "rejected", "deleted", "late"), 0)
    told = {"system": system, "stream": "all", "control_totals": "{}", "outcome": "succeeded", "message": ""}
    with hub.database.writing() as connection:
        connection.execute(insert(PULL).values(**counts, **told, landed=landed, started_at=at, finished_at=at))


# Words


@pytest.mark.parametrize(
    ("now", "then", "is_seen"),
    [
        ({"gold": 30}, {"gold": 60, "silver": 140}, True),
        ({"": 25, "gold": 5}, {"gold": 60, "silver": 140}, True),
        ({"gold": 18, "silver": 12}, {"gold": 60, "silver": 140}, False),
        ({"gold": 10}, {"gold": 60, "silver": 140}, False),
        ({"gold": 30}, {"gold": 9, "silver": 20}, False),
    ],
    ids=["all the same", "empty", "a campaign", "few", "new market"],
)
def test_words_of_a_week_are_held_against_those_before(
    now: dict[str, int], then: dict[str, int], is_seen: bool
) -> None:
    assert bool(moved(Counter(now), Counter(then))) == is_seen


def test_a_field_that_is_filled_at_last_is_no_harm() -> None:
    """The hub's jobs name the device that is to be built in; many of legacy's name none."""
    often, seldom = Counter({"": 81, "something": 95}), Counter({"": 1, "something": 40})
    assert moved(seldom, often)
    assert emptied(seldom, often) == ""
    assert emptied(Counter({"": 40}), often).startswith("nothing is said by 40 of 40")


@pytest.mark.parametrize(("lately", "is_seen"), [("gold", True), ("silver", False)])
def test_orders_that_all_ask_for_another_tier_hold_the_line(works: ActedWorks, lately: str, is_seen: bool) -> None:
    for number in range(240):
        at = NOW - timedelta(hours=6 * number + 7)
        tier = lately if number < 26 else "gold" if number % 3 == 0 else "silver"
        works.operator.order("71", f"5{number:03}", offering_id=tier, ordered_at=at)
    if not is_seen:
        works.operator.records = [
            each.model_copy(update={"offering_id": "gold"})
            if isinstance(each, ProductOrder) and each.order_number in ("5001", "5004", "5007", "5010", "5013")
            else each
            for each in works.operator.records
        ]
    assert told(works.trips(), "record_drift") == ({"order_to_provisioning": "hold"} if is_seen else {})


@pytest.mark.parametrize(
    ("silent", "before", "is_seen"),
    [(6, "S", True), (3, "S", False), (6, None, False)],
    ids=["all at once", "few of them", "an element that never showed any"],
)
def test_devices_that_show_no_profile_any_more_hold_the_line(
    works: ActedWorks, silent: int, before: str | None, is_seen: bool
) -> None:
    for number in range(4, 9):
        works.good(number)
    serials = [serial_of(f"{number}") for number in range(1, silent + 1)]

    def shows(profile: str | None) -> None:
        for serial in serials:
            works.change(NetworkObservation, serial, profile=profile)

    shows(before)
    with works.hub(pulled_at=NOW - timedelta(hours=2)) as hub:
        shows(None)
        now = [each for each in works.operator.records if isinstance(each, NetworkObservation)]
        pull_records(hub, "olt", now, NOW - timedelta(hours=1))
        trips = trips_of(hub)
    assert told(trips, "record_drift") == ({"order_to_provisioning": "hold"} if is_seen else {})


# Beside legacy


def visited(works: ActedWorks, many: int, first: int, returns: int) -> None:
    """Orders of the legacy systems, some of which needed a second visit."""
    for number in range(first, first + many):
        order = f"9{number}"
        facts = {"offering_id": "silver", "ordered_at": ORDERED, "completed_at": DONE}
        works.operator.order(f"{number}", order, **facts)
        job = f"wo-{order}"
        work = {"work_order_id": job, "order_number": order, "work_type": "install", "state": "completed"}
        works.operator.add(WorkOrder, "fsm", source_id=job, **work)
        outcome = "return_needed" if number < first + returns else "done"
        visit = {"work_order_id": job, "visit_number": 1, "arrived_at": DONE, "outcome": outcome}
        works.operator.add(WorkOrderVisit, "fsm", source_id=f"{job}-1", **visit)


def taken_over(works: ActedWorks, numbers: range, handoff: Handoff = "dispatch_to_field") -> None:
    """The hub has sent the trucks of these orders, and leads them in one hand-off more."""
    for number in numbers:
        works.begun(handoff, f"9{number}")
        fields = {"order_number": f"9{number}", "work_type": "install"}
        key = f"SO-9{number}/create_work_order/1"
        works.effect(key, "create_work_order", f"order/9{number}", fields, ORDERED)


@pytest.mark.parametrize(("returns", "is_seen"), [(12, True), (9, False), (6, False)])
def test_fewer_first_visits_than_legacy_give_the_trucks_back(works: ActedWorks, returns: int, is_seen: bool) -> None:
    """Of a hundred of legacy ten came back, of fifty of the hub twelve; nine, or six, may be chance."""
    works.journals.clear()
    works.operator.records.clear()
    visited(works, 50, 100, returns)
    visited(works, 100, 200, 10)
    taken_over(works, range(100, 150))
    assert told(works.trips(), "first_visit_drop") == ({"dispatch_to_field": "roll_back"} if is_seen else {})


def test_trucks_that_legacy_equips_say_nothing_of_the_hub(works: ActedWorks) -> None:
    """The hub makes the jobs, and what technicians know is legacy's."""
    works.journals.clear()
    works.operator.records.clear()
    visited(works, 50, 100, 20)
    visited(works, 100, 200, 10)
    taken_over(works, range(100, 150), "provisioning_to_dispatch")
    assert told(works.trips(), "first_visit_drop") == {}


@pytest.mark.parametrize(("returns", "is_seen"), [(12, True), (4, False)])
def test_once_nothing_is_left_to_legacy_its_baseline_is_what_the_hub_is_held_against(
    works: ActedWorks, returns: int, *, is_seen: bool
) -> None:
    """Of a hundred of legacy before the canary five came back."""
    works.journals.clear()
    works.operator.records.clear()
    visited(works, 50, 100, returns)
    taken_over(works, range(100, 150))
    with works.hub() as hub:
        with hub.database.writing() as connection:
            figures = {"first_visit_completion": Share(95, 100)}
            until = NOW - timedelta(days=90)
            add_baselines(connection, MARKET.id, "dispatch_to_field", figures, until - timedelta(days=56), until)
        trips = trips_of(hub)
    assert told(trips, "first_visit_drop") == ({"dispatch_to_field": "roll_back"} if is_seen else {})
    assert all("in its baseline of" in trip.said for trip in trips if trip.signal.kind == "first_visit_drop")


def test_forty_nine_visits_say_nothing(works: ActedWorks) -> None:
    works.journals.clear()
    works.operator.records.clear()
    visited(works, 49, 100, 40)
    visited(works, 100, 200, 0)
    taken_over(works, range(100, 149))
    assert told(works.trips(), "first_visit_drop") == {}


@pytest.mark.parametrize(("late", "is_seen"), [(20, True), (3, False)])
def test_charges_that_come_late_hold_the_line(works: ActedWorks, late: int, is_seen: bool) -> None:
    works.journals.clear()
    works.operator.records.clear()
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    for number in range(100, 220):
        facts = {"offering_id": "silver", "ordered_at": ORDERED, "completed_at": DONE}
        works.operator.order(f"{number}", f"9{number}", **facts)
        is_late = number < 100 + late or number in (200, 201)
        covered = (date(2026, 2, 1), march) if is_late else (march, april)
        works.operator.bill(f"{number}", march, april, april)
        bill = f"{number}-{april}"
        works.operator.line(f"{number}", "SLV", *covered, "60.00", "60.00", billed_on=april, bill_id=bill)
    taken_over(works, range(100, 160), "field_to_billing")
    assert told(works.trips(), "late_charge_rise") == ({"field_to_billing": "hold"} if is_seen else {})


# Who else writes, what is paused, and what changed


def test_a_work_on_which_legacy_acted_holds_the_line(works: ActedWorks) -> None:
    """Scenario 45."""
    trips = works.trips(foreign_writes=lambda connection, market: {"provisioning_to_dispatch": ["order/91"]})
    assert told(trips, "foreign_write") == {"provisioning_to_dispatch": "hold"}


def paused(hub: Hub, until: datetime) -> None:
    with hub.database.writing() as connection:
        freeze(connection, FrozenJob("oldtown", "disconnection", "anna", "the move", NOW - timedelta(days=30), until))


@pytest.mark.parametrize(("days", "is_seen"), [(-1, True), (1, False)])
def test_a_job_that_should_run_again_is_an_alarm(works: ActedWorks, days: int, is_seen: bool) -> None:
    with works.hub() as hub:
        paused(hub, NOW + timedelta(days=days))
        found = told(trips_of(hub), "frozen_overdue")
    assert set(found.values()) == ({"alarm"} if is_seen else set())


def test_only_charges_of_bills_are_held_beside_each_other(works: ActedWorks) -> None:
    assert any(isinstance(each, ChargeLine) for each in works.operator.records)
    assert told(works.trips(), "late_charge_rise") == {}


# Reading


def test_what_could_not_be_read_is_not_taken_for_nothing_by_who_asks_next(works: ActedWorks) -> None:
    """Several signals look at the same records, and several windows share what was read."""
    with works.hub() as hub:
        with hub.database.writing() as connection:
            connection.execute(update(CANONICAL_TABLES[WorkOrder]).values(work_type="a word of tomorrow"))
        with hub.database.reading() as connection:
            look = Look(connection, hub.operator, hub.operator.markets[MARKET.id], NOW)
            for each in (look, look, look.narrowed(look.window - timedelta(days=1))):
                with pytest.raises(ValidationError):
                    _ = each.jobs
