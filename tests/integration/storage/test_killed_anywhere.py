"""A pull that is killed at any point and started again ends in the state of one that was never disturbed."""

import random
import signal
import time
from multiprocessing.connection import Connection as Pipe

import pytest

from storage.database import Database, open_database
from storage.extract import row_counts
from storage.streams import stream_state
from tests.forked import PROCESSES
from tests.integration.conftest import DIALECTS, MakeDatabase
from tests.integration.storage.page_builders import contents
from tests.integration.storage.page_writer import PAGES, die_before_commit, pull, pull_and_tell
from tests.waiting import PATIENCE_S

KILLS = 25


def everything(address: str) -> dict[str, list[str]]:
    opened = open_database(address)
    with opened.reading() as connection:
        found = contents(connection, without=("pull_id",))
    opened.close()
    return found


def pages_stored(database: Database) -> int:
    with database.reading() as connection:
        resume = stream_state(connection, "field", "work_orders").resume
    return resume["next"] if resume else 0


def kill_under_way(address: str, chance: random.Random) -> int | None:
    """Start a pull, kill it somewhere within the second page that it stores; gives its exit code.

    It waits before the third, so that the pull lasts as long as the test needs it, however busy the machine is.
    """
    mine, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=pull_and_tell, args=(address, theirs))
    process.start()
    theirs.close()
    takes_s = between_pages(mine)
    time.sleep(chance.uniform(0, 1.5 * takes_s))
    process.kill()
    process.join()
    mine.close()
    return process.exitcode


def between_pages(pipe: Pipe) -> float:
    """Seconds from the beginning of the first page to that of the second."""
    for page in range(2):
        assert pipe.poll(PATIENCE_S), "the pull never began"
        pipe.recv()
        if page == 0:
            began = time.monotonic()
            pipe.send("go on")
    took = time.monotonic() - began
    pipe.send("go on")
    return took


@pytest.mark.parametrize("dialect", DIALECTS)
def test_killed_at_random_points_and_restarted_it_ends_where_it_would_have(
    make_database: MakeDatabase, dialect: str
) -> None:
    undisturbed = make_database(dialect)
    pull(undisturbed)
    expected = everything(undisturbed)
    address = make_database(dialect)
    chance = random.Random(7)
    database = open_database(address)
    for _ in range(KILLS):
        assert kill_under_way(address, chance) == -signal.SIGKILL
        assert 0 < pages_stored(database) < PAGES
    database.close()
    pull(address)

    assert everything(address) == expected


def test_a_process_that_dies_before_the_commit_leaves_nothing(database: Database, database_address: str) -> None:
    process = PROCESSES.Process(target=die_before_commit, args=(database_address,))
    process.start()
    process.join()

    assert process.exitcode == 1
    assert pages_stored(database) == 0
    with database.reading() as connection:
        assert set(row_counts(connection).values()) == {0}
        assert connection.exec_driver_sql("SELECT count(*) FROM landing").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM quarantine").scalar() == 0
