"""The manifest of a snapshot: what it holds, how fresh its sources were, and the rules it was taken under."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from canonical_model.catalogue import Catalogue
from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.markets import Market

MANIFEST_FILE = "manifest.json"
FORMAT = 6


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Feed(_Part):
    """How fresh and how whole one source was when the snapshot was taken.

    Attributes:
        role: what the source is to the operator: ``crm``, ``billing``, ``field`` or ``network``.
        last_success_at: when it was last pulled completely, or the earlier moment of which it then told; None if
            never.
        last_pull_at: when it was last pulled at all, completely or not.
        last_pull_outcome: how that pull ended; ``running`` while it goes on or where it was killed.
        source_total: records it said it holds; None if it does not tell.
        records: raw records of it that the hub held.
        records_before: how many it held when the complete pull before the last one ended; None if there was none.
    """

    role: str
    system: str
    stream: str
    last_success_at: datetime | None
    last_pull_at: datetime | None = None
    last_pull_outcome: str | None = None
    source_total: int | None = None
    records: int = 0
    records_before: int | None = None


class SinceWhole(_Part):
    """What a snapshot of changes stands beside: it holds the accounts that changed, and all others lie there.

    Attributes:
        base: name of the folder of the whole snapshot, in the same place.
        base_checksum: of its manifest.
        before_checksum: of the manifest of the same accounts as they were then (``aside/before``).
        accounts: how many changed, or depend on one that did.
    """

    base: str
    base_checksum: str
    before_checksum: str
    accounts: Annotated[int, Field(ge=0)]


class Manifest(_Part):
    """Everything about a snapshot but its rows.

    Attributes:
        period_from: first judged day in the market's calendar.
        period_to: day after the last judged one.
        document_buckets: none where the snapshot holds no documents.
        rows: rows of each table, by its path without the bucket.
        control_totals: sums that must not change between two readings, minor units.
        checksums: SHA-256 of each file, by its path below the snapshot.
        rules: the effective rules, as text that loads again.
        sources: the operator's other files (mappings, settings without secrets), by name, as they were.
        shrink_percent: a feed that lost a larger share of its records is not judged by.
        changes: None for a whole snapshot, which holds every account.
    """

    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)] = FORMAT
    operator: str
    market: Market
    as_of: AwareDatetime
    period_from: date
    period_to: date
    service_buckets: Annotated[int, Field(ge=1)]
    serial_buckets: Annotated[int, Field(ge=1)]
    document_buckets: Annotated[int, Field(ge=0)]
    rows: Mapping[str, int]
    control_totals: Mapping[str, int]
    feeds: tuple[Feed, ...]
    catalogue: Catalogue
    rules: str
    sources: Mapping[str, str]
    checksums: Mapping[str, str]
    shrink_percent: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(100)
    changes: SinceWhole | None = None

    _as_read: str = PrivateAttr("")

    @classmethod
    def read(cls, text: str) -> Self:
        """The manifest that a file says, with the checksum of exactly that text.

        Raises:
            ValidationError: the text is no manifest.
        """
        return cls.model_validate_json(text, context=_checksum(text))

    def model_post_init(self, checksum: str | None) -> None:
        """Keep the checksum of the file that the manifest was read from."""
        if checksum is not None:
            self._as_read = checksum

    def as_text(self) -> str:
        """What its file says."""
        return self.model_dump_json(indent=1)

    @property
    def snapshot_id(self) -> str:
        """Market, moment and content in one name: ``riverbend-20261105T120000Z-1a2b3c4d``."""
        stamp = self.as_of.strftime("%Y%m%dT%H%M%SZ")
        return f"{self.market.id}-{stamp}-{self.checksum[:8]}"

    @property
    def checksum(self) -> str:
        """SHA-256 of the manifest's file, and so of all it lists, whatever a later version would write there."""
        return self._as_read or _checksum(self.as_text())

    def content_versions(self) -> dict[str, str]:
        """Short names of the rules, the catalogue and the other files that a computation stands on."""
        mappings = "".join(f"{name}\n{text}\n" for name, text in sorted(self.sources.items()))
        return {
            "rules": _checksum(self.rules)[:12],
            "catalogue": _checksum(self.catalogue.model_dump_json())[:12],
            "mappings": _checksum(mappings)[:12],
        }


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a snapshot.

    Raises:
        ConfigurationError: there is no snapshot in the folder, or one of another format.
    """
    path = folder / MANIFEST_FILE
    try:
        return Manifest.read(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(f"{folder} holds no snapshot: {MANIFEST_FILE} is missing") from error
    except ValidationError as error:
        raise ConfigurationError(_not_readable(path, error)) from error


def _not_readable(path: Path, error: ValidationError) -> str:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        told = None
    written = told.get("format") if isinstance(told, dict) else None
    if isinstance(written, int) and written != FORMAT:
        return (
            f"snapshot {path.parent.name} is of format {written}, and this version of Splice judges format {FORMAT}:"
            " judge it with the version that took it, or take one of the same moment anew"
            " (`splice reconcile MARKET --as-of MOMENT`)"
        )
    return f"{path} is no manifest of format {FORMAT}: {error}"


def parts_of(folder: Path, manifest: Manifest) -> tuple[Path, ...]:
    """The snapshots that a snapshot consists of, those that come first count: one, or the changes and the whole."""
    return (folder,) if manifest.changes is None else (folder, folder.parent / manifest.changes.base)


def verify_checksums(folder: Path, manifest: Manifest) -> None:
    """Compare every file of a snapshot with the manifest.

    Raises:
        UnsafeToContinue: a file is missing or is not what it was when the snapshot was taken.
    """
    for name, expected in manifest.checksums.items():
        path = folder / name
        if not path.is_file():
            raise UnsafeToContinue(f"snapshot {folder.name}: {name} is missing; restore the folder from its backup")
        if file_checksum(path) != expected:
            raise UnsafeToContinue(
                f"snapshot {folder.name}: {name} differs from its manifest; restore the folder from its backup"
            )


def file_checksum(path: Path) -> str:
    """SHA-256 of a file's content, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
