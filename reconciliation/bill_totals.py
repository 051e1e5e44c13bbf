"""What the bills before and after a move come to, class by class and cause by cause; up and down are never netted.

As JSON, kept with a run and shown to other programs: ``{"services", "not_compared", "classes": [{"charge_class",
"services", "legacy_minor", "expected_minor", "target_minor", "higher_minor", "lower_minor",
"causes": [{"name", "side", "services", "higher_minor", "lower_minor"}]}]}``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from reconciliation.bill_to_bill import CHARGE_CLASSES, BillToBill, ComparedClass

UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class CauseTotals:
    """A cause of differences; ``side`` is the bill that it is in, empty for both. Both amounts are positive."""

    name: str
    side: str
    services: int
    higher_minor: int
    lower_minor: int


@dataclass(frozen=True, slots=True)
class ClassTotals:
    """One charge class of all services that were compared, minor units.

    Attributes:
        expected_minor: what was due in the target's months.
        higher_minor: by how much target bills are higher than legacy bills, where they are.
        lower_minor: by how much they are lower, where they are; positive.
    """

    charge_class: str
    services: int
    legacy_minor: int
    expected_minor: int
    target_minor: int
    higher_minor: int
    lower_minor: int
    causes: tuple[CauseTotals, ...]


@dataclass(frozen=True, slots=True)
class BillTotals:
    """The bills of all moved services of a market.

    Attributes:
        services: how many were compared.
        not_compared: how many have no whole judged month on each side of the move.
        classes: those that any of them is billed or due in, in their order.
    """

    services: int
    not_compared: int
    classes: tuple[ClassTotals, ...]


def bill_totals(comparison: BillToBill) -> BillTotals:
    """Add the bills up, class by class."""
    return BillTotals(
        len({row.service for row in comparison.classes}),
        len(comparison.not_compared),
        tuple(_class_totals(name, rows) for name in CHARGE_CLASSES if (rows := comparison.of_class(name))),
    )


def up_and_down(amounts: Iterable[int]) -> tuple[int, int]:
    """Sums of the positive amounts and of the negative ones, both positive: they are never added."""
    listed = list(amounts)
    return sum(one for one in listed if one > 0), -sum(one for one in listed if one < 0)


def causes_of(rows: Iterable[ComparedClass]) -> dict[tuple[str, str], list[int]]:
    """By cause and bill, what each service has of it; what nobody explained comes last, under no bill."""
    listed = list(rows)
    causes: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in listed:
        for cause in row.causes:
            causes[cause.name, cause.side].append(cause.amount_minor)
    ordered = dict(sorted(causes.items()))
    if unexplained := [row.unexplained_minor for row in listed if row.unexplained_minor]:
        ordered[UNEXPLAINED, ""] = unexplained
    return ordered


def as_document(totals: BillTotals) -> dict[str, Any]:
    """The shape of this module's docstring."""
    return asdict(totals)


def from_document(document: Mapping[str, Any]) -> BillTotals:
    """What ``as_document`` was made of."""
    classes = tuple(
        ClassTotals(**(dict(each) | {"causes": tuple(CauseTotals(**cause) for cause in each["causes"])}))
        for each in document["classes"]
    )
    return BillTotals(document["services"], document["not_compared"], classes)


def _class_totals(name: str, rows: tuple[ComparedClass, ...]) -> ClassTotals:
    return ClassTotals(
        name,
        len(rows),
        sum(row.legacy_minor for row in rows),
        sum(row.expected_minor for row in rows),
        sum(row.target_minor for row in rows),
        *up_and_down(row.difference_minor for row in rows),
        tuple(CauseTotals(*cause, len(amounts), *up_and_down(amounts)) for cause, amounts in causes_of(rows).items()),
    )
