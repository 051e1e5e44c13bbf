"""A pull through a source that answers page by page and says where the next page begins.

Shared by every kind of system that pages. It keeps the resume point, finds the next cursor, takes deleted records
out, and refuses an end that does not add up.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from canonical_model.errors import ConfigurationError, SpliceError, UnsafeToContinue
from connectors.cursors import Cursor, earlier_of, is_cursor, latest, lies_ahead, reach_back
from connectors.ports import Page, RawRecord, ResumePoint, StreamRead
from connectors.settings import near

MOST_PAGES_ALIKE = 2
"""How often pages with the same records may come in one pull."""

MOST_EMPTY_PAGES = 1000
"""How many pages without a record may come in one pull before more are promised still."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question for one page.

    Attributes:
        since: only what changed from here on, as the source spells it; None asks for everything.
        position: what the answer before gave as ``following``; None asks for the first page.
        size: records wanted.
    """

    since: Cursor | None
    position: Any
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of a source.

    Attributes:
        records: raw records, deleted ones among them.
        following: JSON value that asks for the page after this one; None after the last.
        matching: records that the question matches over all its pages; None if the source does not tell.
        held: records that the source holds, also where only changes were asked for; None if it does not tell.
        settled: the moment up to which all changes are in the answers, as the source spells it; the next pull begins
            no later. None where the answers come in the order of the cursor.
    """

    records: list[RawRecord]
    following: Any
    matching: int | None = None
    held: int | None = None
    settled: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """The resume point, typed.

    Attributes:
        high: latest cursor of pulls that came to their end.
        since: where the pull under way began.
        position: the next page of the pull under way; None when no pull is under way.
        reached: latest cursor of the pull under way.
        seen: records of the pull under way.
        matching: the smallest number of matching records that the pull under way was told.
    """

    high: Cursor | None = None
    since: Cursor | None = None
    position: Any = None
    reached: Cursor | None = None
    seen: int = 0
    matching: int | None = None


def paged(
    read: StreamRead,
    resume: ResumePoint | None,
    ask: Callable[[Ask], Answer],
    deleted_field: str | None = None,
) -> Iterator[Page]:
    """Yield the pages of one pull.

    A source that is not sorted by its cursor may change a record behind the page that is being read; the next
    pull finds it as long as the overlap is longer than this pull.

    Args:
        read: what is read.
        resume: resume point of an earlier page, None for the first pull.
        ask: asks the source for one page.
        deleted_field: a field that is true on records that the source has deleted.

    Raises:
        UnsafeToContinue: fewer records came than the source said there are, or the pages come to no end.
        ConfigurationError: no record has the cursor field, or one lacks a key field.
    """
    stored = _within_bound(_stored(resume or {}), read)
    if stored.position is not None:
        try:
            yield from _pages(read, stored, ask, deleted_field)
        except (ConfigurationError, UnsafeToContinue):
            pass  # the position may be gone, or records may be missing behind it: once more from its beginning
        else:
            return
    since = reach_back(stored.high, read.overlap) if read.cursor_field else None
    yield from _pages(read, Progress(high=stored.high, since=since), ask, deleted_field)


def _stored(resume: ResumePoint) -> Progress:
    """The progress of a resume point; one that another kind of system left here says nothing and is passed over."""
    known = {field.name for field in fields(Progress)}
    return Progress(**resume) if set(resume) <= known else Progress()


def _within_bound(stored: Progress, read: StreamRead) -> Progress:
    """The progress without cursors beyond ``read.hub_clock``: what they hide is read again."""
    return replace(
        stored,
        high=latest([stored.high], None, read.hub_clock),
        reached=latest([stored.reached], None, read.hub_clock),
        position=None if stored.since is not None and lies_ahead(stored.since, read.hub_clock) else stored.position,
    )


def _pages(
    read: StreamRead, progress: Progress, ask: Callable[[Ask], Answer], deleted_field: str | None
) -> Iterator[Page]:
    met: set[int] = set()
    contents: Counter[int] = Counter()
    number, last = 0, False
    while not last:
        number += 1
        answer = _answer(ask, Ask(progress.since, progress.position, read.page_size), number)
        keys = {key_of(record, read) for record in answer.records}
        progress = _advanced(progress, answer, len(keys), read)
        last = answer.following is None
        if last:
            _refuse_short(progress, read)
        else:
            _refuse_circle(met, answer.following, read)
            _refuse_endless(contents, keys, read)
        kept, deleted = _parted(answer.records, deleted_field, read)
        yield Page(
            records=kept,
            deleted=deleted,
            resume=_resume_point(progress, last=last),
            last=last,
            source_total=answer.held,
        )


