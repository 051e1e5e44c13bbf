"""Cases from run to run: new, open, gone for which reason, back again, dismissed, given up; what is proposed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from canonical_model.errors import ConfigurationError
from hub.cases.decisions import acknowledge, assign, dismiss, reopen, write_off
from hub.cases.remedies import approve, done, propose, withdraw
from hub.cases.sending import send_approved
from hub.cases.shown import ShownCase, shown_case
from hub.decision import Decision
from hub.reconcile import reconcile_market
from hub.takeover.authority import authority_of
from reconciliation.cases import state_of
from storage.case_list import CaseFilter, ListedCase, listed_cases
from tests.fakes.judged_once import pulled_and_judged
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, LAST_YEAR, SmallOperator

DAY = timedelta(days=1)
POLICY = {
    "approvers": [{"name": "lee"}, {"name": "dana", "up_to": 10}, {"name": "kim", "markets": ["oldtown"]}],
    "markets": {"oldtown": {"sends": True}},
}


def billed(*accounts: str, rate: str = "50.00", months: tuple[int, ...] = (1, 2, 3)) -> SmallOperator:
    """Silver customers who pay another price than the catalogue's 60.00."""
    operator = SmallOperator()
    operator.clean("7")
    for account in accounts:
        operator.installed(account)
        operator.whole_months(account, "SLV", rate, months)
    return operator


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    small = SmallHub(tmp_path)
    police(small, POLICY)
    return small


def police(small: SmallHub, policy: Mapping[str, Any]) -> None:
    (small.folder / "remedies.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")


def judge(small: SmallHub, operator: SmallOperator, day: int = 0, at: datetime = AS_OF) -> None:
    pulled_and_judged(small, operator, at + day * DAY)


def listed(small: SmallHub, **wanted: Any) -> list[ListedCase]:
    with small.open() as hub, hub.database.reading() as connection:
        return listed_cases(connection, CaseFilter(**wanted))[0]


def case(small: SmallHub, subject: str, rule: str = "RL-C05", exposure_class: str = "recoverable") -> ShownCase:
    (found,) = (
        one for one in listed(small, rule_id=rule) if (one.subject, one.exposure_class) == (subject, exposure_class)
    )
    with small.open() as hub:
        shown = shown_case(hub.archive, found.fingerprint)
    assert state_of(event.kind for event in shown.events) == shown.case.state, "the journal makes the state"
    return shown


def by(person: str, why: str = "", day: int = 0) -> Decision:
    return Decision(person, AS_OF + day * DAY, why)


def test_a_finding_is_new_then_open_and_keeps_its_money_of_each_run(small: SmallHub) -> None:
    judge(small, billed("1"))
    assert (case(small, "1").case.state, case(small, "1").case.then_minor) == ("new", 3000)
    judge(small, billed("1", rate="45.00"), day=1)
    later = case(small, "1")
    assert (later.case.state, later.case.then_minor, later.case.now_minor) == ("open", 3000, 4500)
    assert later.amounts == [(AS_OF, 3000), (AS_OF + DAY, 4500)]
    assert (later.case.first_seen, later.case.last_seen) == (AS_OF, AS_OF + DAY)


def test_the_same_snapshot_judged_again_is_no_second_sighting(small: SmallHub) -> None:
    judge(small, billed("1"))
    before = case(small, "1")
    with small.open() as hub:
        reconcile_market(hub, "oldtown", AS_OF, AS_OF + DAY)
    after = case(small, "1")
    assert (after.events, after.amounts) == (before.events, before.amounts)
    assert after.case.state == "new"


def test_a_mistake_that_was_mended_vanishes_and_comes_back_as_reopened(small: SmallHub) -> None:
    judge(small, billed("1"))
    judge(small, billed("1", rate="60.00"), day=1)
    gone = case(small, "1").case
    assert (gone.state, gone.ended_by, gone.then_minor, gone.now_minor) == ("vanished", "mended", 3000, 0)

    judge(small, billed("1"), day=2)
    again = case(small, "1")
    assert (again.case.state, again.case.ended_by, again.case.now_minor) == ("reopened", None, 3000)
    assert [minor for _, minor in again.amounts] == [3000, 0, 3000]


def test_months_that_leave_the_judged_window_are_not_taken_for_mended(small: SmallHub) -> None:
    judge(small, billed("1"))
    judge(small, billed("1"), at=datetime(2028, 5, 5, 12, tzinfo=UTC))
    gone = case(small, "1")
    assert (gone.case.state, gone.case.ended_by) == ("vanished", "out_of_window")
    assert "nothing says that it was mended" in gone.events[-1].why


def test_months_that_became_too_old_to_be_billed_go_on_as_a_loss(small: SmallHub) -> None:
    judge(small, billed("1"))
    judge(small, billed("1"), at=datetime(2026, 11, 5, 12, tzinfo=UTC))
    gone, lost = case(small, "1"), case(small, "1", exposure_class="lost")
    assert (gone.case.state, gone.case.ended_by) == ("vanished", "past_limit")
    assert (lost.case.state, lost.case.now_minor) == ("new", 3000)
    assert [one.kind for one in lost.remedies] == [], "what cannot be billed any more is not proposed"
    with small.open() as hub, pytest.raises(ConfigurationError, match="this is under billed and lost"):
        propose(hub, lost.case.fingerprint, by("dana"), "backbill")


