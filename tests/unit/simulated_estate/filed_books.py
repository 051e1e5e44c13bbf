"""The four books of an estate, read as an auditor would file them: all that is known of one service together."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from simulated_estate.books import Books
from simulated_estate.cycles import period_at
from simulated_estate.months import Window


@dataclass
class File:
    """What the books hold on one account of the CRM, or on one of its services.

    ``subscriptions`` are billing's rows by their number, ``lines`` those of each subscription.
    """

    account: dict[str, Any]
    service: str = ""
    orders: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[tuple[dict[str, Any], dict[str, Any] | None]] = field(default_factory=list)
    exceptions: list[dict[str, Any]] = field(default_factory=list)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    bill_days: list[int] = field(default_factory=list)
    corrections: list[int] = field(default_factory=list)
    cut_overs: list[date] = field(default_factory=list)
    cycles: list[tuple[date, int]] = field(default_factory=list)

    @property
    def number(self) -> str:
        return digits(self.account["AccountNumber"])

    @property
    def suspensions(self) -> list[tuple[date, date | None]]:
        periods = [period for row in self.subscriptions.values() for period in row["suspensions"]]
        return [(day(period["from"]), after(day(period["to"]))) for period in periods]

    def billed(self, window: Window) -> dict[date, int]:
        """By the month in which the period begins that a line is for."""
        billed: dict[date, int] = defaultdict(int)
        for row in (row for rows in self.lines.values() for row in rows):
            period = period_at(day(row["coverFrom"]), tuple(self.cycles), window)
            billed[period.start.replace(day=1)] += cents(row["amount"])
        return billed

    def done(self, *kinds: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Finished jobs of some kinds in the order in which they happened."""
        pairs = [(job, done) for job, done in self.jobs if done and job["type"] in kinds]
        return sorted(pairs, key=lambda pair: moment(pair[1]["completed_at"]))


def cents(amount: str) -> int:
    return int(amount.replace(".", ""))


def digits(text: str) -> str:
    return text.replace("LV-", "").replace("SO-", "").replace("A-", "").lstrip("0")


def plain_serial(text: str) -> str:
    compact = text.upper().replace("-", "").replace(":", "").removeprefix("0X")
    if len(compact) == 16:
        compact = bytes.fromhex(compact[:8]).decode() + compact[8:]
    return compact


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def read_files(books: Books) -> dict[str, File]:
    files = {digits(row["AccountNumber"]): File(row) for row in books.crm["Account"]}
    by_id = {file.account["Id"]: file for file in files.values()}
    for exception in books.crm["Price_Exception__c"]:
        by_id[exception["Account__c"]].exceptions.append(exception)
    read_jobs(books, read_orders(books, by_id))
    read_bills(books, files)
    return {one.service: one for file in files.values() for one in services_in(file)}


def read_orders(books: Books, by_id: dict[str, File]) -> dict[str, File]:
    by_number: dict[str, File] = {}
    orders: dict[str, dict[str, Any]] = {}
    for row in books.crm["Order"]:
        if not row["IsDeleted"]:
            file = by_number[digits(row["OrderNumber"])] = by_id[row["AccountId"]]
            orders[row["Id"]] = row | {"items": {}, "quantities": {}}
            file.orders.append(orders[row["Id"]])
    for item in books.crm["OrderItem"]:
        if item["OrderId"] in orders:
            orders[item["OrderId"]]["items"][item["Product__c"]] = item["Action__c"]
            orders[item["OrderId"]]["quantities"][item["Product__c"]] = item["Quantity"]
    return by_number


def read_jobs(books: Books, by_order: dict[str, File]) -> None:
    completions = {row["work_order_id"]: row for row in books.field_service["completions"]}
    for job in books.field_service["work_orders"]:
        if file := by_order.get(digits(job["order_reference"])):
            file.jobs.append((job, completions.get(job["id"])))


