"""The serial gate asks the devices that the next step takes over, by serial and by place; unknown places count."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.billing import Subscription
from canonical_model.network import NetworkObservation
from canonical_model.places import Premise
from canonical_model.plant import AccessTerminal
from canonical_model.take_over import AccountCutOver
from canonical_model.wholesale import WholesaleLine
from handoffs.cohort import EVERYTHING, Cohort
from handoffs.criteria import Measure
from handoffs.gates import GateVerdict
from handoffs.statistics import Share
from hub.decision import Decision
from hub.takeover.authority import history_of
from hub.takeover.gate import judge_gate
from hub.takeover.measuring.devices import devices
from hub.takeover.powers import VerdictGate, sources_of
from hub.takeover.signals.look import Look
from hub.workplace import Hub
from storage.gate_verdicts import add_verdict, verdicts
from tests.fakes.acted_works import NOW, ActedWorks
from tests.fakes.small_operator import MARKET, serial_of

HANDOFF = "order_to_provisioning"
RIVERBEND = Cohort(towns=frozenset({"Riverbend"}))
TOWNS = {1: "Riverbend", 2: "Riverbend", 3: "Mesa"}
PLAN = """
declared: {oldtown: {order_to_provisioning: STAGE}}
markets:
  oldtown:
    approvers: [lee]
    plan: {order_to_provisioning: {canary: [{towns: [Riverbend]}, {towns: [Riverbend, Mesa]}]}}