def test_one_that_nobody_looked_for_stays(small: SmallHub) -> None:
    judge(small, billed("1"))
    (small.folder / "rules").mkdir()
    (small.folder / "rules" / "own.yaml").write_text("override: RL-C05\noff: true\n")
    judge(small, billed(), day=1)
    assert case(small, "1").case.state == "new"


def test_a_dismissed_case_is_quiet_until_its_day_and_opened_again_if_it_is_there(small: SmallHub) -> None:
    judge(small, billed("1", "2"))
    until = (AS_OF + 3 * DAY).date()
    for subject in ("1", "2"):
        with small.open() as hub:
            dismiss(hub, case(small, subject).case.fingerprint, by("dana", "waits for the move"), until)
    judge(small, billed("1"), day=1)
    assert {case(small, subject).case.state for subject in ("1", "2")} == {"dismissed"}
    judge(small, billed("1"), day=3)
    back, gone = case(small, "1"), case(small, "2").case
    assert (back.case.state, back.case.dismissed_until) == ("reopened", None)
    assert f"its dismissal ended on {until}" in [event.why for event in back.events]
    assert (gone.state, gone.ended_by) == ("vanished", "mended")


@pytest.mark.parametrize(
    ("rate", "state"), [("50.00", "written_off"), ("52.00", "written_off"), ("49.00", "reopened")]
)
def test_what_was_given_up_comes_back_only_when_it_grows(small: SmallHub, rate: str, state: str) -> None:
    judge(small, billed("1"))
    with small.open() as hub:
        write_off(hub, case(small, "1").case.fingerprint, by("dana", "too small"))
    judge(small, billed("1", rate=rate), day=1)
    assert case(small, "1").case.state == state


def test_persons_assign_accept_and_reopen_and_the_journal_says_who_and_why(small: SmallHub) -> None:
    judge(small, billed("1"))
    name = case(small, "1").case.fingerprint
    with small.open() as hub:
        assign(hub, name[:6], by("lee"), "dana")
        acknowledge(hub, name, by("dana", "seen on the bill"))
        write_off(hub, name, by("dana", "goodwill"))
        reopen(hub, name, by("lee", "not agreed"))
    shown = case(small, "1")
    assert (shown.case.state, shown.case.assignee) == ("reopened", "dana")
    assert [(event.actor, event.kind, event.why) for event in shown.events if event.actor != "run 1"] == [
        ("lee", "assigned", "to dana"),
        ("dana", "acknowledged", "seen on the bill"),
        ("dana", "remedy_withdrawn", "goodwill"),
        ("dana", "remedy_withdrawn", "goodwill"),
        ("dana", "written_off", "goodwill"),
        ("lee", "reopened", "not agreed"),
    ]


def test_a_proposal_follows_the_money_and_an_approval_of_other_money_is_void(small: SmallHub) -> None:
    judge(small, billed("1"))
    shown = case(small, "1")
    backbill = next(one for one in shown.remedies if one.kind == "backbill")
    assert (backbill.state, backbill.amount_minor) == ("proposed", 3000)
    with small.open() as hub:
        approve(hub, shown.case.fingerprint, by("lee"), backbill.number)
    assert case(small, "1").case.state == "in_remedy"

    judge(small, billed("1", rate="45.00"), day=1)
    changed = case(small, "1")
    again = changed.remedies[backbill.number - 1]
    assert (again.state, again.amount_minor, again.revision, again.approved_by) == ("proposed", 4500, 2, None)
    assert changed.case.state == "open"
    assert "remedy_returned" in [event.kind for event in changed.events]


def test_a_withdrawn_proposal_is_not_made_again_for_the_same_money(small: SmallHub) -> None:
    judge(small, billed("1"))
    shown = case(small, "1")
    with small.open() as hub:
        for remedy in shown.remedies:
            withdraw(hub, shown.case.fingerprint, by("dana", "a person calls"), remedy.number)
    judge(small, billed("1"), day=1)
    assert {one.state for one in case(small, "1").remedies} == {"withdrawn"}
    judge(small, billed("1", rate="45.00"), day=2)
    assert "proposed" in {one.state for one in case(small, "1").remedies}


def test_a_task_may_be_approved_whatever_the_money_is_by_now(small: SmallHub) -> None:
    judge(small, billed("1"))
    number = next(one.number for one in case(small, "1").remedies if one.kind == "price_correction")
    judge(small, billed("1", rate="45.00"), day=1)
    with small.open() as hub:
        assert approve(hub, case(small, "1").case.fingerprint, by("lee"), number).state == "approved"


def test_a_gone_finding_needs_no_remedy(small: SmallHub) -> None:
    judge(small, billed("1"))
    shown = case(small, "1")
    with small.open() as hub:
        approve(hub, shown.case.fingerprint, by("lee"), 1)
    judge(small, billed("1", rate="60.00"), day=1)
    gone = case(small, "1")
    assert (gone.case.state, {one.state for one in gone.remedies}) == ("vanished", {"withdrawn"})


