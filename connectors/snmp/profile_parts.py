"""What the parts of a device profile are made of: OIDs, zones, and from where a fact is known."""

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

_OID = re.compile(r"^1(\.(0|[1-9][0-9]{0,9})){5,60}$")


def _read_oid(written: object) -> object:
    if not isinstance(written, str) or not _OID.fullmatch(written):
        raise ValueError("the OID of a column is expected: numbers with points between, from 1. on")
    return tuple(int(number) for number in written.split("."))


def _read_zone(written: object) -> object:
    try:
        return ZoneInfo(str(written))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("a zone of the IANA database is expected: UTC, America/New_York") from error


Oid = Annotated[tuple[int, ...], BeforeValidator(_read_oid)]
Zone = Annotated[ZoneInfo, BeforeValidator(_read_zone)]
DottedOid = Annotated[str, StringConstraints(pattern=_OID.pattern)]
Source = Literal["standard", "mib", "recording", "inform", "third_party", "assumed", "own"]
"""From where a fact is known: an RFC; the vendor's MIB; what a real element answered, or sent by itself, as somebody
published it; code or words of others; a reading that nobody confirms; nobody but the operator, who has put it there.
"""
KnownFrom = tuple[Source, ...]
VERIFIED: frozenset[Source] = frozenset(("standard", "mib", "recording", "inform"))
"""Sources that are taken for proof."""


class Part(BaseModel):
    """A part of a profile.

    Attributes are as they are written in its file; what is unknown there is a fault.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