"""


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    """Three customers in two towns, each on the port of the terminal that is before the house."""
    works = ActedWorks(tmp_path)
    works.handoffs(PLAN.replace("STAGE", "shadow"))
    for number, town in TOWNS.items():
        works.good(number)
        place = {"address": f"{number} Main St", "city": town, "terminal": f"T{number}"}
        works.operator.add(Premise, "crm", source_id=f"P{number}", **place)
        plant = {"terminal": f"T{number}", "element": "olt", "port": f"1/1/{number}", "technology": "pon"}
        works.operator.add(AccessTerminal, "olt", source_id=f"T{number}", capacity=8, **plant)
        works.change(NetworkObservation, serial_of(f"{number}"), port=f"1/1/{number}/7")
    return works


def measured(hub: Hub, cohort: Cohort = EVERYTHING) -> dict[str, Measure]:
    with hub.database.reading() as connection:
        return devices(Look(connection, hub.operator, hub.operator.markets[MARKET.id], NOW), cohort)


def reconciled(hub: Hub, cohort: Cohort = EVERYTHING) -> Measure:
    return measured(hub, cohort)["serials_reconciled"]


def test_a_wrong_serial_in_another_town_does_not_stop_the_canary_of_this_one(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("3"), operational_state="down", last_traffic_at=None)
    works.change(NetworkObservation, serial_of("3"), serial="ABCD0000FFFF")
    with works.hub() as hub:
        riverbend, both = measured(hub, RIVERBEND), measured(hub)
    assert riverbend["serials_reconciled"].figure == riverbend["serials_reachable"].figure == Share(2, 2)
    assert (both["serials_reconciled"].figure, both["serials_reconciled"].works) == (Share(2, 3), (serial_of("3"),))
    assert both["serials_reachable"].figure == Share(2, 3)


def test_what_stands_nobody_knows_where_counts_in_every_cohort(works: ActedWorks) -> None:
    works.change(Premise, "P3", city=None)
    works.operator.seen("ABCD0000FFFF", "S", NOW.date())
    with works.hub() as hub:
        found = reconciled(hub, RIVERBEND)
    assert (found.figure, found.works) == (Share(3, 4), ("ABCD0000FFFF",))


@pytest.mark.parametrize(
    ("facts", "is_seen"),
    [
        ({"port": "1/1/2/7"}, True),
        ({"port": "1/1/11"}, True),
        ({"element": "olt-2"}, True),
        ({"element": "olt-2", "port": None}, True),
        ({"port": "1/1/1"}, False),
        ({"port": None}, False),
    ],
    ids=["another port", "a port that begins alike", "another element", "only the element", "the port", "no port"],
)
def test_the_right_serial_at_the_wrong_place_is_not_reconciled(
    works: ActedWorks, facts: dict[str, object], *, is_seen: bool
) -> None:
    works.change(NetworkObservation, serial_of("1"), **facts)
    with works.hub() as hub:
        assert reconciled(hub, RIVERBEND).works == ((serial_of("1"),) if is_seen else ())


def test_a_terminal_that_the_plant_does_not_list_is_no_place(works: ActedWorks) -> None:
    works.change(Premise, "P1", terminal="T9")
    works.change(Premise, "P2", terminal=None)
    with works.hub() as hub:
        assert reconciled(hub).works == (serial_of("1"),)


def test_a_cohort_in_which_nothing_stands_shows_nothing(works: ActedWorks) -> None:
    with works.hub() as hub:
        found = reconciled(hub, Cohort(towns=frozenset({"Harbor"})))
        other = reconciled(hub, Cohort(technologies=frozenset({"fixed_wireless"})))
    assert (found.figure, found.why) == (None, "no device is in use in Harbor")
    assert other.figure is None


def dark(works: ActedWorks, number: int, *, is_gone: bool = False) -> None:
    """Nobody has heard of the device for weeks; or its element does not list it any more."""
    works.change(NetworkObservation, serial_of(f"{number}"), operational_state="down", last_traffic_at=None)
    if is_gone:
        records = works.operator.records
        records[:] = [
            each
            for each in records
            if not (isinstance(each, NetworkObservation) and each.serial == serial_of(f"{number}"))
        ]


@pytest.mark.parametrize("is_gone", [False, True], ids=["dark", "not listed"])
def test_that_the_device_of_a_suspended_customer_is_dark_is_as_it_should_be(
    works: ActedWorks, *, is_gone: bool
) -> None:
    dark(works, 1, is_gone=is_gone)
    with works.hub() as hub:
        active = measured(hub)
    works.journals.clear()
    works.change(Subscription, "1-s1", state="suspended")
    with works.hub(NOW + timedelta(seconds=1)) as hub:
        suspended = measured(hub)
    assert active["serials_reachable"].works == (serial_of("1"),)
    assert suspended["serials_reachable"].figure == Share(2, 2)
    left = Share(2, 2) if is_gone else Share(3, 3)
    assert suspended["serials_reconciled"].figure == left
    assert active["serials_reconciled"].works == ((serial_of("1"),) if is_gone else ())


@pytest.mark.parametrize(("until", "is_away"), [(None, True), (5, True), (0, False)])
def test_a_line_that_is_on_hold_for_the_season_may_be_dark(
    works: ActedWorks, until: int | None, *, is_away: bool
) -> None:
    dark(works, 1)
    today = NOW.date()
    to = None if until is None else today + timedelta(days=until)
    works.operator.alteration("1", "seasonal_hold", valid_from=today - timedelta(days=40), valid_to=to)
    with works.hub() as hub:
        assert measured(hub)["serials_reachable"].works == (() if is_away else (serial_of("1"),))


def test_where_none_should_be_heard_nothing_is_shown_and_it_is_said_what_to_do(works: ActedWorks) -> None:
    today = NOW.date()
    works.operator.alteration("1", "seasonal_hold", valid_from=today - timedelta(days=40), valid_to=None)
    works.change(Subscription, "2-s1", state="suspended")
    with works.hub() as hub:
        found = measured(hub, RIVERBEND)
        everywhere = measured(hub)
    assert found["serials_reachable"].figure is None
    assert found["serials_reachable"].why == (
        "no device in Riverbend should be heard now (customers of 1 are away, of 1 suspended), which proves none"
        " reachable; choose a cohort that has some, or put somebody's name to it with `off`"
    )
    assert found["serials_reconciled"].figure == Share(2, 2)
    assert everywhere["serials_reachable"].figure == Share(1, 1)


def test_a_line_of_another_provider_is_nobodys_lost_device(works: ActedWorks) -> None:
    works.operator.seen("ABCD0000FFFF", "S", NOW.date())
    with works.hub() as hub:
        assert reconciled(hub).works == ("ABCD0000FFFF",)
    works.journals.clear()
    line = {"line_id": "W1", "retailer": "Heron", "offering_id": "tail", "serial": "ABCD0000FFFF"}
    works.operator.add(WholesaleLine, "fsm", **line, active_from=NOW.date())
    with works.hub(NOW + timedelta(seconds=1)) as hub:
        assert reconciled(hub).figure == Share(3, 3)


@pytest.mark.parametrize(
    ("days", "is_rented"), [((-9, None), True), ((-9, 1), True), ((-9, 0), False), ((1, None), False)]
)
def test_only_a_line_that_is_rented_now_excuses_a_device(
    works: ActedWorks, days: tuple[int, int | None], *, is_rented: bool
) -> None:
    works.operator.seen("ABCD0000FFFF", "S", NOW.date())
    first, end = (None if each is None else NOW.date() + timedelta(days=each) for each in days)
    line = {"line_id": "W1", "retailer": "Heron", "offering_id": "tail", "serial": "ABCD0000FFFF"}
    works.operator.add(WholesaleLine, "fsm", **line, active_from=first, active_to=end)
    with works.hub() as hub:
        assert reconciled(hub).works == (() if is_rented else ("ABCD0000FFFF",))


@pytest.mark.parametrize("told", [None, "right", "wrong"])
def test_a_serial_that_another_billing_system_was_told_wrong_is_not_reconciled(
    works: ActedWorks, told: str | None
) -> None:
    serial = {"right": serial_of("1").lower(), "wrong": "ABCD0000FFFF"}.get(told or "")
    moved = {"account_number": "1", "wave": "W1", "legacy_system": "old", "target_system": "new", "serial": serial}
    works.operator.add(AccountCutOver, "billing", **moved, cut_over_on=NOW.date())
    with works.hub() as hub:
        assert reconciled(hub).works == ((serial_of("1"),) if told == "wrong" else ())


@pytest.mark.parametrize(
    ("swapped_on", "told", "is_seen"),
    [
        (-9, "old", True),
        (-9, "new", False),
        (-1, "old", True),
        (0, "old", False),
        (3, "old", False),
        (3, "new", False),
    ],
)
def test_a_swap_before_the_move_had_to_be_told_and_one_after_it_had_not(
    works: ActedWorks, swapped_on: int, told: str, *, is_seen: bool
) -> None:
    """The device that stood there once is none that the other system may hold for the customer's."""
    cut = NOW - timedelta(days=10)
    new = "ABCD00001111"
    works.add_job("wo-2", "91", cut + timedelta(days=swapped_on), work_type="repair", serial=new)
    works.operator.seen(new, "S", NOW.date())
    works.change(NetworkObservation, new, port="1/1/1/8")
    serial = {"old": serial_of("1"), "new": new}[told]
    moved = {"account_number": "1", "wave": "W1", "legacy_system": "old", "target_system": "new", "serial": serial}
    works.operator.add(AccountCutOver, "billing", **moved, cut_over_on=MARKET.local_date(cut))
    with works.hub() as hub:
        assert reconciled(hub).works == ((new,) if is_seen else ())


