"""Whose a work is in a hand-off: by the path that it began on there, and by nothing that was done in another one."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from canonical_model.field_work import FieldCompletion, WorkOrder
from handoffs.criteria import Beside, Measure, Number
from handoffs.stages import Handoff
from handoffs.statistics import Share
from hub.takeover.measuring.coverage import key_coverage
from hub.takeover.measuring.measures import Evidence, measures
from hub.takeover.measuring.own_orders import own_orders
from hub.takeover.measuring.paths import path_figures
from hub.takeover.signals.look import Look
from hub.workplace import Hub
from storage.readiness_holds import hold_order
from tests.fakes.acted_works import DONE, NOW, ORDERED, ActedWorks
from tests.fakes.reconciled_market import finding, reconciled
from tests.fakes.small_operator import MARKET

SINCE = NOW - timedelta(days=60)


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    """Three orders of the hub, and two of the legacy systems."""
    works = ActedWorks(tmp_path)
    for number in (1, 2, 3):
        works.good(number)
    for number in (71, 72):
        works.operator.order(f"{number}", f"9{number}", offering_id="silver", ordered_at=ORDERED, completed_at=DONE)
        works.add_job(f"wo-9{number}", f"9{number}", DONE)
    return works


def figures(hub: Hub, handoff: Handoff) -> Mapping[str, Beside]:
    with hub.database.reading() as connection:
        return path_figures(look_at(hub, connection), handoff, SINCE)


def measured(hub: Hub, handoff: Handoff) -> Mapping[str, Measure]:
    with hub.database.reading() as connection:
        return measures(look_at(hub, connection), handoff, "canary", SINCE, "v", Evidence())


def look_at(hub: Hub, connection: object) -> Look:
    return Look(connection, hub.operator, hub.operator.markets[MARKET.id], NOW)  # type: ignore[arg-type]


def test_what_the_hub_did_in_one_hand_off_makes_no_other_its_own(works: ActedWorks) -> None:
    works.forgets_paths()
    for order in ("91", "92"):
        works.begun("order_to_provisioning", order)
        works.begun("dispatch_to_field", order, "legacy")
    works.begun("order_to_provisioning", "93", "legacy")
    works.begun("dispatch_to_field", "93")
    with works.hub() as hub:
        provisioned, driven = figures(hub, "order_to_provisioning"), figures(hub, "dispatch_to_field")
        counted = measured(hub, "order_to_provisioning")["hub_works"], measured(hub, "dispatch_to_field")["hub_works"]
    assert provisioned["activation_success"] == Beside(Share(2, 2), Share(3, 3))
    assert driven["first_visit_completion"] == Beside(Share(1, 1), Share(4, 4))
    assert [each.figure.value for each in counted if each.figure is not None] == [2, 1]  # type: ignore[union-attr]


def test_only_findings_of_whom_the_hub_acts_for_in_this_hand_off_count(works: ActedWorks) -> None:
    """The hub provisions the first of them; its bill, and what is wrong with it, is legacy's."""
    works.journals.clear()
    works.saga(1, DONE)
    works.begun("field_to_billing", "92")
    with works.hub() as hub:
        reconciled(hub, finding("1", 500), finding("72", 900))
        billing, lines = measured(hub, "field_to_billing"), measured(hub, "order_to_provisioning")
        assert billing["open_findings"].figure == lines["open_findings"].figure == Number(Decimal(0))
        reconciled(hub, finding("2", 700))
        assert measured(hub, "field_to_billing")["open_money"].figure == Number(Decimal("7.00"))


def test_before_paths_were_kept_the_journals_of_the_same_hand_off_tell(works: ActedWorks) -> None:
    works.forgets_paths()
    with works.hub() as hub, hub.database.reading() as connection:
        look = look_at(hub, connection)
        assert own_orders(look, "order_to_provisioning", SINCE).keys() == {"91", "92", "93"}
        assert own_orders(look, "provisioning_to_dispatch", SINCE).keys() == {"91", "92", "93"}
        assert own_orders(look, "dispatch_to_field", SINCE) == {}


def test_once_paths_are_kept_a_journal_alone_makes_no_work_the_hubs(works: ActedWorks) -> None:
    works.forgets_paths()
    works.begun("field_to_billing", "9555", at=ORDERED - timedelta(days=1))
    works.begun("order_to_provisioning", "91", "legacy")
    with works.hub() as hub, hub.database.reading() as connection:
        assert own_orders(look_at(hub, connection), "order_to_provisioning", SINCE) == {}


def test_an_order_that_the_hub_cannot_make_ready_is_not_legacys_failure(works: ActedWorks) -> None:
    works.operator.order("80", "980", state="inProgress", offering_id="silver", ordered_at=ORDERED)
    works.operator.order("81", "981", state="inProgress", offering_id="silver", ordered_at=ORDERED)
    works.operator.order("82", "982", state="inProgress", offering_id="silver", ordered_at=ORDERED)
    works.begun("order_to_provisioning", "982", "legacy")
    with works.hub() as hub:
        with hub.database.writing() as connection:
            for order in ("980", "982"):
                hold_order(connection, MARKET.id, order, [{"code": "noTerminal", "label": "none"}], NOW)
        assert figures(hub, "order_to_provisioning")["activation_success"] == Beside(Share(3, 4), Share(2, 4))


def test_a_work_that_the_hub_has_begun_is_no_success_of_its_own_where_somebody_else_has_ended_it(
    works: ActedWorks,
) -> None:
    """Its saga stands where no terminal was found, and the CRM calls the order completed."""
    works.operator.order("4", "94", offering_id="silver", ordered_at=ORDERED, completed_at=DONE)
    works.saga(4, DONE, state="held", step="match", reason="another terminal is seen on its port")
    works.begun("order_to_provisioning", "94")
    with works.hub() as hub:
        assert figures(hub, "order_to_provisioning")["activation_success"] == Beside(Share(3, 4), Share(2, 2))


def test_completions_of_the_hubs_orders_are_found_over_their_jobs(works: ActedWorks) -> None:
    """A completion tells its job, and the job its order: each of the three has to be there."""
    works.operator.add(FieldCompletion, "fsm", source_id="lost", work_order_id="wo-lost", completed_at=DONE)
    job = {"work_order_id": "wo-2", "order_number": "92", "work_type": "change", "state": "completed"}
    works.operator.add(WorkOrder, "fsm", source_id="wo-2", **job)
    with works.hub() as hub, hub.database.reading() as connection:
        look = look_at(hub, connection)
        assert key_coverage(look, "dispatch_to_field", {"91"}).figure == Share(3, 3)
        assert key_coverage(look, "dispatch_to_field", {"91", "92"}).figure == Share(7, 8)
        assert key_coverage(look, "dispatch_to_field").figure == Share(5 + 5 + 6, 6 + 6 + 6)
