"""Orders, work orders, bills, payments and credits are judged each for itself, and each finding can be explained."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from judged import JudgeAll, small_operator

from canonical_model.billing import Dispute, Payment
from canonical_model.errors import ConfigurationError
from canonical_model.field_work import WorkOrder, WorkOrderVisit
from reconciliation.explain_document import explain_document
from tests.fakes.small_operator import AS_OF, LAST_YEAR, MARKET, SmallOperator, catalogue, noon

FEBRUARY = date(2026, 2, 1)
TODAY = AS_OF.date()
COSTS = catalogue().model_copy(
    update={"costs": {"truck_roll": {MARKET.id: Decimal("120.00")}}, "goodwill_reasons": ("SORRY",)}
)


def repair(operator: SmallOperator, name: str, day: date, cause: str, order: str = "91", **facts: Any) -> None:
    work = {"work_order_id": name, "order_number": order, "work_type": "repair", "state": "completed"}
    operator.add(WorkOrder, "fsm", **(work | facts))
    operator.add(
        WorkOrderVisit, "fsm", work_order_id=name, visit_number=1, arrived_at=noon(day), outcome="done", cause=cause
    )


def payment(operator: SmallOperator, name: str, day: date, **facts: Any) -> None:
    money = {"amount_minor": 2500, "currency": "USD", "account_number": "1", "received_on": day}
    operator.add(Payment, "billing", source_id=name, **(money | facts))


def test_an_order_is_stuck_from_the_promised_day_on_at_the_list_price(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.account("1")
    operator.order("1", "91", state="held", effective_on=date(2026, 2, 15), offering_id="gold")
    operator.open_job("91")
    judged = judge_all(operator)
    assert judged.told() == [
        "RL-A04 order/91 under_billed at_risk 2026-02 45.00",
        "RL-A04 order/91 under_billed at_risk 2026-03 90.00",
    ]
    (finding,) = judged.outcome.findings
    explained = explain_document(judged.folder, judged.manifest, finding.subject)
    assert sum(month.expected_minor for month in explained.months) == finding.exposure_minor == 13500
    assert dict(explained.facts)["promised_on"] == "2026-02-15"
    assert set(finding.evidence) == set(explained.evidence) == {"crm/ProductOrder/2", "fsm/WorkOrder/2"}


@pytest.mark.parametrize(
    "facts",
    [
        {"state": "cancelled"},
        {"state": "acknowledged"},  # a quote
        {"effective_on": TODAY - timedelta(days=14)},
        {"effective_on": TODAY + timedelta(days=5)},
        {"effective_on": None},
        {"offering_id": None},
        {"kind": "change"},
    ],
)
def test_an_order_that_is_not_stuck(judge_all: JudgeAll, facts: dict[str, Any]) -> None:
    operator = SmallOperator()
    operator.clean("1")
    operator.order("1", "77", **({"state": "inProgress", "effective_on": FEBRUARY, "offering_id": "gold"} | facts))
    assert judge_all(operator, "RL-A04").told() == []


def test_a_second_repair_for_the_same_cause_costs_a_truck_roll(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("1")
    for name, day, cause in (
        ("a", date(2026, 2, 2), "low light"),
        ("b", date(2026, 3, 4), "low light"),  # 30 days later
        ("c", date(2026, 3, 6), "wiring"),
        ("d", date(2026, 3, 8), "low light"),  # another one came between
        ("e", date(2026, 4, 8), "low light"),  # 31 days later
    ):
        repair(operator, name, day, cause)
    judged = judge_all(operator, "RL-I02", catalogue=COSTS)
    assert judged.told() == ["RL-I02 work_order/b cost cost 2026-03 120.00"]
    (finding,) = judged.outcome.findings
    assert set(finding.evidence) == {"fsm/WorkOrder/2", "fsm/WorkOrder/3"}
    explained = explain_document(judged.folder, judged.manifest, "work_order/b")
    assert [month.parts for month in explained.months] == [(("one more visit", 12000),)]


def test_repairs_at_two_services_are_no_repetition(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("1")
    operator.clean("2")
    repair(operator, "a", date(2026, 3, 2), "low light")
    repair(operator, "b", date(2026, 3, 4), "low light", order="92")
    assert judge_all(operator, "RL-I02", catalogue=COSTS).told() == []


def test_where_the_catalogue_states_no_cost_no_visit_costs_anything(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("1")
    repair(operator, "a", date(2026, 3, 2), "low light")
    repair(operator, "b", date(2026, 3, 4), "low light")
    assert judge_all(operator, "RL-I02").told() == []


def test_two_open_work_orders_for_one_piece_of_work(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("1")
    for name, state, day, work_type in (
        ("a", "scheduled", 1, "repair"),
        ("b", "on_hold", 2, "repair"),
        ("c", "cancelled", 3, "repair"),
        ("d", "new", 4, "move"),
    ):
        scheduled = noon(TODAY + timedelta(days=day))
        facts = {"work_order_id": name, "order_number": "91", "work_type": work_type, "state": state}
        operator.add(WorkOrder, "fsm", scheduled_for=scheduled, **facts)
    assert judge_all(operator, "RL-I03", catalogue=COSTS).told() == ["RL-I03 work_order/b cost cost 2026-04 120.00"]


def test_a_bill_that_was_never_sent_is_deferred(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("1")
    for billed_on in (date(2026, 3, 1), TODAY - timedelta(days=7)):
        operator.bill("1", FEBRUARY, date(2026, 3, 1), billed_on)
    operator.records[-2:] = [one.model_copy(update={"state": "onHold"}) for one in operator.records[-2:]]
    judged = judge_all(operator, "RL-A10")
    assert judged.told() == ["RL-A10 bill/1-2026-03-01 under_billed deferred 2026-03 60.00"]
    explained = explain_document(judged.folder, judged.manifest, "bill/1-2026-03-01")
    assert explained.months[0].expected_minor == 6000


def test_an_unpaid_bill_is_let_be_as_long_as_it_is_contested(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    for account in ("1", "2", "3"):
        operator.clean(account)
        operator.bill(account, date(2026, 1, 1), FEBRUARY, FEBRUARY)
    opened = {"opened_at": noon(date(2026, 2, 10))}
    operator.add(Dispute, "billing", account_number="1", bill_id="1-2026-02-01", **opened)
    operator.add(
        Dispute, "billing", account_number="2", bill_id="2-2026-02-01", closed_at=noon(date(2026, 3, 1)), **opened
    )
    told = judge_all(operator, "RL-G05").told()
    assert [line.split()[1] for line in told] == ["bill/2-2026-02-01", "bill/3-2026-02-01"]


def test_a_payment_that_no_bill_has_is_due_back(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("1")
    payment(operator, "P1", date(2026, 3, 1))
    payment(operator, "P2", date(2026, 3, 1), bill_id="1-2026-03-01")
    payment(operator, "P3", TODAY - timedelta(days=30))
    payment(operator, "P4", date(2026, 3, 1), currency="CAD")
    payment(operator, "P5", LAST_YEAR)  # before the judged months
    assert judge_all(operator, "RL-G06").told() == ["RL-G06 payment/P1 over_billed refund_due 2026-03 25.00"]


def test_equal_goodwill_within_days_was_given_twice(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("1")
    operator.clean("2")
    for account, amount, day, reason in (
        ("1", "-10.00", 1, "SORRY"),
        ("1", "-10.00", 15, "sorry"),
        ("1", "-12.00", 16, "SORRY"),
        ("1", "10.00", 17, "SORRY"),
        ("2", "-10.00", 2, "SORRY"),
        ("2", "-10.00", 17, "SORRY"),  # 15 days later
        ("2", "-7.00", 3, "OUTAGE"),
        ("2", "-7.00", 4, "OUTAGE"),  # corrects a charge: weighed against what was billed
    ):
        operator.adjustment(account, amount, date(2026, 3, day), reason=reason)
    assert judge_all(operator, "RL-D07", catalogue=COSTS).told() == [
        "RL-D07 adjustment/2 under_billed recoverable 2026-03 10.00"
    ]


def test_a_document_that_the_snapshot_does_not_know_is_told(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("1")
    judged = judge_all(operator)
    with pytest.raises(ConfigurationError, match=r"knows no order 4711$"):
        explain_document(judged.folder, judged.manifest, "order/4711")
