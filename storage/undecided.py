"""What a stream's expectations have counted since the last verdict about a whole pull, kept with each page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, update

from rules.shares import Counted, ShareKey
from storage.rows import to_json
from storage.schema.synchronisation import STREAM_STATE


@dataclass(frozen=True, slots=True)
class Undecided:
    """What pulls have stored that no verdict has been spoken about.

    Attributes:
        since: the resume point before it; None for the beginning.
        version: of the suites that counted.
        counts: by expectation.
        waiting: records in quarantine until the verdict.
    """

    since: dict[str, Any] | None
    version: str
    counts: Mapping[ShareKey, Counted]
    waiting: int


def keep_undecided(connection: Connection, system: str, stream: str, undecided: Undecided) -> None:
    """Keep what is counted by now; call it in the transaction that stores the page."""
    counts = [[*key, counted.evaluated, counted.failed] for key, counted in sorted(undecided.counts.items())]
    text = to_json(
        {
            "since": undecided.since,
            "version": undecided.version,
            "counts": counts,
            "waiting": undecided.waiting,
        }
    )
    _set(connection, system, stream, undecided=text)


def forget_undecided(connection: Connection, system: str, stream: str) -> None:
    """The verdict is spoken, and the stream stays where it is."""
    _set(connection, system, stream, undecided=None)


def go_back(connection: Connection, system: str, stream: str, since: Mapping[str, Any] | None) -> None:
    """The verdict is spoken, and the stream goes back to a resume point; None for its beginning."""
    _set(connection, system, stream, undecided=None, resume_point=None if since is None else to_json(since))


def undecided_in(text: str | None) -> Undecided | None:
    """As the column holds it."""
    if text is None:
        return None
    found = json.loads(text)
    counts = {
        (entity, name, market): Counted(evaluated, failed)
        for entity, name, market, evaluated, failed in found["counts"]
    }
    return Undecided(found["since"], found["version"], counts, found["waiting"])


def _set(connection: Connection, system: str, stream: str, **values: str | None) -> None:
    of_stream = (STREAM_STATE.c.system == system, STREAM_STATE.c.stream == stream)
    connection.execute(update(STREAM_STATE).values(values).where(*of_stream))