def test_a_premise_that_another_system_has_by_the_same_id_is_another_house(works: ActedWorks) -> None:
    for system, town in (("billing", "Harbor"), ("olt", "Lakeside")):
        works.operator.add(Premise, system, source_id="P1", address="9 Far St", city=town, terminal="T9")
    with works.hub() as hub:
        assert reconciled(hub, RIVERBEND).figure == Share(2, 2)


def test_of_houses_of_one_id_in_systems_that_placed_no_order_nobody_knows_which(works: ActedWorks) -> None:
    works.operator.records[:] = [
        each for each in works.operator.records if not (isinstance(each, Premise) and each.source_id == "P1")
    ]
    for system, town in (("billing", "Harbor"), ("olt", "Lakeside")):
        works.operator.add(Premise, system, source_id="P1", address="9 Far St", city=town, terminal="T9")
    with works.hub() as hub:
        found = reconciled(hub, Cohort(towns=frozenset({"Mesa"})))
    assert (found.figure, found.works) == (Share(2, 2), ()), "it may stand anywhere, and at every port"


def test_a_line_that_was_ordered_again_where_the_device_was_left_is_asked_for(works: ActedWorks) -> None:
    works.operator.order("1", "991", "cease", premise_id="P1", completed_at=NOW - timedelta(days=4))
    works.operator.order("1", "992", "new", premise_id="P1", completed_at=NOW - timedelta(days=2))
    dark(works, 1, is_gone=True)
    with works.hub() as hub:
        assert reconciled(hub).works == (serial_of("1"),)


