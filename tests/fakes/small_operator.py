"""A one-market operator in a few records, to say in a test exactly what happened and what was billed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa

from canonical_model.billing import (
    Adjustment,
    BillingCycle,
    ChargeLine,
    CustomerBill,
    Subscription,
    SuspensionPeriod,
)
from canonical_model.catalogue import (
    Bundle,
    Catalogue,
    OfferingPrice,
    ProductOffering,
    Promotion,
    Proration,
)
from canonical_model.customers import BillingAccount
from canonical_model.entities import ENTITIES
from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder
from canonical_model.markets import Market
from canonical_model.network import NetworkObservation
from canonical_model.orders import PriceAlteration, ProductOrder, ProductOrderItem
from canonical_model.record import Record
from reconciliation.snapshot.manifest import Feed, Manifest
from reconciliation.snapshot.write import SnapshotRequest, write_snapshot
from storage.arrow_columns import arrow_schema

MARKET = Market(id="oldtown", name="Old Town", zone="America/New_York", currency="USD", technology="pon")
AS_OF = datetime(2026, 4, 5, 12, tzinfo=UTC)
"""January, February and March 2026 are judged where the first bill is of January."""

FRESH = tuple(
    Feed(role=role, system=role, stream="all", last_success_at=AS_OF)
    for role in ("crm", "billing", "field", "network")
)
"""Everything was pulled completely at the very moment of the snapshot."""

LAST_YEAR = date(2025, 6, 1)
PROFILES = {"silver": "S", "gold": "G"}
CODES = {
    "silver": "SLV",
    "gold": "GLD",
    "router": "RTR",
    "voice": "VOI",
    "install": "INS",
    "hello": "HEL",
    "duo": "DUO",
}


ACTUAL = Proration(convention="actual_actual")


def catalogue(proration: Proration = ACTUAL) -> Catalogue:
    def offering(name: str, amount: str, **facts: Any) -> ProductOffering:
        price = OfferingPrice(amount=Decimal(amount), valid_from=date(2020, 1, 1))
        return ProductOffering(id=name, billing_codes=(CODES[name],), prices=(price,), **facts)

    return Catalogue(
        offerings=(
            offering("silver", "60.00", charge="access", delivered_by="access", network_profiles=("S",)),
            offering("gold", "90.00", charge="access", delivered_by="access", network_profiles=("G",)),
            offering("router", "9.99", charge="rental", delivered_by="device", device_kind="router"),
            offering("voice", "19.99", charge="voice", delivered_by="order_item"),
            offering("install", "99.00", charge="install", delivered_by="installation"),
        ),
        promotions=(
            Promotion(id="hello", billing_codes=("HEL",), applies_to="access", months=2, amount=Decimal("-20.00")),
            Promotion(id="tenth", billing_codes=("TEN",), applies_to="access", months=3, percent=Decimal(-10)),
        ),
        bundles=(Bundle(id="duo", billing_codes=("DUO",), members=("access", "voice"), amount=Decimal("-5.00")),),
        proration={MARKET.id: proration},
    )


@dataclass
class SmallOperator:
    """Collects records; each method says one thing that one system believes."""

    records: list[Record] = field(default_factory=list)
    proration: Proration = ACTUAL

    def add(self, entity: type[Record], system: str, **values: Any) -> None:
        """A record as a system says it; its number within its kind is its id, or the next that is free."""
        taken = [record.source_id for record in self.records if isinstance(record, entity)]
        number = next(number for number in count(len(taken) + 1) if str(number) not in taken)
        self.records.append(
            entity(
                market=MARKET.id,
                source_system=system,
                source_object=entity.__name__,
                source_id=str(values.pop("source_id", number)),
                **values,
            )
        )

    def account(self, account: str) -> None:
        self.add(BillingAccount, "crm", account_number=account)

    def order(self, account: str, number: str, kind: str = "new", **facts: Any) -> None:
        facts.setdefault("state", "completed")
        self.add(ProductOrder, "crm", order_number=number, account_number=account, order_type=kind, **facts)

    def order_item(self, number: str, product: str, action: str = "add") -> None:
        self.add(ProductOrderItem, "crm", order_number=number, product_id=product, action=action)

    def alteration(self, account: str, kind: str, **facts: Any) -> None:
        self.add(PriceAlteration, "crm", account_number=account, kind=kind, **facts)

    def job(
        self,
        order: str,
        day: date,
        offering: str | None,
        serial: str | tuple[str, ...] | None = None,
        router: str = "",
        expected: str | None = None,
        work_type: str = "install",
        **facts: Any,
    ) -> None:
        """A job that was done, and the access devices it left; ``facts`` are of the completion.

        ``router`` is who owns the one left behind, ``expected`` the serial that its work order names.
        """
        name = f"wo-{len([r for r in self.records if isinstance(r, WorkOrder)]) + 1}"
        work = {"order_number": order, "work_type": work_type, "state": "completed", "expected_serial": expected}
        self.add(WorkOrder, "fsm", work_order_id=name, **work)
        facts.setdefault("completed_at", noon(day))
        self.add(FieldCompletion, "fsm", work_order_id=name, installed_offering_id=offering, **facts)
        for each in (serial,) if isinstance(serial, str) else serial or ():
            self.add(CompletionMaterial, "fsm", work_order_id=name, kind="ont", serial=each)
        if router:
            self.add(
                CompletionMaterial, "fsm", work_order_id=name, kind="router", serial="AABBCCDDEEFF", ownership=router
            )

    def open_job(self, order: str, expected_serial: str | None = None) -> None:
        self.add(
            WorkOrder,
            "fsm",
            work_order_id=f"wo-open-{order}",
            order_number=order,
            work_type="install",
            state="on_hold",
            expected_serial=expected_serial,
        )

    def seen(self, serial: str, profile: str, since: date, *, up: bool = True, traffic: date | None = None) -> None:
        self.add(
            NetworkObservation,
            "olt",
            source_id=serial,
            serial=serial,
            element="olt",
            observed_at=AS_OF,
            operational_state="up" if up else "down",
            profile=profile,
            registered_since=noon(since),
            profile_since=noon(since),
            last_traffic_at=noon(traffic) if traffic else (AS_OF if up else None),
        )

    def subscription(
        self,
        account: str,
        name: str,
        start: date,
        end: date | None = None,
        state: str = "active",
        premise: str | None = None,
    ) -> None:
        self.add(
            Subscription,
            "billing",
            source_id=name,
            subscription_id=name,
            account_number=account,
            billing_code="SLV",
            state=state,
            starts_on=start,
            ends_on=end,
            premise_id=premise,
        )

    def suspension(self, subscription: str, start: date, end: date | None = None) -> None:
        self.add(SuspensionPeriod, "billing", subscription_id=subscription, starts_on=start, ends_on=end)

    def cycle(self, account: str, anchor_day: int, valid_from: date = LAST_YEAR, **facts: Any) -> None:
        """From which day of the month the account is billed."""
        told = {"account_number": account, "anchor_day": anchor_day, "valid_from": valid_from}
        self.add(BillingCycle, "billing", **told, **facts)

    def line(
        self,
        account: str,
        code: str,
        start: date,
        end: date,
        rate: str,
        amount: str,
        sub: str = "s1",
        billed_on: date | None = None,
        **facts: Any,
    ) -> None:
        """A line of a bill; without a day of its own it stands on the bill of the first of the next month."""
        self.add(
            ChargeLine,
            "billing",
            account_number=account,
            billing_code=code,
            rate_minor=int(Decimal(rate) * 100),
            amount_minor=int(Decimal(amount) * 100),
            covers_from=start,
            covers_to=end,
            billed_on=billed_on or next_month(start),
            **({"currency": "USD", "subscription_id": f"{account}-{sub}"} | facts),
        )

    def bill(self, account: str, start: date, end: date, billed_on: date, total: str = "60.00") -> None:
        """A bill as a whole, without its lines."""
        self.add(
            CustomerBill,
            "billing",
            bill_id=f"{account}-{billed_on}",
            account_number=account,
            period_from=start,
            period_to=end,
            billed_on=billed_on,
            state="sent",
            total_minor=int(Decimal(total) * 100),
            currency="USD",
        )

    def adjustment(self, account: str, amount: str, posted_on: date, **facts: Any) -> None:
        """A correction of posted bills, negative in the customer's favour."""
        self.add(
            Adjustment,
            "billing",
            account_number=account,
            amount_minor=int(Decimal(amount) * 100),
            posted_on=posted_on,
            **({"currency": "USD"} | facts),
        )

    def whole_months(self, account: str, code: str, rate: str, months: Iterable[int], sub: str = "s1") -> None:
        for month in months:
            start = date(2026, month, 1)
            self.line(account, code, start, next_month(start), rate, rate, sub)

    def installed(
        self,
        account: str,
        day: date = LAST_YEAR,
        offering: str = "silver",
        ordered: str = "",
        router: str = "",
        dark_since: date | None = None,
        **facts: Any,
    ) -> None:
        """An account with an order, a job and a line at one tier; nothing billed, no fee to pay.

        The order's number is 9 and the account's, and ``facts`` are of it; the device is ``serial_of`` the account.
        """
        order: dict[str, Any] = {
            "offering_id": ordered or offering,
            "effective_on": day,
            "install_fee_waived": True,
        } | facts
        self.account(account)
        self.order(account, f"9{account}", **order)
        self.job(f"9{account}", day, offering, serial_of(account), router)
        self.seen(serial_of(account), PROFILES[offering], day, up=dark_since is None, traffic=dark_since)

    def clean(self, account: str, serial: str = "", months: Iterable[int] = (1, 2, 3)) -> None:
        """A silver customer of last year whose bills are right."""
        self.account(account)
        self.order(account, f"9{account}", effective_on=LAST_YEAR, offering_id="silver")
        self.job(f"9{account}", LAST_YEAR, "silver", serial or serial_of(account))
        self.seen(serial or serial_of(account), "S", LAST_YEAR)
        self.whole_months(account, "SLV", "60.00", months)

    def snapshot(self, folder: Path, rules: str = "", buckets: int | None = None, **request: Any) -> Manifest:
        """Write all that was said as a snapshot."""
        facts: dict[str, Any] = {
            "operator": "Small",
            "market": MARKET,
            "as_of": AS_OF,
            "catalogue": catalogue(self.proration),
            "rules": rules,
            "sources": {},
            "feeds": FRESH,
            "buckets": buckets,
        }
        return write_snapshot(folder, SnapshotRequest(**(facts | request)), batches_by_entity(self.records))


def batches_by_entity(records: Iterable[Record]) -> Mapping[str, tuple[pa.Schema, list[pa.RecordBatch]]]:
    """Records as a snapshot takes them."""
    of_entity: dict[type[Record], list[Record]] = {entity: [] for entity in ENTITIES.values()}
    for record in records:
        of_entity[type(record)].append(record)
    return {name: (arrow_schema(entity), _batches(entity, of_entity[entity])) for name, entity in ENTITIES.items()}


def _batches(entity: type[Record], records: Sequence[Record]) -> list[pa.RecordBatch]:
    if not records:
        return []
    return [pa.RecordBatch.from_pylist([record.to_row() for record in records], schema=arrow_schema(entity))]


def serial_of(account: str) -> str:
    """The serial of an account's device in this fake: the account's number in its last digits."""
    return f"ABCD{account:0>8}"


def next_month(day: date) -> date:
    """The first day of the month after a day."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(17), tzinfo=UTC)
