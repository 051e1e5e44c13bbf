"""How much the first cohort of a canary takes over: each order once, in the town of the house that it means."""

from decimal import Decimal

import pytest

from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from handoffs.cohort import Cohort
from handoffs.criteria import Number
from hub.takeover.measuring.first_step import first_step
from hub.takeover.signals.look import Look
from tests.fakes.acted_works import NOW, ORDERED, ActedWorks
from tests.fakes.small_operator import MARKET

RIVERBEND = Cohort(towns=frozenset({"Riverbend"}))


@pytest.fixture
def works(works_anywhere: ActedWorks) -> ActedWorks:
    """Four orders, one of them in Riverbend."""
    works = works_anywhere
    for number, town in enumerate(("Riverbend", "Mesa", "Mesa", "Mesa"), start=1):
        works.good(number)
        works.operator.add(Premise, "crm", source_id=f"P{number}", address=f"{number} Main St", city=town)
    return works


def percent(works: ActedWorks) -> Decimal:
    with works.hub() as hub, hub.database.reading() as connection:
        look = Look(connection, hub.operator, hub.operator.markets[MARKET.id], NOW)
        figure = first_step(look, RIVERBEND).figure
    assert isinstance(figure, Number)
    return figure.value


def test_the_orders_of_its_town_are_what_a_cohort_holds(works: ActedWorks) -> None:
    assert percent(works) == 25


def test_a_house_of_another_system_with_the_same_id_makes_no_order_twice(works: ActedWorks) -> None:
    works.operator.add(Premise, "billing", source_id="P2", address="9 Far St", city="Riverbend")
    assert percent(works) == 25


def test_an_order_that_two_systems_know_is_one(works: ActedWorks) -> None:
    told = {"order_number": "91", "account_number": "1", "order_type": "new", "state": "completed"}
    works.operator.add(ProductOrder, "billing", **told, premise_id="B77", ordered_at=ORDERED)
    works.operator.add(Premise, "billing", source_id="B77", address="1 Main St", city="Riverbend")
    assert percent(works) == 25