@pytest.mark.parametrize("kind", ["cease", "move"])
def test_what_a_later_order_ended_or_carried_away_is_in_use_no_more(works: ActedWorks, kind: str) -> None:
    """The customer is billed on, elsewhere; what stood at the first place came back and is listed nowhere."""
    dark(works, 1, is_gone=True)
    with works.hub() as hub:
        assert reconciled(hub).works == (serial_of("1"),)
    works.journals.clear()
    there = {"cease": "P1", "move": "P2"}[kind]
    works.operator.order("1", "991", kind, premise_id=there, completed_at=NOW - timedelta(days=1))
    with works.hub(NOW + timedelta(seconds=1)) as hub:
        assert reconciled(hub).figure == Share(2, 2)


def test_of_two_lines_nobody_knows_which_one_was_carried_away(works: ActedWorks) -> None:
    dark(works, 1, is_gone=True)
    works.operator.order("1", "990", premise_id="P3", completed_at=NOW - timedelta(days=9))
    works.operator.order("1", "991", "move", premise_id="P2", completed_at=NOW - timedelta(days=1))
    with works.hub() as hub:
        assert reconciled(hub).works == (serial_of("1"),)


def test_a_device_that_was_replaced_and_is_still_listed_there_is_known(works: ActedWorks) -> None:
    works.add_job("wo-2", "91", NOW - timedelta(days=2), work_type="repair", serial="ABCD00001111")
    works.operator.seen("ABCD00001111", "S", NOW.date())
    works.change(NetworkObservation, "ABCD00001111", port="1/1/1/8")
    with works.hub() as hub:
        assert reconciled(hub).figure == Share(4, 4)


def judged(hub: Hub) -> GateVerdict:
    return judge_gate(hub, MARKET.id, HANDOFF, NOW, sources_of(hub))[1]


def serials(verdict: GateVerdict) -> tuple[str, str]:
    (line,) = (each for each in verdict.lines if each.metric == "serials_reconciled")
    return line.result, line.said


def test_the_gate_asks_the_towns_of_the_next_step(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("3"), port="1/1/1/8")
    with works.hub() as hub:
        verdict = judged(hub)
        with hub.database.reading() as connection:
            ((_, kept),) = verdicts(connection, MARKET.id, HANDOFF)
    assert serials(verdict) == ("pass", "Serials reconciled: 2 of 2 (100 %); 100 % is asked for.")
    assert verdict.cohort == kept.cohort == RIVERBEND
    works.journals.clear()
    works.handoffs(PLAN.replace("STAGE", "canary"))
    with works.small.open() as hub:
        wider = judged(hub)
    assert serials(wider)[0] == "fail", "a canary that grows is asked about what it takes over besides"
    assert wider.cohort == EVERYTHING, "nobody has noted a cohort of what is only declared"


def test_a_gate_that_was_judged_for_a_town_lets_no_other_go(works: ActedWorks) -> None:
    with works.hub() as hub:
        verdict = judged(hub)
        with hub.database.writing() as connection:
            number = add_verdict(connection, replace(verdict, result="pass", lines=()))
        gate, decision = VerdictGate(hub), Decision("lee", NOW + timedelta(minutes=1), "tried")
        with hub.database.reading() as connection:
            position = history_of(connection, hub, MARKET.id, HANDOFF)[-1]
            narrow = gate.ask(connection, position, "canary", Cohort(RIVERBEND.towns, share=500), decision)
            wide = gate.ask(connection, position, "canary", EVERYTHING, decision)
    assert (narrow.verdict_id, narrow.lacks) == (number, "")
    assert wide.lacks == "its gate was judged for Riverbend, which does not hold everything"


def test_more_than_fifty_wrong_serials_are_named_one_and_all(works: ActedWorks) -> None:
    unknown = [f"ABCDFF00{number:04X}" for number in range(120)]
    for serial in unknown:
        works.operator.seen(serial, "S", NOW.date())
    with works.hub() as hub:
        found = reconciled(hub)
    assert found.figure == Share(3, 123)
    assert found.works == tuple(unknown)
