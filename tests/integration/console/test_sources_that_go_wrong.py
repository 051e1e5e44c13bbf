"""`splice sync` against sources that go wrong: a clear message, and a status that says whether the job is done."""

import copy
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.quarantine import in_quarantine
from storage.extract import row_counts
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.splice_process import as_of, ended, started

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path_factory.mktemp("operators") / "small", subscribers=30) as running:
        for mapping in (running.folder / "mappings").glob("*.yaml"):
            # quality suites are not what is tested here, and their library takes seconds to load in each process
            mapping.write_text(mapping.read_text("utf-8").partition("\nquality:\n")[0] + "\n", encoding="utf-8")
        yield running


@pytest.fixture(scope="module")
def last_night(operator: LumenValley, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which everything was pulled while nothing was wrong."""
    workspace = tmp_path_factory.mktemp("last-night")
    status, output, errors = ended(started(operator, workspace, "sync", "crm", "billing", "fsm", *as_of(operator)))
    assert (status, errors) == (0, ""), output
    return workspace


@pytest.fixture
def books(operator: LumenValley) -> Iterator[Any]:
    """The books of the estate, as they were again after the test."""
    books = operator.running.books
    before = {name: copy.deepcopy(getattr(books, name)) for name in ("crm", "billing", "field_service")}
    yield books
    operator.running.set_faults("")
    for name, feeds in before.items():
        for feed, rows in feeds.items():
            getattr(books, name)[feed][:] = rows


@pytest.fixture
def sync(operator: LumenValley, last_night: Path, tmp_path: Path) -> Run:
    """Runs `splice sync` over what last night left; gives the exit status and all that is printed, on one line."""
    shutil.copytree(last_night, tmp_path / "work")

    def run(*systems: str) -> tuple[int, str]:
        status, output, errors = ended(started(operator, tmp_path / "work", "sync", *systems, *as_of(operator)))
        assert "Traceback" not in errors
        return status, " ".join((output + errors).split())

    return run


def held(operator: LumenValley, tmp_path: Path) -> dict[str, int]:
    with operator.hub(tmp_path / "work") as hub, hub.database.reading() as connection:
        return row_counts(connection)


def test_a_field_that_vanished_from_salesforce_and_a_wsdl_that_changed(
    sync: Run, books: Any, operator: LumenValley
) -> None:
    for row in books.crm["Account"]:
        row["AccountNo"] = row.pop("AccountNumber")
    operator.running.set_faults("billing:rename=coverFrom")
    status, told = sync("crm", "billing")
    assert status == 2
    gone = "AccountNumber does not exist, or is hidden from the login; did you mean AccountNo"
    assert f"accounts: fields of Account: {gone}" in told
    assert "charge-lines: ListChargeLines: element coverFrom is not in the WSDL; did you mean coverFromValue" in told
    assert "payments" in told  # the other streams are pulled


@pytest.mark.parametrize(("share", "left"), [(1, "0"), (2, "half")])
def test_a_feed_that_is_empty_or_half_as_long_as_yesterday(
    sync: Run, books: Any, operator: LumenValley, tmp_path: Path, share: int, left: str
) -> None:
    lines = books.billing["charge_lines"]
    before = len(lines)
    del lines[: before // share]
    status, told = sync("billing")
    assert status == 3
    assert f"billing.charge-lines: the source holds {len(lines)} records, {before} at the last pull" in told
    assert "raise limits.shrink_percent for once" in told
    assert held(operator, tmp_path)["ChargeLine"] == before


def test_a_feed_that_is_empty_the_first_time_is_remarked(operator: LumenValley, books: Any, tmp_path: Path) -> None:
    books.billing["disputes"].clear()
    status, output, _ = ended(started(operator, tmp_path, "sync", "billing", *as_of(operator)))
    assert status == 0
    assert "warning billing disputes: the source holds no records" in output


def test_times_without_their_zone(sync: Run, books: Any, operator: LumenValley, tmp_path: Path) -> None:
    completions = books.field_service["completions"]
    for row in completions:
        row |= {"completed_at": row["completed_at"][:19], "updated_at": f"{operator.estate.as_of:%FT%TZ}"}
    status, told = sync("fsm")
    assert status == 3
    assert f"fsm.completions: {len(completions)} of {len(completions)} records cannot be used" in told
    assert "completed_at has no offset from UTC; declare it text, and read it with PARSE_TIMESTAMP" in told
    assert "`splice quarantine list fsm completions`" in told
    with operator.hub(tmp_path / "work") as hub:
        assert len(in_quarantine(hub, "fsm", "completions")) == len(completions)


def test_times_in_another_zone_than_they_say_and_an_amount_with_more_decimals_than_its_currency(
    sync: Run, books: Any, operator: LumenValley
) -> None:
    for row in books.field_service["completions"][:3]:
        row["updated_at"] = f"{operator.estate.as_of + timedelta(hours=7):%FT%TZ}"  # Denver's clock, called UTC
    line = books.billing["charge_lines"][3]
    line |= {"amount": "54.995", "modified": f"{operator.estate.as_of:%FT%TZ}"}
    status, told = sync("fsm", "billing")
    assert status == 0
    assert "warning fsm completions: 3 records lie in the future by updated_at" in told
    assert f"set aside billing charge-lines {line['lineId']}: amount has 3 decimals, where money(2) holds 2" in told


def test_amounts_that_all_have_more_decimals_than_their_currency(
    sync: Run, books: Any, operator: LumenValley, tmp_path: Path
) -> None:
    before = held(operator, tmp_path)["ChargeLine"]
    for line in books.billing["charge_lines"][:30]:
        line |= {"amount": "54.995", "modified": f"{operator.estate.as_of:%FT%TZ}"}
    status, told = sync("billing")
    assert status == 3
    assert "cannot be used, more than 2 %. One of the reasons: amount has 3 decimals" in told
    assert held(operator, tmp_path)["ChargeLine"] == before


def test_one_system_that_is_away_does_not_keep_the_others_from_their_turn(
    sync: Run, books: Any, operator: LumenValley
) -> None:
    operator.running.set_faults("billing:missing")
    books.field_service["work_orders"][0]["updated_at"] = f"{operator.estate.as_of:%FT%TZ}"
    status, told = sync("billing", "fsm")
    assert status == 75
    assert "RetryableError: billing" in told
    assert "work-orders" in told
