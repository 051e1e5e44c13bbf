"""Gates between the completion of a job and its first bill: what they hold, who is asked, and how it goes on."""

from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.errors import ConfigurationError
from canonical_model.field_work import CompletionMaterial, CompletionTest, WorkOrder
from hub.effects.drain import drain
from hub.sagas.advance import advance
from hub.sagas.beginning import begin_saga
from hub.sagas.decisions import cancel, resume, waive
from hub.sagas.desk import Desk
from hub.sagas.looking_again import look_again
from provisioning.facts import SagaFacts
from storage.effects import effects
from storage.sagas import Saga, saga_with, steps_of
from tests.fakes.completions import DONE, HOME, good_job, known, photos, report, without
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.lines import NETWORK, ONT, TIERS
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork

CREW_OVERRIDE = """\
- override: GT-06
  crews: [Northern Fiber Ltd]
  parameters: {least_photos: 5}
- override: GT-07
  crews: [Northern Fiber Ltd]
  parameters: {wanted: "drop,terminal"}
"""


def now_of(desk: Desk, saga: Saga) -> Saga:
    with desk.hub.database.reading() as connection:
        found = saga_with(connection, saga.id)
    assert found is not None
    return found


def facts_of(desk: Desk, saga: Saga) -> SagaFacts:
    return SagaFacts.model_validate_json(now_of(desk, saga).facts)


def told(desk: Desk) -> set[str]:
    """What other systems were told as if it worked; that a person is asked is something else."""
    with desk.hub.database.reading() as connection:
        commands = {each.command for each in effects(connection)}
    return commands & {"set_customer_status", "start_billing", "close_work_order"}


def led_on(desk: Desk, saga: Saga, clock: HandClock) -> Saga:
    """Advance and drain until the saga moves no more by itself."""
    for _ in range(20):
        advance(desk)
        drain(desk.hub, clock, desk.may_act)
        if now_of(desk, saga).state not in ("running", "undoing"):
            break
        clock.move(seconds=61)
    return now_of(desk, saga)


