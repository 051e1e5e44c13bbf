"""A town of households and apartments: what is joined is right, and the rest is asked."""

import pytest

from benchmarks.habits import ROUGH
from benchmarks.identity import town_figures
from benchmarks.town_records import town

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
    assert customers.recall >= 0.8
    assert customers.reached >= 0.96
    assert premises.precision >= 0.999
    assert premises.recall >= 0.9
    assert premises.reached >= 0.97
    for figures in (customers, premises):
        lost = figures.lost
        neither = lost.pairs * (1 - figures.reached)
        assert lost.in_blocking + lost.in_scoring + lost.left_out == pytest.approx(neither, abs=0.01)


def test_a_town_with_other_faults_than_the_settings_were_made_in() -> None:
    customers, premises = town_figures(town(2_000, seed=8, habits=ROUGH), "rough")
    assert customers.precision >= 0.998
    assert customers.recall >= 0.6
    assert premises.precision >= 0.998
    assert premises.recall >= 0.85


def test_a_town_has_the_faults_that_it_is_asked_for() -> None:
    usual, rough = town(300, seed=4), town(300, seed=4, habits=ROUGH)
    assert not any(each.email == "none@none.com" for each in usual.customers)
    assert any(each.email == "none@none.com" for each in rough.customers)
    assert any("-" in (each.name or "") for each in rough.customers)
    assert any("North" in (each.address or "") for each in rough.premises)
    assert len(rough.customers) < len(usual.customers), "in many households one alone is a customer"
