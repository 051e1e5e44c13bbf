"""A careful auditor who reads only the four books finds what was planted, to the cent, and nothing else.

The auditor joins CRM and billing by account number, CRM and field service by order number, field service and network
by serial, and knows the catalogue. An account that was installed twice has two services: what names a premise is of
the one there, the rest goes by its day. The auditor works out what should have been billed and compares by month.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from filed_books import File, access_devices, after, digits, local_day, moment, plain_serial, read_files

from simulated_estate.belief import Belief, Fee, FixedRate, Item, Subscription
from simulated_estate.biller import bill, by_month
from simulated_estate.books import DeviceRow
from simulated_estate.cast import BLOCK, HALF_BLOCK
from simulated_estate.catalogue import (
    ACCESS,
    AUTOPAY,
    AUTOPAY_DISCOUNT,
    EARLY_END_FEE,
    GIG_OFFERINGS,
    GIG_START,
    INSTALL_FEE,
    LOYALTY,
    MESH,
    OFFICE_PACK,
    OUTLET_FEE,
    PROMOTIONS,
    RECONNECT_FEE,
    RENTAL,
    STATIC_IP,
    TALK_BUNDLE,
    VISIT_FEE,
    VOICE,
)
from simulated_estate.estate import Estate, build_estate
from simulated_estate.ledger import ORDER
from simulated_estate.life.events import MESH_MODEL
from simulated_estate.life.fieldwork import CUSTOMERS_OWN, OUTLET
from simulated_estate.markets import MARKETS
from simulated_estate.months import add_months

OFFERING_OF_WORDS = {word: product.id for product in ACCESS.values() for word in product.words}
MARKET_OF_NAME = {market.name: market for market in MARKETS.values()}
GRACE = timedelta(days=2)


def settled(missing: dict[date, int], corrections: list[int]) -> dict[date, int]:
    """What is left of a difference when adjustments are taken off: the whole, an exact month, or the oldest ones."""
    for amount in corrections:
        exact = [month for month in sorted(missing) if missing[month] == amount]
        rest = amount
        for month in sorted(missing) if sum(missing.values()) == amount or not exact else exact[:1]:
            part = min(rest, missing[month], key=abs) if rest * missing[month] > 0 else 0
            missing[month] -= part
            rest -= part
    return missing


class Auditor:
    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.files = read_files(estate.books)
        self.siblings: dict[str, list[File]] = defaultdict(list)
        for file in self.files.values():
            self.siblings[file.number].append(file)
        self.devices = {row.serial: row for rows in estate.books.network.values() for row in rows}
        self.owners = self._owners()
        self.returned: dict[str, list[date]] = defaultdict(list)
        for row in estate.books.field_service["stock_movements"]:
            if row["type"] == "return":
                self.returned[row["serial"]].append(moment(row["moved_at"]).date())
        self.mesh = {
            row["serial"] for row in estate.books.field_service["stock_movements"] if row["model"] == MESH_MODEL
        }

    def difference(self, file: File) -> dict[date, int]:
        """Cents per month that should have been billed and were not."""
        expected = by_month(bill(self._truth(file), self.estate.window))
        billed = file.billed(self.estate.window)
        months = expected.keys() | billed.keys()
        missing = {month: expected.get(month, 0) - billed.get(month, 0) for month in months}
        missing = {month: rest for month, rest in missing.items() if rest}
        return {month: rest for month, rest in settled(missing, file.corrections).items() if rest}

    def _bill_day(self, file: File, charged_from: date) -> int:
        """The day on which an account is billed; a new one without any bill may be billed as late as any other."""
        if file.cycles:
            return 1
        if file.bill_days:
            return max(set(file.bill_days), key=file.bill_days.count)
        return 8 if charged_from >= add_months(self.estate.window.end, -1) else 1

    def ghosts(self) -> set[str]:
        return {serial for serial, row in self.devices.items() if serial not in self.owners and self._is_live(row)}

    def _owners(self) -> dict[str, str]:
        """The account that had each device first."""
        claims: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for file in self.files.values():
            for job, done in file.done("install", "move", "repair"):
                for serial in access_devices(job, done):
                    claims[serial].append((moment(done["completed_at"]), file.number))
        return {serial: min(claimants)[1] for serial, claimants in claims.items()}

    def _is_live(self, row: DeviceRow | None) -> bool:
        return row is not None and row.oper_state == "up" and row.last_traffic_at is not None

    def _device(self, file: File) -> tuple[str, DeviceRow | None]:
        """The device of a service; what it carries tells nothing once another of the account has taken it over."""
        placed = [
            (moment(done["completed_at"]), serial)
            for job, done in file.done("install", "move", "repair")
            for serial in access_devices(job, done)
        ]
        since, serial = placed[-1]
        others = [other for other in self.siblings[file.number] if other is not file]
        is_taken_over = any(
            serial in access_devices(job, done) and moment(done["completed_at"]) > since
            for other in others
            for job, done in other.done("install")
        )
        device = self.devices.get(serial)
        is_back = device is not None and any(
            since.date() <= back < (device.last_traffic_at or since).date() for back in self.returned.get(serial, [])
        )
        return serial, None if is_taken_over or is_back else device

    def _truth(self, file: File) -> Belief:
        market = MARKET_OF_NAME[file.account["Market__c"]]
        nothing = Belief(file.number, market.id, cycles=tuple(file.cycles))
        installs = file.done("install")
        if not installs:
            return nothing
        serial, device = self._device(file)
        if self.owners[serial] != file.number and serial not in self.returned:
            return nothing
        start = local_day(installs[0][1])
        last_traffic = device.last_traffic_at if self._is_live(device) and device else None
        traffic_on = last_traffic.astimezone(market.zone).date() if last_traffic else date.min
        ends = [order["EffectiveDate"] for order in file.orders if order["Type"] == "Cease"]
        end = next((day for day in ends if traffic_on <= day + GRACE), None)
        suspensions = tuple(
            period for period in file.suspensions if period[1] is not None or traffic_on <= period[0] + GRACE
        )
        free, paid_for = courtesy(file), suspensions
        if device is not None and device.locked:
            suspensions = tuple(self._kept_cut(period, device, market.zone) for period in suspensions)
        items = (*self._access(file, device, start, market.zone), *self._extras(file, start))
        moves = [local_day(done) for _, done in file.done("move")]
        moves += [day for day in file.cut_overs if end is None or day < end]
        subscriptions = tuple(
            Subscription(
                str(number),
                begin,
                until,
                items,
                (*suspensions, *free),
                bill_day=self._bill_day(file, market.charged_from(start)),
                begun_on=start,
            )
            for number, (begin, until) in enumerate(zip((start, *moves), (*moves, end), strict=True))
        )
        fees = tuple(self._fees(file, start, end, paid_for))
        own = (replace(subscriptions[0], fees=fees), *subscriptions[1:])
        return Belief(file.number, market.id, own, tuple(file.cycles))

    def _kept_cut(self, period: tuple[date, date | None], device: DeviceRow, zone: Any) -> tuple[date, date | None]:
        """A suspension after which nothing was ever carried goes on, whatever billing says."""
        last = device.last_traffic_at
        is_used = period[1] is None or (last is not None and last.astimezone(zone).date() >= period[1])
        return period if is_used else (period[0], None)

    def _held(self, row: Any, device: DeviceRow | None, zone: Any) -> FixedRate:
        """An agreed rate; a hold ends on the day the line was provisioned anew, where it is in use since."""
        start, end = row["Valid_From__c"], after(row["Valid_To__c"])
        if row["Kind__c"] == "vacation_hold" and self._is_live(device) and device and device.last_traffic_at:
            used = device.last_traffic_at.astimezone(zone).date()
            since = device.profile_since.astimezone(zone).date() if device.profile_since else used
            if start + GRACE < used < (end or date.max):
                end = since if since > start else used
        return FixedRate(row["Amount__c"], start, end)

    def _fees(
        self, file: File, start: date, end: date | None, suspensions: tuple[tuple[date, date | None], ...]
    ) -> Iterator[Fee]:
        if self._is_fee_due(file, start) and not any(begin <= start for begin, _ in courtesy(file)):
            yield Fee(INSTALL_FEE, start)
        for _, restored in suspensions:
            if restored is not None and not self._is_waived(file, RECONNECT_FEE, restored):
                yield Fee(RECONNECT_FEE, restored)
        for job, done in file.done("change", "repair"):
            day = local_day(done)
            if job["visits"][-1]["cause"] == CUSTOMERS_OWN and not self._is_waived(file, VISIT_FEE, day):
                yield Fee(VISIT_FEE, day)
            yield from (Fee(OUTLET_FEE, day, task["quantity"]) for task in done["tasks"] if task["code"] == OUTLET)
        (order,) = [order for order in file.orders if order["Type"] == "New"]
        if end is not None and order["Term_Months__c"] and not self._is_waived(file, EARLY_END_FEE, end):
            until, months = add_months(start, order["Term_Months__c"]), 0
            while add_months(end, months) < until:
                months += 1
            if months:
                yield Fee(EARLY_END_FEE, end, months)

    def _access(self, file: File, device: DeviceRow | None, start: date, zone: Any) -> list[Item]:
        events = [
            (moment(done["completed_at"]), local_day(done), OFFERING_OF_WORDS[done["installed_plan"]])
            for _, done in file.done("install", "change", "repair", "move")
        ]
        visited = {digits(job["order_reference"]) for job, _ in file.jobs}
        events += [
            (order["Completed_At__c"], order["EffectiveDate"], order["Offering__c"])
            for order in file.orders
            if order["Type"] == "Change" and order["Offering__c"] and digits(order["OrderNumber"]) not in visited
        ]
        if device is not None and device.profile_since is not None:
            technology = MARKET_OF_NAME[file.account["Market__c"]].technology
            profile = next(
                product.id
                for product in ACCESS.values()
                if product.profile == device.profile and technology in product.technologies
            )
            events.append((device.profile_since, device.profile_since.astimezone(zone).date(), profile))
        tier_of_day = {day: offering for _, day, offering in sorted(events)}
        days = sorted(tier_of_day)
        rates = [
            (
                row["Code__c"],
                self._held(row, device, zone),
            )
            for row in file.exceptions
            if row["Kind__c"] in ("price_override", "vacation_hold")
        ]
        items: list[Item] = []
        for day, until in zip(days, (*days[1:], None), strict=True):
            offering = tier_of_day[day]
            if items and items[-1].product == offering:
                items[-1] = Item(offering, items[-1].start, until, items[-1].rates)
            else:
                own = tuple(fixed for code, fixed in rates if code == offering)
                items.append(Item(offering, max(day, start), until, own))
        return items

    def _extras(self, file: File, start: date) -> list[Item]:
        items: list[Item] = []
        items += self._rentals(file)
        for product in (STATIC_IP, VOICE, AUTOPAY, OFFICE_PACK):
            items += self._addon(file, product, start)
        items += [
            Item(LOYALTY, row["Valid_From__c"], after(row["Valid_To__c"]), (FixedRate(row["Amount__c"]),))
            for row in file.exceptions
            if row["Kind__c"] == "loyalty_credit" and row["Valid_To__c"] and row["Approved_By__c"]
        ]
        for order in file.orders:
            promotion = order["Promo_Code__c"]
            if promotion == GIG_START and order["Offering__c"] not in GIG_OFFERINGS:
                continue
            if promotion:
                end = add_months(start, PROMOTIONS[promotion].months)
                longer = [
                    after(row["Valid_To__c"]) or date.max
                    for row in file.exceptions
                    if row["Kind__c"] == "promo_extension" and row["Code__c"] == promotion
                ]
                items.append(Item(promotion, start, max([end, *longer])))
        return items

    def _rentals(self, file: File) -> list[Item]:
        """Each leased router until another one stands there or it was scanned in; alike ones are one rental."""
        routers = [
            (local_day(done), plain_serial(device["serial"]), device["ownership"])
            for _, done in file.done("install", "move", "repair")
            for device in done["devices"]
            if device["kind"] == "router"
        ]
        items: list[Item] = []
        for place, (day, serial, ownership) in enumerate(routers):
            ends = [after_it for after_it, _, _ in routers[place + 1 : place + 2]]
            ends += [back for back in self.returned.get(serial, []) if back >= day]
            product = MESH if serial in self.mesh else RENTAL
            if ownership == "leased" and items and (items[-1].product, items[-1].end) == (product, day):
                items[-1] = replace(items[-1], end=min(ends, default=None))
            elif ownership == "leased":
                own = tuple(
                    FixedRate(row["Amount__c"], row["Valid_From__c"], after(row["Valid_To__c"]))
                    for row in file.exceptions
                    if row["Kind__c"] == "price_override" and row["Code__c"] == product
                )
                items.append(Item(product, day, min(ends, default=None), own))
        return items

    def _addon(self, file: File, product: str, start: date) -> list[Item]:
        spans: list[list[date | None]] = []
        quantities: list[int] = []
        orders = sorted(file.orders, key=lambda order: order["EffectiveDate"])
        for order in orders:
            day = start if order["Type"] == "New" else order["EffectiveDate"]
            action = order["items"].get(product)
            if action == "Add" and order["StatusCode"] == "Completed":
                spans.append([day, None])
                quantities.append(order["quantities"][product])
            elif action == "Delete":
                spans[-1][1] = day
        names = {VOICE: (VOICE, *TALK_BUNDLE), AUTOPAY: (AUTOPAY_DISCOUNT,)}.get(product, (product,))
        counted = zip(spans, quantities, strict=True)
        return [Item(name, *span, quantity=quantity) for span, quantity in counted for name in names]

    def _is_fee_due(self, file: File, start: date) -> bool:
        (order,) = [order for order in file.orders if order["Type"] == "New"]
        return not (order["Install_Fee_Waived__c"] or self._is_waived(file, INSTALL_FEE, start))

    def _is_waived(self, file: File, fee: str, day: date) -> bool:
        return any(
            row["Kind__c"] == "fee_waiver"
            and row["Code__c"] == fee
            and row["Valid_From__c"] <= day < (after(row["Valid_To__c"]) or date.max)
            for row in file.exceptions
        )


def courtesy(file: File) -> tuple[tuple[date, date | None], ...]:
    """Days on which an account is free by approval."""
    rows = [row for row in file.exceptions if row["Kind__c"] == "courtesy_account"]
    return tuple((row["Valid_From__c"], after(row["Valid_To__c"])) for row in rows)


def planted(estate: Estate) -> dict[str, dict[date, int]]:
    """Service -> month -> cents under-billed less cents over-billed, by the true ledger."""
    sums: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for entry in estate.ledger:
        sign = 1 if entry.direction == "under_billed" else -1
        for month, cents in entry.by_month.items():
            if entry.subject_kind == "service" and entry.rule in ORDER:
                sums[entry.subject][date.fromisoformat(f"{month}-01")] += sign * cents
    return {service: {month: cents for month, cents in months.items() if cents} for service, months in sums.items()}


def has_lost_its_job(file: File) -> bool:
    known = {digits(job["order_reference"]) for job, _ in file.jobs}
    return any(
        order["Type"] == "New" and order["StatusCode"] == "Completed" and digits(order["OrderNumber"]) not in known
        for order in file.orders
    )


@pytest.mark.parametrize(
    ("subscribers", "months", "seed"),
    [
        (3 * BLOCK, 12, 1),
        (BLOCK, 12, 2),
        (BLOCK, 12, 3),
        (BLOCK, 2, 4),
        (BLOCK, 5, 5),
        (HALF_BLOCK, 12, 6),
        (BLOCK, 18, 7),
    ],
)
def test_the_books_differ_from_the_truth_by_the_ledger_and_by_nothing_else(
    subscribers: int, months: int, seed: int
) -> None:
    estate = build_estate(subscribers, months, seed)
    auditor = Auditor(estate)
    found = {
        number: difference
        for number, file in auditor.files.items()
        if not has_lost_its_job(file) and (difference := auditor.difference(file))
    }
    assert found == planted(estate)


@pytest.mark.parametrize("seed", [1, 2])
def test_live_devices_that_the_field_does_not_know_are_the_planted_ghosts_or_mistyped(seed: int) -> None:
    estate = build_estate(2 * BLOCK, 12, seed)
    auditor = Auditor(estate)
    ghosts = {entry.subject for entry in estate.ledger if entry.rule in ("RL-B01", "RL-E05")} - auditor.owners.keys()
    mistyped = {record.subject for record in estate.unjoinable if record.kind == "serial"}
    lost = {plain_serial(device["serial"]) for device in devices_of_mistyped_orders(estate)}
    let = {row["serial"] for row in estate.books.field_service["wholesale_lines"]}
    assert auditor.ghosts() - let == ghosts | mistyped | lost


def devices_of_mistyped_orders(estate: Estate) -> list[dict[str, Any]]:
    texts = {record.subject for record in estate.unjoinable if record.kind == "order_number"}
    jobs = {row["id"] for row in estate.books.field_service["work_orders"] if row["order_reference"] in texts}
    return [
        device
        for row in estate.books.field_service["completions"]
        if row["work_order_id"] in jobs
        for device in row["devices"]
        if device["kind"] != "router"
    ]
