"""A page that belongs to no pull: written between two pages of a stream, whichever pull owns the stream.

A pull that is under way goes on behind it, its resume point and the stream's freshness are left as they are: what
other systems send us may be lost on the way, so that only a pull that came to its end proves a stream complete.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, select, update

from storage.pulls import add_pull, owner
from storage.schema.columns import STILL_KNOWN
from storage.schema.synchronisation import LANDING, STREAM_STATE
from storage.upsert import conflict_insert

_MOST_IDS = 500


@contextmanager
def visited(connection: Connection, system: str, stream: str, at: datetime, purpose: str) -> Iterator[int]:
    """Lock a stream until the end of the transaction, and own it inside the block; gives the pull id to write under.

    The visit is a row of its own among the pulls, under the name ``STREAM/PURPOSE``, which no stream can have.

    Args:
        connection: a writing transaction.
        system: the system that is written for.
        stream: its stream.
        at: when this happens.
        purpose: a word that tells where the page comes from.
    """
    visit_id = add_pull(connection, system, stream=f"{stream}/{purpose}", at=at, outcome="succeeded", finished_at=at)
    state = conflict_insert(connection, STREAM_STATE).values(
        system=system, stream=stream, pull_id=visit_id, entities="[]"
    )
    connection.execute(state.on_conflict_do_nothing(index_elements=["system", "stream"]))
    of_stream = (STREAM_STATE.c.system == system, STREAM_STATE.c.stream == stream)
    before = owner(connection, system, stream)
    connection.execute(update(STREAM_STATE).where(*of_stream).values(pull_id=visit_id))
    yield visit_id
    connection.execute(update(STREAM_STATE).where(*of_stream).values(pull_id=before))


def deleted_ids(connection: Connection, system: str, stream: str, landed_ids: Collection[str]) -> set[str]:
    """Those of some raw records that the source once held and has deleted."""
    wanted = sorted(set(landed_ids))
    gone: set[str] = set()
    for start in range(0, len(wanted), _MOST_IDS):
        among = (
            LANDING.c.system == system,
            LANDING.c.stream == stream,
            LANDING.c.landed_id.in_(wanted[start : start + _MOST_IDS]),
        )
        ever = set(connection.execute(select(LANDING.c.landed_id).where(*among).distinct()).scalars())
        held = select(LANDING.c.landed_id).where(*among, LANDING.c.known_to == STILL_KNOWN)
        gone |= ever - set(connection.execute(held).scalars())
    return gone
