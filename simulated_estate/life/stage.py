"""Where one subscriber's life is told: which market, which months, which chance; and what comes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Literal

from simulated_estate.belief import Belief
from simulated_estate.life.filings import Filing
from simulated_estate.life.numbers import Numbers
from simulated_estate.life.records import Device, Life, Movement
from simulated_estate.markets import Market
from simulated_estate.months import Window


@dataclass(frozen=True, slots=True)
class Mistake:
    """What one system gets wrong about an account: the belief it leaves when it meets another.

    Attributes:
        rule: the check that has to find it.
        note: what went wrong, in a few words.
        apply: from the belief before the mistake to the one after it.
        shared: what all who suffer it have in common, as a kind and its member (``crew Crew 4``); empty where it is
            a mistake of its own.
    """

    rule: str
    note: str
    apply: Callable[[Belief], Belief]
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """Money that billing gave back, or charged afterwards, when somebody noticed a mistake.

    Attributes:
        cents: negative in the customer's favour.
    """

    cents: int
    posted_on: date
    reason: str


Direction = Literal["under_billed", "over_billed", "cost"]
SubjectKind = Literal[
    "service",
    "serial",
    "order",
    "work_order",
    "bill",
    "payment",
    "adjustment",
    "invoice_line",
    "partner_line",
    "case",
    "outage",
    "billing_item",
    "reservation",
    "wholesale_line",
    "balance",
]
ExposureClass = Literal["lost", "recoverable", "deferred", "refund_due", "at_risk", "cost"]


@dataclass(frozen=True, slots=True)
class Loss:
    """Money that is lost beside the bill: a customer who waits, a truck that need not have driven.

    Attributes:
        subject: a serial, or a document by its kind and number, as the rule names it.
        months: first day of the month -> cents, positive.
    """

    rule: str
    subject_kind: SubjectKind
    subject: str
    direction: Direction
    exposure_class: ExposureClass
    months: Mapping[date, int]
    note: str


@dataclass(frozen=True, slots=True)
class Story:
    """A life, the mistakes made about it, what was made good of the only one, and what was lost beside the bill."""

    life: Life
    mistakes: tuple[Mistake, ...] = ()
    corrections: tuple[Correction, ...] = ()
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Ghost:
    """A device that is nobody's and what it would have been billed.

    Attributes:
        rule: the check that has to find it.
        note: what it is, in a few words.
        movements: what the store room knows of it.
    """

    device: Device
    value: Belief
    rule: str = "RL-B01"
    note: str = "live device that no field record knows"
    movements: tuple[Movement, ...] = ()


@dataclass(frozen=True, slots=True)
class Unjoinable:
    """A record that no exact key joins: the system that holds it, and its subject in canonical spelling."""

    kind: str
    system: str
    subject: str
    market: str


@dataclass(slots=True)
class Slot:
    """Everything that one position of the estate brings into the world.

    Attributes:
        role: the plot that was played.
        strays: devices that no field record knows and nobody loses money by.
        orphans: beliefs of billing about accounts that nobody else knows.
        filings: what is filed beside the stories, in the market of the first one.
    """

    role: str
    stories: list[Story] = field(default_factory=list)
    ghosts: list[Ghost] = field(default_factory=list)
    strays: list[Device] = field(default_factory=list)
    orphans: list[Belief] = field(default_factory=list)
    unjoinable: list[Unjoinable] = field(default_factory=list)
    filings: list[Filing] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stage:
    """What a plot has to work with.

    Attributes:
        turn: how often this plot was played before; variants alternate by it.
    """

    window: Window
    market: Market
    rng: Random
    numbers: Numbers
    turn: int = 0

    def chance(self, share: float) -> bool:
        """True in this share of all cases."""
        return self.rng.random() < share

    def day(self, first: date, last: date) -> date:
        """A day from ``first`` to ``last``, both included; ``first`` where there is no room."""
        return first + timedelta(days=self.rng.randint(0, max(0, (last - first).days)))

    def early_day(self, left: int = 45) -> date:
        """A day inside the window, not its first, with so many days (or half the window) left after it.

        At least a month is left where a service that begins is charged from the next month on only.
        """
        if self.market.is_first_month_free:
            left = max(left, 35)
        room = max(self.window.days - left, self.window.days // 3)
        return self.window.start + timedelta(days=self.rng.randint(1, max(1, room)))

    def tenured_day(self) -> date:
        """A day before the window: most customers have been there for a while."""
        return self.window.start - timedelta(days=self.rng.randint(10, 1400))

    def moment(self, day: date, first_hour: int = 8, last_hour: int = 18) -> datetime:
        """A time of that local day, in the market's zone."""
        minute = self.rng.randint(first_hour * 60, last_hour * 60 + 30)
        return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=self.market.zone)
