"""Work on site that has a price, trucks that a test would have spared, and what contractors ask for."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from judged import JudgeAll, small_operator

from canonical_model.catalogue import OfferingPrice, ProductOffering
from canonical_model.field_work import CompletionTask, FieldCompletion, ServiceTest, WorkOrder, WorkOrderVisit
from canonical_model.suppliers import PartnerCharge, SupplierInvoiceLine
from reconciliation.explain_document import explain_document
from tests.fakes.small_operator import MARKET, SmallOperator, catalogue, noon

VISITED = date(2026, 2, 10)


def fee(name: str, amount: str, code: str, **facts: Any) -> ProductOffering:
    price = OfferingPrice(amount=Decimal(amount), valid_from=date(2020, 1, 1))
    return ProductOffering(id=name, charge=name, billing_codes=(code,), prices=(price,), **facts)


WITH_WORK = catalogue().model_copy(
    update={
        "offerings": (
            *catalogue().offerings,
            fee("outlet", "45.00", "OUT", delivered_by="task", work_codes=("T1",)),
            fee("visit", "65.00", "VIS", delivered_by="visit", work_codes=("own fault",)),
        ),
        "costs": {"truck_roll": {MARKET.id: Decimal("120.00")}},
        "contractor_rates": {
            "AERIAL": {MARKET.id: Decimal("95.00")},
            "BURIED": {MARKET.id: Decimal("240.00")},
            "METRE": {MARKET.id: Decimal("14.50")},
        },
    }
)


def visited(cause: str = "", tasks: tuple[tuple[str, int], ...] = (), **facts: Any) -> SmallOperator:
    """A customer whose bills are right, and a repair on 10 February."""
    operator = small_operator()
    operator.clean("1")
    work = {"work_order_id": "w", "order_number": "91", "work_type": "repair", "state": "completed"}
    operator.add(WorkOrder, "fsm", **work)
    visit = {"visit_number": 1, "arrived_at": noon(VISITED), "outcome": "done", "cause": cause or None}
    operator.add(WorkOrderVisit, "fsm", work_order_id="w", **visit)
    operator.add(
        FieldCompletion, "fsm", work_order_id="w", completed_at=noon(VISITED), latitude=37.2, longitude=-79.9
    )
    for code, quantity in tasks:
        operator.add(CompletionTask, "fsm", work_order_id="w", code=code, quantity=quantity)
    return operator


def test_a_task_with_a_price_is_due_as_often_as_it_was_done(judge_all: JudgeAll) -> None:
    operator = visited(tasks=(("T1", 2), ("T9", 5)))
    assert judge_all(operator, catalogue=WITH_WORK).told() == ["RL-A08 1 under_billed recoverable 2026-02 90.00"]


def test_a_fee_on_a_later_bill_is_the_months_of_the_work(judge_all: JudgeAll) -> None:
    operator = visited(tasks=(("T1", 1),))
    operator.line("1", "OUT", date(2026, 3, 9), date(2026, 3, 10), "45.00", "45.00")
    assert judge_all(operator, catalogue=WITH_WORK).told() == []


def test_a_visit_that_the_customer_caused_is_due_unless_it_was_waived(judge_all: JudgeAll) -> None:
    operator = visited(cause="own fault")
    assert judge_all(operator, catalogue=WITH_WORK).told() == ["RL-I05 1 under_billed recoverable 2026-02 65.00"]
    operator.alteration("1", "fee_waiver", code="visit", valid_from=VISITED, valid_to=VISITED + timedelta(days=1))
    assert judge_all(operator, catalogue=WITH_WORK).told() == []


@pytest.mark.parametrize(
    ("hours", "verdict", "found"),
    [
        (1, "passed", 1),
        (24, "passed", 1),
        (25, "passed", 0),
        (-1, "passed", 0),
        (1, "failed", 0),
        (1, "inconclusive", 0),
    ],
)
def test_a_truck_for_a_line_that_had_just_passed_its_test(
    judge_all: JudgeAll, hours: int, verdict: str, found: int
) -> None:
    operator = visited()
    tested_at = noon(VISITED) - timedelta(hours=hours)
    operator.add(ServiceTest, "fsm", work_order_id="w", tested_at=tested_at, verdict=verdict)
    assert judge_all(operator, catalogue=WITH_WORK).told() == ["RL-I01 work_order/w cost cost 2026-02 120.00"] * found


def test_the_last_test_before_the_visit_counts(judge_all: JudgeAll) -> None:
    operator = visited()
    for hours, verdict in ((5, "passed"), (2, "failed")):
        tested_at = noon(VISITED) - timedelta(hours=hours)
        operator.add(
            ServiceTest, "fsm", source_id=str(hours), work_order_id="w", tested_at=tested_at, verdict=verdict
        )
    assert judge_all(operator, catalogue=WITH_WORK).told() == []


def asked(operator: SmallOperator, code: str, amount: str, line: int = 1, **facts: Any) -> None:
    values: dict[str, Any] = {
        "invoice_id": "i1",
        "line_number": line,
        "supplier": "Cable",
        "work_order_id": "w",
        "rate_code": code,
        "amount_minor": int(Decimal(amount) * 100),
        "currency": "USD",
        "invoiced_on": date(2026, 2, 20),
    }
    operator.add(SupplierInvoiceLine, "fsm", **(values | facts))


def test_what_was_reported_is_earned_line_by_line(judge_all: JudgeAll) -> None:
    operator = visited(tasks=(("AERIAL", 1), ("METRE", 12)))
    asked(operator, "AERIAL", "95.00")
    asked(operator, "METRE", "174.00", line=2, quantity=12)
    assert judge_all(operator, catalogue=WITH_WORK).told() == []


def test_a_dearer_code_costs_what_it_is_dearer(judge_all: JudgeAll) -> None:
    operator = visited(tasks=(("AERIAL", 1),))
    asked(operator, "BURIED", "240.00")
    judged = judge_all(operator, catalogue=WITH_WORK)
    assert judged.told() == ["RL-H05 invoice_line/i1-1 cost cost 2026-02 145.00"]
    explained = explain_document(judged.folder, judged.manifest, "invoice_line/i1-1")
    assert dict(explained.facts)["earned_minor"] == "9500"
    assert len(explained.evidence) == 2  # the line, and the report


def test_a_task_stands_for_one_line_under_another_code_only(judge_all: JudgeAll) -> None:
    operator = visited(tasks=(("AERIAL", 1),))
    asked(operator, "BURIED", "240.00")
    asked(operator, "METRE", "145.00", line=2, quantity=10)
    assert judge_all(operator, catalogue=WITH_WORK).told() == [
        "RL-H05 invoice_line/i1-1 cost cost 2026-02 145.00",
        "RL-H05 invoice_line/i1-2 cost cost 2026-02 145.00",
    ]


def test_the_same_again_is_refused_whole_and_another_contractor_is_not_the_same(judge_all: JudgeAll) -> None:
    operator = visited(tasks=(("AERIAL", 1),))
    asked(operator, "AERIAL", "95.00")
    asked(operator, "AERIAL", "95.00", invoice_id="i2", invoiced_on=date(2026, 3, 2))
    asked(operator, "AERIAL", "95.00", invoice_id="i3", supplier="Trench", invoiced_on=date(2026, 3, 3))
    assert judge_all(operator, catalogue=WITH_WORK).told() == ["RL-H04 invoice_line/i2-1 cost cost 2026-03 95.00"]


def test_a_job_that_nobody_reported_proves_nothing(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.open_job("97")
    asked(operator, "AERIAL", "95.00", work_order_id="wo-open-97")
    assert judge_all(operator, "RL-H04", "RL-H05", catalogue=WITH_WORK).told() == [
        "RL-H04 invoice_line/i1-1 cost cost 2026-02 95.00"
    ]


def partner(operator: SmallOperator, line: int, month: int, account: str = "1", **facts: Any) -> None:
    values: dict[str, Any] = {
        "invoice_id": f"p{month}",
        "line_number": line,
        "supplier": "Ducts",
        "kind": "access_line",
        "account_number": account,
        "covers_from": date(2026, month, 1),
        "covers_to": date(2026, month + 1, 1),
        "amount_minor": 2000,
        "currency": "USD",
        "invoiced_on": date(2026, month + 1, 1),
    }
    operator.add(PartnerCharge, "ap", **(values | facts))


def test_a_partners_line_is_dead_from_the_first_month_without_service(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", dark_since=date(2026, 2, 1))
    operator.order("1", "81", "cease", effective_on=date(2026, 2, 1))
    operator.whole_months("1", "SLV", "60.00", [1])
    for month in (1, 2, 3):
        partner(operator, 1, month)
    partner(operator, 2, 3, account="404")  # nobody knows who that is
    judged = judge_all(operator, "RL-H01", "RL-H03")
    assert judged.told() == [
        "RL-H01 partner_line/p2-1 cost cost 2026-02 20.00",
        "RL-H01 partner_line/p3-1 cost cost 2026-03 20.00",
    ]
    explained = explain_document(judged.folder, judged.manifest, "partner_line/p2-1")
    assert dict(explained.facts)["is_served"] == "False"


def test_a_licence_follows_the_product_and_not_the_line(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.order_item("91", "voice")
    operator.order("1", "92", "change", effective_on=date(2026, 3, 1))
    operator.order_item("92", "voice", "delete")
    for month in (2, 3):
        partner(operator, 1, month, kind="licence", product_id="voice")
        partner(operator, 2, month, kind="licence", product_id="unheard of")
    assert judge_all(operator, "RL-H01", "RL-H03").told() == ["RL-H03 partner_line/p3-1 cost cost 2026-03 20.00"]
