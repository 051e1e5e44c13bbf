"""Guard and gates say the same on SQLite and on PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from canonical_model.places import Premise
from handoffs.comparison import Tally
from handoffs.rollback import Deed
from handoffs.stages import Handoff, TakeoverStage
from hub.takeover.gate import Sources, judge_gate, passing_verdict
from hub.takeover.guard import Powers, guard_market
from storage.frozen_jobs import FrozenJob, freeze, frozen_jobs
from storage.guard_passes import guard_passes
from storage.installed_terminals import terminal_stays
from tests.fakes.acted_works import DONE_ON, NOW, ActedWorks
from tests.fakes.reconciled_market import finding, reconciled
from tests.fakes.small_operator import MARKET, serial_of


def stages(connection: Connection, market: str) -> Mapping[Handoff, TakeoverStage]:
    return {"order_to_provisioning": "canary", "field_to_billing": "canary"}


def act(market: str, handoff: Handoff, deed: Deed, why: str, now: datetime) -> str:
    return deed


def test_everything_is_looked_for_and_judged(works_anywhere: ActedWorks) -> None:
    works = works_anywhere
    works.good(1)
    works.good(2)
    works.operator.subscription("1", "legacy-1", DONE_ON, premise="P1")
    with works.hub() as hub:
        reconciled(hub, finding("2", 1999))
        with hub.database.writing() as connection:
            freeze(connection, FrozenJob("oldtown", "dunning", "anna", "move", NOW, NOW + timedelta(days=1)))
        outcome = guard_market(hub, "oldtown", NOW, Powers(stages, act))
        sources = Sources(stages, tally=lambda *asked: Tally({"match": 400}))
        _, verdict = judge_gate(hub, "oldtown", "field_to_billing", NOW, sources)
        with hub.database.reading() as connection:
            assert passing_verdict(connection, hub.operator, "oldtown", "field_to_billing", "canary", NOW) is None
            assert [each.name for each in frozen_jobs(connection, "oldtown")] == ["dunning"]
            (kept,) = guard_passes(connection, "oldtown")
    assert {trip.signal.kind for trip in outcome.trips} == {"double_bill", "bill_differs"}
    assert outcome.missed == {}
    assert kept.done == outcome.done == {"field_to_billing": "roll_back"}
    assert verdict.result == "fail"
    assert {"double_bills", "open_findings", "open_money"} <= {line.metric for line in verdict.lacking}


def test_devices_stand_where_jobs_and_orders_say(works_anywhere: ActedWorks) -> None:
    works = works_anywhere
    for number in (1, 2):
        works.good(number)
        place = {"address": f"{number} Main St", "city": "Riverbend", "terminal": f"T{number}"}
        works.operator.add(Premise, "crm", source_id=f"P{number}", **place)
    works.operator.add(Premise, "billing", source_id="P1", address="9 Far St", city="Harbor")
    works.operator.order("2", "992", "cease", premise_id="P2", completed_at=NOW - timedelta(days=1))
    with works.hub() as hub, hub.database.reading() as connection:
        stays = terminal_stays(connection, MARKET.id, "ont")
    assert {(each.serial, each.place.town, each.until) for each in stays} == {
        (serial_of("1"), "Riverbend", None),
        (serial_of("2"), "Riverbend", NOW - timedelta(days=1)),
    }
