"""A pull that is killed at any point and started again ends in the state of one that was never disturbed."""

import multiprocessing
import random
import signal
import time

import pytest

from storage.database import Database, open_database
from storage.extract import row_counts
from storage.streams import stream_state
from tests.integration.conftest import DIALECTS, MakeDatabase
from tests.integration.storage.page_builders import contents
from tests.integration.storage.page_writer import PAGES, die_before_commit, pull, pull_and_tell

KILLS = 25
START_TIMEOUT_S = 60
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.integration.storage.page_writer"])


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


def kill_after(delay_s: float, address: str) -> int | None:
    """Start a pull, kill it a moment after its first page began; gives its exit code."""
    mine, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=pull_and_tell, args=(address, theirs))
    process.start()
    theirs.close()
    try:
        if mine.poll(START_TIMEOUT_S):
            mine.recv()
            time.sleep(delay_s)
    except EOFError:  # nothing was left to pull
        pass
    process.kill()
    process.join()
    return process.exitcode


@pytest.mark.parametrize("dialect", DIALECTS)
def test_killed_at_random_points_and_restarted_it_ends_where_it_would_have(
    make_database: MakeDatabase, dialect: str
) -> None:
    undisturbed = make_database(dialect)
    pull(undisturbed)
    expected = everything(undisturbed)
    address = make_database(dialect)
    rnd = random.Random(7)
    database = open_database(address)
    killed_amid = 0
    for _ in range(KILLS):
        exit_code = kill_after(rnd.uniform(0, 0.08), address)
        killed_amid += exit_code == -signal.SIGKILL and 0 < pages_stored(database) < PAGES
    database.close()
    pull(address)

    assert killed_amid >= 3, "the pull was over before it could be killed"
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
