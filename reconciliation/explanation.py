"""What an explanation of money holds: pieces of arithmetic by charge and month, facts, adjustments, evidence."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of arithmetic: a delivered interval at one price, or a line of a bill.

    Attributes:
        starts_on: first day.
        ends_on: day after the last one.
        days: days that count under the market's convention, out of ``of``.
        unit_minor: monthly price in minor units; a bill line's own rate.
        percent: share of the price that is charged: 100 but for a percentage discount, and for the days before a
            suspension, which are taken off the line that would have run on.
        amount_minor: rounded half up, minor units.
        source: who proves it: ``field``, ``order``, ``network``, or the reference of a bill line.
    """

    product: str
    starts_on: date
    ends_on: date
    days: int
    of: int
    unit_minor: str
    percent: str
    amount_minor: int
    source: str


@dataclass(frozen=True, slots=True)
class MonthExplained:
    """One charge in one month: what was delivered, what was billed, and why they differ.

    Attributes:
        parts: shares of expected minus billed by what causes them; zero ones are left out.
    """

    period: date
    charge: str
    expected: tuple[Piece, ...]
    billed: tuple[Piece, ...]
    expected_minor: int
    billed_minor: int
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Posted:
    """An adjustment that may have settled a difference.

    Attributes:
        amount_minor: negative in the customer's favour, minor units.
        source: its reference.
    """

    posted_on: date
    reason: str
    amount_minor: int
    source: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything the snapshot says about the money of one subject.

    Attributes:
        adjustments: what was given back or charged afterwards; differences are shown as they were before.
    """

    subject: str
    facts: tuple[tuple[str, str], ...]
    months: tuple[MonthExplained, ...]
    evidence: tuple[str, ...]
    adjustments: tuple[Posted, ...] = ()
