"""Files that messages carry: the journal holds each once, whoever gets it; what is sent is still what it holds."""

import logging
from dataclasses import replace

from sqlalchemy import Connection

from connectors.commands import thawed
from connectors.mail.messages import BODIES
from connectors.ports import Part, Write
from storage.effects import effect_with_key

log = logging.getLogger(__name__)

CONTENT_OF = "content_of"
"""Idempotency key of the message that holds the content, in the place of the content."""


def same_as(part: Part, key: str) -> Part:
    """A file that the message of another key holds.

    Args:
        part: with the file.
        key: idempotency key of the message whose journaled write holds that part.
    """
    return Part(part.target, {}, {"name": part.values["name"], CONTENT_OF: key})


def attached_to(write: Write) -> tuple[Part, ...]:
    """The files that a mail carries, or refers to."""
    if write.parts[0].target not in BODIES:
        return ()
    return tuple(part for part in write.parts[1:] if {"content", CONTENT_OF} & part.values.keys())


def refers(write: Write) -> bool:
    """Whether a message carries a file that another one holds."""
    return any(CONTENT_OF in part.values for part in attached_to(write))


def with_contents(connection: Connection, write: Write) -> Write:
    """A message with the files themselves where it refers to them; one that is gone is left out, and the log says so.

    Args:
        connection: of a reading transaction.
        write: as the journal holds it.
    """
    parts = [write.parts[0]]
    for part in write.parts[1:]:
        found = _content(connection, part) if CONTENT_OF in part.values else part
        if found is None:
            log.warning("a file could not be attached", extra={"file": part.values["name"]})
        else:
            parts.append(found)
    return replace(write, parts=tuple(parts))


def _content(connection: Connection, part: Part) -> Part | None:
    holder = effect_with_key(connection, part.values[CONTENT_OF])
    held = () if holder is None else attached_to(thawed(holder.write))
    named = (each for each in held if each.values["name"] == part.values["name"] and "content" in each.values)
    return next(named, None)
