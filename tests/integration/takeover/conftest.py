"""Markets in which the hub has acted, on either database."""

from pathlib import Path

import pytest

from tests.fakes.acted_works import ActedWorks
from tests.integration.conftest import DIALECTS
from tests.postgresql import PostgresServer


@pytest.fixture(params=DIALECTS)
def works_anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> ActedWorks:
    """A market on SQLite, and on PostgreSQL."""
    if request.param == "sqlite":
        return ActedWorks(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres")
    return ActedWorks(tmp_path, database=server.url(server.create_database()))


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    """Three customers of the hub, and two of the legacy systems, with whom all is well."""
    works = ActedWorks(tmp_path)
    for number in (1, 2, 3):
        works.good(number)
    for account in ("71", "72"):
        works.operator.clean(account)
    return works
