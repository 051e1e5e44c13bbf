"""Cohorts add up to all of the money, shades compare within a column, and hubs stand where they are."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.reports.cohort_tables import MONTHS_SHOWN, cohort_table, hub_maps
from reconciliation.cohorts.cohort import Cohort, CohortMoney

money = st.builds(CohortMoney, st.just("under_billed"), st.just("lost"), st.integers(1, 9), st.integers(1, 10**12))
names = ["", *(f"{2018 + number // 12}-{number % 12 + 1:02}" for number in range(96))]
found_months = st.dictionaries(st.sampled_from(names), money, max_size=70)
months = found_months.map(lambda found: [Cohort("month", name, 10, 3, (one,)) for name, one in sorted(found.items())])


places_of_hubs = st.tuples(st.integers(-89, 89), st.integers(-179, 179), st.integers(0, 10**9))


def hub(name: str, north: int, east: int, minor: int) -> Cohort:
    return Cohort("hub", name, 5, 1, (CohortMoney("cost", "cost", 1, minor),), north, east)


@given(months)
def test_every_column_is_all_of_its_money_whatever_is_put_together(cohorts: list[Cohort]) -> None:
    table = cohort_table(cohorts, "month")
    assert sum(cell.exposure_minor for row in table.rows for cell in row.cells) == sum(
        one.exposure_minor for cohort in cohorts for one in cohort.money
    )
    assert sum(row.services for row in table.rows) == 10 * len(cohorts)
    named = [row.name for row in table.rows if len(row.name) == 7]
    assert len(named) <= MONTHS_SHOWN
    assert [row.name for row in table.rows] == sorted(
        (row.name for row in table.rows), key=lambda name: (not name, name)
    )


def test_a_shade_is_the_share_of_the_largest_and_nothing_of_nothing() -> None:
    cohorts = [
        Cohort("month", "2026-01", 4, 1, (CohortMoney("under_billed", "lost", 1, 1000),)),
        Cohort("month", "2026-02", 0, 0, (CohortMoney("under_billed", "lost", 1, 500),)),
        Cohort("month", "2026-03", 2, 0),
    ]
    rows = cohort_table(cohorts, "month").rows
    assert [row.cells[0].shade for row in rows] == [62, 31, 0]
    assert [row.share for row in rows] == [Decimal("0.25"), None, Decimal(0)]


def test_hubs_stand_north_above_and_east_right_and_four_times_the_money_is_twice_as_wide() -> None:
    north, south = hub("N", 42_000_000, -87_500_000, 400), hub("S", 41_000_000, -87_500_000, 1600)
    (made,) = hub_maps([north, south, hub("E", 41_500_000, -87_000_000, 0)], "USD")
    spots = {spot.name: spot for spot in made.spots}
    assert spots["N"].y < spots["E"].y < spots["S"].y
    assert spots["N"].x == spots["S"].x < spots["E"].x
    assert (spots["N"].radius, spots["S"].radius, spots["E"].radius) == (11, 22, 0)
    assert spots["S"].title == "S: $16.00, 1 finding; 1 of 5 services"
    assert all(0 <= spot.x <= made.width and 0 <= spot.y <= made.height for spot in made.spots)


@given(st.lists(places_of_hubs, min_size=2, max_size=9))
def test_every_hub_is_inside_the_map(places: list[tuple[int, int, int]]) -> None:
    hubs = [hub(str(number), n * 10**6, e * 10**6, minor) for number, (n, e, minor) in enumerate(places)]
    for made in hub_maps(hubs, "USD"):
        assert all(0 <= spot.x <= made.width and 0 <= spot.y <= made.height for spot in made.spots)


def test_without_two_places_there_is_no_map() -> None:
    nowhere = Cohort("hub", "H-2", 1, 1, (CohortMoney("cost", "cost", 1, 5),))
    assert hub_maps([hub("H-1", 1, 1, 5), nowhere], "USD") == ()
    assert [made.unplaced for made in hub_maps([hub("A", 1, 1, 5), hub("B", 9, 9, 5), nowhere], "USD")] == [1]
