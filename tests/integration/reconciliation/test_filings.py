"""What is filed beside the bills, judged each for itself: outages, appointments, items, reservations, lines let."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from judged import JudgeAll, small_operator

from canonical_model.billing import BillingItem, CreditApproval
from canonical_model.field_work import WorkOrderVisit
from canonical_model.incidents import Outage
from canonical_model.resources import ResourceReservation
from canonical_model.wholesale import WholesaleCharge, WholesaleLine
from reconciliation.explain_document import explain_document
from tests.fakes.small_operator import LAST_YEAR, MARKET, SmallOperator, catalogue, next_month, noon

PRICED = catalogue().model_copy(
    update={
        "costs": {"port": {MARKET.id: Decimal("4.00")}},
        "goodwill_reasons": ("SORRY",),
        "missed_appointment_credit": {MARKET.id: Decimal("25.00")},
        "missed_appointment_causes": ("1F",),
        "wholesale_prices": {"tail": {MARKET.id: Decimal("31.00")}},
    }
)
FEBRUARY = date(2026, 2, 1)


def outage(operator: SmallOperator, name: str, day: date, days: int, **facts: Any) -> None:
    start = noon(day)
    values = {"element": "olt", "started_at": start, "ended_at": start + timedelta(days=days)}
    operator.add(Outage, "noc", outage_id=name, **(values | facts))


def test_days_of_an_outage_are_owed_at_what_they_were_charged_less_what_was_given(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("1")
    operator.clean("2")
    operator.adjustment("2", "-2.00", date(2026, 2, 20), reason="SORRY")
    outage(operator, "o1", date(2026, 2, 10), 4)  # 4 / 28 of 60.00
    outage(operator, "o2", date(2026, 2, 10), 4, element="another")
    outage(operator, "o3", date(2026, 3, 20), 4)  # not for long enough
    judged = judge_all(operator, "RL-D08", "RL-D08-appointment", catalogue=PRICED)
    assert judged.told() == [
        "RL-D08 outage/o1-1 over_billed refund_due 2026-02 8.57",
        "RL-D08 outage/o1-2 over_billed refund_due 2026-02 6.57",
    ]
    explained = explain_document(judged.folder, judged.manifest, "outage/o1-2")
    assert dict(explained.facts)["credited_minor"] == "200"


def test_an_outage_of_a_port_reaches_only_who_hangs_on_it(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.records[-4] = operator.records[-4].model_copy(update={"port": "1/1"})
    outage(operator, "o1", date(2026, 2, 10), 4, port="1/1")
    outage(operator, "o2", date(2026, 2, 10), 4, port="1/2")
    assert judge_all(operator, "RL-D08", catalogue=PRICED).told() == [
        "RL-D08 outage/o1-1 over_billed refund_due 2026-02 8.57"
    ]


def test_a_credit_that_a_case_has_promised_is_the_cases_affair(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("1")
    outage(operator, "o1", date(2026, 2, 10), 4)
    facts = {"account_number": "1", "amount_minor": 857, "currency": "USD", "approved_on": date(2026, 2, 20)}
    operator.add(CreditApproval, "crm", case_number="c1", **facts)
    assert judge_all(operator, "RL-D08", "RL-D09", catalogue=PRICED).told() == [
        "RL-D09 case/c1 over_billed refund_due 2026-02 8.57"
    ]


def test_an_appointment_is_missed_by_the_operator_and_not_by_the_customer(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    for number, cause in ((1, "1G"), (2, "1F")):
        day = noon(date(2026, 2, 3 + number))
        operator.add(
            WorkOrderVisit, "fsm", work_order_id="wo-1", visit_number=number, scheduled_start=day, cause=cause
        )
    assert judge_all(operator, "RL-D08-appointment", catalogue=PRICED).told() == [
        "RL-D08-appointment work_order/wo-1 over_billed refund_due 2026-02 25.00"
    ]


def item(operator: SmallOperator, name: str, subscription: str | None, **facts: Any) -> None:
    values = {
        "account_number": "1",
        "billing_code": "VIS",
        "amount_minor": 6500,
        "currency": "USD",
        "created_on": date(2026, 2, 3),
        "state": "pending",
    }
    operator.add(BillingItem, "billing", item_id=name, subscription_id=subscription, **(values | facts))


def test_an_item_hangs_on_a_subscription_of_its_own_account(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.clean("2")
    operator.subscription("1", "s1", LAST_YEAR)
    operator.subscription("2", "s2", LAST_YEAR)
    item(operator, "mine", "s1")
    item(operator, "none", None)
    item(operator, "unheard", "s9")
    item(operator, "strange", "s2")
    item(operator, "new", None, created_on=date(2026, 3, 28))
    assert judge_all(operator, "RL-A09", catalogue=PRICED).told() == [
        "RL-A09 billing_item/none under_billed recoverable 2026-02 65.00",
        "RL-A09 billing_item/strange under_billed recoverable 2026-02 65.00",
        "RL-A09 billing_item/unheard under_billed recoverable 2026-02 65.00",
    ]


def reserved(operator: SmallOperator, name: str, order: str, day: date, released_on: date | None = None) -> None:
    facts = {"kind": "port", "order_number": order, "reserved_on": day, "released_on": released_on}
    operator.add(ResourceReservation, "inventory", resource_id=name, **facts)


def test_a_port_is_kept_for_nobody_in_whole_months_after_the_promised_day(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1", months=(1, 2, 3))
    operator.account("2")
    operator.order("2", "92", state="cancelled", effective_on=date(2026, 1, 10))
    operator.account("3")
    operator.order("3", "93", state="inProgress", effective_on=date(2026, 1, 10))
    reserved(operator, "p1", "91", date(2026, 1, 2))  # in use
    reserved(operator, "p2", "92", date(2026, 1, 2))
    reserved(operator, "p3", "93", date(2026, 1, 2))  # still to come
    reserved(operator, "p4", "92", date(2026, 1, 2), date(2026, 3, 15))
    assert judge_all(operator, "RL-B08", catalogue=PRICED).told() == [
        "RL-B08 reservation/p2 cost cost 2026-02 4.00",
        "RL-B08 reservation/p2 cost cost 2026-03 4.00",
        "RL-B08 reservation/p4 cost cost 2026-02 4.00",
    ]


def let(operator: SmallOperator, name: str, serial: str, start: date, end: date | None = None) -> None:
    facts = {"retailer": "Heron", "offering_id": "tail", "active_from": start, "active_to": end}
    operator.add(WholesaleLine, "wholesale", line_id=name, serial=serial, **facts)


def charged(operator: SmallOperator, line: str, start: date, amount: int, number: int = 1) -> None:
    operator.add(
        WholesaleCharge,
        "wholesale",
        invoice_id=f"{line}-{start}",
        line_number=number,
        retailer="Heron",
        line_id=line,
        covers_from=start,
        covers_to=next_month(start),
        amount_minor=amount,
        currency="USD",
        invoiced_on=next_month(start),
    )


def test_a_line_that_is_let_is_asked_for_from_the_day_the_network_saw_it(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    let(operator, "L1", "EFGH00000001", date(2026, 1, 5))
    operator.seen("EFGH00000001", "S", FEBRUARY)
    charged(operator, "L1", date(2026, 3, 1), 3000)
    let(operator, "L2", "EFGH00000002", date(2026, 1, 5))  # never seen
    judged = judge_all(operator, "RL-H02", "RL-B01", catalogue=PRICED)
    assert judged.told() == [
        "RL-H02 wholesale_line/L1 under_billed recoverable 2026-02 31.00",
        "RL-H02 wholesale_line/L1 under_billed recoverable 2026-03 1.00",
    ]


def test_a_line_that_is_let_ends_and_a_dark_one_is_not_in_use(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    let(operator, "L1", "EFGH00000001", date(2025, 6, 5), date(2026, 2, 15))
    operator.seen("EFGH00000001", "S", LAST_YEAR, up=False, traffic=date(2026, 2, 14))
    let(operator, "L2", "EFGH00000002", date(2025, 6, 5))
    operator.seen("EFGH00000002", "S", LAST_YEAR, up=False, traffic=date(2025, 12, 20))
    charged(operator, "L1", date(2026, 1, 1), 3100)
    assert judge_all(operator, "RL-H02", catalogue=PRICED).told() == [
        "RL-H02 wholesale_line/L1 under_billed recoverable 2026-02 15.50"
    ]
