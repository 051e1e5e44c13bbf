"""A failing suite stops its stream alone: no cursor moves, no half of a page is stored, and the mended feed goes on.

The pulls are processes that are killed at random moments, while the feed is spoilt and after it was mended.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from canonical_model.errors import UnsafeToContinue
from hub.reconcile import reconcile_market
from hub.stream_quality import quality_of
from hub.sync import streams_of, sync_stream, systems_of
from storage.schema.synchronisation import LANDING, PULL
from storage.streams import stream_state
from tests.fakes.books_operator import NOW, Books, aside, known_lines, records, small_books
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley
from tests.fakes.splice_process import ended, killed, started, timed

PAGE, PAGES, SPOILT = 4, 9, 5
"""Records in a page, pages of the source, and which page is spoilt, counted from 0."""
SOUND = PAGE * SPOILT
COMMAND = ["sync", "crm", "bills", "--as-of", f"{NOW:%Y-%m-%dT%H:%M:%S}"]
BILLED = "{name: sound, expectation: expect_column_values_to_not_be_null, column: bill_id, mostly: 0.9, per: page}"
OF_AN_ACCOUNT = (
    "{name: sound, expectation: expect_column_values_to_be_known, column: account_number, mostly: 0.9, per: page,"
    " among: {entity: BillingAccount, systems: [crm]}}"
)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with small_books(tmp_path, page_size=PAGE) as opened:
        opened.accounts(1)
        yield opened


def fill(books: Books, *pages: int, **facts: Any) -> None:
    """The lines of these pages are sound but for the facts given."""
    for number in range(PAGE * PAGES):
        if number // PAGE in pages:
            line = {"account": 1, "bill": "B1"} | facts
            books.line(f"L{number:02}", line["account"], bill=line["bill"], minute=number)


def stored(books: Books, workspace: Path) -> list[str]:
    """Lines that are known: those that are landed, from the first one to where the cursor stands, and no other."""
    with books.hub(workspace) as hub:
        lines = sorted(known_lines(hub))
        with hub.database.reading() as connection:
            resume = stream_state(connection, "bills", "lines").resume or {}
            query = select(LANDING.c.landed_id).where(LANDING.c.stream == "lines")
            assert sorted(connection.execute(query).scalars()) == lines
    assert lines == [f"L{number:02}" for number in range(len(lines))]
    if lines and "position" in resume:
        assert resume["position"][-1] == lines[-1], "the cursor is not where the last stored page ends"
    return lines


def results(books: Books, workspace: Path) -> list[tuple[str, int, int]]:
    """Outcome of each pull of the lines, what it read, and how many records its check has judged."""
    with books.hub(workspace) as hub:
        (stream,) = quality_of(hub, "bills", NOW).streams
        judged = {one.pull_id: one.judgement.evaluated for one in stream.checks[0].results}
        with hub.database.reading() as connection:
            query = select(PULL.c.id, PULL.c.outcome, PULL.c.read).where(PULL.c.stream == "lines").order_by(PULL.c.id)
            return [(outcome, read, judged.get(number, 0)) for number, outcome, read in connection.execute(query)]


@pytest.mark.parametrize(
    ("expectation", "spoilt", "kills"),
    [(BILLED, {"bill": None}, 1), (OF_AN_ACCOUNT, {"account": 9}, 2)],
    ids=["by the library", "by references"],
)
def test_killed_at_random_moments_while_it_is_spoilt_and_after_it_was_mended(
    books: Books, tmp_path: Path, expectation: str, spoilt: dict[str, Any], kills: int
) -> None:
    chance = random.Random(5)
    work = tmp_path / "work"
    books.quality(expectation)
    fill(books, *range(PAGES))
    takes_s = timed(started(books, tmp_path / "undisturbed", *COMMAND))
    fill(books, SPOILT, **spoilt)
    for _ in range(kills):
        killed(started(books, work, *COMMAND), chance.uniform(0.1, 0.9) * takes_s)
        assert len(stored(books, work)) <= SOUND
        # a pull that was killed has judged what it has stored, and nothing else
        assert all(read == judged for outcome, read, judged in results(books, work) if outcome != "stopped")
    status, output, errors = ended(started(books, work, *COMMAND))
    assert status == 3, output + errors
    assert "fails its quality suite: 'sound'" in errors
    # a pull that goes on may cut its pages elsewhere, so that a few sound records share the page that is refused
    before = len(stored(books, work))
    assert SOUND - PAGE < before <= SOUND
    (outcome, read, judged) = results(books, work)[-1]
    assert (outcome, judged) == ("stopped", read)

    killed(started(books, work, *COMMAND), chance.uniform(0.1, 0.9) * takes_s)
    assert before <= len(stored(books, work)) <= SOUND
    fill(books, SPOILT)
    for _ in range(kills):
        killed(started(books, work, *COMMAND), chance.uniform(0.1, 0.9) * takes_s)
        assert len(stored(books, work)) >= before
    timed(started(books, work, *COMMAND))
    assert len(stored(books, work)) == PAGE * PAGES
    assert results(books, work)[-1][0] == "succeeded"


def test_a_share_of_the_whole_pull_is_judged_whenever_its_pulls_were_killed(books: Books, tmp_path: Path) -> None:
    chance = random.Random(6)
    work = tmp_path / "work"
    books.quality(BILLED.replace(", per: page", ""))
    fill(books, *range(PAGES))
    takes_s = timed(started(books, tmp_path / "undisturbed", *COMMAND))
    fill(books, 2, SPOILT, bill=None)

    def pull_and_kill() -> None:
        killed(started(books, work, *COMMAND), chance.uniform(0.1, 0.9) * takes_s)

    pull_and_kill()
    pull_and_kill()
    status, output, errors = ended(started(books, work, *COMMAND))
    assert status == 3, output + errors
    assert "the pull fails its quality suite: 'sound'" in errors
    with books.hub(work) as hub, hub.database.reading() as connection:
        assert stream_state(connection, "bills", "lines").resume is None
        assert len(records(hub, "ChargeLine")) == len(known_lines(hub)) < PAGE * PAGES
    pull_and_kill()
    fill(books, 2, SPOILT)
    pull_and_kill()
    status, output, errors = ended(started(books, work, *COMMAND))
    if status == 3:  # a killed pull had counted what was spoilt then: the pull is stopped once, and begins anew
        assert "the next pull begins where this one began" in errors
        timed(started(books, work, *COMMAND))
    else:
        assert status == 0, output + errors
    with books.hub(work) as hub:
        assert len(records(hub, "ChargeLine")) == len(known_lines(hub)) == PAGE * PAGES
        assert aside(hub) == {}


SUITE_OF_DEVICES = """
quality:
  NetworkObservation:
    - name: nearly every device has a profile that we know
      expectation: expect_column_values_to_not_match_regex
      column: profile
      regex: ^spoilt$
      mostly: 0.9
