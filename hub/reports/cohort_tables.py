"""Cohorts as a reader sees them: shaded tables, and hubs as circles where their premises lie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import cos, isqrt, radians

from hub.reports.amounts import amount_text
from hub.reports.tables import Kind
from hub.reports.wording import CLASS_NAMES, DIRECTION_NAMES, counted
from reconciliation.cohorts.cohort import Cohort, CohortKind
from reconciliation.findings import DIRECTIONS, EXPOSURE_CLASSES

_DEEPEST_SHADE = 62
_WIDTH, _MOST_HEIGHT, _EDGE, _LARGEST, _SMALLEST = 344, 300, 26, 22, 3
_MOST_MAPS = 4
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """Money of one kind in one cohort; ``shade`` in percent of the strongest colour, 0 where there is none."""

    kind: Kind
    exposure_minor: int
    findings: int
    shade: int


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One cohort.

    Attributes:
        share: of its services that have a finding; None where it has no services.
    """

    name: str
    services: int
    services_found: int
    share: Decimal | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class CohortTable:
    """All cohorts of a kind, months in order and hubs by name."""

    kinds: tuple[Kind, ...]
    rows: tuple[CohortRow, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A hub on the map."""

    x: int
    y: int
    radius: int
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class HubMap:
    """Hubs where their premises lie, north above, circles as large as their money of one direction and class."""

    kind: Kind
    title: str
    width: int
    height: int
    spots: tuple[Spot, ...]
    unplaced: int


def cohort_table(cohorts: Iterable[Cohort], kind: CohortKind) -> CohortTable:
    """The table of one kind of cohorts; what has no cohort stands last, so that each column is all of its money."""
    chosen = [cohort for cohort in cohorts if cohort.kind == kind]
    kinds = _kinds(chosen)
    largest = {each: max(_money(cohort, each)[0] for cohort in chosen) for each in kinds}
    rows = [_row(cohort, kinds, largest) for cohort in sorted(chosen, key=lambda one: (not one.name, one.name))]
    return CohortTable(kinds, tuple(rows))


def hub_maps(cohorts: Sequence[Cohort], currency: str) -> tuple[HubMap, ...]:
    """A map for each direction and class, most money first; none where fewer than two hubs have a place."""
    hubs = [cohort for cohort in cohorts if cohort.kind == "hub" and cohort.name]
    placed = [hub for hub in hubs if hub.latitude_micro is not None and hub.longitude_micro is not None]
    if len(placed) < 2:
        return ()
    sums = {kind: sum(_money(hub, kind)[0] for hub in placed) for kind in _kinds(placed)}
    chosen = sorted(sums, key=lambda kind: (-sums[kind], _order(kind)))[:_MOST_MAPS]
    height, places = _places(placed)
    return tuple(_map(kind, placed, places, height, len(hubs) - len(placed), currency) for kind in chosen)


def _map(
    kind: Kind, hubs: Sequence[Cohort], places: Sequence[tuple[int, int]], height: int, unplaced: int, currency: str
) -> HubMap:
    largest = max(_money(hub, kind)[0] for hub in hubs)
    spots = []
    for hub, (x, y) in zip(hubs, places, strict=True):
        minor, findings = _money(hub, kind)
        # the area is the money
        radius = max(isqrt(minor * _LARGEST * _LARGEST // largest), _SMALLEST) if minor > 0 else 0
        told = f"{amount_text(minor, currency)}, {counted(findings, 'finding')}" if findings else "no finding"
        title = f"{hub.name}: {told}; {hub.services_found:,} of {counted(hub.services, 'service')}"
        spots.append(Spot(x, y, radius, hub.name, title))
    spots.sort(key=lambda spot: (-spot.radius, spot.name))
    title = f"{DIRECTION_NAMES[kind.direction]}, {CLASS_NAMES[kind.exposure_class].lower()}"
    return HubMap(kind, title, _WIDTH, height, tuple(spots), unplaced)


def _places(hubs: Sequence[Cohort]) -> tuple[int, list[tuple[int, int]]]:
    """Height of the map, and where each hub stands: degrees of longitude are as long as they are in the middle."""
    latitudes = [hub.latitude_micro or 0 for hub in hubs]
    middle = (min(latitudes) + max(latitudes)) // 2
    shrink = round(1000 * cos(radians(middle // _MILLION)))
    eastings = [(hub.longitude_micro or 0) * shrink // 1000 for hub in hubs]
    wide, tall = max(max(eastings) - min(eastings), 1), max(max(latitudes) - min(latitudes), 1)
    room = _WIDTH - 2 * _EDGE
    span = max(wide, tall * room // (_MOST_HEIGHT - 2 * _EDGE))
    height = tall * room // span + 2 * _EDGE
    indent = (room - wide * room // span) // 2
    return height, [
        (
            _EDGE + indent + (east - min(eastings)) * room // span,
            _EDGE + (max(latitudes) - north) * room // span,
        )
        for east, north in zip(eastings, latitudes, strict=True)
    ]


def _row(cohort: Cohort, kinds: Sequence[Kind], largest: dict[Kind, int]) -> CohortRow:
    cells = []
    for kind in kinds:
        minor, findings = _money(cohort, kind)
        shade = max(minor * _DEEPEST_SHADE // largest[kind], 4) if minor > 0 else 0
        cells.append(Cell(kind, minor, findings, shade))
    share = Decimal(cohort.services_found) / cohort.services if cohort.services else None
    return CohortRow(cohort.name, cohort.services, cohort.services_found, share, tuple(cells))


def _money(cohort: Cohort, kind: Kind) -> tuple[int, int]:
    return next(
        (
            (one.exposure_minor, one.findings)
            for one in cohort.money
            if (one.direction, one.exposure_class) == tuple(kind)
        ),
        (0, 0),
    )


def _kinds(cohorts: Iterable[Cohort]) -> tuple[Kind, ...]:
    money = (one for cohort in cohorts for one in cohort.money)
    found = {Kind(one.direction, one.exposure_class) for one in money if one.exposure_minor}
    return tuple(sorted(found, key=_order))


def _order(kind: Kind) -> tuple[int, int]:
    return DIRECTIONS.index(kind.direction), EXPOSURE_CLASSES.index(kind.exposure_class)
