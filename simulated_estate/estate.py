"""Builds an estate: a number of subscribers, their lives, what four systems believe of them, and the true ledger."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from simulated_estate.bookkeeping.billing import FEEDS, billing_rows, closing_balances
from simulated_estate.bookkeeping.contractors import FEED as INVOICES
from simulated_estate.bookkeeping.contractors import invoice_rows
from simulated_estate.bookkeeping.crm import SOBJECTS, crm_rows
from simulated_estate.bookkeeping.field_service import field_service_rows
from simulated_estate.bookkeeping.filings import FIELD_FEEDS, filing_row
from simulated_estate.bookkeeping.network import device_row
from simulated_estate.bookkeeping.partners import FEED as PARTNERS
from simulated_estate.bookkeeping.partners import partner_rows
from simulated_estate.bookkeeping.plant import FEED as PLANT
from simulated_estate.bookkeeping.plant import plant_rows
from simulated_estate.bookkeeping.stock import FEED as STOCK
from simulated_estate.bookkeeping.stock import stock_rows
from simulated_estate.bookkeeping.target_billing import FEEDS as TARGET_FEEDS
from simulated_estate.bookkeeping.target_billing import job_pause, take_over_rows, target_billing_rows
from simulated_estate.books import Books
from simulated_estate.cast import slot_at
from simulated_estate.identities import (
    Identities,
    dwelling_key,
    holders_of,
    needs_the_one_before,
    second_entries,
)
from simulated_estate.ledger import LedgerEntry, billed_belief, ghost_entries, story_entries
from simulated_estate.life.buildings import in_buildings
from simulated_estate.life.holders import Holder
from simulated_estate.life.on_ports import Taken, numbered_on_ports
from simulated_estate.life.stage import Slot, Story, Unjoinable
from simulated_estate.markets import MARKETS, MESA
from simulated_estate.mistakes.migration import WAVE, job_pause_days
from simulated_estate.months import Window, add_months
from simulated_estate.spelling import crm_id

USUAL_END = date(2026, 11, 1)


@dataclass(frozen=True, slots=True)
class Estate:
    """Four systems' books and what is wrong in them.

    Attributes:
        window: the billed months.
        as_of: the moment at which the systems are looked at, UTC.
        ledger: every planted mistake with its money; only a judge may read it.
        unjoinable: records that no exact key joins, to be listed and not judged.
        roles: which plot was played how often.
        identities: who is who in truth; only a judge may read it.
    """

    books: Books
    ledger: list[LedgerEntry]
    as_of: datetime
    window: Window
    unjoinable: list[Unjoinable] = field(default_factory=list)
    roles: dict[str, int] = field(default_factory=dict)
    identities: Identities = field(default_factory=Identities)


def build_estate(subscribers: int, months: int = 12, seed: int = 1, end: date = USUAL_END) -> Estate:
    """Tell the lives of so many subscribers and write the books.

    Args:
        subscribers: how many positions; a few of them bring two accounts, or a device that is nobody's.
        months: how many calendar months are billed, at least two.
        seed: another seed is another world; subscriber k of one seed is the same in estates of every size.
        end: the first day that is not billed, the first of a month.

    Raises:
        ValueError: no subscribers, fewer than two months, or ``end`` is not the first of a month.
    """
    if subscribers < 1:
        raise ValueError(f"an estate needs subscribers, not {subscribers}")
    window = Window(add_months(end, -months), end)
    estate = Estate(_empty_books(), [], window.as_of, window)
    for position, slot in enumerate(slots(subscribers, window, seed)):
        estate.roles[slot.role] = estate.roles.get(slot.role, 0) + 1
        before = slot_at(position - 1, window, seed) if needs_the_one_before(position) else None
        _write(estate, slot, position, holders_of(slot, position, before))
    estate.books.target_billing["job_pauses"].extend(
        job_pause(job, WAVE, *job_pause_days(window), MESA) for job in ("promotion_expiry", "disconnection")
    )
    crm, network = estate.books.crm, estate.books.network
    inventory = plant_rows(crm["Premise__c"], crm["Order"], network, estate.as_of)
    estate.books.field_service[PLANT].extend(inventory)
    return estate


def slots(subscribers: int, window: Window, seed: int) -> Iterator[Slot]:
    """The lives themselves, one position after the other."""
    taken: Taken = Counter()
    for position in range(subscribers):
        yield numbered_on_ports(in_buildings(slot_at(position, window, seed), position, seed), taken)


def _empty_books() -> Books:
    field_feeds = ("work_orders", "completions", STOCK, INVOICES, PARTNERS, PLANT, *FIELD_FEEDS)
    return Books(
        crm={name: [] for name in SOBJECTS},
        billing={name: [] for name in FEEDS},
        field_service={feed: [] for feed in field_feeds},
        target_billing={name: [] for name in TARGET_FEEDS},
        network={element.name: [] for market in MARKETS.values() for element in market.elements},
    )


def _write(estate: Estate, slot: Slot, position: int, holders: list[Holder]) -> None:
    books, window, identities = estate.books, estate.window, estate.identities
    known_premises: set[str] = set()
    for story, holder in zip(slot.stories, holders, strict=True):
        _write_story(estate, story, holder, known_premises)
    for name, row, key in second_entries(slot, holders, position):
        books.crm[name].append(row)
        (identities.person_of if name == "Account" else identities.dwelling_of)[row["Id"]] = key
    for ghost in slot.ghosts:
        books.network[ghost.device.element].append(device_row(ghost.device))
        books.field_service[STOCK].extend(stock_rows(ghost.movements, MARKETS[ghost.value.market]))
        estate.ledger.extend(ghost_entries(ghost, window))
    for stray in slot.strays:
        books.network[stray.element].append(device_row(stray))
    for filing in slot.filings:
        system, feed, row = filing_row(filing, slot.stories[0].life.market)
        (books.billing if system == "billing" else books.field_service)[feed].append(row)
    for orphan in slot.orphans:
        for feed, row in billing_rows(orphan, window):
            books.billing[feed].append(row)
    estate.unjoinable.extend(slot.unjoinable)


def _write_story(estate: Estate, story: Story, holder: Holder, known_premises: set[str]) -> None:
    books, life = estate.books, story.life
    for premise in life.premises:
        estate.identities.dwelling_of[crm_id("a0P", premise.number)] = dwelling_key(premise)
    estate.identities.person_of[crm_id("001", int(life.account))] = holder.key
    for name, row in crm_rows(life, holder, story.corrections, estate.window.as_of):
        if row["Id"] not in known_premises:
            books.crm[name].append(row)
        if name == "Premise__c":
            known_premises.add(row["Id"])
    for feed, row in field_service_rows(life):
        books.field_service[feed].append(row)
    books.field_service[STOCK].extend(stock_rows(life.movements, life.market))
    books.field_service[INVOICES].extend(invoice_rows(life.invoices, life.market))
    books.field_service[PARTNERS].extend(partner_rows(life))
    for device in life.devices:
        books.network[device.element].append(device_row(device))
    _write_bills(estate, story)
    estate.ledger.extend(story_entries(story, estate.window))


def _write_bills(estate: Estate, story: Story) -> None:
    books, life = estate.books, story.life
    belief = billed_belief(story)
    for feed, row in billing_rows(belief, estate.window, life.dealings, story.corrections):
        books.billing[feed].append(row)
    for feed, row in target_billing_rows(belief, estate.window):
        books.target_billing[feed].append(row)
    if life.cut_over is not None:
        books.billing["balances"].extend(closing_balances(life.account, life.market, life.cut_over))
        for feed, row in take_over_rows(belief, life.cut_over):
            books.target_billing[feed].append(row)
