"""Two public failures, told again: what stops each of them, and what it says to whom.

Frontier 2016: three states were cut over in one night with wrong serials in the bought records. Vodafone UK 2013: the
job that disconnects was switched off for a migration, and customers were billed wrongly for months.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.field_work import CompletionMaterial
from canonical_model.network import NetworkObservation
from canonical_model.places import Premise
from canonical_model.plant import AccessTerminal
from canonical_model.take_over import JobPause
from handoffs.cohort import EVERYTHING, Cohort
from handoffs.comparison import Tally
from handoffs.gates import GateLine, GateVerdict
from handoffs.stages import HANDOFFS, Handoff
from hub.decision import Decision
from hub.takeover.gate import Sources, judge_gate
from hub.takeover.guard import guard_market
from hub.takeover.moves import Wish, move
from hub.takeover.powers import VerdictGate, powers_of, sources_of
from hub.workplace import Hub
from simulated_estate.cast import BLOCK
from simulated_estate.estate import build_estate
from simulated_estate.spelling import with_swapped_digits
from storage.effects import effects
from storage.frozen_jobs import FrozenJob, freeze, thaw
from tests.fakes.acted_works import DONE_ON, NOW, ActedWorks
from tests.fakes.judged_estate import reconciled as judged
from tests.fakes.reconciled_market import finding, reconciled
from tests.fakes.shipped_rules import shipped_rules
from tests.fakes.small_operator import MARKET, serial_of

PROVISIONING: Handoff = "order_to_provisioning"
BILLING: Handoff = "field_to_billing"
LINES = range(1, 21)
WRONG = (3, 14)
"""A tenth of all: one in each town."""
CLEAN = Tally({"match": 310}, bills_compared=310, first_at=NOW - timedelta(days=29), last_at=NOW)
FLASH_CUT = "[{}]"
ROLLING = "[{towns: [Riverbend]}, {}]"
RIVERBEND = Cohort(towns=frozenset({"Riverbend"}))


def town_of(number: int) -> str:
    return "Riverbend" if number <= 10 else "Mesa"


@dataclass
class Bought:
    """A market that was bought, with a plan for it; months of shadow have shown that the hub would do the same."""

    works: ActedWorks
    shadow: Tally = CLEAN

    def plan(self, cohorts: str, stage: str = "shadow") -> None:
        self.works.handoffs(
            f"""
declared: {{oldtown: {{{PROVISIONING}: {stage}, {BILLING}: {stage}}}}}
markets:
  oldtown:
    approvers: [lee]
    tell: [lee@operator.example]
    plan: {{{PROVISIONING}: {{canary: {cohorts}}}, {BILLING}: {{canary: {ROLLING}}}}}