def read_bills(books: Books, files: dict[str, File]) -> None:
    for row in books.billing["subscriptions"]:
        if file := files.get(digits(row["accountNumber"])):
            file.subscriptions[row["subscriptionId"]] = row
    for row in books.billing["charge_lines"]:
        if file := files.get(digits(row["accountNumber"])):
            file.lines[row["subscriptionId"]].append(row)
    for row in books.billing["bills"]:
        if file := files.get(digits(row["accountNumber"])):
            file.bill_days.append(day(row["billDate"]).day)
    for row in books.billing["bill_cycles"]:
        files[digits(row["accountNumber"])].cycles.append((day(row["enteredOn"]), row["cycleDay"]))
    for row in books.billing["adjustments"]:
        if (file := files.get(digits(row["accountNumber"]))) and row["reason"] != "GOODWILL":
            file.corrections.append(cents(row["amount"]))
    read_take_over(books, files)


def read_take_over(books: Books, files: dict[str, File]) -> None:
    """What the billing system has that took accounts over, in the words of the old one."""
    for row in books.target_billing["cut_overs"]:
        files[digits(row["account"])].cut_overs.append(day(row["cut_over_on"]))
    for row in books.target_billing["subscriptions"]:
        own = {"suspensions": [], "serviceLocation": None, "startDate": row["from"]}
        files[digits(row["account"])].subscriptions[row["id"]] = own
    for row in books.target_billing["invoices"]:
        for line in row["lines"]:
            billed = {"coverFrom": line["from"], "amount": line["amount"]}
            files[digits(row["account"])].lines[line["subscription"]].append(billed)


def services_in(file: File) -> list[File]:
    """A file for each installation of an account, the first under its number."""
    installed = {digits(job["order_reference"]) for job, _ in file.done("install")}
    openings = [order for order in file.orders if digits(order["OrderNumber"]) in installed]
    if len(openings) < 2:
        return [replace(file, service=file.number)]
    openings.sort(key=lambda order: order["CreatedDate"])
    services = [
        File(
            file.account,
            f"{file.number}/{digits(order['OrderNumber'])}" if place else file.number,
            [order],
            bill_days=file.bill_days,
            cycles=file.cycles,
        )
        for place, order in enumerate(openings)
    ]
    for order in file.orders:
        if order not in openings:
            is_late = order["Type"] == "Cease"
            days = [opening["EffectiveDate"] + timedelta(days=is_late) for opening in openings]
            services[place_of(order["Premise__c"], order["EffectiveDate"], openings, days)].orders.append(order)
    for service in services:
        known = {digits(order["OrderNumber"]) for order in service.orders}
        service.jobs += [(job, done) for job, done in file.jobs if digits(job["order_reference"]) in known]
    ordered_on = [order["CreatedDate"].date() for order in openings]
    for number, row in file.subscriptions.items():
        premise = (row["serviceLocation"] or "").partition(":")[2]
        service = services[place_of(premise, day(row["startDate"]), openings, ordered_on)]
        service.subscriptions[number] = row
        service.lines[number] = file.lines[number]
    return services


def place_of(premise: str, on: date, openings: list[dict[str, Any]], days: list[date]) -> int:
    """Which service something is of: the only one at its premise, else the latest that there was on its day."""
    there = [place for place, order in enumerate(openings) if order["Premise__c"] == premise]
    if len(there) == 1:
        return there[0]
    return max((place for place, since in enumerate(days) if since <= on), default=0)


def access_devices(job: dict[str, Any], done: dict[str, Any]) -> list[str]:
    """Serials that a finished job left in use; where none was written down, the one that was expected."""
    written = [plain_serial(device["serial"]) for device in done["devices"] if device["kind"] != "router"]
    return written or ([job["expected_serial"]] if job["expected_serial"] else [])


def day(text: Any) -> Any:
    return None if text is None else date.fromisoformat(text)


def after(last_day: date | None) -> date | None:
    return None if last_day is None else last_day + timedelta(days=1)


def local_day(done: dict[str, Any]) -> date:
    return moment(done["completed_at"]).date()
