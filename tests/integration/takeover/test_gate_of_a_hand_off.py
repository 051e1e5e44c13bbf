"""Gates over real records: what is measured, what lacks, what resets the clock, and what lets a hand-off go on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from canonical_model.billing import ChargeLine
from canonical_model.errors import ConfigurationError
from canonical_model.network import NetworkObservation
from handoffs.comparison import Tally
from handoffs.gates import GateVerdict
from handoffs.stages import Handoff, TakeoverStage
from hub.takeover.gate import Sources, judge_gate, passing_verdict
from hub.takeover.guard import guard_market
from hub.takeover.powers import powers_of
from hub.workplace import Hub
from storage.frozen_jobs import FrozenJob, freeze, thaw
from storage.gate_verdicts import verdicts
from tests.fakes.acted_works import NOW, ActedWorks
from tests.fakes.reconciled_market import finding, reconciled
from tests.fakes.small_operator import serial_of

POLICY = """
everywhere:
  gates:
    order_to_provisioning: {shadow: {key_coverage: {at_least: 50}, first_step: {at_most: 100}}}
    field_to_billing: {shadow: {first_step: {at_most: 100}}}
"""
CLEAN = Tally({"match": 310}, first_at=NOW - timedelta(days=29), last_at=NOW)


@dataclass
class Asked:
    """What a gate asks beside the records; told by hand."""

    stage: TakeoverStage = "shadow"
    since: datetime = NOW - timedelta(days=65)
    tally: Tally | None = CLEAN

    @property
    def sources(self) -> Sources:
        def stages(connection: Connection, market: str) -> Mapping[Handoff, TakeoverStage]:
            return {"order_to_provisioning": self.stage, "field_to_billing": self.stage}

        return Sources(
            stages,
            lambda connection, market, handoff: self.since,
            lambda *asked: self.tally,
        )


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    works = ActedWorks(tmp_path)
    works.good(1)
    works.good(2)
    works.handoffs(POLICY)
    return works


def judged(hub: Hub, asked: Asked, handoff: Handoff = "order_to_provisioning", now: datetime = NOW) -> GateVerdict:
    return judge_gate(hub, "oldtown", handoff, now, asked.sources)[1]


def lines(verdict: GateVerdict) -> dict[str, tuple[str, str]]:
    return {line.metric: (line.result, line.said) for line in verdict.lines}


def started_long_ago(hub: Hub, asked: Asked) -> None:
    """Somebody looked when the stage began, so that the clock has run since."""
    judged(hub, asked, now=asked.since)
    judged(hub, asked, "field_to_billing", now=asked.since)


def test_a_gate_tells_each_figure_and_what_lacks(works: ActedWorks) -> None:
    with works.hub() as hub:
        verdict = judged(hub, Asked(tally=None))
        with hub.database.reading() as connection:
            ((_, kept),) = verdicts(connection, "oldtown", "order_to_provisioning")
    told = lines(verdict)
    assert verdict.result == "inconclusive"
    assert told["days"] == ("inconclusive", "Days: 0 of 30 days; 30 to go.")
    assert (
        told["parity"][1] == "Parity: could not be measured: nothing was compared in shadow under these versions yet."
    )
    assert told["open_findings"][1].endswith("the market was never reconciled.")
    assert told["serials_reconciled"] == ("pass", "Serials reconciled: 2 of 2 (100 %); 100 % is asked for.")
    assert kept == verdict


def test_with_everything_shown_the_gate_passes_and_its_verdict_lets_the_hand_off_go_on(works: ActedWorks) -> None:
    asked = Asked()
    with works.hub() as hub:
        started_long_ago(hub, asked)
        reconciled(hub)
        verdict = judged(hub, asked)
        assert verdict.lacking == ()
        with hub.database.reading() as connection:
            gate = (connection, hub.operator, "oldtown", "order_to_provisioning")
            assert passing_verdict(*gate, "shadow", NOW + timedelta(hours=23)) is not None
            assert passing_verdict(*gate, "shadow", NOW + timedelta(hours=25)) is None
            assert passing_verdict(*gate, "canary", NOW) is None
        judged(hub, replace(asked, tally=None))
        with hub.database.reading() as connection:
            assert (
                passing_verdict(connection, hub.operator, "oldtown", "order_to_provisioning", "shadow", NOW) is None
            )


def test_a_change_of_rules_sets_the_clock_anew_and_keeps_the_old_evidence(works: ActedWorks) -> None:
    """Scenario 46."""
    asked = Asked()
    with works.hub() as hub:
        started_long_ago(hub, asked)
        reconciled(hub)
        before = judged(hub, asked)
    works.journals.clear()
    file = works.small.folder / "network.yaml"
    file.write_text(file.read_text().replace("outer: 700", "outer: 701"))
    with works.small.open() as hub:
        with hub.database.reading() as connection:
            assert (
                passing_verdict(connection, hub.operator, "oldtown", "order_to_provisioning", "shadow", NOW) is None
            )
        after = judged(hub, asked)
        with hub.database.reading() as connection:
            kept = [each.versions for _, each in verdicts(connection, "oldtown", "order_to_provisioning")]
    assert (before.result, after.result) == ("pass", "inconclusive")
    assert after.clock_since == NOW
    assert lines(after)["days"][0] == "inconclusive"
    assert kept == [after.versions, before.versions, before.versions]


def test_people_and_other_markets_set_no_clock(works: ActedWorks) -> None:
    asked = Asked()
    with works.hub() as hub:
        started_long_ago(hub, asked)
    works.journals.clear()
    file = works.small.folder / "handoffs.yaml"
    file.write_text(file.read_text() + "\nmarkets: {oldtown: {owner: anna, approvers: [ben], tell: [x@example.net]}}")
    with works.small.open() as hub:
        assert judged(hub, asked).clock_since == asked.since


def test_a_gate_that_asks_for_something_else_is_judged_anew_on_the_same_evidence(works: ActedWorks) -> None:
    """Neither a looser nor a stricter gate makes what was gathered worthless; a verdict is of what was asked for."""
    asked, gate = Asked(), ("oldtown", "order_to_provisioning", "shadow", NOW)
    with works.hub() as hub:
        started_long_ago(hub, asked)
        reconciled(hub)
        before = judged(hub, asked)
        with hub.database.reading() as connection:
            assert passing_verdict(connection, hub.operator, *gate) is not None
    works.journals.clear()
    file = works.small.folder / "handoffs.yaml"
    for bound, days in ((20, "pass"), (90, "inconclusive")):
        file.write_text(
            f"everywhere: {{gates: {{order_to_provisioning: {{shadow: {{days: {{at_least: {bound}}}}}}}}}}}"
        )
        with works.small.open() as hub:
            with hub.database.reading() as connection:
                assert passing_verdict(connection, hub.operator, *gate) is None
            after = judged(hub, asked)
        assert (after.clock_since, after.versions) == (before.clock_since, before.versions)
        assert lines(after)["days"][0] == days


@pytest.mark.parametrize(
    ("seen", "metric"),
    [
        ({"serial": "ABCD0000FFFF"}, "serials_reconciled"),
        ({"operational_state": "down", "last_traffic_at": NOW - timedelta(days=8)}, "serials_reachable"),
        ({"observed_at": NOW - timedelta(hours=30), "last_traffic_at": None}, "serials_reachable"),
    ],
    ids=["another serial", "down", "silent"],
)
def test_one_device_of_all_is_enough_to_stop_a_canary(
    works: ActedWorks, seen: dict[str, object], metric: str
) -> None:
    """Scenario 44: a small share of wrong serials took thousands of lines when three states were cut over at once."""
    works.change(NetworkObservation, serial_of("1"), **seen)
    asked = Asked()
    with works.hub() as hub:
        started_long_ago(hub, asked)
        reconciled(hub)
        verdict = judged(hub, asked)
    assert lines(verdict)[metric][0] == "fail"
    assert verdict.result == "fail"


def test_a_device_that_is_switched_off_today_was_reachable_this_week(works: ActedWorks) -> None:
    facts = {"operational_state": "down", "last_traffic_at": NOW - timedelta(days=2)}
    works.change(NetworkObservation, serial_of("1"), **facts)
    with works.hub() as hub:
        told = lines(judged(hub, Asked()))
    assert told["serials_reachable"][0] == told["serials_reconciled"][0] == "pass"


@pytest.mark.parametrize(
    ("tally", "metric", "result"),
    [
        (Tally({"match": 309, "hub_wrong": 1}), "unexplained", "fail"),
        (Tally({"match": 310}, critical=1), "critical", "fail"),
        (Tally({"match": 120}), "compared", "inconclusive"),
        (Tally({"match": 310}, waiting=200), "decided", "fail"),
        (Tally({"match": 290, "hub_wrong": 20}), "parity", "fail"),
    ],
    ids=["one unexplained", "one critical", "too few", "most still wait", "too often wrong"],
)
def test_what_the_shadow_shows_is_held_against_the_gate(
    works: ActedWorks, tally: Tally, metric: str, result: str
) -> None:
    asked = Asked(tally=tally)
    with works.hub() as hub:
        started_long_ago(hub, asked)
        assert lines(judged(hub, asked))[metric][0] == result


@pytest.mark.parametrize(("state", "result"), [("open", "fail"), ("acknowledged", "pass"), ("recovered", "pass")])
def test_a_finding_that_nobody_has_taken_in_hand_stops_it(works: ActedWorks, state: str, result: str) -> None:
    with works.hub() as hub:
        reconciled(hub, finding("71", 500), state=state)
        told = lines(judged(hub, Asked(), "field_to_billing"))
        assert told["open_findings"][0] == result
        assert lines(judged(hub, Asked()))["open_findings"][0] == "pass"


def test_once_the_hub_acts_only_findings_of_its_own_works_count(works: ActedWorks) -> None:
    asked = Asked(stage="canary")
    with works.hub() as hub:
        reconciled(hub, finding("71", 500))
        assert lines(judged(hub, asked, "field_to_billing"))["open_money"][0] == "pass"
        reconciled(hub, finding("1", -420))
        told = lines(judged(hub, asked, "field_to_billing"))
    assert told["open_money"] == ("fail", "Money of open findings: 4.2 money, at most 0 may be.")


def test_a_job_that_is_paused_too_long_stops_every_gate(works: ActedWorks) -> None:
    """A disconnection run that was paused and forgotten let ten thousand customers pay for nothing."""
    asked = Asked()
    paused = FrozenJob("oldtown", "disconnection", "anna", "move", NOW - timedelta(days=9), NOW - timedelta(days=1))
    with works.hub() as hub:
        with hub.database.writing() as connection:
            freeze(connection, paused)
        assert lines(judged(hub, asked))["frozen_overdue"][0] == "fail"
        with hub.database.writing() as connection:
            thaw(connection, "oldtown", "disconnection", NOW)
        assert lines(judged(hub, asked))["frozen_overdue"][0] == "pass"


def test_once_the_hub_acts_it_is_held_against_legacy(works: ActedWorks) -> None:
    works.handoffs(
        "everywhere: {gates: {order_to_provisioning: {canary: {activation_success: {sample: 2, at_worst: 80}}}}}"
    )
    for number in (31, 32, 33):
        works.operator.order(
            f"{number}",
            f"9{number}",
            ordered_at=NOW - timedelta(days=30),
            completed_at=NOW - timedelta(days=20),
            offering_id="silver",
        )
    asked = Asked(stage="canary", since=NOW - timedelta(days=40))
    with works.hub() as hub:
        started_long_ago(hub, asked)
        verdict = judged(hub, asked)
    told = lines(verdict)
    assert told["activation_success"][0] == "pass"
    assert "the hub 2 of 2 (100 %), legacy 3 of 3 (100 %)" in told["activation_success"][1]
    assert told["hub_works"] == ("inconclusive", "Works by the hub: 2 of 50 works; 48 to go.")
    assert told["foreign_writes"][0] == "pass"


def test_while_nobody_looks_for_harm_a_canary_stays_where_it_is(works: ActedWorks) -> None:
    asked = Asked(stage="canary", since=NOW - timedelta(days=40))
    with works.hub() as hub:
        assert lines(judged(hub, asked))["guard_age"][0] == "inconclusive"
        guard_market(hub, "oldtown", NOW - timedelta(minutes=90), powers_of(hub), ["order/91"])
        assert lines(judged(hub, asked))["guard_age"][0] == "inconclusive"
        guard_market(hub, "oldtown", NOW - timedelta(minutes=90), powers_of(hub))
        assert lines(judged(hub, asked))["guard_age"][0] == "fail"
        guard_market(hub, "oldtown", NOW - timedelta(minutes=5), powers_of(hub))
        assert lines(judged(hub, asked))["guard_age"][0] == "pass"


def test_bills_count_as_cycles_once_they_are_seen(works: ActedWorks) -> None:
    asked = Asked(since=datetime(2026, 2, 27, 12, tzinfo=NOW.tzinfo))
    with works.hub() as hub:
        started_long_ago(hub, asked)
        assert (
            lines(judged(hub, asked, "field_to_billing"))["bill_cycles"][1] == "Bill cycles: 1 of 2 cycles; 1 to go."
        )
    works.journals.clear()
    works.operator.records = [each for each in works.operator.records if not isinstance(each, ChargeLine)]
    with works.hub(NOW + timedelta(hours=1)) as hub:
        late = judged(hub, asked, "field_to_billing", NOW + timedelta(hours=1))
    assert lines(late)["bill_cycles"][1] == "Bill cycles: 0 of 2 cycles; 2 to go."


def test_behind_the_last_stage_there_is_no_gate(works: ActedWorks) -> None:
    with works.hub() as hub, pytest.raises(ConfigurationError, match="nothing comes behind legacy_retired"):
        judged(hub, Asked(stage="legacy_retired"))
