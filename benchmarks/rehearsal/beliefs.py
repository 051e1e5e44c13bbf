"""What the legacy systems and the network say, record by record, and how it comes to the hub."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from canonical_model.field_work import WorkOrder
from canonical_model.record import Record
from hub.workplace import Hub
from storage.pages import MappedPage, MappedRecord, store_page
from storage.pulls import finish_pull, start_pull

Said = TypeVar("Said", bound=Record)
Distortion = Callable[[Record], Record | None]
"""What becomes of a record on its way to the hub; None where it is lost."""

STREAM = "all"


@dataclass(slots=True)
class Beliefs:
    """Everything that the systems believe; what has changed since the last pull comes with the next one.

    Attributes:
        distortions: of what is pulled, by whoever rehearses a mistake; in turn.
        silent: systems that cannot be pulled.
        jobs: names of the work orders of each order, in turn.
    """

    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    distortions: list[Distortion] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    jobs: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _changed: defaultdict[str, dict[tuple[str, str], None]] = field(default_factory=lambda: defaultdict(dict))
    _gone: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _by_entity: defaultdict[str, dict[str, Record]] = field(default_factory=lambda: defaultdict(dict))

    def say(self, entity: type[Said], system: str, market: str, key: str, **facts: Any) -> Said:
        """Say something, or say it anew."""
        record = entity(market=market, source_system=system, source_object=entity.__name__, source_id=key, **facts)
        self._keep(record)
        return record

    def change(self, entity: type[Said], key: str, **facts: Any) -> Said:
        """Say something else of what is known."""
        record = self.get(entity, key).model_copy(update=facts)
        self._keep(record)
        return record

    def get(self, entity: type[Said], key: str) -> Said:
        """What is said under a key."""
        return cast("Said", self._by_entity[entity.__name__][key])

    def remove(self, entity: type[Said], key: str) -> None:
        """Say no more of something."""
        record = self.records.pop((entity.__name__, key))
        del self._by_entity[entity.__name__][key]
        self._changed[record.source_system].pop((entity.__name__, key), None)
        self._gone[record.source_system][f"{entity.__name__}/{key}"] = None

    def say_again(self, market: str) -> None:
        """Let everything of a market come once more: what was distorted on its way comes as it is."""
        for key, record in self.records.items():
            if record.market == market:
                self._changed[record.source_system][key] = None

    def all(self, entity: type[Said], market: str) -> Iterator[Said]:
        """Everything of a kind that is said of a market."""
        for each in list(self._by_entity[entity.__name__].values()):
            if each.market == market and isinstance(each, entity):
                yield each

    def pull(self, hub: Hub, system: str, at: datetime) -> int:
        """Bring what has changed; how many records that were. Nothing comes of a silent system."""
        if system in self.silent:
            return 0
        keys = list(self._changed.pop(system, {}))
        found = [record for key in keys if (record := self._distorted(self.records[key])) is not None]
        raws = [
            MappedRecord(f"{type(each).__name__}/{each.source_id}", {"id": each.source_id}, [each]) for each in found
        ]
        with hub.database.writing() as connection:
            pull_id = start_pull(connection, system, STREAM, at)
        with hub.database.writing() as connection:
            gone = list(self._gone.pop(system, {}))
            store_page(connection, MappedPage(system, STREAM, pull_id, at, raws, gone))
            finish_pull(connection, pull_id, at, "succeeded")
        return len(found)

    def _keep(self, record: Record) -> None:
        key = (type(record).__name__, record.source_id)
        self.records[key] = record
        self._by_entity[key[0]][key[1]] = record
        self._changed[record.source_system][key] = None
        self._gone[record.source_system].pop(f"{key[0]}/{key[1]}", None)  # it is said again after all
        if isinstance(record, WorkOrder):
            self.jobs[record.order_number][record.source_id] = None

    def _distorted(self, record: Record) -> Record | None:
        told: Record | None = record
        for distort in self.distortions:
            told = None if told is None else distort(told)
        return told
