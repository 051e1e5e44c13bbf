"""What the KPIs of bills, months, touches and findings are in truth in a market of the simulated estate."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from simulated_estate.books import Row
from simulated_estate.life.hands import Hand, hands_on_job, hands_on_order, opener
from simulated_estate.life.records import Life
from simulated_estate.months import add_months
from tests.fakes.estate_kpis import Truth
from tests.fakes.estate_market import EstateMarket


def bill_truths(market: EstateMarket) -> dict[str, Truth]:
    """KPIs of bills."""
    truths = {name: Truth() for name in ("late_charges", "dispute_rate", "disputed_value")}
    internal = {life.account for life in market.lives if life.segment == "internal"}
    disputed = {row["billNumber"] for row in market.rows("disputes")}  # all are opened three days after the bill
    lines: dict[str, list[Row]] = {}
    for line in market.rows("charge_lines"):
        lines.setdefault(line["billNumber"], []).append(line)
    for row in market.rows("bills"):
        billed = date.fromisoformat(row["billDate"])
        if not market.window.start <= billed < market.window.end or row["status"] == "HELD":
            continue
        if row["accountNumber"].lstrip("0") in internal:
            continue
        charges = [line for line in lines[row["billNumber"]] if Decimal(line["amount"]) > 0]
        late = [line for line in charges if line["coverTo"] < row["periodFrom"]]
        sums = (_cents(late), _cents([line for line in charges if line not in late]))
        truths["late_charges"].add(*sums)
        total = abs(int(Decimal(row["total"]) * 100))
        if billed + timedelta(days=60) > market.day(market.window.as_of):
            truths["dispute_rate"].left_out["its 60 days are not over"] += 1
            truths["disputed_value"].left_out["its 60 days are not over"] += 1
        else:
            is_disputed = row["billNumber"] in disputed
            truths["dispute_rate"].add(int(is_disputed))
            truths["disputed_value"].add(total if is_disputed else 0, total)
    return truths


def _cents(lines: Iterable[Row]) -> int:
    return sum(int(Decimal(line["amount"]) * 100) for line in lines)


def month_truths(market: EstateMarket) -> dict[str, Truth]:
    """KPIs of months and of touches."""
    names = "invoice_accuracy service_calls reconciliation_time billing_errors touches_by_step"
    truths = {name: Truth() for name in names.split()}
    internal = {life.account for life in market.lives if life.segment == "internal"}
    for first in market.window.firsts():
        month = (first, add_months(first, 1))
        sent = sum(
            abs(int(Decimal(row["total"]) * 100))
            for row in market.rows("bills")
            if month[0] <= date.fromisoformat(row["billDate"]) < month[1]
            and row["status"] != "HELD"
            and row["accountNumber"].lstrip("0") not in internal
        )
        corrected = sum(
            abs(int(Decimal(row["amount"]) * 100))
            for row in market.rows("adjustments")
            if row["reason"] != "GOODWILL"
            and month[0] <= date.fromisoformat(row["adjustedOn"]) < month[1]
            and row["accountNumber"].lstrip("0") not in internal
        )
        told = [call for _, call in market.calls() if month[0] <= market.day(call.opened) < month[1]]
        calls = sum(call.kind != "reconciliation" for call in told)
        truths["invoice_accuracy"].add(sent - corrected, sent, corrected)
        truths["billing_errors"].add(corrected, sent, corrected)  # nothing was written off
        truths["service_calls"].add(calls, _services(market, *month), calls)
        truths["reconciliation_time"].add(sum(call.minutes for call in told if call.kind == "reconciliation"))
    for hand in touches(market):
        if market.within(hand.moment):
            by_hand = hand.is_person and (hand.step, hand.action) != ("order", "entered")
            truths["touches_by_step"].add(int(by_hand), group=hand.step)
    return truths


def touches(market: EstateMarket) -> Iterator[Hand]:
    """Every hand that some system wrote down."""
    for life in market.lives:
        for order in life.orders:
            if not order.is_deleted:
                yield from hands_on_order(order, life.jobs)
        for job in life.jobs:
            yield from hands_on_job(job)
    for row in market.estate.books.billing["subscriptions"]:
        if row["marketCode"] == market.market.billing_code:
            actor, is_person = opener(row["subscriptionId"])
            start = datetime.combine(date.fromisoformat(row["startDate"]), time(9, 30), market.market.zone)
            yield Hand("billing", "copied" if is_person else "entered", actor, is_person, start)


def _services(market: EstateMarket, start: date, end: date) -> int:
    """Services that ran on a day."""
    return sum(_runs(service, start, end) for _, _, service in services(market))


def services(market: EstateMarket) -> Iterator[tuple[Life, str, tuple[date, date | None]]]:
    """Every service with its name and its days."""
    for life in market.lives:
        delivered = [(one.start, one.end, one.opened_by) for one in (*life.earlier, life.service) if one is not None]
        if not delivered:  # somebody made up a second account: an installation is on record, and so is the service
            done = [job.completion.completed for job in life.jobs if job.kind == "install" and job.completion]
            delivered = [(market.day(moment), None, "") for moment in done]
        for place, (start, end, opened_by) in enumerate(delivered):
            yield life, f"{life.account}/{opened_by}" if place else life.account, (start, end)


def _runs(days: tuple[date, date | None], start: date, end: date) -> bool:
    return days[0] < end and (days[1] is None or days[1] > start)


def leakage_truths(market: EstateMarket) -> dict[str, Truth]:
    """KPIs of findings, by the true ledger; nothing came back and nothing was written off yet."""
    names = (
        "leakage_rate recoverable_share recovered_and_recoverable recovery_ratio days_to_recovery services_misbilled"
        " churn"
    )
    truths = {name: Truth() for name in names.split()}
    short = [entry for entry in market.ledger if entry.direction == "under_billed"]
    months = {f"{first:%Y-%m}" for first in market.window.firsts()}
    for month in months | {month for entry in market.ledger for month in entry.by_month}:
        of_class = Counter()
        for entry in short:
            of_class[entry.exposure_class] += entry.by_month.get(month, 0)
        lines = [line for line in market.rows("charge_lines") if line["coverFrom"].startswith(month)]
        billed = _cents(lines) if month in months else 0
        back, leaked = of_class["recoverable"], of_class["recoverable"] + of_class["lost"]
        truths["leakage_rate"].add(leaked, billed + leaked, leaked)
        truths["recoverable_share"].add(back, billed, back)
        truths["recovered_and_recoverable"].add(back, billed, 0)
    for entry in short:
        if entry.exposure_class in ("lost", "recoverable"):
            truths["recovery_ratio"].add(0, entry.amount_minor, 0, group="0-30 days")
            truths["days_to_recovery"].left_out["nothing of it came back yet"] += 1
    wrong = {
        entry.subject for entry in market.ledger if entry.subject_kind == "service" and entry.direction != "cost"
    }
    for life, name, service in services(market):
        if not _runs(service, market.window.start, market.window.end):
            continue
        if life.account in market.unjoined:
            truths["services_misbilled"].left_out["its records lead nowhere and it was not judged"] += 1
        else:
            truths["services_misbilled"].add(int(name in wrong))
    for first in market.window.firsts():
        until = add_months(first, 1)
        ceased = sum(
            order.kind == "Cease" and order.state == "completed" and first <= order.effective < until
            for life in market.lives
            for order in life.orders
        )
        truths["churn"].add(ceased, _services(market, first, until), ceased)
    return truths
