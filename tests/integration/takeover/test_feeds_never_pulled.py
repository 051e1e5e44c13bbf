"""A stream that was never pulled to its end is as old as the first try, or as what asks for it; a new one is not."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hub.takeover.guard import guard_market
from hub.takeover.powers import powers_of
from hub.workplace import Hub
from storage.pulls import finish_pull, start_pull
from tests.fakes.acted_works import NOW, ActedWorks, trips_of
from tests.fakes.small_hub import ROLES, pull_records
from tests.fakes.small_operator import MARKET

FIELD = {"dispatch_to_field", "field_to_billing"}


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    works = ActedWorks(tmp_path)
    works.good(1)
    return works


def add_stream(works: ActedWorks) -> None:
    """The operator reads one more object of field service."""
    folder = works.small.folder / "mappings"
    added = (folder / "fsm.yaml").read_text(encoding="utf-8").replace("stream: all", "stream: more")
    (folder / "fsm-more.yaml").write_text(added, encoding="utf-8")


def all_but_the_new_one_pulled(works: ActedWorks, hub: Hub, at: datetime) -> None:
    for system in ROLES:
        pull_records(hub, system, [each for each in works.operator.records if each.source_system == system], at)


def stale(hub: Hub, now: datetime) -> dict[str, str]:
    found = [each for each in trips_of(hub, now) if each.signal.kind == "stale_feed"]
    return {each.signal.handoff: each.signal.evidence[0] for each in found}


def test_a_stream_that_nobody_has_ever_pulled_grows_old_from_when_it_was_asked_for(works: ActedWorks) -> None:
    with works.hub() as hub:
        guard_market(hub, MARKET.id, NOW, powers_of(hub))
    works.journals.clear()
    add_stream(works)
    with works.small.open() as hub:
        added = NOW + timedelta(hours=100)
        all_but_the_new_one_pulled(works, hub, added)
        assert stale(hub, added) == {}, "nobody has looked since it was added"
        guard_market(hub, MARKET.id, added, powers_of(hub))
        later = added + timedelta(hours=35)
        all_but_the_new_one_pulled(works, hub, later)
        assert stale(hub, later) == {}
        later = added + timedelta(hours=37)
        all_but_the_new_one_pulled(works, hub, later)
        said = stale(hub, later)
    assert said == dict.fromkeys(FIELD, "fsm/more was never pulled to its end, 37.0 hours after it was asked for")


@pytest.mark.parametrize(("hours", "is_old"), [(35, False), (37, True)])
def test_a_stream_whose_pulls_never_end_is_as_old_as_the_first_of_them(
    works: ActedWorks, hours: int, *, is_old: bool
) -> None:
    add_stream(works)
    with works.hub() as hub:
        for tried in (hours, 1):
            at = NOW - timedelta(hours=tried)
            with hub.database.writing() as connection:
                finish_pull(connection, start_pull(connection, "fsm", "more", at), at, "failed")
        assert set(stale(hub, NOW)) == (FIELD if is_old else set())
