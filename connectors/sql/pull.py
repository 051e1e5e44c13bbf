"""One pull of one stream from a database: stages, statements, pages, and the point from which it goes on."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.paged_pull import key_of
from connectors.ports import Page, ResumePoint, StreamRead
from connectors.sql.database import Session
from connectors.sql.dialect import Rows
from connectors.sql.plan import Plan
from connectors.sql.positions import earlier, given_back, is_cursor, kept
from connectors.sql.rows import ListReader, described_columns, readings_of, records_of
from connectors.sql.statements import Stage, Wanted, counts_of, is_deleted, rows_of

_STAGES: tuple[Stage, ...] = ("nameless", "undated", "dated")


@dataclass(frozen=True, slots=True)
class Progress:
    """The resume point, typed; values of columns are in the form of ``positions.kept``.

    Attributes:
        order: cursor and key columns; a resume point of other columns says nothing.
        high: latest cursor of pulls that came to their end.
        since: where the pull under way began.
        stage: of the rows that are being read; None when no pull is under way.
        position: the order's values in the last row that was read of the stage; None before its first.
        reached: latest cursor of the pull under way.
    """

    order: tuple[str, ...]
    high: Any = None
    since: Any = None
    stage: Stage | None = None
    position: tuple[Any, ...] | None = None
    reached: Any = None


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows as the driver gave them, and how far they lead."""

    rows: Rows
    progress: Progress


