"""Gates that ask about the customer and not the job: his credit, and whether he still wants it."""

from canonical_model.customers import BillingAccount
from canonical_model.orders import ProductOrder
from hub.sagas.decisions import waive
from hub.sagas.desk import Desk
from provisioning.facts import SagaFacts
from storage.sagas import Saga
from tests.fakes.completions import good_job, known, report, without
from tests.fakes.effects import HandClock
from tests.fakes.led_sagas import led_on, now_of, told_by


def test_a_credit_hold_that_is_lifted_lets_the_job_go_on(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    job = good_job(ordered)
    hold = known(BillingAccount, account_number=ordered.account_number, credit_hold=True)
    report(desk.hub.database, [*without(job, "BillingAccount"), hold])
    held = led_on(desk, saga, clock)
    assert (held.state, held.person, held.reason[:6]) == ("held", "finance", "GT-17:")
    report(desk.hub.database, job)
    assert led_on(desk, saga, clock).state == "done"


def test_the_job_of_an_order_that_was_called_off_bills_nothing_before_a_person_has_asked(
    desk: Desk, clock: HandClock, ordered: SagaFacts, saga: Saga
) -> None:
    job = good_job(ordered)
    order = next(each for each in job if isinstance(each, ProductOrder))
    cancelled = order.model_copy(update={"state": "cancelled"})
    report(desk.hub.database, [*without(job, "ProductOrder"), cancelled])
    held = led_on(desk, saga, clock)
    assert (held.state, held.person, held.reason[:6]) == ("held", "dispatcher", "GT-18:")
    assert "start_billing" not in told_by(desk, now_of(desk, saga))
    waive(desk.hub, saga.id, ["GT-18"], clock(), actor="dora", why="he wants it after all")
    assert led_on(desk, saga, clock).state == "done"
