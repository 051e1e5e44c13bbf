"""Guard and gates say the same on SQLite and on PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from handoffs.comparison import Tally
from handoffs.rollback import Deed
from handoffs.stages import Handoff, TakeoverStage
from hub.takeover.gate import Sources, judge_gate, passing_verdict
from hub.takeover.guard import Powers, guard_market
from storage.frozen_jobs import FrozenJob, freeze, frozen_jobs
from storage.guard_passes import guard_passes
from tests.fakes.acted_works import DONE_ON, NOW, ActedWorks
from tests.fakes.reconciled_market import finding, reconciled


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
