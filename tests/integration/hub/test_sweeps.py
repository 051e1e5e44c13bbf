"""A sweep over the keys of a source finds what is gone, in flat memory, and closes it in one transaction."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest

from canonical_model.errors import RetryableError, UnsafeToContinue
from connectors.mapping import PageMapper
from connectors.ports import Page
from hub.page_writer import page_writer
from storage import seen_keys
from storage.database import Database, open_database
from storage.extract import row_counts
from storage.seen_keys import SeenKeys
from storage.streams import landed_ids, stream_state
from tests.integration.conftest import DIALECTS, MakeDatabase
from tests.integration.hub.sweep_process import STREAM, SYSTEM, records, stream_mapping, stream_pull, sweep

KEYS = 1_000_000
MOST_GROWN_MB = 40
"""A set of so many keys in Python takes more than a hundred."""

ANY = {"shrink_percent": 100}


@pytest.fixture
def mapper() -> Iterator[PageMapper]:
    with closing(PageMapper(*stream_mapping())) as made:
        yield made


def pulled(database: Database, mapper: PageMapper, seen: SeenKeys, pages: Sequence[Page], **limits: Any) -> Any:
    with page_writer() as writer:
        pull = stream_pull(database, mapper, seen, writer, **limits)
        for page in pages:
            pull.store(page)
        pull.settle()
    return pull.outcome


def state_of(database: Database) -> tuple[set[str], int, Any]:
    with database.reading() as connection:
        landed = landed_ids(connection, SYSTEM, STREAM)
        return landed, row_counts(connection)["Customer"], stream_state(connection, SYSTEM, STREAM).resume


def first_page(*names: str) -> Page:
    return Page(records(*names), resume={"after": 1}, last=False)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_memory_does_not_grow_with_the_keys_that_are_seen(make_database: MakeDatabase, dialect: str) -> None:
    address = make_database(dialect)
    command = [sys.executable, "-m", "tests.integration.hub.sweep_process", address, str(KEYS)]
    grown = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    with closing(open_database(address)) as database:
        assert state_of(database)[:2] == ({"K0", f"K{KEYS - 1}"}, 2)
    assert grown < MOST_GROWN_MB


def test_what_is_gone_is_closed_however_much_it_is(
    database: Database, mapper: PageMapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_keys, "BATCH", 3)
    names = [f"K{number}" for number in range(4)] + [f"gone{number}" for number in range(8)]
    with closing(SeenKeys(database)) as seen:
        outcome = pulled(database, mapper, seen, [first_page(*names), *sweep(4)], **ANY)

    assert state_of(database) == ({"K0", "K1", "K2", "K3"}, 4, {"swept": True})
    assert (outcome.counts.deleted, outcome.counts.closed) == (8, 8)
    (told,) = outcome.warnings
    assert told.startswith("8 records are gone from the source without a mark and count as deleted: gone0, gone1,")
    assert told.endswith(", gone4 and 3 more")


def test_too_much_that_is_gone_is_a_question_for_a_person(database: Database, mapper: PageMapper) -> None:
    names = ["K0", *(f"gone{number}" for number in range(60))]
    with closing(SeenKeys(database)) as seen, pytest.raises(UnsafeToContinue, match="60 of 61 known records"):
        pulled(database, mapper, seen, [first_page(*names), *sweep(1)])

    assert len(state_of(database)[0]) == 61


class BreakingKeys(SeenKeys):
    """Breaks when it has told the first of what was not seen."""

    def unseen(self) -> Iterator[list[str]]:
        yield next(super().unseen())
        raise RetryableError("the connection is gone")


def test_a_sweep_that_breaks_while_it_closes_has_closed_nothing_and_is_not_over(
    database: Database, mapper: PageMapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_keys, "BATCH", 3)
    names = ["K0", *(f"gone{number}" for number in range(8))]
    with closing(BreakingKeys(database)) as seen, pytest.raises(RetryableError):
        pulled(database, mapper, seen, [first_page(*names), *sweep(1)], **ANY)
    assert state_of(database) == (set(names), 9, {"after": 1})

    with closing(SeenKeys(database)) as seen:
        pulled(database, mapper, seen, list(sweep(1)), **ANY)
    assert state_of(database) == ({"K0"}, 1, {"swept": True})
