"""The true ledger: what each planted mistake costs whom, month by month.

The money of a mistake is the difference between two bills of the same life, the one before the mistake is made and
the one after it, both made by the estate's own biller. Mistakes about one account are made one after the other in
the order of ``ORDER``, so that their amounts add up to the whole difference. What billing has made good since costs
nobody anything any more: the whole of it, one month of it, or as far as it reaches from the oldest month on.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from simulated_estate.belief import Belief
from simulated_estate.biller import Line, bill, by_month
from simulated_estate.life.stage import (
    Correction,
    Direction,
    ExposureClass,
    Ghost,
    Loss,
    Mistake,
    Story,
    SubjectKind,
)
from simulated_estate.markets import MARKETS, Market
from simulated_estate.months import Window

ORDER = (
    "RL-J01",
    "RL-J02",
    "RL-J05",
    "RL-J04",
    "RL-J07",
    "RL-B10",
    "RL-A01",
    "RL-B06",
    "RL-A02",
    "RL-A03",
    "RL-A07",
    "RL-B02",
    "RL-B03",
    "RL-B04",
    "RL-B07",
    "RL-C01",
    "RL-C02",
    "RL-C03",
    "RL-C04",
    "RL-C05",
    "RL-C06",
    "RL-C07",
    "RL-A08",
    "RL-I05",
    "RL-A05",
    "RL-A06",
    "RL-G07",
    "RL-C11",
    "RL-E01",
    "RL-E06",
    "RL-E02",
    "RL-E04",
    "RL-C08",
    "RL-C09",
    "RL-C10",
    "RL-D05",
    "RL-D04",
    "RL-D02",
    "RL-D01",
    "RL-D03",
    "RL-D06",
    "RL-D10",
    "RL-G03",
    "RL-G04",
    "RL-G02",
    "RL-B05",
    "RL-G01",
)
"""Existence, start, end, tier, price, equipment, discount, duplicate; what stands alone comes where it fits."""
OF_DEVICES = ("RL-B01", "RL-B09", "RL-E05")
"""Rules about devices that are nobody's."""
BESIDE_THE_BILL = (
    "RL-A04",
    "RL-A10",
    "RL-C12",
    "RL-G05",
    "RL-D07",
    "RL-D08",
    "RL-D09",
    "RL-A09",
    "RL-G06",
    "RL-I02",
    "RL-I03",
    "RL-E03",
    "RL-I04",
    "RL-I01",
    "RL-B08",
    "RL-H01",
    "RL-H02",
    "RL-H03",
    "RL-H04",
    "RL-H05",
    "RL-J03",
    "RL-J06",
)
"""Rules about documents and devices that are gone, whose money no bill shows."""
_ESTIMATED = frozenset({*OF_DEVICES, "RL-C06", "RL-G01"})

Months = dict[date, int]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One cause on one subject in one exposure class.

    Attributes:
        subject: a service by its account number without leading zeros, a later one of an account with the number
            of its order behind a slash; a serial in canonical spelling; or a document by its kind and number.
        amount_minor: sum of ``by_month``, in cents, positive.
        by_month: ``YYYY-MM`` of the days concerned -> cents, positive.
        shared: what everybody who suffers the same mistake has in common, as a kind and its member; else empty.
    """

    rule: str
    subject_kind: SubjectKind
    subject: str
    market: str
    direction: Direction
    exposure_class: ExposureClass
    amount_minor: int
    currency: str
    by_month: dict[str, int]
    note: str
    shared: str = ""


def in_order(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Mistakes in the order in which they are made."""
    return sorted(mistakes, key=lambda mistake: ORDER.index(mistake.rule))


def billed_belief(story: Story) -> Belief:
    """What billing is left to believe when all mistakes are made."""
    belief = story.life.truth
    for mistake in in_order(story.mistakes):
        belief = mistake.apply(belief)
    return belief


def story_entries(story: Story, window: Window) -> Iterator[LedgerEntry]:
    """The ledger of one account, service by service.

    Raises:
        ValueError: a mistake without money in the billed months was planted, or a correction that corrects nothing.
    """
    before = story.life.truth
    for mistake in in_order(story.mistakes):
        after = mistake.apply(before)
        costs = _costs_by_service(before, after, window)
        if not costs:
            raise ValueError(f"{mistake.rule} on account {after.account} costs nobody anything")
        if story.corrections and len(costs) > 1:
            raise ValueError(f"a correction on account {after.account} does not tell which service it is for")
        for service, months in costs.items():
            owed = _still_owed(months, story.corrections)
            for entry in _entries(mistake.rule, "service", service, after.market, owed, window, mistake.note):
                yield replace(entry, shared=mistake.shared) if mistake.shared else entry
        before = after
    for loss in story.losses:
        yield _loss_entry(loss, story.life.market)


