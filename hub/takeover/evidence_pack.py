"""Everything that a take-over of a hand-off rests on, in one file that explains itself years later.

A ZIP of JSON files: moves, verdicts of gates, questions with their answers, comparisons, explanations, passes of the
guard, foreign writes, paths of orders, paused jobs, the audit; and a manifest with the checksum of each. The same
content gives the same bytes.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import Connection

from canonical_model.errors import RetryableError
from handoffs.stages import Handoff
from hub.reports.whole_files import whole_files
from hub.snapshots import STAMP, market_of
from hub.takeover.authority import history_of
from hub.takeover.measuring.versions import versions_of
from hub.workplace import Hub
from storage.audit import noted_about
from storage.foreign_writes import foreign_writes
from storage.frozen_jobs import frozen_jobs
from storage.gate_clocks import clocks_of
from storage.gate_verdicts import verdicts
from storage.guard_passes import guard_passes
from storage.legacy_baselines import baselines_of
from storage.shadow_comparisons import comparisons_of
from storage.shadow_explanations import explanations_of
from storage.takeover import moves_of
from storage.takeover_questions import questions
from storage.work_paths import paths_of

MOST = 1_000_000
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The moment of each file in the ZIP: the first that the format knows."""

Rows = Callable[[Connection, str, Handoff], Iterable[Any]]

FILES: dict[str, Rows] = {
    "moves": moves_of,
    "verdicts": lambda connection, market, handoff: verdicts(connection, market, handoff, most=MOST),
    "clocks": lambda connection, market, handoff: clocks_of(connection, market, handoff, most=MOST),
    "questions": questions,
    "baselines": baselines_of,
    "comparisons": lambda connection, market, handoff: comparisons_of(
        connection, market, handoff, history=True, most=MOST
    ),
    "explanations": explanations_of,
    "guard": lambda connection, market, _handoff: guard_passes(connection, market, most=MOST, tripped=True),
    "foreign_writes": foreign_writes,
    "paths": paths_of,
    "paused_jobs": lambda connection, market, _handoff: frozen_jobs(connection, market, ended=True),
    "audit": lambda connection, market, handoff: noted_about(connection, f"{market}/{handoff}"),
}
"""What each file of the pack holds; passes of the guard are those that saw harm."""


def write_evidence_pack(hub: Hub, market_id: str, handoff: Handoff, now: datetime) -> Path:
    """Write the pack of a hand-off into the reports of its market.

    Args:
        hub: the operator's hub.
        market_id: where.
        handoff: of what.
        now: this moment.

    Raises:
        ConfigurationError: there is no such market.
        RetryableError: the database is out of reach, or the disk takes no more.
    """
    market = market_of(hub.operator, market_id)
    with hub.database.reading() as connection:
        position = history_of(connection, hub, market.id, handoff)[-1]
        texts = {f"{name}.json": _text(rows(connection, market.id, handoff)) for name, rows in FILES.items()}
    manifest = {
        "operator": hub.operator.file.operator,
        "market": market.id,
        "handoff": handoff,
        "as_of": now,
        "position": position,
        "versions": versions_of(hub.operator, market.id, handoff),
        "files": {name: sha256(text.encode()).hexdigest() for name, text in texts.items()},
    }
    folder = hub.reports / market.id
    path = folder / f"evidence-{handoff}-{now.strftime(STAMP)}.zip"
    try:
        with whole_files(path) as (half,):
            _zip(half, {"manifest.json": _text(manifest), **texts})
    except OSError as error:
        raise RetryableError(f"{path} could not be written: {error}") from error
    return path


def _zip(path: Path, texts: Mapping[str, str]) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as pack:
        for name, text in texts.items():
            pack.writestr(ZipInfo(name, _LONG_AGO), text, ZIP_DEFLATED)


def _text(value: Any) -> str:
    return json.dumps(value, default=_plain, indent=1, sort_keys=True, ensure_ascii=False)


def _plain(value: object) -> Any:
    """What JSON has no word for."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no place in an evidence pack")
