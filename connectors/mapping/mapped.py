"""What became of a page of raw records."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from canonical_model.record import Record
from connectors.ports import RawRecord
from rules.judgements import Judgement
from rules.quality import FailedExpectation
from rules.references import MissingKey
from rules.shares import PageShare


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a raw record is unusable.

    Attributes:
        reason: sentences for the person who mends the source or the mapping.
        field: the first field that is wrong; None where the record as a whole is.
        expectation: the quality check that refused it; None where it could not be mapped at all.
        waits_for: keys that it refers to and nobody knows; once all of them are known it may be tried again. Without
            any it waits for the end of the pull alone, and None where it waits for nothing.
    """

    reason: str
    field: str | None = None
    expectation: str | None = None
    waits_for: tuple[MissingKey, ...] | None = None

    @property
    def is_until_the_end(self) -> bool:
        """Whether the whole pull decides about it."""
        return self.waits_for == ()


class MappedRaw(NamedTuple):
    """A raw record and what became of it: canonical records, or a rejection and none.

    A tuple, as a page has thousands.

    Attributes:
        landed_id: its key as text.
        payload: as the source spelled it.
        records: what it says in canonical words; empty where no part of the mapping wants it.
        rejection: set where it is unusable.
        change_order: grows with each change of this record at the source: microseconds since 1970, or a whole number;
            None where the mapping has no cursor, or the record's lies ahead: nothing would ever count as newer.
    """

    landed_id: str
    payload: RawRecord
    records: tuple[Record, ...] = ()
    rejection: Rejection | None = None
    change_order: int | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """How the source differs from what the mapping declares; told once, when it is first seen.

    Attributes:
        undeclared: fields of the source that the mapping does not name.
        absent: fields that may be missing, and were missing as a whole from every record of a page.
    """

    undeclared: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.undeclared or self.absent)


@dataclass(frozen=True, slots=True)
class MappedBatch:
    """A page, mapped and checked.

    Attributes:
        raws: each raw record of the page, in its order.
        drift: what was seen for the first time.
        newest_event: the newest cursor in the page where cursors are moments and do not lie ahead.
        ahead: raw records whose cursor lies ahead of the moment given, by their key.
        warnings: expectations of severity ``warning`` that the page fails; nothing was rejected for them.
        unsafe: why nothing of the page may be stored, though single records of it may be sound; None where it may.
        judged: what each expectation found that had something to judge.
        shares: of those that are held against the whole pull, what this page adds.
    """

    raws: tuple[MappedRaw, ...]
    drift: Drift = field(default_factory=Drift)
    newest_event: datetime | None = None
    ahead: tuple[str, ...] = ()
    warnings: tuple[FailedExpectation, ...] = ()
    unsafe: str | None = None
    judged: tuple[Judgement, ...] = ()
    shares: tuple[PageShare, ...] = ()

    @property
    def records(self) -> list[tuple[str, Record]]:
        """Every canonical record with the key of its raw record."""
        return [(raw.landed_id, record) for raw in self.raws for record in raw.records]

    @property
    def rejected(self) -> list[MappedRaw]:
        """The raw records that are unusable."""
        return [raw for raw in self.raws if raw.rejection is not None]


def landed_id(key: Sequence[str]) -> str:
    """The key of a raw record as one text, the same for ``Page.deleted`` and for records; never ambiguous."""
    if len(key) == 1:
        return key[0]
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in key)


def nameless_id(record: RawRecord) -> str:
    """An id for a raw record that lacks its key, so that it can lie in quarantine beside others."""
    content = json.dumps(record, sort_keys=True, default=str).encode("utf-8", "backslashreplace")
    return f"without-key-{hashlib.sha256(content).hexdigest()[:16]}"