def ghost_entries(ghost: Ghost, window: Window) -> Iterator[LedgerEntry]:
    """The ledger of a device that nobody knows.

    Raises:
        ValueError: it was never worth anything in the billed months.
    """
    value = by_month(bill(ghost.value, window))
    if not value:
        raise ValueError(f"ghost {ghost.device.serial} costs nobody anything")
    yield from _entries(ghost.rule, "serial", ghost.device.serial, ghost.value.market, value, window, ghost.note)


def write_ledger(path: Path, entries: Iterable[LedgerEntry]) -> None:
    """Write entries as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(entry), sort_keys=True) + "\n" for entry in entries)


def read_ledger(path: Path) -> list[LedgerEntry]:
    """Read what ``write_ledger`` wrote."""
    with path.open(encoding="utf-8") as file:
        return [LedgerEntry(**json.loads(line)) for line in file]


def _loss_entry(loss: Loss, market: Market) -> LedgerEntry:
    cents = {f"{month:%Y-%m}": amount for month, amount in loss.months.items()}
    return LedgerEntry(
        loss.rule,
        loss.subject_kind,
        loss.subject,
        market.id,
        loss.direction,
        loss.exposure_class,
        sum(cents.values()),
        market.currency,
        cents,
        loss.note,
    )


def _costs_by_service(right: Belief, wrong: Belief, window: Window) -> dict[str, Months]:
    """Cents per month by which one belief bills each service less than another; negative where it bills more."""
    before, after = _bills_by_service(right, window), _bills_by_service(wrong, window)
    costs = {
        service: _difference(before.get(service, {}), after.get(service, {}))
        for service in dict.fromkeys((*before, *after))
    }
    return {service: months for service, months in costs.items() if months}


def _bills_by_service(belief: Belief, window: Window) -> dict[str, Months]:
    """What each service of an account is billed, by its name."""
    opened_by = {subscription.id: subscription.opened_by for subscription in belief.subscriptions}
    lines: dict[str, list[Line]] = {}
    for line in bill(belief, window):
        order = opened_by[line.subscription]
        lines.setdefault(f"{belief.account}/{order}" if order else belief.account, []).append(line)
    return {service: by_month(own) for service, own in lines.items()}


def _difference(before: Months, after: Months) -> Months:
    changed = {month: before.get(month, 0) - after.get(month, 0) for month in sorted(before.keys() | after.keys())}
    return {month: cents for month, cents in changed.items() if cents}


def _still_owed(costs: Months, corrections: Iterable[Correction]) -> Months:
    owed = dict(costs)
    for correction in corrections:
        exact = [month for month, cents in owed.items() if cents == correction.cents]
        months = exact[:1] if exact and sum(owed.values()) != correction.cents else sorted(owed)
        rest = correction.cents
        for month in months:
            part = min(rest, owed[month], key=abs) if rest * owed[month] > 0 else 0
            owed[month] -= part
            rest -= part
        if rest:
            raise ValueError(f"{rest} cents of the correction of {correction.posted_on} correct nothing")
        owed = {month: cents for month, cents in owed.items() if cents}
    return owed


def _entries(
    rule: str,
    subject_kind: Literal["service", "serial"],
    subject: str,
    market: str,
    costs: Months,
    window: Window,
    note: str,
) -> Iterator[LedgerEntry]:
    parts: dict[tuple[Direction, ExposureClass], dict[str, int]] = {}
    for month, cents in costs.items():
        direction: Direction = "under_billed" if cents > 0 else "over_billed"
        key = direction, _class_of(rule, direction, month, window)
        parts.setdefault(key, {})[f"{month:%Y-%m}"] = abs(cents)
    currency = MARKETS[market].currency
    for (direction, exposure_class), months in parts.items():
        amount = sum(months.values())
        yield LedgerEntry(
            rule, subject_kind, subject, market, direction, exposure_class, amount, currency, months, note
        )


def _class_of(rule: str, direction: Direction, month: date, window: Window) -> ExposureClass:
    if rule in _ESTIMATED:
        return "at_risk"
    if direction == "over_billed":
        return "refund_due"
    return "recoverable" if month >= window.back_bill_from else "lost"