def _answer(ask: Callable[[Ask], Answer], question: Ask, number: int) -> Answer:
    """One page; what goes wrong in the middle of a pull says how far it had come."""
    try:
        return ask(question)
    except SpliceError as error:
        if number == 1:
            raise
        raise type(error)(f"{error} (page {number} of this pull)") from error


def _advanced(progress: Progress, answer: Answer, count: int, read: StreamRead) -> Progress:
    told = [number for number in (progress.matching, answer.matching) if number is not None]
    reached = _reached(progress.reached, answer.records, read)
    if reached is not None and answer.settled is not None:
        reached = earlier_of(reached, answer.settled)
    return replace(
        progress,
        position=answer.following,
        reached=reached,
        seen=progress.seen + count,
        matching=min(told, default=None),
    )


def _reached(before: Cursor | None, records: list[RawRecord], read: StreamRead) -> Cursor | None:
    if read.cursor_field is None or not records:
        return before
    values = [record.get(read.cursor_field) for record in records]
    if not any(is_cursor(value) for value in values):
        gone = all(read.cursor_field not in record for record in records)
        raise ConfigurationError(
            f"{read.stream}: cursor {read.cursor_field} holds no date and no number in any record of "
            f"{read.source_object}{near(read.cursor_field, records[0]) if gone else ''}"
        )
    return latest(values, before, read.hub_clock)


def key_of(record: RawRecord, read: StreamRead) -> tuple[str, ...]:
    """The key of a record as text; a field that is missing counts as empty, since a mapping will reject it."""
    return tuple(["" if (value := record.get(name)) is None else str(value) for name in read.key])


def _parted(
    records: list[RawRecord], deleted_field: str | None, read: StreamRead
) -> tuple[list[RawRecord], list[tuple[str, ...]]]:
    """The records that are there, without the mark that was asked for beside what the mapping reads; deleted keys."""
    if deleted_field is None:
        return records, []
    deleted = [key_of(record, read) for record in records if record.get(deleted_field) is True]
    kept = [record for record in records if record.get(deleted_field) is not True] if deleted else records
    if deleted_field not in read.fields:
        kept = [_without(record, deleted_field) for record in kept]
    return kept, deleted


def _without(record: RawRecord, name: str) -> RawRecord:
    if name not in record:
        return record
    kept = record.copy()
    del kept[name]
    return kept


def _refuse_short(progress: Progress, read: StreamRead) -> None:
    if progress.matching is not None and progress.seen < progress.matching:
        raise UnsafeToContinue(
            f"{read.stream}: {read.source_object} counts {progress.matching} records and gave {progress.seen}; "
            "pull again, and ask its owner if it stays so (set total_counts: whole if it counts all it holds even "
            "when changes are asked for)"
        )


def _refuse_circle(met: set[int], following: Any, read: StreamRead) -> None:
    mark = hash(json.dumps(following, sort_keys=True))
    if mark in met:
        raise UnsafeToContinue(f"{read.stream}: {read.source_object} gives the same next page twice; ask its owner")
    met.add(mark)


def _refuse_endless(contents: Counter[int], keys: set[tuple[str, ...]], read: StreamRead) -> None:
    """Refuse a source that takes no notice of the position, or makes up new ones for ever.

    A page may come twice where records are put in before it while it is read, and some pages may hold nothing where a
    source filters them; not as often as this.
    """
    if keys and not any(map(any, keys)):
        return  # without their key records tell nothing; a mapping sets them aside
    content = hash(frozenset(keys)) if keys else 0
    contents[content] += 1
    if contents[content] > (MOST_PAGES_ALIKE if keys else MOST_EMPTY_PAGES):
        told = "gives the same records on page after page; check the mapping's paging options"
        endless = f"gave {MOST_EMPTY_PAGES} pages without a record and says that more follow; ask its owner"
        raise UnsafeToContinue(f"{read.stream}: {read.source_object} {told if keys else endless}")


def _resume_point(progress: Progress, *, last: bool) -> ResumePoint:
    if last:
        progress = Progress(high=latest([progress.reached], progress.high))
    return {name: value for name, value in asdict(progress).items() if value is not None}
