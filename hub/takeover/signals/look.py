"""One look at a market: what every signal is found in. Records are read once, those of acted works alone."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from canonical_model.billing import BillingCycle, BillingItem, ChargeLine, Subscription
from canonical_model.billing_periods import CALENDAR_ANCHOR
from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder, WorkOrderVisit
from canonical_model.markets import Market
from canonical_model.network import NetworkObservation
from canonical_model.orders import PriceAlteration, ProductOrder, ProductOrderItem
from canonical_model.record import Record
from handoffs.rollback import Signal
from handoffs.stages import Handoff
from hub.operator_folder.load import Operator
from hub.takeover.signals.acted import Acted, acted_works, by_key
from storage.current_records import records_among
from storage.feeds import FeedState, StreamName, feed_states
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

AnyRecord = TypeVar("AnyRecord", bound=Record)

WINDOW = timedelta(days=70)
"""Two billing periods and a week: what was done earlier is the reconciliation's."""

ForeignWrites = Callable[[Connection, str], Mapping[Handoff, Sequence[str]]]
"""Takes a market; gives the works on which the legacy system acted though the hub owns them, by hand-off."""


def no_foreign_writes(connection: Connection, market: str) -> Mapping[Handoff, Sequence[str]]:
    """Nothing: where nobody watches for them."""
    del connection, market
    return {}


@dataclass
class _Kept:
    """Records of an entity by the value of a column, of the values that were asked for."""

    asked: set[str] = field(default_factory=set)
    found: dict[str, list[Any]] = field(default_factory=dict)


