"""The quality suites of a stream, run over a mapped page before anything of it is stored.

A critical expectation about values sets the failing raw records aside. One about the page as a whole, or one that
tolerates a share of failures (``mostly``) and found more, makes the page unsafe: nothing of it may be stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from canonical_model.record import Record
from connectors.mapping.mapped import MappedBatch, MappedRaw, Rejection
from connectors.mapping.targets import target_fields
from rules.judgements import Judgement, Verdict, sampled
from rules.quality import Counted, FailedExpectation, QualityReport, check_batch
from rules.quality_suite import QualitySuite, Severity
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
    judged = newest_copies(batch.raws)
    refused: dict[int, tuple[str, str]] = {}
    warnings: list[FailedExpectation] = list(batch.warnings)
    unsafe: list[str] = []
    judgements: list[Judgement] = []
    for entity, suite in suites.items():
        rows = [(row, record) for row in judged for record in batch.raws[row].records if type(record) is entity]
        if not rows or not suite.of_the_batch:
            continue
        report = check_batch(suite, _frame(entity, suite, rows), [_ROW])
        of_the_page = {one.name for one in suite.expectations if one.is_tolerant}
        of_the_page |= {failed.name for failed in report.failed if not failed.rows}
        judgements += [_judgement(one, report, entity, suite, batch, of_the_page) for one in report.counted]
        warnings += [failed for failed in report.failed if failed.severity == "warning"]
        critical = [failed for failed in report.failed if failed.severity == "critical"]
        if not is_whole_page:
            critical = [failed for failed in critical if failed.name not in of_the_page]
        told = [f"{failed.name!r} ({failed.observed})" for failed in critical if failed.name in of_the_page]
        if told:
            unsafe.append(unsafe_page(suite, report.judged, told))
        for failed in critical:
            refused.update({int(str(row)): (entity.__name__, failed.name) for (row,) in failed.rows})
    raws = tuple(refused_by(raw, *refused[row]) if row in refused else raw for row, raw in enumerate(batch.raws))
    return replace(
        batch, raws=raws, warnings=tuple(warnings), unsafe="; ".join(unsafe) or None, judged=tuple(judgements)
    )


def _judgement(
    counted: Counted,
    report: QualityReport,
    entity: type[Record],
    suite: QualitySuite,
    batch: MappedBatch,
    of_the_page: set[str],
) -> Judgement:
    one = counted.expectation
    has_failed = any(failed.name == one.name for failed in report.failed)
    return Judgement(
        entity=entity.__name__,
        name=one.name,
        kind=one.kind,
        severity=one.severity,
        unit="records" if one.is_of_rows else "pages",
        evaluated=counted.evaluated,
        failed=counted.failed,
        observed=counted.observed,
        verdict=verdict_of(one.severity, has_failed=has_failed, is_of_the_page=one.name in of_the_page),
        version=suite.version,
        sample=sampled(batch.raws[int(str(row))].landed_id for (row,) in report.failing[one.name]),
    )


def unsafe_page(suite: QualitySuite, judged: int, told: Sequence[str]) -> str:
    """Why nothing of a page may be stored."""
    return (
        f"{suite.stream}: a page of {judged} records fails its quality suite: {', '.join(told)}; "
        "look at the source, or change the expectation"
    )


def verdict_of(severity: Severity, *, has_failed: bool, is_of_the_page: bool) -> Verdict:
    """What follows from an expectation of a page."""
    if not has_failed:
        return "passed"
    if severity == "warning":
        return "told"
    return "stopped" if is_of_the_page else "set_aside"


def newest_copies(raws: tuple[MappedRaw, ...]) -> list[int]:
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


def refused_by(raw: MappedRaw, entity: str, expectation: str, because: str = "") -> MappedRaw:
    """The raw record, refused by an expectation about one of the records that it gives."""
    reason = f"{entity} fails the quality check {expectation!r}{because}"
    return replace(raw, records=(), rejection=Rejection(reason, expectation=expectation))


def _frame(entity: type[Record], suite: QualitySuite, rows: list[tuple[int, Record]]) -> "pd.DataFrame":
    """The columns that the suite looks at; amounts and counts as integers also where some are missing."""
    import pandas as pd  # noqa: PLC0415 - half a second that only a stream with a suite pays

    fields = target_fields(entity)
    columns: dict[str, pd.Series] = {_ROW: pd.Series([row for row, _ in rows], dtype="int64")}
    for name in dict.fromkeys(column for one in suite.of_the_batch for column in one.columns):
        values = [getattr(record, name) for _, record in rows]
        kind = fields[name].kind if name in fields else "text"
        columns[name] = pd.Series(values, dtype=_dtype(kind, missing=None in values))
    return pd.DataFrame(columns)


def _dtype(kind: Kind, *, missing: bool) -> str:
    if kind in ("integer", "money"):
        return "Int64" if missing else "int64"
    return {"timestamp": "datetime64[us, UTC]", "number": "float64"}.get(kind, "object")
