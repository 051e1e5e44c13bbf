"""Where each subscriber terminal stands or stood, told by jobs that left one and orders that were done; pure.

A job puts a terminal to an account at a premise, where it stays until another comes to the same place, until it
comes to another one itself, or until an order takes the service away.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from canonical_model.orders import OrderType
from storage.premises_named import NOWHERE, Place

EndedBy = Literal["another terminal", "an order", "its next place"]


@dataclass(frozen=True, slots=True)
class Installation:
    """A job that left a terminal."""

    at: datetime
    serial: str
    order_number: str
    account_number: str
    premise_id: str | None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class DoneOrder:
    """An order that was done, which began a service at a premise, took it there, or ended it."""

    at: datetime
    account_number: str
    order_type: OrderType
    premise_id: str | None


@dataclass(frozen=True, slots=True)
class Stay:
    """A terminal at one place.

    Attributes:
        order_number: of the job that put it there.
        place: what is known of the premise.
        until: when it was there no more; None where it still is.
        ended_by: what ended its stay.
        is_replaced: whether another terminal has come to its place, when it had gone or before.
    """

    serial: str
    account_number: str
    premise_id: str | None
    order_number: str
    place: Place
    since: datetime
    until: datetime | None = None
    ended_by: EndedBy | None = None
    is_replaced: bool = False


@dataclass(slots=True)
class _Account:
    """What is known of one account so far.

    Attributes:
        lines: that it has by its orders.
        is_older: whether it had one before the first order that is known of it.
        unplaced: orders that ended a line and do not say where.
        last: the last stay at each of its premises.
    """

    lines: int = 0
    is_older: bool = False
    unplaced: int = 0
    last: dict[str | None, int] = field(default_factory=dict)

    @property
    def is_counted(self) -> bool:
        """Whether its orders tell of all its lines."""
        return self.lines > 0 and not self.is_older


def stays(
    installations: Iterable[Installation], orders: Iterable[DoneOrder], older: frozenset[str] = frozenset()
) -> list[Stay]:
    """Every stay of every terminal, as they began.

    Of an account with several lines nobody knows which one a move carried away, or which one a cease without a
    premise ended, until none can be left: nothing is ended by them before. A new order at a premise where the
    account's terminal was left when its service ended lets it stand again, unless it has gone elsewhere meanwhile.

    Args:
        installations: in any order.
        orders: likewise; each once.
        older: accounts that had a line before the first order that is known of them.
    """
    known = {account: _Account(lines=1, is_older=True) for account in older}
    told = _Told(accounts=defaultdict(_Account, known))
    events: Sequence[Installation | DoneOrder] = sorted(
        [*installations, *orders], key=lambda each: (each.at, isinstance(each, DoneOrder))
    )
    for event in events:
        if isinstance(event, Installation):
            told.installed(event)
        else:
            told.done(event)
    return told.stays


@dataclass(slots=True)
class _Told:
    """What was told up to a moment.

    Attributes:
        stays: that have begun.
        newest: the last stay of each terminal, by its place among all.
    """

    accounts: defaultdict[str, _Account]
    stays: list[Stay] = field(default_factory=list)
    newest: dict[str, int] = field(default_factory=dict)

    def installed(self, event: Installation) -> None:
        """A terminal came to a place."""
        account = self.accounts[event.account_number]
        here = account.last.get(event.premise_id)
        if here is not None and self.stays[here].serial != event.serial:
            self._end(here, event.at, "another terminal")
            self.stays[here] = replace(self.stays[here], is_replaced=True)
        if (before := self.newest.get(event.serial)) is not None:
            self._end(before, event.at, "its next place")
        self.newest[event.serial] = account.last[event.premise_id] = len(self.stays)
        self.stays.append(
            Stay(
                event.serial,
                event.account_number,
                event.premise_id,
                event.order_number,
                event.place,
                event.at,
            )
        )

    def done(self, event: DoneOrder) -> None:
        """An order was done."""
        account = self.accounts[event.account_number]
        if event.order_type == "new":
            account.lines += 1
            self._resume(account, event.premise_id)
        elif event.order_type == "move" and event.premise_id is not None:
            elsewhere = self._open(account) - {event.premise_id}
            if account.lines <= 1 and (account.is_counted or len(elsewhere) == 1):
                self._end_all(account, elsewhere, event.at)
        elif event.order_type == "cease":
            self._cease(account, event)

    def _cease(self, account: _Account, event: DoneOrder) -> None:
        was_counted = account.is_counted
        account.lines = max(0, account.lines - 1)  # a line that began before anything is known was counted nowhere
        if event.premise_id is None:
            account.unplaced += 1
        else:
            self._end_all(account, {event.premise_id}, event.at)
        left = self._open(account)
        if account.unplaced and not account.lines and (was_counted or len(left) == 1):
            self._end_all(account, left, event.at)

    def _resume(self, account: _Account, premise_id: str | None) -> None:
        here = account.last.get(premise_id)
        if here is None:
            return
        stay = self.stays[here]
        if stay.ended_by == "an order" and self.newest[stay.serial] == here:
            self.stays[here] = replace(stay, until=None, ended_by=None)

    def _open(self, account: _Account) -> set[str | None]:
        return {premise for premise, number in account.last.items() if self.stays[number].until is None}

    def _end_all(self, account: _Account, premises: Collection[str | None], at: datetime) -> None:
        for premise in premises:
            if premise in account.last:
                self._end(account.last[premise], at, "an order")

    def _end(self, number: int, at: datetime, by: EndedBy) -> None:
        if self.stays[number].until is None:
            self.stays[number] = replace(self.stays[number], until=at, ended_by=by)