"""
        )

    def judge(self, hub: Hub, handoff: Handoff = PROVISIONING, **since: float) -> GateVerdict:
        """What the shipped gate says by the records; what the shadow came to is told."""
        known = sources_of(hub)

        def tally(connection: Connection, *asked: object) -> Tally:
            del connection, asked
            return replace(self.shadow, looked_at=NOW)

        told = Sources(known.stages, known.since, tally, known.packages, known.foreign_writes)
        return judge_gate(hub, MARKET.id, handoff, NOW - timedelta(**since), told)[1]


@pytest.fixture
def bought(tmp_path: Path) -> Bought:
    """Twenty lines in two towns, each device on the port of the terminal before the house."""
    works = ActedWorks(tmp_path)
    works.staff_by_mail()
    for number in LINES:
        works.good(number)
        place = {"address": f"{number} Main St", "city": town_of(number), "terminal": f"T{number}"}
        works.operator.add(Premise, "crm", source_id=f"P{number}", **place)
        plant = {"terminal": f"T{number}", "element": "olt", "port": f"1/1/{number}", "technology": "pon"}
        works.operator.add(AccessTerminal, "olt", source_id=f"T{number}", capacity=8, **plant)
        works.change(NetworkObservation, serial_of(f"{number}"), port=f"1/1/{number}/7")
    works.journals.clear()  # legacy has led all of these orders
    market = Bought(works)
    market.plan(ROLLING)
    return market


def mistype(bought: Bought) -> set[str]:
    """Let the bought records have two digits of some serials swapped; both spellings, as a person would look for."""
    found = set()
    for number in WRONG:
        typed = with_swapped_digits(serial_of(f"{number}"))
        bought.works.change(CompletionMaterial, material_of(bought, number), serial=typed)
        found |= {typed, serial_of(f"{number}")}
    return found


def bind_again(bought: Bought) -> None:
    """The inventory gets the serials that the network shows."""
    for number in WRONG:
        bought.works.change(CompletionMaterial, material_of(bought, number), serial=serial_of(f"{number}"))


def material_of(bought: Bought, number: int) -> str:
    materials = [each for each in bought.works.operator.records if isinstance(each, CompletionMaterial)]
    (found,) = (each.source_id for each in materials if each.work_order_id == f"wo-9{number}")
    return found


def line(verdict: GateVerdict, metric: str) -> GateLine:
    (found,) = (each for each in verdict.lines if each.metric == metric)
    return found


def failing(verdict: GateVerdict) -> set[str]:
    return {each.metric for each in verdict.lines if each.result == "fail"}


def begin_canary(hub: Hub, cohort: Cohort) -> str:
    """Try to, as an approver does; what is said to that."""
    wish = Wish(MARKET.id, PROVISIONING, "promoted", cohort)
    try:
        moved = move(hub, wish, Decision("lee", NOW + timedelta(minutes=1), "the night of the cut"), VerdictGate(hub))
    except UnsafeToContinue as error:
        return str(error)
    return moved.stage


def prepared(bought: Bought, hub: Hub) -> None:
    """The clock has run for two months, and the market was reconciled an hour ago."""
    bought.judge(hub, days=65)
    bought.judge(hub, BILLING, days=65)
    reconciled(hub)


def test_frontier_a_flash_cut_with_wrong_serials_is_refused_and_names_them(bought: Bought) -> None:
    """Scenario 44."""
    bought.plan(FLASH_CUT)
    wrong = mistype(bought)
    with bought.works.hub() as hub:
        prepared(bought, hub)
        verdict = bought.judge(hub)
        refused = begin_canary(hub, EVERYTHING)
    assert failing(verdict) == {"serials_reconciled", "serials_reachable", "first_step"}
    assert set(line(verdict, "serials_reconciled").works) == wrong
    assert line(verdict, "first_step").said == "First step: 100 % of orders, at most 50 may be."
    assert "its gate has not passed today" in refused


def test_frontier_once_every_device_is_bound_the_flash_cut_itself_is_still_refused(bought: Bought) -> None:
    bought.plan(FLASH_CUT)
    mistype(bought)
    bind_again(bought)
    with bought.works.hub() as hub:
        prepared(bought, hub)
        verdict = bought.judge(hub)
        refused = begin_canary(hub, EVERYTHING)
    assert {each.metric for each in verdict.lacking} == {"first_step"}
    assert "its gate has not passed today" in refused


def test_frontier_town_by_town_is_let_through_after_the_serials_were_bound(bought: Bought) -> None:
    wrong = mistype(bought)
    with bought.works.hub() as hub:
        prepared(bought, hub)
        before = bought.judge(hub)
        refused = begin_canary(hub, RIVERBEND)
    bind_again(bought)
    with bought.works.hub(NOW + timedelta(seconds=1)) as hub:
        after = bought.judge(hub)
        beyond = begin_canary(hub, EVERYTHING)
        begun = begin_canary(hub, RIVERBEND)
    in_riverbend = {serial_of("3"), with_swapped_digits(serial_of("3"))}
    # a device of the network that no record speaks of may stand in any town
    assert set(line(before, "serials_reconciled").works) == in_riverbend | {serial_of("14")}
    assert set(line(before, "serials_reconciled").works) < wrong
    assert "its gate has not passed today" in refused
    assert after.lacking == ()
    assert beyond.endswith("its gate was judged for Riverbend, which does not hold everything")
    assert begun == "canary"


def test_frontier_a_canary_grows_over_no_town_whose_serials_are_wrong(bought: Bought) -> None:
    bought.plan(ROLLING, stage="canary")
    typed = with_swapped_digits(serial_of("14"))
    bought.works.change(CompletionMaterial, material_of(bought, 14), serial=typed)
    with bought.works.hub() as hub:
        verdict = bought.judge(hub)
    assert verdict.leaves == "canary"
    assert set(line(verdict, "serials_reconciled").works) == {typed, serial_of("14")}
    assert verdict.result == "fail"


def paused(until: timedelta, name: str = "disconnection") -> FrozenJob:
    return FrozenJob(MARKET.id, name, "m.holm", "the wave", NOW - timedelta(days=40), NOW + until)


def off_in_billing(bought: Bought, *, to: date | None = None) -> None:
    """The billing system says that it has switched the job off."""
    since = NOW.date() - timedelta(days=40)
    bought.works.operator.add(
        JobPause, "billing", job="disconnection", wave="W1", paused_from=since, paused_to=to, source_id="pause-1"
    )


def test_vodafone_a_job_is_paused_by_somebody_and_until_a_day(bought: Bought) -> None:
    with bought.works.hub() as hub:
        for owner, why, until in (("", "the wave", 5), ("m.holm", " ", 5), ("m.holm", "the wave", -50)):
            job = replace(paused(timedelta(days=until)), owner=owner, why=why)
            with pytest.raises(ConfigurationError), hub.database.writing() as connection:
                freeze(connection, job)


@pytest.mark.parametrize("handoff", HANDOFFS)
def test_vodafone_a_job_beyond_its_day_stops_every_hand_off(bought: Bought, handoff: Handoff) -> None:
    with bought.works.hub() as hub:
        with hub.database.writing() as connection:
            freeze(connection, paused(-timedelta(hours=1)))
        stopped = bought.judge(hub, handoff)
        with hub.database.writing() as connection:
            thaw(connection, MARKET.id, "disconnection", NOW)
        runs_again = bought.judge(hub, handoff)
    assert line(stopped, "frozen_overdue").result == "fail"
    assert line(stopped, "frozen_overdue").works == ("disconnection",)
    assert stopped.result == "fail"
    assert line(runs_again, "frozen_overdue").result == "pass"


@pytest.mark.parametrize(("to", "is_off"), [(None, True), (7, True), (0, False)], ids=["no end", "in a week", "over"])
def test_vodafone_a_job_that_is_off_and_on_no_list_stops_the_wave(
    bought: Bought, to: int | None, *, is_off: bool
) -> None:
    """Nobody had thought of it: what the billing system says is held against the list."""
    off_in_billing(bought, to=None if to is None else NOW.date() + timedelta(days=to))
    with bought.works.hub() as hub:
        prepared(bought, hub)
        verdict = bought.judge(hub)
        with hub.database.writing() as connection:
            freeze(connection, paused(timedelta(days=7)))
        owned = bought.judge(hub)
    assert (line(verdict, "frozen_overdue").works == ("disconnection",)) is is_off
    assert ("frozen_overdue" in failing(verdict)) is is_off
    assert line(owned, "frozen_overdue").result == "pass", "somebody answers for it, until a day"


def test_vodafone_people_are_told_of_it_once_for_each_hand_off_that_the_hub_has(bought: Bought) -> None:
    off_in_billing(bought)
    bought.plan(ROLLING, stage="active")
    with bought.works.hub() as hub:
        for minutes in (0, 5):
            guard_market(hub, MARKET.id, NOW + timedelta(minutes=minutes), powers_of(hub))
        with hub.database.reading() as connection:
            mails = [each for each in effects(connection) if each.command == "notify_staff"]
    told = [each.write for each in mails if "Overdue freeze" in each.write]
    assert len(told) == 2
    for write, handoff in zip(sorted(told), sorted((PROVISIONING, BILLING)), strict=True):
        assert handoff.replace("_", " ") in write
        assert "disconnection is off for W1 since 2026-02-24, without an end, and nobody answers for it" in write


def test_vodafone_a_wave_does_not_go_on_while_its_bills_are_wrong(bought: Bought) -> None:
    """A customer who left is billed on, because the job that disconnects was off: RL-J07 is an open finding."""
    with bought.works.hub() as hub:
        prepared(bought, hub)
        right = bought.judge(hub, BILLING)
    with bought.works.small.open() as hub:
        reconciled(hub, finding("3", -4_217, DONE_ON, "RL-J07"))
        wrong = bought.judge(hub, BILLING)
    assert "open_findings" not in failing(right)
    assert line(wrong, "open_findings").works == ("RL-J07 RL-J07-3",)
    assert wrong.result == "fail"


def test_vodafone_a_bill_that_differs_by_a_cent_keeps_the_wave_back(bought: Bought) -> None:
    with bought.works.hub() as hub:
        prepared(bought, hub)
        bought.shadow = replace(CLEAN, counts={"match": 309, "unknown": 1}, unexplained_minor=1)
        verdict = bought.judge(hub, BILLING)
    assert failing(verdict) == {"unexplained", "unexplained_money"}
    assert "0.01 money, at most 0 may be" in line(verdict, "unexplained_money").said


def test_vodafone_what_the_paused_jobs_cost_is_found_to_the_cent(tmp_path: Path) -> None:
    """Discounts that went on and customers who were billed after they had left, while the jobs of a wave were off."""
    estate = build_estate(BLOCK, months=6, seed=3)
    outcome = judged(estate, tmp_path)["mesa"]
    checks = {rule.id: rule.check or rule.id for rule in shipped_rules()}
    true, found = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for entry in estate.ledger:
        if entry.rule == "RL-J07":
            true[entry.subject, entry.direction, entry.exposure_class] += sum(entry.by_month.values())
    for each in outcome.findings:
        if checks[each.rule_id] == "RL-J07":
            found[each.subject, each.direction, each.exposure_class] += each.exposure_minor
    assert {direction for _, direction, _ in true} == {"under_billed", "over_billed"}
    assert found == true