"""


@pytest.fixture
def valley(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator", subscribers=60) as running:
        change(running.folder / "mappings" / "network-devices.yaml", "\nquality:\n.*", SUITE_OF_DEVICES)
        yield running


def pull_all(valley: LumenValley, workspace: Path, systems: tuple[str, ...]) -> dict[str, str]:
    """Pull every stream of some systems; gives what stopped those that were stopped."""
    stopped = {}
    with valley.hub(workspace) as hub:
        for system in systems:
            for stream in streams_of(hub, system):
                try:
                    sync_stream(hub, system, stream, valley.estate.as_of)
                except UnsafeToContinue as reason:
                    stopped[f"{system}.{stream}"] = str(reason)
    return stopped


def devices(valley: LumenValley, workspace: Path) -> dict[str, int]:
    with valley.hub(workspace) as hub:
        found = records(hub, "NetworkObservation")
    return {one: sum(row.source_system == one for row in found) for one in {row.source_system for row in found}}


def inconclusive(valley: LumenValley, workspace: Path, market: str) -> set[str]:
    """Rules that could not judge a market."""
    moment = valley.estate.as_of
    with valley.hub(workspace) as hub:
        rules = reconcile_market(hub, market, moment, moment).report.rules.values()
    return {rule.id for rule in rules if rule.outcome == "inconclusive"}


def test_one_system_of_a_mapping_is_stopped_and_its_siblings_and_other_markets_are_not(
    valley: LumenValley, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    spoilt = valley.running.books.network["rb-olt-calix"]
    profiles = {device.serial: device.profile for device in spoilt}
    for device in spoilt[::2]:
        device.profile = "spoilt"
    with valley.hub(work) as hub:
        systems = {market: systems_of(hub, market) for market in ("riverbend", "mesa")}
    stopped = pull_all(valley, work, tuple(dict.fromkeys([*systems["riverbend"], *systems["mesa"]])))
    assert set(stopped) == {"rb-olt-calix.devices"}
    held = devices(valley, work)
    assert "rb-olt-calix" not in held
    assert held["rb-olt-adtran"]
    assert held["ms-sw-ciena"]
    assert inconclusive(valley, work, "mesa") == set()
    assert inconclusive(valley, work, "riverbend")

    for device in spoilt:
        device.profile = profiles[device.serial]
    assert pull_all(valley, work, ("rb-olt-calix",)) == {}
    assert devices(valley, work)["rb-olt-calix"] == len(spoilt)
    assert inconclusive(valley, work, "riverbend") == set()


BILLED_MARKETS = """
quality:
  ChargeLine:
    - name: a market's lines are worth something
      expectation: expect_column_values_to_be_between
      column: amount_minor
      min_value: 1
      mostly: 0.5
"""


def test_one_market_within_a_system_of_several_stops_the_stream_by_name_and_nothing_of_the_page_is_stored(
    valley: LumenValley, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    mapping = valley.folder / "mappings" / "billing-charge-lines.yaml"
    change(mapping, "\nquality:\n.*", BILLED_MARKETS)
    lines = valley.running.books.billing["charge_lines"]
    amounts = [line["amount"] for line in lines]
    for line in lines:
        if line["billNumber"].startswith("NS"):
            line["amount"] = "0.00"
    (few,) = {sum(line["billNumber"].startswith("NS") for line in lines)}
    assert 0 < few < len(lines) / 2, "as a share of all, nobody would see it"
    assert pull_all(valley, tmp_path / "unseen", ("billing",)) == {}

    change(mapping, "mostly: 0.5", "mostly: 0.5\n      by_market: true")
    (told,) = pull_all(valley, work, ("billing",)).values()
    assert f"({few} of {few} rows in northshore)" in told
    assert "riverbend" not in told
    with valley.hub(work) as hub:
        assert records(hub, "ChargeLine") == []
        (stream,) = [one for one in quality_of(hub, "billing", valley.estate.as_of).streams if not one.is_well]
        assert [(one.market, one.latest and one.latest.verdict) for one in stream.checks] == [
            ("mesa", "passed"),
            ("northshore", "stopped"),
            ("riverbend", "passed"),
        ]

    for line, amount in zip(lines, amounts, strict=True):
        line["amount"] = amount
    assert pull_all(valley, work, ("billing",)) == {}
    with valley.hub(work) as hub:
        assert len(records(hub, "ChargeLine")) == len(lines)
