"""Results of expectations add up over the pages of a pull, each in the page's transaction, and are forgotten late."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from canonical_model.errors import UnsafeToContinue
from rules.judgements import MOST_KEYS, Judgement, Unit, Verdict
from storage.database import Database
from storage.pulls import start_pull
from storage.quality_results import add_judgements, forget_results, judged_keys, results_of_pulls
from tests.integration.storage.page_builders import NINE, Stream


def judged(
    evaluated: int = 10,
    failed: int = 0,
    verdict: Verdict = "passed",
    *keys: str,
    name: str = "a code is known",
    unit: Unit = "records",
    market: str = "",
) -> Judgement:
    return Judgement(
        entity="ChargeLine",
        name=name,
        kind="expect_column_values_to_be_in_set",
        severity="critical",
        unit=unit,
        evaluated=evaluated,
        failed=failed,
        observed=f"{failed} of {evaluated} rows",
        verdict=verdict,
        version="v1",
        sample=keys,
        market=market,
    )


@pytest.fixture
def bills(database: Database) -> Stream:
    return Stream(database)


def added(bills: Stream, *judgements: Judgement) -> None:
    with bills.database.writing() as connection:
        add_judgements(connection, bills.pull_id, judgements)


def held(bills: Stream) -> list[Judgement]:
    with bills.database.reading() as connection:
        return [one.judgement for one in results_of_pulls(connection, [bills.pull_id])]


def test_pages_add_up_and_the_gravest_is_what_is_told(bills: Stream) -> None:
    added(bills, judged(10, 0))
    added(bills, judged(5, 2, "set_aside", "L1", "L2"), judged(1, 0, name="some came", unit="pages"))
    added(bills, judged(10, 0))
    assert held(bills) == [
        replace(judged(25, 2, "set_aside", "L1", "L2"), observed="2 of 5 rows"),
        judged(1, 0, name="some came", unit="pages"),
    ]
    with bills.database.reading() as connection:
        assert judged_keys(connection, bills.pull_id) == {
            ("ChargeLine", "a code is known"),
            ("ChargeLine", "some came"),
        }


def test_markets_stand_apart_also_within_a_page(bills: Stream) -> None:
    added(
        bills, judged(3, 1, "set_aside", market="mesa"), judged(4, 0, market="riverbend"), judged(1, 0, market="mesa")
    )
    assert [(one.market, one.evaluated, one.failed) for one in held(bills)] == [("mesa", 4, 1), ("riverbend", 4, 0)]


def test_a_sample_is_bounded_and_holds_each_key_once(bills: Stream) -> None:
    keys = [f"L{number}" for number in range(MOST_KEYS)]
    added(bills, judged(50, 20, "set_aside", *keys))
    added(bills, judged(50, 2, "set_aside", "L0", "L99"))
    (one,) = held(bills)
    assert (one.failed, one.sample) == (22, tuple(keys))


def test_nothing_is_written_by_a_transaction_that_is_undone(bills: Stream) -> None:
    with suppress(UnsafeToContinue), bills.database.writing() as connection:
        add_judgements(connection, bills.pull_id, [judged()])
        raise UnsafeToContinue("the page was refused")
    assert held(bills) == []


def test_what_is_old_is_forgotten_of_its_own_stream_alone(database: Database) -> None:
    pulls = {}
    for stream in ("lines", "credits"):
        for days in (0, 10, 20):
            with database.writing() as connection:
                pulls[stream, days] = start_pull(connection, "billing", stream, NINE + timedelta(days=days))
                add_judgements(connection, pulls[stream, days], [judged()])
    with database.writing() as connection:
        assert forget_results(connection, "billing", "lines", NINE + timedelta(days=15)) == 2
    with database.reading() as connection:
        left = {one.pull_id for one in results_of_pulls(connection, [*pulls.values()])}
    assert left == {number for (stream, days), number in pulls.items() if stream == "credits" or days == 20}
