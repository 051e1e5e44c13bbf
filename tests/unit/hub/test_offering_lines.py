"""Scenario 42: a plan that is equal to nothing gets an offering of its own, whose lines the catalogue takes."""

from datetime import date
from decimal import Decimal

import yaml

from canonical_model.catalogue import ProductOffering
from canonical_model.markets import Market
from hub.acquisition.proposing import offering_lines
from reconciliation.acquisition.proposing import ProposedPlan

MESA = Market(id="mesa", name="Mesa", zone="America/Denver", currency="USD", technology="active_ethernet")


def test_the_lines_hold_code_price_and_day_and_leave_what_it_is_to_a_person() -> None:
    plan = ProposedPlan("HOME-240", 5720, ("1", "2"), 11440, date(2026, 9, 1))
    (written,) = yaml.safe_load("\n".join(offering_lines(plan, MESA)))
    assert [name for name, value in written.items() if value is None] == ["charge", "delivered_by"]
    own = ProductOffering.model_validate(written | {"charge": "access", "delivered_by": "access"})
    assert (own.id, own.billing_codes, own.technologies) == ("home-240", ("HOME-240",), ("active_ethernet",))
    (price,) = own.prices_in("mesa")
    assert (price.amount, price.valid_from) == (Decimal("57.20"), date(2026, 9, 1))
    assert not own.prices_in("riverbend"), "it is sold where it was bought"
