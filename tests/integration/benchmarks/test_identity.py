"""A town of households and apartments: what is joined is right, and the rest is asked."""

import pytest

from benchmarks.households import town
from benchmarks.identity import town_figures

pytestmark = pytest.mark.peer("splink")


def test_a_town_is_the_same_each_time_and_holds_what_is_hard() -> None:
    made = town(300, seed=4)
    assert made == town(300, seed=4)
    assert made != town(300, seed=5)
    homes = [(each.address, each.unit) for each in made.premises if each.source_system == "crm"]
    assert any(unit for _, unit in homes)
    assert len({address for address, _ in homes}) < len(homes)
    people: dict[str, set[int]] = {}
    for customer in made.customers:
        home = f"{customer.address}/{customer.unit}"
        people.setdefault(home, set()).add(made.person_of[str(customer.source)])
    assert sum(len(who) > 1 for who in people.values()) > 50


def test_links_are_right_and_the_rest_is_asked() -> None:
    customers, premises = town_figures(town(3_000, seed=2), "town")
    assert customers.precision >= 0.999
    assert customers.recall >= 0.55
    assert customers.reached >= 0.95
    assert premises.precision >= 0.999
    assert premises.recall >= 0.85
    assert premises.reached >= 0.92
