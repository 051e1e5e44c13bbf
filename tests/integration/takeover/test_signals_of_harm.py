"""Each sign of harm is seen where the harm is planted, however it came about; what only looks like it is let be."""

from pathlib import Path

import pytest

from tests.fakes.acted_works import ActedWorks


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    """Three customers of the hub, and two of the legacy systems, with whom all is well."""
    works = ActedWorks(tmp_path)
    for number in (1, 2, 3):
        works.good(number)
    for account in ("71", "72"):
        works.operator.clean(account)
    return works


def test_where_all_is_well_nothing_trips(works: ActedWorks) -> None:
    assert [trip.said for trip in works.trips()] == []
