"""A wave goes on where every step is shown; what lacks, waits or is not known keeps it, with its figures."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from handoffs.acquisition.readiness import judge_wave
from handoffs.acquisition.steps import Dismissal, FeedSeen, IdentityFacts, JobOwner, OverlapLink, RunSeen, StepVerdict
from reconciliation.acquisition.plans import PlanFault, PlanJudgement
from reconciliation.acquisition.wave_facts import BalancePair, Pause
from reconciliation.bill_to_bill import BillToBill
from reconciliation.findings import Finding
from tests.fakes.acquired_wave import CUT, NOW, compared, evidence, facts, found, listed

CLEAN = evidence()
RUN = CLEAN.run or RunSeen(NOW, {})


def lacking(**changed: Any) -> dict[str, StepVerdict]:
    return {each.name: each for each in judge_wave(evidence(**changed)).lacking}


def only(name: str, verdicts: Mapping[str, StepVerdict]) -> StepVerdict:
    assert list(verdicts) == [name]
    return verdicts[name]


def test_what_is_right_may_begin_and_be_signed() -> None:
    for phase, steps in (("begin", 8), ("sign_off", 13)):
        readiness = judge_wave(evidence(phase))  # type: ignore[arg-type]
        assert [(each.name, each.said) for each in readiness.lacking] == []
        assert readiness.may_go_on
        assert len(readiness.steps) == steps


def test_nothing_known_shows_nothing() -> None:
    readiness = judge_wave(
        evidence(facts=None, run=None, plans=None, comparison=None, feeds=(), identities=IdentityFacts(None))
    )
    shown = [each.name for each in readiness.steps if each.state == "done"]
    assert shown == ["wave_before"]
    assert {each.state for each in readiness.lacking} == {"not_judged"}


def test_an_empty_list_is_no_wave_without_faults() -> None:
    empty = facts(accounts=(), charges=(), balances=(), closed=frozenset(), pauses=())
    found_steps = lacking(facts=empty, plans=PlanJudgement((), ()), comparison=BillToBill((), ()))
    assert {name for name, each in found_steps.items() if each.state == "not_judged"} == {
        "accounts_listed", "plan_map", "device_serials", "accounts_there", "billed_once", "stub_periods", "balances",
        "bill_to_bill",
    }  # fmt: skip


def test_the_wave_before_comes_first() -> None:
    assert "W0 comes first" in only("wave_before", lacking(wave_before="W0")).said


def test_accounts_that_were_moved_before_the_wave_was_begun_are_told() -> None:
    for phase, told in (("begin", True), ("sign_off", False)):
        steps = judge_wave(evidence(phase)).steps  # type: ignore[arg-type]
        (listing,) = [each for each in steps if each.name == "accounts_listed"]
        assert ("the day of 2 has come before anybody began the wave" in listing.said) is told


def test_a_list_of_a_wave_that_nobody_would_sign() -> None:
    step = only("accounts_listed", lacking(strange_waves=("W7",)))
    assert (step.state, "W7, which is no wave" in step.said) == ("lacks", True)


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        (FeedSeen("old/bills", None, ""), "old/bills was never pulled to its end"),
        (FeedSeen("old/bills", NOW, "failed"), "the last pull of old/bills is failed"),
        (FeedSeen("old/bills", NOW - timedelta(hours=49), "succeeded"), "old/bills is of 2026-11-03 11:00 UTC"),
    ],
)
def test_a_feed_that_is_old_or_broken(feed: FeedSeen, said: str) -> None:
    step = only("sources", lacking(feeds=(feed,)))
    assert (step.state, said in step.said) == ("lacks", True)


def test_an_old_reconciliation_is_not_believed() -> None:
    old = replace(RUN, as_of=NOW - timedelta(hours=49))
    assert only("reconciled", lacking(run=old)).state == "not_judged"


@pytest.mark.parametrize("outcome", ["inconclusive", "off", None])
def test_a_rule_that_did_not_judge_shows_nothing(outcome: str | None) -> None:
    outcomes = {rule: said for rule, said in RUN.outcomes.items() if rule != "RL-J03"}
    outcomes |= {} if outcome is None else {"RL-J03": outcome}
    assert only("balances", lacking(run=replace(RUN, outcomes=outcomes))).state == "not_judged"
    silent = replace(RUN, silent={"RL-J05-overlap": "the feed is old"})
    assert "the feed is old" in only("stub_periods", lacking(run=silent)).said


@pytest.mark.parametrize(
    ("rule", "step"),
    [
        ("RL-J01", "accounts_there"),
        ("RL-J02", "billed_once"),
        ("RL-J04", "bill_to_bill"),
        ("RL-J05", "stub_periods"),
        ("RL-J05-overlap", "stub_periods"),
        ("RL-J06", "device_serials"),
        ("RL-J07", "job_pauses"),
        ("RL-J07-disconnection", "job_pauses"),
    ],
)
def test_a_finding_keeps_the_step_of_its_rule(rule: str, step: str) -> None:
    verdict = only(step, lacking(findings=(found(rule, "2", 194), found(rule, "77"))))
    assert verdict.state == "lacks"
    assert [(each.account, each.minor) for each in verdict.proof] == [("2", 194)], "77 is of another wave"


def test_a_balance_that_differs_by_a_cent() -> None:
    pair = BalancePair("1", "deposit", 5000, -200, 4801, ("old/b/1",))
    step = only("balances", lacking(facts=facts(balances=(*facts().balances, pair))))
    assert [(each.account, each.minor) for each in step.proof] == [("1", 1)]
    assert dict(step.figures)["deposit: closed + in flight = opened"] == "50.00 USD + -2.00 USD is not 48.01 USD"


def test_an_account_whose_closing_balance_nobody_tells() -> None:
    step = only("balances", lacking(facts=facts(closed=frozenset(("1",)))))
    assert (step.state, [each.account for each in step.proof]) == ("not_judged", ["2"])


def test_an_account_that_the_target_does_not_know_lacks_even_where_no_rule_says_so() -> None:
    accounts = (listed("1"), listed("2", is_in_target=False, target_from=None))
    step = lacking(facts=facts(accounts=accounts))["accounts_there"]
    assert step.state == "lacks"
    assert dict(step.figures)["not taken over"] == "1"


def test_who_left_before_his_day_is_not_missed() -> None:
    gone = listed("3", is_in_target=False, target_from=None, ends_on=CUT, network_live=False)
    readiness = judge_wave(evidence(facts=facts(accounts=(*facts().accounts, gone))))
    assert readiness.may_go_on


def test_a_wave_whose_day_is_to_come_is_not_signed() -> None:
    later = replace(listed("2"), cut_over_on=NOW.date() + timedelta(days=9))
    step = lacking(facts=facts(accounts=(listed("1"), later)))["accounts_there"]
    assert step.state == "not_judged"


@pytest.mark.parametrize(
    ("account", "why"),
    [
        (listed("2", "ABCD00000020"), "the target was told of ABCD00000020, the field left ABCD00000002"),
        (listed("2", None), "the target was told of no device"),
        (listed("2", serial=None), "the field left none"),
        (listed("2", network_seen=False), "the network does not show ABCD00000002"),
        (listed("2", network_live=False), "ABCD00000002 is not reachable"),
    ],
)
def test_the_serial_gate_asks_for_every_device(account: Any, why: str) -> None:
    step = only("device_serials", lacking(facts=facts(accounts=(listed("1"), account))))
    assert step.state == "lacks"
    assert dict(step.figures) == {"reconciled and reachable": "1 of 2"}
    assert why in step.proof[0].what


def test_the_device_of_a_suspended_customer_need_not_answer() -> None:
    asleep = listed("2", network_live=False, is_suspended=True)
    assert judge_wave(evidence(facts=facts(accounts=(listed("1"), asleep)))).may_go_on


@pytest.mark.parametrize(
    ("pause", "owners", "said"),
    [
        (Pause("disconnection", "W1", CUT, None), None, "without an end"),
        (Pause("dunning", "W1", CUT, CUT + timedelta(days=1)), None, "nobody owns that"),
        (Pause("disconnection", "W1", CUT, date(2026, 10, 2)), None, "kim agreed to 2026-10-01"),
        (
            Pause("disconnection", "W1", CUT, date(2026, 12, 1)),
            {"disconnection": JobOwner("kim", date(2027, 1, 1))},
            "is still off",
        ),
    ],
)
def test_a_job_that_is_off_is_owned_and_time_boxed(pause: Pause, owners: Any, said: str) -> None:
    changed = {} if owners is None else {"job_owners": owners}
    assert said in only("job_pauses", lacking(facts=facts(pauses=(pause,)), **changed)).said


def test_no_list_of_jobs_is_not_the_same_as_no_job_off() -> None:
    assert only("job_pauses", lacking(tells_pauses=False)).state == "not_judged"
    assert judge_wave(evidence(facts=facts(pauses=()))).may_go_on


@pytest.mark.parametrize(("state", "is_decided"), [("review", False), ("linked", False)])
def test_an_overlap_waits_for_a_person_also_where_it_was_joined_by_itself(state: str, is_decided: bool) -> None:
    link = OverlapLink(7, ("1", "900"), state, is_decided, "names and birth date")
    step = only("identities", lacking(identities=IdentityFacts(NOW, (link,))))
    assert step.state == "waits"
    assert "900" in step.proof[0].what


@pytest.mark.parametrize("state", ["linked", "apart"])
def test_what_a_person_has_said_of_an_overlap_is_done(state: str) -> None:
    link = OverlapLink(7, ("1", "900"), state, True, "names and birth date")
    assert judge_wave(evidence(identities=IdentityFacts(NOW, (link,)))).may_go_on


def test_an_open_question_about_a_premise_waits_too() -> None:
    link = OverlapLink(9, ("2", "crm/Premise/7"), "review", False, "no agreement in unit")
    step = only("identities", lacking(identities=IdentityFacts(NOW, premises=(link,))))
    assert (step.state, [each.account for each in step.proof]) == ("waits", ["2"])


def test_customers_that_nobody_compared_are_not_different() -> None:
    assert only("identities", lacking(identities=IdentityFacts(None))).state == "not_judged"
    assert only("identities", lacking(identities=IdentityFacts(NOW - timedelta(hours=49)))).state == "not_judged"
    assert only("identities", lacking(identities=IdentityFacts(NOW, (), ("2",)))).state == "not_judged"


def test_a_plan_fault_names_the_customers_and_the_cents() -> None:
    fault = PlanFault("price", "OLD", 6000, "as gold it would have another price", (("1", 300), ("2", 300)))
    step = only("plan_map", lacking(plans=PlanJudgement(CLEAN.plans.lines if CLEAN.plans else (), (fault,))))
    assert (
        step.said == "OLD at 60.00 USD: as gold it would have another price (2 accounts, 6.00 USD a month together)"
    )
    assert [(each.account, each.minor) for each in step.proof] == [("1", 300), ("2", 300)]


def test_an_account_that_was_never_billed_has_no_plan_to_map() -> None:
    step = only("plan_map", lacking(facts=facts(charges=facts().charges[:1])))
    assert (step.state, [each.account for each in step.proof]) == ("not_judged", ["2"])


def test_bills_with_an_unexplained_cent_and_bills_that_were_not_compared() -> None:
    unexplained = BillToBill((compared("1"), compared("2", target_minor=6001, unexplained_minor=1)), ())
    step = only("bill_to_bill", lacking(comparison=unexplained))
    assert (step.state, [(each.account, each.minor) for each in step.proof]) == ("lacks", [("2", 1)])
    waiting = BillToBill((compared("1"),), (("2", "no whole month yet"),))
    step = only("bill_to_bill", lacking(comparison=waiting))
    assert (step.state, step.proof[0].what) == ("not_judged", "no whole month yet")
    ended = facts(accounts=(listed("1"), listed("2", ends_on=date(2026, 9, 20))))
    assert judge_wave(evidence(comparison=waiting, facts=ended)).may_go_on, "two bills will never be there"


def dismissed(*findings: Finding, until: date = date(2026, 12, 1), by: str = "ann") -> dict[str, Dismissal]:
    """What a person has dismissed, with the money that it has."""
    return {
        each.fingerprint: Dismissal(by, until, "agreed with the seller", each.exposure_minor) for each in findings
    }


@pytest.mark.parametrize(
    ("rule", "step"),
    [
        ("RL-J01", "accounts_there"),
        ("RL-J02", "billed_once"),
        ("RL-J03", "balances"),
        ("RL-J04", "bill_to_bill"),
        ("RL-J05", "stub_periods"),
        ("RL-J06", "device_serials"),
        ("RL-J07", "job_pauses"),
    ],
)
def test_a_dismissed_finding_keeps_no_step_and_the_step_says_who_dismissed_it(rule: str, step: str) -> None:
    mine = found(rule, "2")
    if rule == "RL-J03":
        mine = replace(mine, subject_kind="balance", subject="balance/2-deposit")
    readiness = judge_wave(evidence(findings=(mine,), dismissed=dismissed(mine)))
    assert readiness.may_go_on
    (verdict,) = (each for each in readiness.steps if each.name == step)
    assert verdict.said.endswith("; left out: 1 finding that ann dismissed until 2026-12-01")
    assert ("dismissed by a person", "1") in verdict.figures
    assert verdict.dismissed[0].what.endswith("dismissed by ann until 2026-12-01: agreed with the seller")
    assert not any(each.dismissed for each in readiness.steps if each.name != step)


def test_dismissals_are_told_person_by_person_and_do_not_cover_others() -> None:
    three = [found("RL-J05", "1"), found("RL-J05-overlap", "1"), found("RL-J05", "2")]
    said = dismissed(*three[:1]) | dismissed(three[1], by="bob")
    step = only("stub_periods", lacking(findings=tuple(three), dismissed=said))
    assert [each.account for each in step.proof] == ["2"]
    assert step.said == (
        "1 of 2 accounts have days on no bill, or on two: 5.00 USD;"
        " left out: 1 finding that ann dismissed until 2026-12-01, 1 finding that bob dismissed until 2026-12-01"
    )


def test_a_dismissal_ends_on_its_day_and_covers_no_more_money_than_was_seen() -> None:
    mine = found("RL-J02", "2")
    assert only("billed_once", lacking(findings=(mine,), dismissed=dismissed(mine, until=NOW.date())))
    grown = replace(mine, exposure_minor=mine.exposure_minor + 1)
    step = only("billed_once", lacking(findings=(grown,), dismissed=dismissed(mine)))
    assert "dismissed" not in step.said


def test_a_finding_goes_with_the_one_that_carries_its_money() -> None:
    cause = found("RL-J07", "2")
    named_too = found("RL-J04", "2", 0, explained_by=cause.fingerprint)
    held = dismissed(cause)
    assert judge_wave(evidence(findings=(cause, named_too), dismissed=held)).may_go_on
    more = replace(cause, exposure_minor=600)
    assert set(lacking(findings=(more, named_too), dismissed=held)) == {"job_pauses", "bill_to_bill"}


def test_what_a_step_sees_itself_goes_with_the_finding_that_says_the_same() -> None:
    """A balance, a device and an account are looked at beside the rules; no other fault of theirs is covered."""
    pair = BalancePair("1", "deposit", 5000, -200, 4801, ())
    balance = found("RL-J03", "1", 1, subject_kind="balance", subject="balance/1-deposit")
    device = found("RL-J06", "2")
    facts_of_both = facts(accounts=(listed("1"), listed("2", "ABCD00000020")), balances=(*facts().balances, pair))
    readiness = judge_wave(
        evidence(facts=facts_of_both, findings=(balance, device), dismissed=dismissed(balance, device))
    )
    assert readiness.may_go_on
    steps = {each.name: each for each in readiness.steps}
    assert ("reconciled and reachable", "1 of 2") in steps["device_serials"].figures
    assert steps["balances"].said.startswith("3 balances of 2 accounts, 1 differ; left out: ")

    dark = facts(accounts=(listed("1"), listed("2", "ABCD00000020", network_live=False)))
    step = only("device_serials", lacking(facts=dark, findings=(device,), dismissed=dismissed(device)))
    assert step.proof[0].what == "ABCD00000002 is not reachable"
    other = replace(pair, kind="unapplied")
    step = only(
        "balances", lacking(facts=facts(balances=(pair, other)), findings=(balance,), dismissed=dismissed(balance))
    )
    assert [each.what.partition(":")[0] for each in step.proof] == ["unapplied"]

    missing = facts(accounts=(listed("1"), listed("2", is_in_target=False, target_from=None)))
    gone = found("RL-J01", "2")
    step_of = {each.name: each for each in judge_wave(
        evidence(facts=missing, findings=(gone,), dismissed=dismissed(gone))
    ).steps}  # fmt: skip
    assert (step_of["accounts_there"].state, dict(step_of["accounts_there"].figures)["not taken over"]) == (
        "done",
        "1",
    )
