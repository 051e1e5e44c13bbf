"""The store room's ledger against field, network and bill: devices that are gone, back, or of another model."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from judged import JudgeAll, small_operator

from canonical_model.catalogue import OfferingPrice, ProductOffering
from canonical_model.field_work import WorkOrder
from canonical_model.stock import StockMovement
from reconciliation.explain import explain_device
from tests.fakes.small_operator import AS_OF, LAST_YEAR, MARKET, SmallOperator, catalogue, noon, serial_of

FEBRUARY = date(2026, 2, 1)
TODAY = AS_OF.date()
ROUTER = "AABBCCDDEEFF"
MESH = ProductOffering(
    id="mesh",
    charge="rental",
    delivered_by="device",
    device_kind="router",
    device_models=("M7",),
    billing_codes=("MSH",),
    prices=(OfferingPrice(amount=Decimal("14.99"), valid_from=date(2020, 1, 1)),),
)
WITH_COSTS = catalogue().model_copy(
    update={
        "costs": {"access_device": {MARKET.id: Decimal("86.00")}, "router": {MARKET.id: Decimal("64.00")}},
        "offerings": (*catalogue().offerings, MESH),
    }
)


def moved(operator: SmallOperator, serial: str, movement: str, day: date, kind: str = "ont", **facts: Any) -> None:
    operator.add(StockMovement, "fsm", serial=serial, kind=kind, movement=movement, moved_at=noon(day), **facts)


def left(account: str, on: date) -> SmallOperator:
    """A customer who left on a day, with a device that was issued for the installation."""
    operator = small_operator()
    operator.installed(account, dark_since=on)
    operator.order(account, f"8{account}", "cease", effective_on=on)
    months = [month for month in (1, 2, 3) if date(2026, month, 1) < on]
    operator.whole_months(account, "SLV", "60.00", months)
    moved(operator, serial_of(account), "received", LAST_YEAR - timedelta(days=90))
    moved(operator, serial_of(account), "issued", LAST_YEAR, work_order_id="wo-2")
    return operator


def test_a_device_that_never_came_back_costs_another_one(judge_all: JudgeAll) -> None:
    judged = judge_all(left("1", date(2026, 3, 1)), catalogue=WITH_COSTS)
    assert judged.told() == ["RL-E03 ABCD00000001 cost cost 2026-03 86.00"]
    explained = explain_device(judged.folder, judged.manifest, serial_of("1"))
    assert dict(explained.facts)["movement"] == "issued"
    assert [month.expected_minor for month in explained.months] == [8600]
    assert "fsm/StockMovement/2" in explained.evidence


@pytest.mark.parametrize("movement", ["returned", "written_off"])
def test_a_device_that_came_back_or_was_given_up_is_missed_by_nobody(judge_all: JudgeAll, movement: str) -> None:
    operator = left("1", date(2026, 2, 1))
    moved(operator, serial_of("1"), movement, date(2026, 2, 20))
    assert judge_all(operator, catalogue=WITH_COSTS).told() == []


def test_nobody_is_pursued_within_thirty_days(judge_all: JudgeAll) -> None:
    told = {
        days: judge_all(left("1", TODAY - timedelta(days=days)), "RL-E03", catalogue=WITH_COSTS).told()
        for days in (30, 31)
    }
    assert {days: len(findings) for days, findings in told.items()} == {30: 0, 31: 1}


def test_a_device_that_was_given_to_the_next_customer_is_not_missed(judge_all: JudgeAll) -> None:
    operator = left("1", FEBRUARY)
    moved(operator, serial_of("1"), "returned", date(2026, 2, 10))
    operator.account("2")
    operator.order("2", "92", effective_on=date(2026, 3, 1), offering_id="silver", install_fee_waived=True)
    operator.job("92", date(2026, 3, 1), "silver", serial_of("1"))
    operator.whole_months("2", "SLV", "60.00", [3])
    moved(operator, serial_of("1"), "issued", date(2026, 3, 1), work_order_id="wo-3")
    assert judge_all(operator, "RL-E03", "RL-E05", catalogue=WITH_COSTS).told() == []


def renter(months: dict[int, str]) -> SmallOperator:
    operator = small_operator()
    operator.installed("1", router="leased")
    operator.whole_months("1", "SLV", "60.00", [1, 2, 3])
    for month, amount in months.items():
        operator.whole_months("1", "RTR", amount, [month])
    moved(operator, ROUTER, "issued", LAST_YEAR, kind="router", model="R6", work_order_id="wo-2")
    return operator


def test_a_rental_ends_when_the_router_is_scanned_in(judge_all: JudgeAll) -> None:
    operator = renter({1: "9.99", 2: "9.99", 3: "9.99"})
    moved(operator, ROUTER, "returned", date(2026, 2, 15), kind="router")
    assert judge_all(operator, catalogue=WITH_COSTS).told() == [
        "RL-E04 1 over_billed refund_due 2026-02 4.99",
        "RL-E04 1 over_billed refund_due 2026-03 9.99",
    ]


def test_a_rental_for_a_router_of_the_customers_own_is_another_finding(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", router="customer")
    operator.whole_months("1", "SLV", "60.00", [1, 2, 3])
    operator.whole_months("1", "RTR", "9.99", [3])
    assert judge_all(operator, catalogue=WITH_COSTS).told() == ["RL-E02 1 over_billed refund_due 2026-03 9.99"]


def test_the_model_tells_which_rental_is_due(judge_all: JudgeAll) -> None:
    operator = renter({1: "9.99", 2: "9.99", 3: "9.99"})
    moved(operator, ROUTER, "issued", LAST_YEAR + timedelta(days=1), kind="router", model="M7")
    told = judge_all(operator, catalogue=WITH_COSTS).told()
    assert told == [f"RL-E06 1 under_billed recoverable 2026-0{month} 5.00" for month in (1, 2, 3)]


def test_a_device_in_stock_is_worth_its_profile_once_it_is_online(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.seen("ABCD0000AAAA", "S", FEBRUARY)
    moved(operator, "ABCD0000AAAA", "received", date(2025, 12, 1))
    assert judge_all(operator, catalogue=WITH_COSTS).told() == [
        "RL-B01 ABCD0000AAAA under_billed at_risk 2026-02 0.00 by RL-E05",
        "RL-B01 ABCD0000AAAA under_billed at_risk 2026-03 0.00 by RL-E05",
        "RL-E05 ABCD0000AAAA under_billed at_risk 2026-02 60.00",
        "RL-E05 ABCD0000AAAA under_billed at_risk 2026-03 60.00",
    ]


def test_a_device_that_came_back_and_is_online_is_not_the_former_customers(judge_all: JudgeAll) -> None:
    operator = left("1", date(2026, 1, 20))
    operator.line("1", "SLV", date(2026, 1, 1), date(2026, 1, 20), "-60.00", "-60.00")  # taken back
    moved(operator, serial_of("1"), "returned", date(2026, 2, 10))
    operator.records = [one for one in operator.records if getattr(one, "operational_state", "") != "down"]
    operator.seen(serial_of("1"), "S", date(2026, 3, 1))
    told = judge_all(operator, "RL-B03", "RL-E03", "RL-E05", catalogue=WITH_COSTS).told()
    assert told == ["RL-E05 ABCD00000001 under_billed at_risk 2026-03 60.00"]


def test_a_device_that_a_customer_has_is_not_in_stock_whatever_the_books_say(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    moved(operator, serial_of("1"), "received", date(2025, 5, 1))
    assert judge_all(operator, catalogue=WITH_COSTS).told() == []


@pytest.mark.parametrize(("state", "found"), [("completed", 1), ("cancelled", 1), ("on_hold", 0), ("scheduled", 0)])
def test_a_spare_is_missed_once_its_job_is_over(judge_all: JudgeAll, state: str, found: int) -> None:
    operator = small_operator()
    operator.add(WorkOrder, "fsm", work_order_id="spare", order_number="97", work_type="repair", state=state)
    moved(operator, "ABCD0000BBBB", "issued", date(2026, 3, 3), work_order_id="spare")
    assert len(judge_all(operator, "RL-I04", catalogue=WITH_COSTS).told()) == found


def test_without_a_stated_cost_nothing_is_said_of_devices(judge_all: JudgeAll) -> None:
    assert judge_all(left("1", FEBRUARY)).told() == []