class Pull:
    """One pull; holds the connection for as long as it runs."""

    def __init__(self, session: Session, read: StreamRead, plan: Plan) -> None:
        """Hold the stream against the columns of its source.

        Raises:
            ConfigurationError: the source, a column or a list's source is not there.
        """
        self._session = session
        self._read = read
        self._plan = plan
        deleted = None
        if plan.deleted_column is not None:
            deleted = is_deleted(plan.deleted_column, plan.deleted_values)
        wanted = [*plan.columns, *([plan.deleted_column] if plan.deleted_column else [])]
        described = described_columns(session, read.stream, read.source_object, plan.source, wanted)
        self._lists = [ListReader(session, read, nested, plan.values) for nested in plan.lists]
        self._readings = readings_of(session, described, plan.columns, plan.values)
        cursor = read.cursor_field
        self._wanted = Wanted(
            source=plan.source,
            columns=plan.columns,
            key=tuple(read.key),
            cursor=cursor,
            deleted=deleted,
            compares_rows=session.dialect.compares_rows,
            has_zero_dates=session.dialect.has_zero_dates
            and cursor is not None
            and self._readings[cursor].form in ("naive", "moment"),
        )
        # of cursor values without an offset
        self._zone = plan.values.zone if cursor is not None and self._readings[cursor].form == "naive" else None
        self._has_told_of_keys = False

    def pages(self, resume: ResumePoint | None) -> Iterator[Page]:
        """Yield the pages of this pull; see ``connectors.ports.Source``."""
        progress = _stored(resume, self._wanted.order)
        if progress.stage is None:
            progress = replace(progress, since=self._begin(progress.high))
        total, stages = self._look(progress)
        held: _Batch | None = None
        for batch in self._batches(progress, stages):
            if held is not None:
                yield self._page(held, total, last=False)
            held = batch
        yield self._page(held or _Batch((), progress), total, last=True)

    def _begin(self, high: Any) -> Any:
        if self._read.cursor_field is None or high is None:
            return None
        plan = self._plan
        return kept(earlier(given_back(high), self._read.overlap, plan.number_overlap, self._zone))

    def _look(self, progress: Progress) -> tuple[int | None, list[Stage]]:
        """How many rows there are, deleted ones left out, and which stages have any.

        Rows without a cursor are read in every pull, since nothing tells which of them are new.
        """
        self._session.asks_of = self._read.source_object
        from_stage = _STAGES.index(progress.stage) if progress.stage else 0
        stages = [stage for stage in _STAGES[from_stage:] if self._wanted.cursor is not None or stage != "undated"]
        if not self._plan.has_total:
            return None, stages
        total, deleted, dated, *named = self._session.row(counts_of(self._wanted))
        empty = {
            "nameless": min(named) == total,
            "undated": int(dated or 0) == total,
            "dated": False,
        }
        return int(total) - int(deleted or 0), [stage for stage in stages if not empty[stage]]

    def _batches(self, progress: Progress, stages: Sequence[Stage]) -> Iterator[_Batch]:
        for stage in stages:
            if stage != progress.stage:
                progress = replace(progress, stage=stage, position=None)
            for rows in self._rows_of(progress, stage):
                progress = self._behind(rows, progress, stage)
                yield _Batch(rows, progress)

    def _rows_of(self, progress: Progress, stage: Stage) -> Iterator[Rows]:
        """The rows of a stage behind a position, statement after statement."""
        since = given_back(progress.since)
        position = None if progress.position is None else tuple(map(given_back, progress.position))
        limit = self._read.page_size if stage == "nameless" else self._plan.rows_per_statement
        ends: set[tuple[Any, ...] | None] = {position}
        while True:
            self._session.asks_of = self._read.source_object
            statement = rows_of(self._wanted, stage, since, position, limit)
            received, known = 0, position
            for batch in self._session.batches(statement, self._read.page_size):
                received += len(batch)
                rows = batch if known is None else self._without(known, batch, stage)
                known = known if len(rows) < len(batch) else None
                if batch:
                    position = self._order_values(batch[-1], stage)
                if rows:
                    yield rows
            if received < limit or stage == "nameless":
                return
            if position in ends:
                raise UnsafeToContinue(
                    f"{self._read.stream}: {limit} rows of {self._read.source_object} share one key "
                    f"({', '.join(self._read.key)}); name a key that identifies a row"
                )
            ends.add(position)

    def _without(self, known: tuple[Any, ...], rows: Rows, stage: Stage) -> Rows:
        """Rows that were not read yet.

        A statement begins with the row at its position and not behind it, since the database may hold others for
        equal that are not (collations).
        """
        return [row for row in rows if self._order_values(row, stage) != known]

    def _order_values(self, row: tuple[Any, ...], stage: Stage) -> tuple[Any, ...]:
        return tuple(self._raw(row, name) for name in (self._wanted.order if stage == "dated" else self._wanted.key))

    def _raw(self, row: tuple[Any, ...], name: str) -> Any:
        """A value as it goes back into a statement."""
        value = row[self._plan.columns.index(name)]
        return Decimal(value) if self._readings[name].form == "decimal" and isinstance(value, str) else value

    def _behind(self, rows: Rows, progress: Progress, stage: Stage) -> Progress:
        if stage == "nameless":
            return progress
        try:
            position = tuple(map(kept, self._order_values(rows[-1], stage)))
        except TypeError as error:
            raise ConfigurationError(
                f"{self._read.stream}: {self._read.source_object}: a column of type {error} can be neither key nor "
                "cursor"
            ) from error
        return replace(progress, position=position, reached=self._reached(rows, progress, stage))

    def _reached(self, rows: Rows, progress: Progress, stage: Stage) -> Any:
        """The latest cursor of some rows that a later pull can go on from; rows are in its order."""
        cursor = self._wanted.cursor
        if cursor is None or stage != "dated":
            return progress.reached
        for row in reversed(rows):
            if is_cursor(value := self._raw(row, cursor), self._read.hub_clock, self._zone):
                return kept(value)
        is_unheard_of = progress.reached is None and progress.high is None
        if is_unheard_of and not any(is_cursor(self._raw(row, cursor)) for row in rows):
            raise ConfigurationError(
                f"{self._read.stream}: cursor {cursor} holds no number and no day or moment as YYYY-MM-DD hh:mm:ss "
                f"in {self._read.source_object}; another order of its parts would not sort by time"
            )
        return progress.reached

    def _page(self, batch: _Batch, total: int | None, *, last: bool) -> Page:
        rows, width, key = batch.rows, len(self._plan.columns), self._read.key
        has_flag = self._wanted.deleted is not None
        present = [row for row in rows if not row[width]] if has_flag else rows
        records = records_of(present, self._readings)
        keys = list(zip(*([row[self._plan.columns.index(name)] for row in present] for name in key), strict=True))
        for each in self._lists:
            each.add_to(records, keys)
        gone = records_of([row for row in rows if row[width]], self._readings) if has_flag else []
        shared = 0 if self._has_told_of_keys else len(keys) - len(set(keys))
        self._has_told_of_keys = self._has_told_of_keys or shared > 0
        return Page(
            records=records,
            resume=_resume_point(batch.progress, last=last),
            last=last,
            deleted=[key_of(record, self._read) for record in gone],
            source_total=total,
            warnings=(self._shared_keys(shared),) if shared else (),
        )

    def _shared_keys(self, shared: int) -> str:
        return (
            f"{shared} rows of {self._read.source_object} share their key ({', '.join(self._read.key)}) with another "
            "row, and only one of them counts; name a key that identifies a row"
        )


def _stored(resume: ResumePoint | None, order: tuple[str, ...]) -> Progress:
    """The progress of a resume point; one of other columns, or of another kind of system, says nothing."""
    if not resume or tuple(resume.get("order", ())) != order:
        return Progress(order)
    position = resume.get("position")
    stage = resume.get("stage")
    return Progress(
        order,
        high=resume.get("high"),
        since=resume.get("since"),
        stage=stage if stage in _STAGES else None,
        position=None if position is None else tuple(position),
        reached=resume.get("reached"),
    )


def _resume_point(progress: Progress, *, last: bool) -> ResumePoint:
    if last:
        high = progress.high if progress.reached is None else progress.reached
        progress = Progress(progress.order, high=high)
    found = {name: value for name, value in asdict(progress).items() if value is not None}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