@pytest.mark.parametrize(
    ("proposer", "approver", "why_not"),
    [
        ("sam", "lee", ""),
        ("lee", "lee", "four eyes"),
        ("sam", "dana", "dana may approve up to 10 in oldtown, and this is 30.00"),
        ("sam", "sam", "those who may, by remedies.yaml: lee, dana, kim"),
    ],
)
def test_who_may_approve_is_data(small: SmallHub, proposer: str, approver: str, why_not: str) -> None:
    police(small, POLICY | {"markets": {"oldtown": {"proposes": False}}})
    judge(small, billed("1"))
    name = case(small, "1").case.fingerprint
    with small.open() as hub:
        propose(hub, name, by(proposer), "backbill")
        if why_not:
            with pytest.raises(ConfigurationError, match=why_not):
                approve(hub, name, by(approver))
        else:
            approved = approve(hub, name, by(approver))
            assert (
                approved.task
                == f"back-billing of 30.00 USD on account 1, with the reason 'back-billing, case {name}'"
            )


def test_one_pair_of_eyes_where_the_policy_says_so(small: SmallHub) -> None:
    police(small, POLICY | {"four_eyes": False})
    judge(small, billed("1"))
    name = case(small, "1").case.fingerprint
    with small.open() as hub:
        propose(hub, name, by("lee"), "task")
        assert approve(hub, name, by("lee"), 3).state == "approved"


def test_the_policy_approves_what_is_small_until_its_sum_is_reached(small: SmallHub) -> None:
    let_through = {"approves_up_to": 30, "approves_in_all": 50}
    police(small, POLICY | {"markets": {"oldtown": {"sends": True, **let_through}}})
    judge(small, billed("1", "2", "3"))
    states = sorted(one.state for one in listed(small, rule_id="RL-C05"))
    assert states == ["in_remedy", "new", "new"], "30.00 and 30.00 are more than 50.00"
    approved = next(one for one in listed(small, rule_id="RL-C05") if one.state == "in_remedy")
    with small.open() as hub:
        (first, *_) = shown_case(hub.archive, approved.fingerprint).remedies
    assert (first.approved_by, first.proposed_by) == ("policy", "run 1")
    with small.open() as hub:
        approve(hub, next(one for one in listed(small) if one.state == "new").fingerprint, by("lee"), 1)
        sendings = send_approved(
            hub, by("drain_outbox"), authority_of(hub, lambda: datetime.now(UTC)), approved_by="policy"
        )
    assert [name for name, _ in sendings.tasks] == [approved.fingerprint], "what a person approved a person sends"


def test_a_task_is_done_by_a_person_and_believed_when_the_finding_is_gone(small: SmallHub) -> None:
    judge(small, billed("1"))
    shown = case(small, "1")
    number = next(one.number for one in shown.remedies if one.kind == "price_correction")
    with small.open() as hub:
        approve(hub, shown.case.fingerprint, by("kim"), number)
        done(hub, shown.case.fingerprint, by("kim", "changed in billing"), number)
    judge(small, billed("1"), day=1)
    assert case(small, "1").case.state == "in_remedy"
    judge(small, billed("1", rate="60.00"), day=2)
    gone = case(small, "1")
    assert (gone.remedies[number - 1].state, gone.remedies[number - 1].came_minor) == ("verified", 3000)
    assert gone.case.state == "recovered", "the bills of its months were repaired"


def test_a_task_whose_finding_is_gone_without_money_recovered_nothing(small: SmallHub) -> None:
    judge(small, billed("1"))
    shown = case(small, "1")
    number = next(one.number for one in shown.remedies if one.kind == "price_correction")
    with small.open() as hub:
        approve(hub, shown.case.fingerprint, by("kim"), number)
        done(hub, shown.case.fingerprint, by("kim", "the customer was promised it"), number)
    promised = billed("1")
    promised.alteration("1", "price_override", code="silver", amount_minor=5000, valid_from=LAST_YEAR)
    judge(small, promised, day=1)
    gone = case(small, "1")
    assert (gone.remedies[number - 1].state, gone.remedies[number - 1].came_minor) == ("verified", 0)
    assert (gone.case.state, gone.case.ended_by) == ("vanished", "mended")


def test_money_that_somebody_else_gave_back_is_no_recovery_of_ours(small: SmallHub) -> None:
    judge(small, billed("1"))
    settled = billed("1")
    settled.adjustment("1", "30.00", date(2026, 4, 5))
    judge(small, settled, day=1)
    assert (case(small, "1").case.state, case(small, "1").case.ended_by) == ("vanished", "mended")


def test_an_adjustment_that_names_a_case_settles_that_one(small: SmallHub) -> None:
    judge(small, billed("1", "2"))
    name = case(small, "2").case.fingerprint
    named = billed("1", "2")
    named.adjustment("2", "12.00", date(2026, 4, 5), reason=f"Back-billing, case {name}")
    judge(small, named, day=1)
    assert case(small, "2").case.now_minor == 1800
    assert case(small, "1").case.now_minor == 3000
