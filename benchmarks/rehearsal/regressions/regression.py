"""A mistake that is made on purpose, and the ways in which one is made: what begins it gives what ends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.rehearsal.elements import Meddling as ElementMeddling
from benchmarks.rehearsal.legacy import Legacy
from benchmarks.rehearsal.sinks import Meddling as SystemMeddling
from benchmarks.rehearsal.town import Work
from benchmarks.rehearsal.year import Year
from canonical_model.field_work import WorkOrder
from canonical_model.record import Record
from handoffs.stages import Handoff

End = Callable[[], None]
Begin = Callable[[Year, str], End]


@dataclass(frozen=True, slots=True)
class Regression:
    """A mistake.

    Attributes:
        kind: what goes wrong, whatever its figures.
        handoff: that has to be the hub's before it is made.
        figures: with which it is made.
        begin: makes it in a market; gives what ends it.
        is_harmless: nothing may come of it, and nobody has to be stopped for it.
    """

    kind: str
    handoff: Handoff
    begin: Begin
    figures: str = ""
    is_harmless: bool = False

    @property
    def name(self) -> str:
        """For a table."""
        return f"{self.kind} ({self.figures})" if self.figures else self.kind


def in_elements(meddle: Callable[[Year, str], ElementMeddling]) -> Begin:
    def begin(year: Year, market: str) -> End:
        own = meddle(year, market)
        year.network.meddling.append(own)
        return lambda: year.network.meddling.remove(own)

    return begin


def in_systems(command: str, change: Callable[[dict[str, Any]], list[dict[str, Any]]]) -> Begin:
    def begin(year: Year, market: str) -> End:
        def meddle(name: str, values: dict[str, Any]) -> list[dict[str, Any]]:
            return change(values) if name == command and _market_of(year, values) == market else [values]

        own: SystemMeddling = meddle
        year.systems.meddling.append(own)
        return lambda: year.systems.meddling.remove(own)

    return begin


def on_the_way(entity: type[Record], change: Callable[[Any, Year], Record | None]) -> Begin:
    def begin(year: Year, market: str) -> End:
        def distort(record: Record) -> Record | None:
            return change(record, year) if isinstance(record, entity) and record.market == market else record

        year.beliefs.distortions.append(distort)
        return lambda: year.beliefs.distortions.remove(distort)

    return begin


def every_morning(act: Callable[[Year, Legacy], None]) -> Begin:
    def begin(year: Year, market: str) -> End:
        def morning() -> None:
            act(year, year.legacies[market])

        year.mornings.append(morning)
        return lambda: year.mornings.remove(morning)

    return begin


def _market_of(year: Year, values: Mapping[str, Any]) -> str:
    """The market of a write: the first digits of every number tell it."""
    if "market" in values:
        return str(values["market"])
    number = values.get("order_number")
    if number is None:
        number = year.beliefs.get(WorkOrder, str(values["work_order_id"])).order_number
    return next(name for name, town in year.towns.items() if str(number).startswith(f"{town.number}9"))


def of_hub(legacy: Legacy, what: str) -> list[Work]:
    return [each for each in legacy.town.works.values() if getattr(each, what) == "hub"]