@dataclass
class Look:
    """What is looked at, and when.

    Attributes:
        connection: of one reading transaction.
        operator: whose folder says what should be.
        market: that is looked at.
        now: this moment.
        works: only these (``order/1234``), as at an event; None for everything.
        foreign_writes: who knows what legacy did.
        window: how far back works are looked at.
        wider: a look at the same moment whose works are all of ours and more; what it has read is not read again.
        kept: records that were read, by whatever looks share them.
        went_on: since when the line of a hand-off goes on after its last stop; this moment where it is stopped.
    """

    connection: Connection
    operator: Operator
    market: Market
    now: datetime
    works: frozenset[str] | None = None
    foreign_writes: ForeignWrites = no_foreign_writes
    window: timedelta = WINDOW
    went_on: Mapping[Handoff, datetime] = field(default_factory=dict)
    wider: "Look | None" = None
    kept: dict[tuple[type[Record], str], "_Kept"] = field(default_factory=dict)

    def narrowed(self, window: timedelta) -> "Look":
        """The same look at the works of a shorter time."""
        return replace(self, window=window, wider=self)

    @property
    def since(self) -> datetime:
        """From when on works are looked at."""
        return self.now - self.window

    def day_of(self, moment: datetime) -> date:
        """The calendar day of a moment in the market, computed here and not where it is told."""
        return moment.astimezone(ZoneInfo(self.market.zone)).date()

    @cached_property
    def acted(self) -> Acted:
        """What the hub did."""
        if self.wider is not None:
            return self.wider.acted.since(self.since)
        return acted_works(self.connection, self.market.id, self.since, self.works)

    @cached_property
    def feeds(self) -> Mapping[StreamName, FeedState]:
        """How fresh and how whole each stream is."""
        return feed_states(self.connection, self.now)

    @cached_property
    def orders(self) -> dict[str, ProductOrder]:
        """The orders that it acted on, by number."""
        found = self._by(ProductOrder, "order_number", self.acted.orders())
        return {number: each[-1] for number, each in found.items()}

    @cached_property
    def orders_of_accounts(self) -> dict[str, list[ProductOrder]]:
        """Every order of the accounts."""
        return self._by(ProductOrder, "account_number", self.acted.accounts)

    @cached_property
    def items(self) -> dict[str, list[ProductOrderItem]]:
        """What was ordered beside the access, by order, of every order of the accounts."""
        numbers = {each.order_number for orders in self.orders_of_accounts.values() for each in orders}
        return self._by(ProductOrderItem, "order_number", numbers | self.acted.orders())

    @cached_property
    def subscriptions(self) -> dict[str, list[Subscription]]:
        """What billing believes, by account."""
        return self._by(Subscription, "account_number", self.acted.accounts)

    @cached_property
    def charge_lines(self) -> dict[str, list[ChargeLine]]:
        """What was billed, by account."""
        return self._by(ChargeLine, "account_number", self.acted.accounts)

    @cached_property
    def pending_items(self) -> dict[str, list[BillingItem]]:
        """What stands on no bill yet, by account."""
        found = self._by(BillingItem, "account_number", self.acted.accounts)
        pending = ((account, [each for each in items if each.state == "pending"]) for account, items in found.items())
        return {account: items for account, items in pending if items}

    @cached_property
    def own_cycles(self) -> set[str]:
        """Accounts that are not billed by calendar months."""
        found = self._by(BillingCycle, "account_number", self.acted.accounts)
        return {account for account, own in found.items() if any(each.anchor_day != CALENDAR_ANCHOR for each in own)}

    @cached_property
    def alterations(self) -> dict[str, list[PriceAlteration]]:
        """Agreed departures from the price list, by account."""
        return self._by(PriceAlteration, "account_number", self.acted.accounts)

    @cached_property
    def jobs(self) -> dict[str, list[WorkOrder]]:
        """Jobs by order."""
        return self._by(WorkOrder, "order_number", self.acted.orders())

    @cached_property
    def visits(self) -> dict[str, list[WorkOrderVisit]]:
        """Visits by job."""
        return self._by(WorkOrderVisit, "work_order_id", self._job_ids)

    @cached_property
    def completions(self) -> dict[str, list[FieldCompletion]]:
        """Completions by job."""
        return self._by(FieldCompletion, "work_order_id", self._job_ids)

    @cached_property
    def materials(self) -> dict[str, list[CompletionMaterial]]:
        """Devices that were left behind, by job."""
        return self._by(CompletionMaterial, "work_order_id", self._job_ids)

    @cached_property
    def seen(self) -> dict[str, NetworkObservation]:
        """What the network showed last of each device of a service, by serial."""
        serials = {each.facts.line.serial for each in self.acted.sagas if each.facts.line.serial is not None}
        found = self._by(NetworkObservation, "serial", serials)
        return {serial: max(each, key=lambda one: one.observed_at) for serial, each in found.items()}

    def owner_of(self, subscription_id: str) -> str | None:
        """The account of a subscription; None where billing does not know it."""
        table = CANONICAL_TABLES[Subscription]
        query = select(table.c.account_number).where(
            known(table, None), table.c.market == self.market.id, table.c.subscription_id == subscription_id
        )
        account: str | None = self.connection.execute(query.limit(1)).scalar_one_or_none()
        return account

    def completion_of(self, order_number: str) -> FieldCompletion | None:
        """The last completion of an order's jobs."""
        jobs = self.jobs.get(order_number, ())
        done = [one for job in jobs for one in self.completions.get(job.work_order_id, ())]
        return max(done, key=lambda one: one.completed_at, default=None)

    def among(self, entity: type[AnyRecord], column: str, values: Collection[str], **more: Any) -> list[AnyRecord]:
        """Records of the market whose column has one of some values."""
        return records_among(self.connection, entity, self.market.id, column, values, **more)

    def _by(self, entity: type[AnyRecord], column: str, values: Collection[str]) -> dict[str, list[AnyRecord]]:
        """Records by the value of a column; each is read once for all looks that share what they keep."""
        kept = self.kept.setdefault((entity, column), _Kept())
        if new := set(values) - kept.asked:
            kept.found |= by_key(self.among(entity, column, new), column)
            kept.asked |= new  # not before: what could not be read must not look as if nothing were there
        return {value: kept.found[value] for value in sorted(values) if value in kept.found}

    @property
    def _job_ids(self) -> set[str]:
        return {job.work_order_id for jobs in self.jobs.values() for job in jobs}


def signal(
    look: Look,
    kind: str,
    handoff: Handoff,
    found: Mapping[str, str],
    measured: Decimal | None = None,
    of: int | None = None,
) -> list[Signal]:
    """What was found, as one signal; nothing where nothing was.

    Args:
        look: in which it was found.
        kind: of signal.
        handoff: whose work it is.
        found: a sentence by work or subject.
        measured: how much; how many were found where it is not told.
        of: how many were looked at.
    """
    if not found:
        return []
    works = tuple(sorted(found))[:MOST_TOLD]
    evidence = tuple(found[work] for work in works)
    amount = Decimal(len(found)) if measured is None else measured
    return [Signal(kind, look.market.id, handoff, amount, works, evidence, of)]


MOST_TOLD = 50
"""Works of a signal; whoever wants all of them looks at the records."""
