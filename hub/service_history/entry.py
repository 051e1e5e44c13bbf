"""One line of a service's history, and the history as a whole: plain data."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that happened, as one system says it.

    Attributes:
        at: the moment; a day where the system tells no more.
        system: which says so, ``splice`` for the hub itself.
        what: the kind of thing, one or two words, to filter by.
        said: what happened, for a person, a sentence that stands alone; never a secret.
        proof: where it is written: a record, a step of a saga, an effect.
    """

    at: datetime | date
    system: str
    what: str
    said: str
    proof: str

    def moment(self, zone: ZoneInfo) -> datetime:
        """When it stands in the order of things: a day stands at its beginning, local time."""
        if isinstance(self.at, datetime):
            return self.at
        return datetime.combine(self.at, time.min, zone)


@dataclass(frozen=True, slots=True)
class ServiceSubject:
    """Whose history it is: everything by which the systems know it, in the compared form.

    Attributes:
        services: as sagas name them.
        usernames: of its lines in AAA.
    """

    market: str
    account_number: str
    services: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    work_orders: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    usernames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceHistory:
    """Everything that is known to have happened to a service.

    Attributes:
        zone: of its market.
        stands: how it stands now, in short sentences.
        entries: oldest first.
    """

    subject: ServiceSubject
    zone: ZoneInfo
    stands: tuple[str, ...]
    entries: tuple[HistoryEntry, ...]

    def between(self, since: date | None, until: date | None, system: str | None = None) -> "ServiceHistory":
        """The same with the entries of some local days alone.

        Args:
            since: the first day; None from the beginning.
            until: the day after the last one; None to the end.
            system: only what this one says; None for all.
        """
        kept = []
        for each in self.entries:
            day = each.moment(self.zone).astimezone(self.zone).date()
            if (since is None or day >= since) and (until is None or day < until) and system in (None, each.system):
                kept.append(each)
        return replace(self, entries=tuple(kept))


def in_order(entries: list[HistoryEntry], zone: ZoneInfo) -> tuple[HistoryEntry, ...]:
    """Oldest first; what a system tells only by the day stands before what happened on that day."""
    return tuple(sorted(entries, key=lambda each: each.moment(zone)))


def when_text(at: datetime | date, zone: ZoneInfo) -> str:
    """A moment to the second in local time, or a day."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if isinstance(at, datetime) else f"{at:%Y-%m-%d}"
