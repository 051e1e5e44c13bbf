"""Which files were taken, which are next: decisions over a listing and the resume point."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from connectors.files.folders import Entry
from connectors.files.plan import Plan
from connectors.ports import REPLAY, ResumePoint

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_ARCHIVED = re.compile(r".*/(?P<stem>[^./]*)-[0-9a-f]{12}(?P<rest>(?:\.[^/]*)?)")

MOST_ABSENT = 1_000
"""Files that were taken and are not in the folder any more, of which the resume point still knows."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was taken.

    Attributes:
        sha256: of its content; empty where it was passed over for a newer one that tells everything.
    """

    size: int
    modified: int
    sha256: str

    def is_like(self, entry: Entry) -> bool:
        """Whether an entry looks like it did when it was taken."""
        return (self.size, self.modified) == (entry.size, entry.modified)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that is being read: rows before ``row`` are stored."""

    name: str
    sha256: str
    row: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The resume point, typed.

    Attributes:
        taken: by name, in the order in which they were taken.
        latest: order value of the last file in order that was taken.
        as_of: when that file was last written, in nanoseconds since 1970.
        reading: the file under way.
        total: records of the last file, where each file tells everything.
        replays: whether files are read again that were moved into the archive; those are taken under their place
            there, which has a slash, until all are.
    """

    taken: Mapping[str, Taken] = field(default_factory=dict)
    latest: str | int | None = None
    as_of: int | None = None
    reading: Reading | None = None
    total: int | None = None
    replays: bool = False

    @property
    def last_written(self) -> datetime | None:
        """When the last file in order was last written: what the files tell is of that moment."""
        return None if self.as_of is None else _EPOCH + timedelta(microseconds=self.as_of // 1000)


@dataclass(frozen=True, slots=True)
class Choice:
    """Files to read, in order, and what to say about others.

    Attributes:
        progress: with files noted that need not be read.
    """

    files: tuple[Entry, ...]
    progress: Progress
    warnings: tuple[str, ...] = ()


def progress_of(resume: ResumePoint | None) -> Progress:
    """The progress of a resume point; one that another kind of system left says nothing."""
    if resume == REPLAY:
        return Progress(replays=True)
    if (
        not resume
        or set(resume) - {"taken", "latest", "as_of", "reading", "total", *REPLAY}
        or not isinstance(resume.get("taken"), dict)
    ):
        return Progress()
    reading = resume.get("reading")
    return Progress(
        replays=bool(resume.keys() & REPLAY.keys()),
        taken={name: Taken(*about) for name, about in resume["taken"].items()},
        latest=resume.get("latest"),
        as_of=resume.get("as_of"),
        reading=None if reading is None else Reading(*reading),
        total=resume.get("total"),
    )


def resume_point(progress: Progress) -> ResumePoint:
    """The progress as JSON."""
    found: dict[str, Any] = {
        "taken": {name: [one.size, one.modified, one.sha256] for name, one in progress.taken.items()}
    }
    if progress.reading is not None:
        found["reading"] = [progress.reading.name, progress.reading.sha256, progress.reading.row]
    if progress.replays:
        found |= REPLAY
    found |= {name: value for name in ("latest", "as_of", "total") if (value := getattr(progress, name)) is not None}
    return found


def meant(entries: Sequence[Entry], plan: Plan) -> list[Entry]:
    """The entries that a stream is about: by name, none that is unfinished or lacks its marker."""
    names = {entry.name for entry in entries}
    found = [entry for entry in entries if _is_meant(entry.name, plan)]
    return [entry for entry in found if plan.done_marker is None or markers(entry.name, plan) & names]


def _is_meant(name: str, plan: Plan) -> bool:
    is_unfinished = any(fnmatchcase(name, pattern) for pattern in plan.ignored)
    is_marker = plan.done_marker is not None and name.endswith(plan.done_marker)
    return fnmatchcase(name, plan.pattern) and not is_unfinished and not is_marker


def markers(name: str, plan: Plan) -> set[str]:
    """The names of the file that says that another one is finished."""
    return (
        {f"{name}{plan.done_marker}", f"{name.rpartition('.')[0]}{plan.done_marker}"} if plan.done_marker else set()
    )


def unknown(entries: Sequence[Entry], progress: Progress) -> list[Entry]:
    """Entries that were not taken as they are now."""
    return [
        entry
        for entry in entries
        if entry.name not in progress.taken or not progress.taken[entry.name].is_like(entry)
    ]


def archived_name(name: str, sha256: str, modified: int) -> str:
    """What a file is called in the archive: its content is part of it, so that nothing is ever replaced."""
    stem, dot, suffix = name.partition(".")
    return f"{stem}-{(sha256 or str(modified))[:12]}{dot}{suffix}"


def name_as_sent(name: str) -> str:
    """What a file was called when it came, of one in the archive too."""
    archived = _ARCHIVED.fullmatch(name)
    return f"{archived['stem']}{archived['rest']}" if archived else name


def put_away(entries: Sequence[Entry], plan: Plan) -> list[Entry]:
    """The files of an archive that were once taken for the stream."""
    return [
        entry for entry in entries if _ARCHIVED.fullmatch(entry.name) and _is_meant(name_as_sent(entry.name), plan)
    ]


def replayed(progress: Progress) -> Progress:
    """The progress once everything was read again: each file is known by the name under which it came."""
    taken = {name: about for name, about in progress.taken.items() if "/" not in name}
    archived = {name_as_sent(name): about for name, about in progress.taken.items() if "/" in name}
    return replace(progress, replays=False, taken={**archived, **taken})


def order_of(entry: Entry, plan: Plan) -> tuple[str | int, int, str]:
    """What files are ordered by; of two that came under one name the older is first."""
    first = name_as_sent(entry.name) if plan.order == "name" else entry.modified
    return first, entry.modified, entry.name


def choose(entries: Sequence[Entry], progress: Progress, plan: Plan) -> Choice:
    """Which files are read now.

    Where each file tells everything (mode ``full``), only the newest is; older ones would bring back what is past.

    Args:
        entries: finished files of the stream.
        progress: what was taken.
        plan: options of the stream.
    """
    begun = progress.reading.name if progress.reading else None
    waiting = sorted(unknown(entries, progress), key=lambda entry: (entry.name != begun, order_of(entry, plan)))
    if plan.mode == "full":
        return _newest_of(entries, waiting, progress, plan)
    late = [entry.name for entry in waiting if _is_late(entry, progress, plan) and entry.name not in progress.taken]
    told = [f"file {name} comes after later ones were taken; what it says may be older" for name in late]
    return Choice(tuple(waiting), progress, tuple(told))


def _newest_of(entries: Sequence[Entry], waiting: Sequence[Entry], progress: Progress, plan: Plan) -> Choice:
    if not waiting:
        return Choice((), progress)
    newest = max(entries, key=lambda entry: order_of(entry, plan))
    passed = [entry for entry in waiting if entry != newest]
    told = [f"file {entry.name} is passed over: {newest.name} is newer and tells everything" for entry in passed]
    noted = {entry.name: Taken(entry.size, entry.modified, "") for entry in passed}
    chosen = (newest,) if newest in waiting else ()
    if chosen and progress.latest is not None and _is_late(newest, progress, plan):
        # the file that told last is gone from the folder, and an older one has appeared
        told.append(f"file {newest.name} is passed over: a later one was taken before")
        noted[newest.name], chosen = Taken(newest.size, newest.modified, ""), ()
    return Choice(chosen, replace(progress, taken={**progress.taken, **noted}), tuple(told))


def _is_late(entry: Entry, progress: Progress, plan: Plan) -> bool:
    value = order_of(entry, plan)[0]
    return progress.latest is not None and type(value) is type(progress.latest) and value < progress.latest  # type: ignore[operator]


def done(
    entry: Entry, sha256: str, progress: Progress, plan: Plan, present: Sequence[Entry], total: int | None
) -> Progress:
    """The progress once a file is read to its end."""
    value = order_of(entry, plan)[0]
    is_latest = not _is_late(entry, progress, plan)
    taken = {name: about for name, about in progress.taken.items() if name != entry.name}
    taken[entry.name] = Taken(entry.size, entry.modified, sha256)
    return Progress(
        taken=_without_oldest(taken, {each.name for each in present}),
        latest=value if is_latest else progress.latest,
        as_of=entry.modified if is_latest else progress.as_of,
        total=total,
        replays=progress.replays,
    )


def _without_oldest(taken: dict[str, Taken], present: set[str]) -> dict[str, Taken]:
    absent = [name for name in taken if name not in present]
    for name in absent[: max(0, len(absent) - MOST_ABSENT)]:
        del taken[name]
    return taken
