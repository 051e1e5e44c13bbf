"""The quality suites of a stream, run over a mapped page before anything of it is stored.

A critical expectation about values sets the failing raw records aside. One about the page as a whole, or one that
tolerates a share of failures (``mostly``) and found more, makes the page unsafe: nothing of it may be stored.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from canonical_model.record import Record
from connectors.mapping.mapped import MappedBatch, MappedRaw, Rejection
from connectors.mapping.targets import target_fields
from rules.quality import FailedExpectation, check_batch
from rules.quality_suite import QualitySuite
from rules.types import Kind

if TYPE_CHECKING:
    import pandas as pd

_ROW = "raw_record"
"""Column of the frame beside the suite's: which raw record of the page a row comes from."""


def passed_quality(
    batch: MappedBatch, suites: Mapping[type[Record], QualitySuite], *, is_whole_page: bool = True
) -> MappedBatch:
    """The batch with every raw record rejected that fails a critical expectation, and whether the page is safe.

    Of a raw record that is in the page twice only the newer copy is judged, since the other will not be kept.

    Args:
        batch: a mapped page.
        suites: the suite of each entity that has one.
        is_whole_page: False for picked records, of which no share and no sum tells anything.
    """
    judged = _newest_copies(batch.raws)
    refused: dict[int, tuple[str, str]] = {}
    warnings: list[FailedExpectation] = list(batch.warnings)
    unsafe: list[str] = []
    for entity, suite in suites.items():
        rows = [(row, record) for row in judged for record in batch.raws[row].records if type(record) is entity]
        if not rows:
            continue
        report = check_batch(suite, _frame(entity, suite, rows), [_ROW])
        of_the_page = _tolerant(suite) | {failed.name for failed in report.failed if not failed.rows}
        warnings += [failed for failed in report.failed if failed.severity == "warning"]
        critical = [failed for failed in report.failed if failed.severity == "critical"]
        if not is_whole_page:
            critical = [failed for failed in critical if failed.name not in of_the_page]
        told = [f"{failed.name!r} ({failed.observed})" for failed in critical if failed.name in of_the_page]
        if told:
            unsafe.append(
                f"{suite.stream}: a page of {report.judged} records fails its quality suite: {', '.join(told)}; "
                "look at the source, or change the expectation"
            )
        for failed in critical:
            refused.update({int(str(row)): (entity.__name__, failed.name) for (row,) in failed.rows})
    raws = tuple(_refused(raw, *refused[row]) if row in refused else raw for row, raw in enumerate(batch.raws))
    return replace(batch, raws=raws, warnings=tuple(warnings), unsafe="; ".join(unsafe) or None)


def _tolerant(suite: QualitySuite) -> set[str]:
    """Names of the expectations that tolerate a share of failures."""
    return {one.name for one in suite.expectations if dict(one.arguments).get("mostly", 1) != 1}


def _newest_copies(raws: tuple[MappedRaw, ...]) -> list[int]:
    """Rows of the page, of each landed id the copy that counts; in order."""
    newest: dict[str, int] = {}
    for row, raw in enumerate(raws):
        before = raws[newest[raw.landed_id]] if raw.landed_id in newest else None
        if before is None or not _is_older(raw, before):
            newest[raw.landed_id] = row
    return sorted(newest.values())


def _is_older(raw: MappedRaw, other: MappedRaw) -> bool:
    """As storage decides it: where one of them tells no order, the later in the page counts."""
    if raw.change_order is None or other.change_order is None:
        return False
    return raw.change_order < other.change_order


def _refused(raw: MappedRaw, entity: str, expectation: str) -> MappedRaw:
    reason = f"{entity} fails the quality check {expectation!r}"
    return replace(raw, records=(), rejection=Rejection(reason, expectation=expectation))


def _frame(entity: type[Record], suite: QualitySuite, rows: list[tuple[int, Record]]) -> "pd.DataFrame":
    """The columns that the suite looks at; amounts and counts as integers also where some are missing."""
    import pandas as pd  # noqa: PLC0415 - half a second that only a stream with a suite pays

    fields = target_fields(entity)
    columns: dict[str, pd.Series] = {_ROW: pd.Series([row for row, _ in rows], dtype="int64")}
    for name in dict.fromkeys(column for one in suite.expectations for column in one.columns):
        values = [getattr(record, name) for _, record in rows]
        kind = fields[name].kind if name in fields else "text"
        columns[name] = pd.Series(values, dtype=_dtype(kind, missing=None in values))
    return pd.DataFrame(columns)


def _dtype(kind: Kind, *, missing: bool) -> str:
    if kind in ("integer", "money"):
        return "Int64" if missing else "int64"
    return {"timestamp": "datetime64[us, UTC]", "number": "float64"}.get(kind, "object")
