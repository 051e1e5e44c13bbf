"""Before a bill run finance sees what is open for its accounts, and a release counts for what was open then."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from canonical_model.billing import Payment
from canonical_model.errors import ConfigurationError
from hub.cases.before_bill_run import BeforeBillRun, before_bill_run, decide_bill_run
from hub.decision import Decision
from hub.reconcile import reconcile_market
from storage.bill_run_decisions import RunDecision
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

DAY = timedelta(days=1)
RUN = date(2026, 5, 1)
CENT = 1


def paying(rates: dict[str, str]) -> SmallOperator:
    """Silver customers who pay another price than the catalogue's 60.00."""
    operator = SmallOperator()
    operator.clean("7")
    for account, rate in rates.items():
        operator.installed(account)
        operator.whole_months(account, "SLV", rate, (1, 2, 3))
    return operator


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    return SmallHub(tmp_path)


def judged(small: SmallHub, operator: SmallOperator, day: int = 0) -> None:
    moment = AS_OF + day * DAY
    small.pull(operator, moment)
    with small.open() as hub:
        reconcile_market(hub, "oldtown", moment, moment)


def looked(small: SmallHub, least: int = CENT, billed_on: date = RUN) -> BeforeBillRun:
    with small.open() as hub:
        return before_bill_run(hub, "oldtown", billed_on, least)


def decided(small: SmallHub, what: RunDecision, why: str = "credits follow") -> BeforeBillRun:
    with small.open() as hub:
        return decide_bill_run(hub, "oldtown", RUN, CENT, Decision("ana", AS_OF, why), what)


def test_open_findings_freeze_the_run_until_finance_releases_it(small: SmallHub) -> None:
    """Scenario 40: the money that is open is listed before the run, to the cent."""
    judged(small, paying({"1": "50.00", "2": "58.00"}))
    before = looked(small)
    assert (before.accounts, before.may_run) == (3, False)
    assert [(each.subject, each.seen_minor) for each in before.cases] == [("1", 3000), ("2", 600)]

    released = decided(small, "release")
    assert released.may_run
    assert looked(small).decision == released.decision


def test_a_release_covers_neither_a_finding_that_comes_later_nor_one_that_grows(small: SmallHub) -> None:
    judged(small, paying({"1": "50.00"}))
    decided(small, "release")
    judged(small, paying({"1": "45.00", "2": "58.00"}), day=1)
    later = looked(small)
    assert [each.subject for each in later.unreleased] == ["1", "2"]
    assert not later.may_run
    assert decided(small, "release").may_run


def test_a_run_that_is_held_stays_held_when_everything_is_mended(small: SmallHub) -> None:
    judged(small, paying({"1": "50.00"}))
    assert not decided(small, "hold").may_run
    judged(small, paying({"1": "60.00"}), day=1)
    mended = looked(small)
    assert (mended.cases, mended.may_run) == ((), False)
    assert decided(small, "release").may_run


def test_small_money_and_accounts_of_another_cycle_are_not_asked_about(small: SmallHub) -> None:
    operator = paying({"1": "50.00", "2": "58.00", "3": "50.00"})
    operator.cycle("3", 17)
    judged(small, operator)
    assert [each.subject for each in looked(small, least=1000).cases] == ["1"]
    on_the_17th = looked(small, billed_on=date(2026, 5, 17))
    assert on_the_17th.accounts == 1
    assert {each.subject for each in on_the_17th.cases} <= {"3"}
    assert looked(small, billed_on=date(2026, 5, 9)).accounts == 0


def test_a_decision_needs_its_reason(small: SmallHub) -> None:
    judged(small, paying({"1": "50.00"}))
    with pytest.raises(ConfigurationError, match="to release a bill run needs a reason"):
        decided(small, "release", why=" ")


def test_findings_about_documents_of_an_account_are_asked_about_as_well(small: SmallHub) -> None:
    """A bill that was never sent, an order that is stuck, a payment that no bill has: each names its account."""
    operator = paying({})
    for account in ("1", "2", "3"):
        operator.clean(account)
    operator.bill("1", date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 1))
    operator.records[-1] = operator.records[-1].model_copy(update={"state": "onHold"})
    operator.order("2", "77", state="inProgress", effective_on=date(2026, 2, 15), offering_id="gold")
    paid = {"amount_minor": 2500, "currency": "USD", "received_on": date(2026, 3, 1)}
    operator.add(Payment, "billing", source_id="P1", account_number="3", **paid)
    judged(small, operator)
    found = {each.subject for each in looked(small).cases}
    assert {"bill/1-2026-03-01", "order/77", "payment/P1"} <= found
    operator.cycle("2", 17)
    judged(small, operator, day=1)
    assert "order/77" not in {each.subject for each in looked(small).cases}
