"""Who is served for nothing gets the service and no bill, for as long as the approval says."""

from datetime import date

import pytest

from canonical_model.orders import PriceAlteration
from hub.sagas.beginning import begin_saga
from hub.sagas.desk import Desk
from storage.effects import effects
from tests.fakes.completions import known, report
from tests.fakes.effects import START, HandClock
from tests.fakes.led_sagas import Orders, done
from tests.fakes.lines import ONT
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork


@pytest.mark.parametrize(
    ("until", "told"),
    [
        (None, ["set_customer_status"]),
        (date(2026, 11, 5), ["set_customer_status", "start_billing"]),
    ],
    ids=["for_good", "until_today"],
)
def test_nothing_is_billed_while_an_account_is_served_for_nothing(
    desk: Desk,
    network: ToldNetwork,
    clock: HandClock,
    operator: LumenValley,
    until: date | None,
    told: list[str],
) -> None:
    wish = Orders(operator).wish()
    approval = {"kind": "courtesy_account", "approved_by": "ana", "valid_from": date(2026, 1, 1), "valid_to": until}
    report(desk.hub.database, [known(PriceAlteration, account_number=wish.account_number, **approval)])
    network.plug(ONT, wish.line.port)
    saga = done(desk, begin_saga(desk.hub, "activate", wish, START), clock)

    with desk.hub.database.reading() as connection:
        assert [each.command for each in effects(connection)] == told
    is_free = "nothing is billed: the account is served for nothing since 2026-01-01, approved by ana"
    assert (is_free in saga.reason) is (until is None)