def test_a_job_that_was_done_as_it_should_be_passes_every_gate_and_is_billed(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    report(desk.hub.database, good_job(ordered))
    done = led_on(desk, saga, clock)
    assert (done.state, done.step) == ("done", "release")
    assert told(desk) >= {"set_customer_status", "start_billing"}
    verdicts = {each.rule: each.verdict for each in facts_of(desk, saga).gates}
    assert verdicts.pop("GT-11") == "inconclusive"  # nobody measured light, and nobody has to
    assert len(verdicts) == 17
    assert set(verdicts.values()) == {"pass"}
    with desk.hub.database.reading() as connection:
        (passed,) = [
            each.said for each in steps_of(connection, saga.id) if (each.step, each.event) == ("gate", "passed")
        ]
    assert passed == f"work order {ordered.work_order_id} was completed: 17 gates pass; GT-11 inconclusive"


def test_scenario_29_photos_and_place_hold_and_the_photos_that_come_later_let_it_go_on(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    """Scenario 29: GPS far from the premise, photos missing; reviewed before billing and not silently."""
    far = good_job(ordered, latitude=HOME[0] + 0.01)
    report(desk.hub.database, without(far, "CompletionPhoto"))
    held = led_on(desk, saga, clock)
    assert (held.state, held.step, held.person) == ("held", "gate", "technician")
    assert held.reason == (
        "GT-05: The completion was sent 1112 m from the premise; 250 m are allowed. Ask the technician whether it is"
        " the right house: correct the premise's place, or waive it with what you were told. / GT-06: 0 photos are"
        " there, 2 are asked for. Take them, or let your tablet synchronise where it has coverage."
    )
    assert told(desk) == set()

    report(desk.hub.database, photos(ordered, "drop", "terminal"))
    advance(desk)
    still = now_of(desk, saga)
    assert (still.state, still.person) == ("held", "dispatcher")
    assert still.reason.startswith("GT-05: ")
    assert "GT-06" not in still.reason

    report(desk.hub.database, good_job(ordered))
    assert led_on(desk, saga, clock).state == "done"
    with desk.hub.database.reading() as connection:
        again = [each for each in steps_of(connection, saga.id) if each.event == "decided"]
    assert [(each.step, each.said, each.actor) for each in again] == [
        ("gate", "resume: another completion is known than was judged", "hub")
    ] * 2


def test_a_held_job_is_not_judged_again_while_nothing_changes(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    report(desk.hub.database, good_job(ordered, signed=False))
    assert led_on(desk, saga, clock).state == "held"
    with desk.hub.database.reading() as connection:
        before = len(steps_of(connection, saga.id))
    for _ in range(3):
        clock.move(hours=1)
        advance(desk)
    with desk.hub.database.reading() as connection:
        assert len(steps_of(connection, saga.id)) == before


def test_scenario_28_a_completion_that_comes_two_days_late_is_billed_by_its_own_time(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga, operator: LumenValley
) -> None:
    """Scenario 28: offline capture; what was proven on the day is billed from that day."""
    advance(desk)
    clock.move(seconds=61)
    advance(desk)
    waiting = now_of(desk, saga)
    assert (waiting.state, waiting.step) == ("running", "gate")
    assert waiting.reason == f"work order {ordered.work_order_id} is not completed"

    clock.move(days=2)
    report(desk.hub.database, good_job(ordered, received_at=clock()))
    assert led_on(desk, saga, clock).state == "done"
    verified = facts_of(desk, saga).verified_at
    assert verified is not None
    assert verified - START < timedelta(minutes=10)
    assert facts_of(desk, saga).completed_at == DONE
    with desk.hub.database.reading() as connection:
        (started,) = [each for each in effects(connection) if each.command == "start_billing"]
    assert str(started.fields["starts_on"]) == "2026-11-05"


def test_a_completion_that_arrives_is_taken_up_at_once(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    for _ in range(5):
        advance(desk)
        clock.move(seconds=61)
    advance(desk)
    waiting = now_of(desk, saga)
    assert (waiting.step, waiting.due_at - clock()) == ("gate", timedelta(seconds=60))
    report(desk.hub.database, good_job(ordered))
    advance(desk)
    assert now_of(desk, saga).step == "release"


def test_it_is_looked_for_completions_now_and_then_and_not_at_every_turn(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    advance(desk)
    clock.move(seconds=61)
    advance(desk)
    assert now_of(desk, saga).step == "gate"
    desk.looks.every = timedelta(seconds=1)
    assert look_again(desk) == 0
    report(desk.hub.database, good_job(ordered))
    assert look_again(desk) == 0
    clock.move(seconds=1)
    assert look_again(desk) == 1


def test_scenario_11_the_serial_counts_that_the_network_reads(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    """Scenario 11: two digits were swapped on the tablet; nothing is billed until the scan is right."""
    job = good_job(ordered)
    typed = known(CompletionMaterial, work_order_id=ordered.work_order_id, kind="ont", serial="CXNK00A1B23C")
    report(desk.hub.database, [*without(job, "CompletionMaterial"), typed])
    held = led_on(desk, saga, clock)
    assert (held.state, held.person) == ("held", "technician")
    assert held.reason.startswith(f"GT-02: The network reads serial {ONT}, you scanned CXNK00A1B23C.")
    with pytest.raises(ConfigurationError, match="GT-02 may not be waived"):
        waive(desk.hub, saga.id, ["GT-02"], clock(), actor="dispatcher", why="typing")
    report(desk.hub.database, job)
    assert led_on(desk, saga, clock).state == "done"


def test_scenario_26_a_tier_that_changed_on_site_is_amended_before_it_is_billed(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    """Scenario 26: the network has the ordered tier, so that neither is billed before somebody has decided."""
    report(desk.hub.database, good_job(ordered, installed_offering_id="fiber-1000"))
    held = led_on(desk, saga, clock)
    assert (held.state, held.person) == ("held", "dispatcher")
    assert held.reason.startswith(
        "GT-04: The technician says that fiber-1000 was installed, the network has fiber-500."
    )
    assert told(desk) == set()

    waive(desk.hub, saga.id, ["GT-04"], clock(), actor="dora", why="he meant the fiber-500 that he left")
    assert led_on(desk, saga, clock).state == "done"
    assert facts_of(desk, saga).installed_offering_id == "fiber-500"


def test_scenario_26_a_tier_that_the_customer_agreed_to_is_told_to_the_network_proven_and_billed(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga, network: ToldNetwork
) -> None:
    """Scenario 26: amendment, provisioned again, billed from the change."""
    desk.network = TIERS
    report(desk.hub.database, good_job(ordered, installed_offering_id="fiber-1000"))
    assert led_on(desk, saga, clock).state == "held"
    first = facts_of(desk, saga).verified_at
    clock.move(hours=3)
    resume(desk.hub, saga.id, clock(), actor="dora", why="the customer has signed for it", accept=True)
    assert now_of(desk, saga).step == "configure_access"
    held = led_on(desk, saga, clock)
    assert (held.state, held.reason[:61]) == ("held", "GT-10: 488 Mbit/s were measured, 1000 are sold, at least 80 p")

    again = known(CompletionTest, work_order_id=ordered.work_order_id, name="speed_down", value=951.0, passed=True)
    report(desk.hub.database, [again])
    assert led_on(desk, saga, clock).state == "done"

    settings = network.settings("olt-1", ordered.line.service_id)
    assert settings is not None
    assert (settings["down_mbps"], settings["outer_vlan"]) == (1000, 100)
    assert network.settings("aaa-1", ordered.line.service_id) == {"group": "fiber-1000"}
    after = facts_of(desk, saga)
    assert first is not None
    assert after.verified_at is not None
    assert after.verified_at - first >= timedelta(hours=3)
    assert after.installed_offering_id == "fiber-1000"
    with desk.hub.database.reading() as connection:
        (started,) = [each for each in effects(connection) if each.command == "start_billing"]
        decided = [each.said for each in steps_of(connection, saga.id) if each.actor == "dora"]
    assert started.fields["offering_id"] == "fiber-1000"
    assert decided == ['resume: the customer has signed for it (accepted: {"profile": "fiber-1000"})']


def test_a_tier_that_nobody_sells_is_asked_of_finance(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    report(desk.hub.database, good_job(ordered, installed_offering_id="fibre-one-gig"))
    held = led_on(desk, saga, clock)
    assert (held.state, held.person) == ("held", "finance")
    assert held.reason.startswith("GT-03: ")


def test_who_waives_a_gate_says_why_and_it_counts_for_what_was_seen_alone(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    report(desk.hub.database, good_job(ordered, latitude=HOME[0] + 0.01))
    led_on(desk, saga, clock)
    with pytest.raises(ConfigurationError, match="needs its reason"):
        waive(desk.hub, saga.id, ["GT-05"], clock(), actor="dora", why=" ")
    with pytest.raises(ConfigurationError, match="is not held by GT-06, but by GT-05"):
        waive(desk.hub, saga.id, ["GT-06"], clock(), actor="dora", why="saw it")
    with pytest.raises(ConfigurationError, match="say which gates"):
        waive(desk.hub, saga.id, [], clock(), actor="dora", why="saw it")
    waive(desk.hub, saga.id, ["GT-05"], clock(), actor="dora", why="the long drive of a farm")

    report(desk.hub.database, good_job(ordered, latitude=HOME[0] + 0.02))
    held = led_on(desk, saga, clock)
    assert (held.state, held.reason[:37]) == ("held", "GT-05: The completion was sent 2224 m")

    waive(desk.hub, saga.id, ["GT-05"], clock(), actor="dora", why="a longer one")
    assert led_on(desk, saga, clock).state == "done"
    by = {each.rule: each.waived_by for each in facts_of(desk, saga).gates if each.waived_by}
    assert by == {"GT-05": "dora"}
    with desk.hub.database.reading() as connection:
        said = [each.said for each in steps_of(connection, saga.id) if each.actor == "dora"]
    assert said == ["waive: GT-05: the long drive of a farm", "waive: GT-05: a longer one"]


def test_a_job_that_did_not_come_to_its_end_is_refused_and_the_network_stays_up(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga, network: ToldNetwork
) -> None:
    unable = known(
        WorkOrder,
        work_order_id=ordered.work_order_id,
        order_number=ordered.order_number,
        work_type="install",
        state="cannot_complete",
    )
    report(desk.hub.database, [*without(good_job(ordered), "WorkOrder"), unable])
    held = led_on(desk, saga, clock)
    assert (held.state, held.person) == ("held", "technician")
    assert held.reason.startswith("GT-01: The job counts as not done")
    assert told(desk) == set()
    assert network.settings("olt-1", ordered.line.service_id) is not None
    with pytest.raises(ConfigurationError, match="GT-01 may not be waived"):
        waive(desk.hub, saga.id, ["GT-01"], clock(), actor="dora", why="it works")

    resume(desk.hub, saga.id, clock(), actor="dora", why="look again")
    assert led_on(desk, saga, clock).state == "held"
    cancel(desk.hub, saga.id, clock(), actor="dora", why="the customer has left")
    assert led_on(desk, saga, clock).state == "undone"
    assert network.settings("olt-1", ordered.line.service_id) is None
    assert told(desk) == set()


@pytest.mark.parametrize(("crew", "state"), [("Northern Fiber Ltd", "held"), ("Crew 1", "done")])
def test_scenario_31_a_contractors_crew_owes_more_than_our_own(
    operator: LumenValley,
    network: ToldNetwork,
    clock: HandClock,
    ordered: SagaFacts,
    tmp_path: Path,
    crew: str,
    state: str,
) -> None:
    """Scenario 31: the same completion, from another crew, under what that crew has to show."""
    folder = operator.folder / "gates"
    folder.mkdir(exist_ok=True)
    (folder / "contractors.yaml").write_text(CREW_OVERRIDE, encoding="utf-8")
    network.plug(ONT, "1/1/1")
    with operator.hub(tmp_path / "crews") as hub, Desk(hub, NETWORK, network.driver, clock, Stages()) as desk:
        saga = begin_saga(hub, "activate", ordered, START)
        job = without(good_job(ordered, crew=crew), "CompletionPhoto")
        report(hub.database, [*job, *photos(ordered, "drop", "drop", "garden")])
        left = led_on(desk, saga, clock)
        assert left.state == state
        if state == "held":
            assert left.reason.startswith("GT-06: 3 photos are there, 5 are asked for.")
            assert "GT-07: Photos are missing of: terminal." in left.reason


def test_scenario_32_a_completion_without_proof_bills_nothing(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga, network: ToldNetwork
) -> None:
    """Scenario 32: completed, not active; a person is asked, and no system is told."""
    network.unplug(ONT)
    report(desk.hub.database, good_job(ordered))
    for _ in range(15):
        clock.move(hours=1)
        advance(desk)
    held = now_of(desk, saga)
    assert (held.state, held.step, held.person) == ("held", "discover", "dispatcher")
    assert told(desk) == set()


def test_scenario_33_proof_without_a_completion_waits_and_is_asked_for_in_the_end(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    """Scenario 33: it works, and nobody said that the job is done; the late word lets it go on."""
    for _ in range(16):
        advance(desk)
        clock.move(days=1)
    advance(desk)
    held = now_of(desk, saga)
    assert (held.state, held.step, held.person) == ("held", "gate", "dispatcher")
    assert told(desk) == set()
    report(desk.hub.database, good_job(ordered))
    assert led_on(desk, saga, clock).state == "done"
