"""What a technician is told of a job, and that nobody is sent who would lack something."""

from datetime import UTC, datetime
from typing import Any

from canonical_model.customers import Customer
from canonical_model.field_work import WorkOrder, WorkOrderVisit
from canonical_model.incidents import Outage
from canonical_model.orders import ProductOrder
from provisioning.completeness import cannot_dispatch
from provisioning.job_facts import USUALLY_REQUIRED
from provisioning.network_file import NetworkFile
from provisioning.plant_room import SeenDevice
from provisioning.work_order_context import JobRecords, KeptLine, WorkOrderContext, as_text, work_order_context
from tests.fakes.lines import profile
from tests.fakes.plant import NETWORK, SOURCE, premise, seen

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
EARLIER = datetime(2026, 10, 1, 9, tzinfo=UTC)
LINE = KeptLine("olt-1", "1/1/1", 7, "T1", 3)
LIMITS = NetworkFile.model_validate(NETWORK).limits_of("town", "pon")
ORDER = ProductOrder(
    **SOURCE,
    source_id="o",
    order_number="90001",
    account_number="7",
    order_type="new",
    state="inProgress",
    offering_id="fiber-500",
)


def customer(**facts: Any) -> Customer:
    return Customer(**SOURCE, source_id="c", account_number="7", **({"name": "Ana", "phone": "555-0101"} | facts))


def visit(number: int, outcome: str) -> WorkOrderVisit:
    return WorkOrderVisit(
        **SOURCE,
        source_id=f"v{number}",
        work_order_id="w",
        visit_number=number,
        arrived_at=EARLIER,
        outcome=outcome,  # type: ignore[arg-type]
        cause="1G no access" if outcome == "no_access" else None,
    )


def whole(**facts: Any) -> WorkOrderContext:
    job = WorkOrder(
        **SOURCE, source_id="w", work_order_id="w", order_number="1", work_type="repair", state="completed"
    )
    known: dict[str, Any] = {
        "premise": premise(latitude=39.1, longitude=-108.5),
        "profile": profile(),
        "limits": LIMITS,
        "line": LINE,
        "device": ("CXNK00A1B2C3", "GX"),
        "records": JobRecords(
            customer=customer(),
            seen=[*seen("1/1/1/1", "1/1/2/1"), SeenDevice("olt-1", "1/1/1/2", is_up=False, seen_at=NOW)],
            outages=[
                Outage(**SOURCE, source_id="x", outage_id="x", element="olt-1", port="1/1/1", started_at=EARLIER),
                Outage(**SOURCE, source_id="y", outage_id="y", element="olt-1", port="1/1/2", started_at=EARLIER),
            ],
            jobs=[(job, [visit(1, "no_access")])],
            inside_wiring=["T-OUTLET", "T-OUTLET"],
        ),
    }
    return work_order_context(ORDER, **(known | facts), now=NOW)


def test_a_job_holds_everything_and_reads_on_any_screen() -> None:
    assert as_text(whole()).splitlines() == [
        "service: fiber-500, 500/500 Mbit/s",
        "customer: Ana, 555-0101",
        "line: olt-1 port 1/1/1 number 7, terminal T1 leg 3",
        "device: GX, CXNK00A1B2C3",
        "network: outage x since 2026-10-01 09:00 UTC",
        "network: 1 of 2 devices on the port are up (2026-11-05 12:00 UTC)",
        "test registered: the terminal registers on its port",
        "test ont_rx: -28 to -9 dBm",
        "test session: the subscriber is in session",
        "test speed: at least 450 Mbit/s down and 450 up",
        "inside wiring: T-OUTLET",
        "visit: 2026-10-01 repair no_access, 1G no access",
    ]
    assert cannot_dispatch(whole(), USUALLY_REQUIRED) is None


def test_what_is_missing_is_told_by_name_and_by_who_finds_it_out() -> None:
    """Scenario 22."""
    poor = whole(device=("CXNK00A1B2C3", None), limits=None, records=JobRecords(customer=customer(phone=None)))
    found = cannot_dispatch(poor, USUALLY_REQUIRED)
    assert found is not None
    assert [(each.fact, each.person) for each in found.missing] == [
        ("contact", "dispatcher"),
        ("terminal_model", "dispatcher"),
        ("tests", "network_engineer"),
    ]
    assert found.said.startswith("missing: contact (whom to call before the door: a telephone number); ")


def test_without_a_line_or_a_device_nobody_drives() -> None:
    """Scenario 22."""
    found = cannot_dispatch(whole(line=None, device=None, profile=None, premise=None), USUALLY_REQUIRED)
    assert found is not None
    facts = [each.fact for each in found.missing]
    assert facts == ["address", "tier", "element", "port", "terminal_model", "serial"]


def test_an_operator_says_what_else_is_required() -> None:
    """Scenario 24: nobody drives before whoever owns the building has agreed."""
    network = NetworkFile.model_validate({"dispatch": [{"markets": ["town"], "required": ["serial", "consent"]}]})
    assert network.required_in("hill") == USUALLY_REQUIRED
    required = network.required_in("town")
    found = cannot_dispatch(whole(), required)
    assert found is not None
    assert [each.fact for each in found.missing] == ["consent"]
    assert cannot_dispatch(whole(consent="landlord, by letter of 3 November"), required) is None
