"""Free accounts past their end, second lines that nobody bills, and devices that wait for nobody."""

from datetime import date, timedelta
from typing import Any

import pytest
from judged import JudgeAll, small_operator

from canonical_model.network import NetworkObservation
from tests.fakes.small_operator import AS_OF, LAST_YEAR, SmallOperator

FEBRUARY = date(2026, 2, 1)


def free(operator: SmallOperator, until: date | None, account: str = "1") -> None:
    operator.installed(account)
    operator.alteration(account, "courtesy_account", valid_from=LAST_YEAR, valid_to=until)


def discovered(operator: SmallOperator, hours: int, serial: str = "ABCD0000AAAA", **facts: Any) -> None:
    observation = {
        "serial": serial,
        "element": "olt",
        "observed_at": AS_OF,
        "operational_state": "discovered",
        "registered_since": AS_OF - timedelta(hours=hours),
    }
    operator.add(NetworkObservation, "olt", source_id=serial, **(observation | facts))


def test_a_free_account_is_due_from_the_end_of_its_approval_on(judge_all: JudgeAll) -> None:
    operator = small_operator()
    free(operator, date(2026, 2, 15))
    assert judge_all(operator).told() == [
        "RL-A01 1 under_billed recoverable 2026-02 0.00 by RL-B10",
        "RL-A01 1 under_billed recoverable 2026-03 0.00 by RL-B10",
        "RL-B10 1 under_billed recoverable 2026-02 30.00",
        "RL-B10 1 under_billed recoverable 2026-03 60.00",
    ]


def test_billing_that_begins_after_the_end_leaves_the_days_between(judge_all: JudgeAll) -> None:
    operator = small_operator()
    free(operator, FEBRUARY)
    operator.whole_months("1", "SLV", "60.00", [3])
    assert judge_all(operator).told() == [
        "RL-A02 1 under_billed recoverable 2026-02 0.00 by RL-B10",
        "RL-B10 1 under_billed recoverable 2026-02 60.00",
    ]


@pytest.mark.parametrize("until", [None, AS_OF.date() + timedelta(days=1)])
def test_a_free_account_whose_approval_holds_is_clean(judge_all: JudgeAll, until: date | None) -> None:
    operator = small_operator()
    free(operator, until)
    assert judge_all(operator).told() == []


def test_a_second_approval_goes_on_where_the_first_ended(judge_all: JudgeAll) -> None:
    operator = small_operator()
    free(operator, FEBRUARY)
    operator.alteration("1", "courtesy_account", valid_from=FEBRUARY, valid_to=None)
    assert judge_all(operator).told() == []


def test_a_line_beside_a_billed_one_is_a_second_service_and_no_new_customer(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", premise_id="p1")
    operator.subscription("1", "1-s1", LAST_YEAR, premise="p1")
    operator.whole_months("1", "SLV", "60.00", [1, 2, 3])
    operator.order("1", "92", effective_on=FEBRUARY, offering_id="gold", premise_id="p2", install_fee_waived=True)
    operator.job("92", FEBRUARY, "gold", "ABCD0000BBBB")
    operator.seen("ABCD0000BBBB", "G", FEBRUARY)
    assert judge_all(operator, "RL-B06").told() == [
        "RL-B06 1/92 under_billed recoverable 2026-02 90.00",
        "RL-B06 1/92 under_billed recoverable 2026-03 90.00",
    ]


def test_an_unclaimed_device_may_be_worth_the_lowest_price(judge_all: JudgeAll) -> None:
    operator = small_operator()
    discovered(operator, hours=24 * 20)  # 16 March
    assert judge_all(operator).told() == ["RL-B09 ABCD0000AAAA under_billed at_risk 2026-03 30.97"]


def test_a_device_that_an_open_work_order_names_is_awaited(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.account("1")
    operator.order("1", "91", state="inProgress", effective_on=AS_OF.date())
    operator.open_job("91", "ABCD0000AAAA")
    discovered(operator, hours=24 * 20)
    assert judge_all(operator).told() == []


def test_a_device_that_carries_traffic_is_a_ghost_and_not_unclaimed(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.seen("ABCD0000AAAA", "S", FEBRUARY)
    assert {line.partition(" ")[0] for line in judge_all(operator).told()} == {"RL-B01"}
