"""The network is looked at again and again: a fault is opened once, a crew goes once, and what heals is closed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from canonical_model.errors import ConfigurationError
from canonical_model.network import NetworkEvent, NetworkObservation
from canonical_model.places import Premise
from hub.network_watch.watch import WatchOutcome, watch_market
from storage.effects import effects
from storage.incidents import incidents_since
from tests.fakes.effects import Stages
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, LAST_YEAR, SmallOperator, noon

JOB = """
command: create_work_order
system: fsm
repeats: keyed
send:
  object: work-orders
  options: {method: POST, key_header: Idempotency-Key}
  fields: {client_reference: idempotency_key, order_reference: order_number, type: work_type, notes: note}
look:
  object: work-orders
  fields: {client_reference: idempotency_key}
  options: {rows: data}
  expect: {type: work_type}
"""
MINUTE = timedelta(minutes=1)
Look = Callable[..., WatchOutcome]


def serial(number: int) -> str:
    return f"CXNK{number:08X}"


class Town:
    """Twelve lines: four terminals on each of three splitters, all on one OLT; swept whenever it is asked to be."""

    def __init__(self, hub: SmallHub) -> None:
        self.hub = hub
        self.states: dict[int, dict[str, Any]] = {}
        self.events: dict[int, str] = {}
        self.left: set[int] = set()
        self.swept_at = AS_OF

    def sweep(self, at: datetime) -> None:
        """Bring what the OLT shows at a moment, and what other systems believe."""
        operator = SmallOperator()
        for number in range(1, 13):
            premise = f"p-{number}"
            place = {"hub": "H1", "terminal": f"T{(number - 1) // 4}", "address": f"{number} Main Street"}
            operator.add(Premise, "crm", source_id=premise, **place)
            operator.account(f"{number}")
            operator.order(f"{number}", f"9{number}", offering_id="silver", premise_id=premise)
            operator.job(f"9{number}", LAST_YEAR, "silver", serial(number))
            state = "closed" if number in self.left else "active"
            operator.subscription(f"{number}", f"s{number}", LAST_YEAR, state=state)
            shown = {"operational_state": "up", "optical_dbm": -19.0} | self.states.get(number, {})
            if shown["optical_dbm"] is not None:
                shown |= {"optical_side": "ont_rx", "optical_raw": -190, "optical_raw_unit": "0.1 dBm"}
                shown |= {"optical_resolution_db": 0.1}
            where = {"element": "olt", "port": f"1/{(number - 1) // 4}/{number}"}
            operator.add(
                NetworkObservation,
                "olt",
                source_id=serial(number),
                serial=serial(number),
                observed_at=at,
                registered_since=noon(LAST_YEAR),
                **where,
                **shown,
            )
            if number in self.events:
                told = {"kind": self.events[number], "occurred_at": at, "element": "olt"}
                operator.add(NetworkEvent, "olt", serial=serial(number), **told)
        self.hub.pull(operator, at)
        self.swept_at = at

    def down(self, *numbers: int) -> None:
        for number in numbers:
            self.states[number] = {"operational_state": "down", "optical_dbm": None}


@pytest.fixture
def town(tmp_path: Path) -> Town:
    hub = SmallHub(tmp_path)
    (hub.folder / "commands").mkdir()
    (hub.folder / "commands" / "job.yaml").write_text(JOB, encoding="utf-8")
    town = Town(hub)
    town.sweep(AS_OF)
    return town


@pytest.fixture
def stages() -> Stages:
    return Stages()


@pytest.fixture
def look(town: Town, stages: Stages) -> Look:
    def looked(minutes: float, *, sweeps: bool = True) -> WatchOutcome:
        at = AS_OF + minutes * MINUTE
        if sweeps:
            town.sweep(at)
        with town.hub.open() as hub:
            return watch_market(hub, "oldtown", at, stages)

    return looked


def jobs(town: Town) -> list[dict[str, Any]]:
    with town.hub.open() as hub, hub.database.reading() as connection:
        return [each.fields for each in effects(connection)]


def places(outcome: WatchOutcome) -> list[tuple[str, str]]:
    return [(each.kind, each.member) for each in outcome.incidents]


def test_a_splitter_that_is_cut_off_sends_one_crew_once_it_has_lasted(town: Town, look: Look) -> None:
    town.down(1, 2, 3, 4)
    first = look(5)
    assert places(first) == [("terminal", "T0")]
    assert first.opened == first.incidents
    assert jobs(town) == []

    assert look(21).opened == ()
    (job,) = jobs(town)
    assert job["order_number"] == "91"
    assert job["work_type"] == "repair"
    assert job["note"].startswith("4 of 4 lines at terminal T0: 4 down\n")
    look(40)
    look(40, sweeps=False)
    assert len(jobs(town)) == 1


def test_what_heals_is_closed_and_opens_anew_when_it_breaks_again(town: Town, look: Look) -> None:
    town.down(1, 2, 3, 4)
    (opened,) = look(5).incidents
    town.states.clear()
    healed = look(10)
    assert (healed.incidents, [each.id for each in healed.closed]) == ((), [opened.id])
    assert jobs(town) == []

    town.down(1, 2, 3, 4)
    (again,) = look(15).incidents
    assert again.id != opened.id
    with town.hub.open() as hub, hub.database.reading() as connection:
        assert [each.id for each in incidents_since(connection, "oldtown", AS_OF)] == [opened.id, again.id]


def test_a_level_that_falls_is_held_against_the_first_one_since_the_installation(town: Town, look: Look) -> None:
    """Scenario 19: a proactive job before the customer calls, with the numbers in it."""
    town.states[7] = {"optical_dbm": -23.5}
    look(5)
    (found,) = look(25).incidents
    assert found.said == f"line {serial(7)}: -23.50 dBm, 4.50 dB less than -19.00 dBm since 2026-04-05"
    (job,) = jobs(town)
    assert "-23.50 dBm, 4.50 dB less" in job["note"]


def test_without_electricity_and_without_a_cause_in_the_plant_nobody_drives(town: Town, look: Look) -> None:
    town.down(1, 2, 3, 4, 9)
    town.events = dict.fromkeys((1, 2, 3, 4), "dying_gasp")
    look(5)
    later = look(60)
    assert sorted(each.action for each in later.incidents) == ["contact", "wait"]
    assert jobs(town) == []


def test_what_a_former_customer_left_behind_may_be_dark(town: Town, look: Look) -> None:
    town.down(1, 2, 3, 4)
    town.left = {1, 2}
    found = look(5)
    assert sorted(places(found)) == [("line", serial(3)), ("line", serial(4))]
    assert found.lines == 10


def test_an_element_that_is_silent_neither_opens_nor_closes_anything(town: Town, look: Look) -> None:
    """Scenario 47: a source that goes quiet proves nothing."""
    town.down(1, 2, 3, 4)
    (opened,) = look(5).incidents
    two_days = look(2 * 24 * 60, sweeps=False)
    assert [each.id for each in two_days.incidents] == [opened.id]
    assert (two_days.lines, two_days.silent) == (0, {"olt": AS_OF + 5 * MINUTE})


def test_where_legacy_acts_no_crew_is_sent_and_it_is_said_why(town: Town, look: Look, stages: Stages) -> None:
    stages.actor = "legacy"
    town.down(1, 2, 3, 4)
    look(5)
    refused = look(30)
    (found,) = refused.incidents
    assert "the hub does not own provisioning_to_dispatch in oldtown" in refused.not_sent[found.id]
    assert jobs(town) == []
    stages.actor = "hub"
    assert look(31).not_sent == {}
    assert len(jobs(town)) == 1


def test_a_market_that_is_not_there_is_told_with_the_nearest(town: Town, stages: Stages) -> None:
    with town.hub.open() as hub, pytest.raises(ConfigurationError, match="nearest: oldtown"):
        watch_market(hub, "oldtwn", AS_OF, stages)
