"""To which hub, crew, plan, day and system a finding counts, whatever it is about."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from canonical_model.field_work import FieldCompletion
from canonical_model.places import Premise
from canonical_model.stock import StockMovement
from canonical_model.suppliers import SupplierInvoiceLine
from canonical_model.take_over import AccountCutOver
from reconciliation.causes.placing import read_places
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.findings import Finding, FindingLine, SubjectKind, fingerprint
from tests.fakes.small_operator import LAST_YEAR, SmallOperator, noon, serial_of

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))
TENTH = date(2026, 2, 10)

Places = Callable[..., dict[str, str]]
"""By kind the member that one finding counts to."""


def about(kind: SubjectKind, subject: str, began: date = MARCH, charge: str = "access", minor: int = 100) -> Finding:
    name = fingerprint("RL-X", "oldtown", subject, "under_billed", "recoverable")
    return Finding(
        name, "RL-X", "oldtown", kind, subject, "under_billed", "recoverable", minor, 0, "USD", began,
        began + timedelta(days=31), lines=(FindingLine(began, charge, minor, 0, minor),),
    )  # fmt: skip


@pytest.fixture
def places(tmp_path: Path) -> Places:
    def read(operator: SmallOperator, finding: Finding, *others: Finding) -> dict[str, str]:
        manifest = operator.snapshot(tmp_path / "snapshot", buckets=1)
        found, _ = read_places(tmp_path / "snapshot", manifest, [finding, *others], EngineLimits())
        return {place.kind: place.member for place in found if place.fingerprint == finding.fingerprint}

    return read


def moved() -> SmallOperator:
    """A customer who moved from one hub to another on 10 February; crews 1 and 2 did the work."""
    operator = SmallOperator()
    operator.add(Premise, "crm", source_id="P1", address="Elm Street", hub="H1")
    operator.add(Premise, "crm", source_id="P2", address="Oak Street", hub="H2")
    operator.account("1")
    operator.order("1", "91", effective_on=LAST_YEAR, offering_id="silver", premise_id="P1")
    operator.job("91", LAST_YEAR, "silver", serial_of("1"), crew="Crew 1")
    operator.order("1", "92", "move", effective_on=TENTH, offering_id="gold", premise_id="P2")
    operator.job("92", TENTH, "gold", serial_of("1"), crew="Crew 2", work_type="move")
    operator.seen(serial_of("1"), "G", LAST_YEAR)
    operator.subscription("1", "1-s1", LAST_YEAR)
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    return operator


def test_what_counts_is_what_held_by_the_end_of_the_month_in_which_the_leak_began(places: Places) -> None:
    assert places(moved(), about("service", "1", JANUARY)) == {
        "hub": "H1",
        "crew": "Crew 1",
        "offering": "silver",
        "element": "olt",
        "biller": "billing",
    }


@pytest.mark.parametrize(("began", "day"), [(FEBRUARY, {"work": "2026-02-10"}), (MARCH, {"bill_run": "2026-04-01"})])
def test_a_later_leak_is_of_the_later_hub_crew_plan_and_day(places: Places, began: date, day: dict[str, str]) -> None:
    assert places(moved(), about("service", "1", began)) == {
        "hub": "H2",
        "crew": "Crew 2",
        "offering": "gold",
        "element": "olt",
        "biller": "billing",
        **day,
    }


def test_a_leak_before_the_first_member_counts_to_the_first_one(places: Places) -> None:
    operator = SmallOperator()
    operator.clean("7")
    operator.account("1")
    operator.order("1", "91", effective_on=date(2026, 4, 1), offering_id="silver")
    operator.job("91", date(2026, 4, 1), "silver", serial_of("1"), crew="Crew 1")
    assert places(operator, about("service", "1", FEBRUARY)) == {"crew": "Crew 1", "offering": "silver"}


def test_what_is_lost_of_a_leak_tells_when_all_of_it_began(places: Places) -> None:
    later, earlier = about("service", "1", MARCH), about("service", "1", JANUARY)
    lost = fingerprint("RL-X", "oldtown", "1", "under_billed", "lost")
    parts = (later, Finding(**{name: getattr(earlier, name) for name in Finding.__slots__} | {"fingerprint": lost}))
    assert places(moved(), *parts)["hub"] == "H1"


def test_a_day_of_another_billing_system_comes_before_one_of_work(places: Places) -> None:
    operator = moved()
    operator.add(
        AccountCutOver, "billing", account_number="1", wave="W1", legacy_system="billing", target_system="new",
        cut_over_on=FEBRUARY,
    )  # fmt: skip
    told = places(operator, about("service", "1", FEBRUARY))
    assert told["cut_over"] == "2026-02-01"
    assert not {"work", "bill_run"} & told.keys()


def test_the_charge_with_most_money_is_the_plan_where_it_was_ordered(places: Places) -> None:
    operator = moved()
    operator.order_item("91", "voice")
    assert places(operator, about("service", "1", charge="voice"))["charge"] == "voice"


def test_a_charge_that_nobody_ordered_leaves_the_plan(places: Places) -> None:
    told = places(moved(), about("service", "1", charge="voice"))
    assert told["offering"] == "gold"
    assert "charge" not in told


def test_a_work_order_is_its_crews_and_an_order_its_services(places: Places) -> None:
    first = next(one for one in moved().records if isinstance(one, FieldCompletion)).work_order_id
    assert places(moved(), about("work_order", f"work_order/{first}"))["crew"] == "Crew 1"


def test_an_order_counts_where_its_service_is(places: Places) -> None:
    assert places(moved(), about("order", "order/91"))["hub"] == "H2"


def test_a_line_of_an_invoice_is_the_contractors(places: Places) -> None:
    operator = moved()
    operator.add(
        SupplierInvoiceLine, "fsm", supplier="Digwell", invoice_id="I1", line_number=1, work_order_id="wo-1",
        rate_code="T-1", quantity=1, amount_minor=9900, currency="USD", invoiced_on=MARCH,
    )  # fmt: skip
    told = places(operator, about("invoice_line", "invoice_line/I1-1"))
    assert told["contractor"] == "Digwell"
    assert "crew" not in told


def test_a_bill_counts_to_the_run_that_made_it(places: Places) -> None:
    operator = moved()
    operator.bill("1", JANUARY, FEBRUARY, FEBRUARY)
    operator.bill("1", FEBRUARY, MARCH, MARCH)
    told = places(operator, about("bill", "bill/1-2026-02-01", MARCH))
    assert told["bill_run"] == "2026-02-01"
    assert told["hub"] == "H2"


def test_a_device_of_nobody_is_only_somewhere_in_the_network(places: Places) -> None:
    operator = moved()
    operator.seen("GHST00000001", "S", FEBRUARY)
    assert places(operator, about("serial", "GHST00000001", FEBRUARY)) == {"element": "olt"}


def test_a_device_that_was_issued_and_left_nowhere_is_of_the_crew_of_that_job(places: Places) -> None:
    operator = moved()
    operator.add(
        StockMovement, "fsm", serial="EFGH00000009", kind="ont", movement="issued", moved_at=noon(LAST_YEAR),
        work_order_id="wo-1",
    )  # fmt: skip
    assert places(operator, about("serial", "EFGH00000009"))["crew"] == "Crew 1"


@pytest.mark.parametrize(("service", "told"), [("1", ("H1", "Crew 1")), ("1/95", ("H3", "Crew 3"))])
def test_each_of_two_services_counts_where_it_is_itself(places: Places, service: str, told: tuple[str, str]) -> None:
    operator = SmallOperator()
    operator.account("1")
    for order, hub, crew, day in (("91", "H1", "Crew 1", LAST_YEAR), ("95", "H3", "Crew 3", TENTH)):
        operator.add(Premise, "crm", source_id=f"P{hub}", address="Elm Street", hub=hub)
        operator.order("1", order, effective_on=day, offering_id="silver", premise_id=f"P{hub}")
        operator.job(order, day, "silver", f"EFGH000000{order}", crew=crew)
    found = places(operator, about("service", service, MARCH))
    assert (found["hub"], found["crew"]) == told
