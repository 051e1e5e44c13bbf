"""The quality suites of a stream, run over a mapped page before anything of it is stored.

A critical expectation about values sets the failing raw records aside. One about the page as a whole, or one that
tolerates a share of each page and found more, makes the page unsafe: nothing of it may be stored. One that tolerates
a share of the whole pull only counts here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from canonical_model.record import Record
from connectors.importing import IMPORTING
from connectors.mapping.mapped import MappedBatch, MappedRaw, Rejection
from connectors.mapping.targets import target_fields
from rules.judgements import Judgement, Verdict, judgement_of, sampled
from rules.quality import Counted, FailedExpectation, Key, QualityReport, check_batch
from rules.quality_suite import QualitySuite, Severity
from rules.shares import PageShare
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
        is_whole_page: False for picked records, of which no share and no sum tells anything: they are counted, and
            judged one by one.
    """
    judged = newest_copies(batch.raws)
    gate = _Gate(batch.raws, is_whole_page)
    for entity, suite in suites.items():
        rows = [(row, record) for row in judged for record in batch.raws[row].records if type(record) is entity]
        for market, part, some in _parts(suite, rows):
            gate.take(entity, suite, market, check_batch(part, _frame(entity, part, some), [_ROW]))
    raws = list(batch.raws)
    for row, why in gate.refused.items():
        raws[row] = refused_by(raws[row], *why)
    return replace(
        batch,
        raws=tuple(raws),
        warnings=(*batch.warnings, *gate.warnings),
        unsafe="; ".join(gate.unsafe) or None,
        judged=tuple(gate.judgements),
        shares=tuple(gate.shares),
    )


_Rows = list[tuple[int, Record]]


def _parts(suite: QualitySuite, rows: _Rows) -> Iterator[tuple[str, QualitySuite, _Rows]]:
    """The rows that are judged together, by which expectations; with the market whose rows they are."""
    whole, apart = suite.part(by_market=False), suite.part(by_market=True)
    if rows and whole.expectations:
        yield "", whole, rows
    for market in sorted({record.market for _, record in rows}) if apart.expectations else ():
        yield market, apart, [(row, record) for row, record in rows if record.market == market]


@dataclass(slots=True)
class _Gate:
    """Collects what follows for a page from the reports about its records.

    Attributes:
        refused: entity and expectation by the row of the raw record.
    """

    raws: tuple[MappedRaw, ...]
    is_whole_page: bool
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)
    warnings: list[FailedExpectation] = field(default_factory=list)
    unsafe: list[str] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    shares: list[PageShare] = field(default_factory=list)

    def take(self, entity: type[Record], suite: QualitySuite, market: str, report: QualityReport) -> None:
        """What a report says about records of an entity, of one market or of all."""
        stopping = []
        for counted in report.counted:
            one = counted.expectation
            if not self.is_whole_page and not one.is_of_rows:
                continue
            judgement = self._judgement(entity, suite, market, counted)
            self.judgements.append(judgement)
            rows = tuple(dict.fromkeys(_row(key) for key in counted.rows))
            if one.is_of_the_pull and self.is_whole_page:
                self.shares.append(PageShare(entity.__name__, one, market, counted.evaluated, counted.failed, rows))
            elif judgement.verdict == "told":
                self.warnings.append(
                    FailedExpectation(one.name, one.severity, one.columns, judgement.observed, counted.rows)
                )
            elif judgement.verdict in ("set_aside", "stopped"):
                self.refused.update(dict.fromkeys(rows, (entity.__name__, judgement.name)))
            if judgement.verdict == "stopped":
                stopping.append(f"{judgement.name!r} ({judgement.observed})")
        if stopping:
            self.unsafe.append(unsafe_page(suite, report.judged, stopping))

    def _judgement(self, entity: type[Record], suite: QualitySuite, market: str, counted: Counted) -> Judgement:
        one = counted.expectation
        is_of_the_page = one.is_tolerant or not counted.rows
        is_left_open = one.is_of_the_pull or (one.is_tolerant and not self.is_whole_page)
        return judgement_of(
            entity.__name__,
            suite,
            one,
            evaluated=counted.evaluated,
            failed=counted.failed,
            observed=f"{counted.observed} in {market}" if market else counted.observed,
            verdict="not_judged"
            if is_left_open
            else verdict_of(one.severity, has_failed=not counted.is_met, is_of_the_page=is_of_the_page),
            sample=sampled(self.raws[_row(key)].landed_id for key in counted.rows),
            market=market,
        )


def _row(key: Key) -> int:
    return int(str(key[0]))


def verdict_of(severity: Severity, *, has_failed: bool, is_of_the_page: bool) -> Verdict:
    """What follows from an expectation of a page."""
    if not has_failed:
        return "passed"
    if severity == "warning":
        return "told"
    return "stopped" if is_of_the_page else "set_aside"


def unsafe_page(suite: QualitySuite, judged: int, told: Sequence[str]) -> str:
    """Why nothing of a page may be stored."""
    return (
        f"{suite.stream}: a page of {judged} records fails its quality suite: {', '.join(told)}; "
        "look at the source, or change the expectation"
    )


def newest_copies(raws: tuple[MappedRaw, ...]) -> Sequence[int]:
    """Rows of the page, of each landed id the copy that counts; in order."""
    if len({raw.landed_id for raw in raws}) == len(raws):
        return range(len(raws))
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
    return raw._replace(records=(), rejection=Rejection(reason, expectation=expectation))


def _frame(entity: type[Record], suite: QualitySuite, rows: _Rows) -> "pd.DataFrame":
    """The columns that the suite looks at; amounts and counts as integers also where some are missing."""
    with IMPORTING:
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
