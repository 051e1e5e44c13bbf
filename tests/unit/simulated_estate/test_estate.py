"""An estate is the same world for the same seed, of whatever size, and holds every kind of trouble."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from simulated_estate.cast import BLOCK, HALF_BLOCK, IN_COMMON
from simulated_estate.cycles import period_at
from simulated_estate.estate import Estate, build_estate, slots
from simulated_estate.innocents import LOOK_ALIKES, UNJOINABLE
from simulated_estate.ledger import BESIDE_THE_BILL, OF_DEVICES, ORDER
from simulated_estate.mistakes import SINGLE
from simulated_estate.months import Window

YEAR = Window(date(2025, 11, 1), date(2026, 11, 1))
RULES = {*ORDER, *OF_DEVICES, *BESIDE_THE_BILL}


@pytest.fixture(scope="module")
def estate() -> Estate:
    return build_estate(3 * BLOCK)


def test_the_same_seed_builds_the_same_estate() -> None:
    one, other = build_estate(120, seed=5), build_estate(120, seed=5)
    assert one.books == other.books
    assert one.ledger == other.ledger


def test_another_seed_builds_another_estate() -> None:
    assert build_estate(60, seed=1).books != build_estate(60, seed=2).books


def test_a_subscriber_is_the_same_in_estates_of_every_size() -> None:
    few, many = ([slot.stories for slot in slots(count, YEAR, 3)] for count in (70, 450))
    assert [story.life for stories in few for story in stories] == [
        story.life for stories in many[:70] for story in stories
    ]
    small, large = build_estate(70, seed=3), build_estate(450, seed=3)
    assert large.ledger[: len(small.ledger)] == small.ledger
    for feed, rows in small.books.billing.items():
        assert large.books.billing[feed][: len(rows)] == rows


def test_half_a_block_shows_every_mistake() -> None:
    for seed in (1, 2, 3):
        assert {entry.rule for entry in build_estate(HALF_BLOCK, seed=seed).ledger} == RULES


@pytest.mark.parametrize("months", [2, 6])
def test_short_windows_show_every_mistake_too(months: int) -> None:
    shown = {entry.rule for entry in build_estate(HALF_BLOCK, months).ledger}
    assert shown == (RULES if months > 3 else RULES - {"RL-C12"})  # which holds a bill against three before it


def test_each_block_shows_each_plot(estate: Estate) -> None:
    for plot in (*SINGLE, *LOOK_ALIKES, *UNJOINABLE):
        assert estate.roles[plot.__name__] == 3, plot.__name__


def test_every_other_customer_is_an_ordinary_one_or_shares_a_mistake(estate: Estate) -> None:
    sharing = [estate.roles[plot.__name__] for plot in IN_COMMON]
    assert sharing == [20, 20], "ten in each block but the first"
    assert estate.roles["ordinary"] == 3 * HALF_BLOCK - sum(sharing)


def test_what_customers_share_is_told_in_the_ledger_and_is_true_of_them(estate: Estate) -> None:
    shared: dict[str, set[str]] = defaultdict(set)
    for entry in estate.ledger:
        if entry.shared:
            shared[f"{entry.market} {entry.rule} {entry.shared}"].add(entry.subject)
    assert {cause: len(subjects) for cause, subjects in shared.items()} == {
        "riverbend RL-C03 crew Crew 4": 20,
        "northshore RL-C05 offering air-200": 20,
    }
    by_work_order = {row["work_order_id"]: row["crew"] for row in estate.books.field_service["completions"]}
    accounts = {row["Order_Key__c"]: row["Account_Number__c"] for row in estate.books.crm["Order"]}
    crews = defaultdict(set)
    for row in estate.books.field_service["work_orders"]:
        if row["id"] in by_work_order:
            number = row["order_reference"].removeprefix("SO-").zfill(8)
            crews[accounts.get(number, "").removeprefix("LV-").lstrip("0")].add(by_work_order[row["id"]])
    assert all(crews[account] == {"Crew 4"} for account in shared["riverbend RL-C03 crew Crew 4"])


def billed_otherwise(estate: Estate) -> dict[int, list[tuple[date, int]]]:
    """The bill cycles of accounts that are not billed by calendar months."""
    cycles: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for row in estate.books.billing["bill_cycles"]:
        cycles[int(row["accountNumber"])].append((date.fromisoformat(row["enteredOn"]), row["cycleDay"]))
    return cycles


def test_each_mistake_comes_in_all_three_markets(estate: Estate) -> None:
    markets: dict[str, set[str]] = defaultdict(set)
    for entry in estate.ledger:
        markets[entry.rule].add(entry.market)
    assert markets.pop("RL-D04") == {"riverbend", "mesa"}  # where voice is sold
    for rule in ("RL-A02", "RL-A03", "RL-C07"):
        assert markets.pop(rule) == {"riverbend", "northshore"}  # where parts of a first month are charged
    assert {"mesa"} < markets.pop("RL-J05")  # days between two systems, and elsewhere between two bill cycles
    of_moved_accounts = {rule for rule in markets if rule.startswith("RL-J")}
    assert all(markets.pop(rule) == {"mesa"} for rule in of_moved_accounts)
    assert all(len(found) == 3 for found in markets.values())


def test_some_services_have_two_causes_at_once(estate: Estate) -> None:
    rules: dict[str, set[str]] = defaultdict(set)
    for entry in estate.ledger:
        rules[entry.subject].add(entry.rule)
    pairs = {tuple(sorted(causes)) for causes in rules.values() if len(causes) > 1}
    assert {("RL-A02", "RL-C03"), ("RL-A02", "RL-E01"), ("RL-C05", "RL-D01"), ("RL-A03", "RL-B04")} <= pairs


def test_it_is_looked_at_four_days_after_the_last_billed_month(estate: Estate) -> None:
    assert estate.as_of == datetime(2026, 11, 5, 12, tzinfo=UTC)
    months = [
        row for row in estate.books.billing["bills"] if int(row["accountNumber"]) not in billed_otherwise(estate)
    ]
    assert max(row["billDate"] for row in months) == "2026-11-01"
    assert max(row["billDate"] for row in estate.books.billing["bills"]) == "2026-11-05"
    assert min(row["coverFrom"] for row in estate.books.billing["charge_lines"]) == "2025-11-01"


def test_nothing_happened_after_anybody_looked(estate: Estate) -> None:
    books = estate.books
    stamps = [row["SystemModstamp"] for rows in books.crm.values() for row in rows]
    stamps += [datetime.fromisoformat(row["modified"]) for rows in books.billing.values() for row in rows]
    stamps += [datetime.fromisoformat(row["updated_at"]) for rows in books.field_service.values() for row in rows]
    stamps += [row.last_traffic_at or row.registered_since for rows in books.network.values() for row in rows]
    assert max(stamps) <= estate.as_of


def test_most_customers_have_been_there_since_before_the_window(estate: Estate) -> None:
    starts = [
        story.life.service.start for slot in slots(1500, YEAR, 1) for story in slot.stories if story.life.service
    ]
    tenured = sum(start < YEAR.start for start in starts)
    assert 0.5 < tenured / len(starts) < 0.75


def test_no_identifier_means_two_things(estate: Estate) -> None:
    books = estate.books
    for rows in books.crm.values():
        assert len({row["Id"] for row in rows}) == len(rows)
    for rows in books.field_service.values():
        assert len({row["id"] for row in rows}) == len(rows)
    for key in ("subscriptionId", "lineId", "billNumber", "paymentId"):
        rows = next(rows for rows in books.billing.values() if rows and next(iter(rows[0])) == key)
        assert len({row[key] for row in rows}) == len(rows)
    serials = [row.serial for rows in books.network.values() for row in rows]
    assert len(set(serials)) == len(serials)
    ports = [(element, row.port) for element, rows in books.network.items() for row in rows]
    assert len(set(ports)) == len(ports)


def test_a_bill_is_the_sum_of_its_lines(estate: Estate) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in estate.books.billing["charge_lines"]:
        sums[line["billNumber"]] += Decimal(line["amount"])
    assert sums == {row["billNumber"]: Decimal(row["total"]) for row in estate.books.billing["bills"]}


def test_no_line_reaches_over_the_end_of_its_month_or_period(estate: Estate) -> None:
    cycles = billed_otherwise(estate)
    for line in estate.books.billing["charge_lines"]:
        assert line["coverFrom"] <= line["coverTo"] < line["billDate"]
        first = date.fromisoformat(line["coverFrom"])
        period = period_at(first, tuple(cycles[int(line["accountNumber"])]), estate.window)
        assert date.fromisoformat(line["coverTo"]) < period.end <= date.fromisoformat(line["billDate"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"subscribers": 0}, "needs subscribers"),
        ({"subscribers": 5, "months": 1}, "two at least"),
        ({"subscribers": 5, "end": date(2026, 11, 2)}, "whole months"),
    ],
)
def test_an_impossible_estate_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_estate(**arguments)  # type: ignore[arg-type]
