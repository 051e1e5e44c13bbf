"""What a cohort of services comes to."""

from dataclasses import dataclass
from typing import Literal

from reconciliation.findings import Direction, ExposureClass

CohortKind = Literal["month", "hub"]


@dataclass(frozen=True, slots=True)
class CohortMoney:
    """Money of one direction in one class, in minor units, and the findings that carry it."""

    direction: Direction
    exposure_class: ExposureClass
    findings: int
    exposure_minor: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """Services of one month or one hub.

    Attributes:
        name: the month in which they began as ``2026-03``, or the hub; empty for services of which that is not known,
            and for findings that are on no service.
        services: how many there are.
        services_found: on how many of them there is a finding that carries money.
        money: by direction and class, never netted, in the order of ``DIRECTIONS`` and ``EXPOSURE_CLASSES``.
        latitude_micro: millionths of a degree, the middle of the hub's premises; None where none says where it is.
        longitude_micro: likewise.
    """

    kind: CohortKind
    name: str
    services: int
    services_found: int
    money: tuple[CohortMoney, ...] = ()
    latitude_micro: int | None = None
    longitude_micro: int | None = None
