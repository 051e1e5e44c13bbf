"""`splice quarantine`: list, show, release and retry as a person types them."""

import getpass
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from hub.sync import sync_stream
from storage.schema.audit import AUDIT
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley

Run = Callable[..., Result]
HOSTILE = "[red]PARKED[/] \x9b2J\u202e"


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path_factory.mktemp("operators") / "small", subscribers=20) as running:
        for number, row in enumerate(running.running.books.billing["bills"][:2]):
            row["status"] = ("PARKED", HOSTILE)[number]
        yield running


@pytest.fixture
def splice(operator: LumenValley, tmp_path: Path) -> Run:
    """Runs a command over a workspace in which the first two bills are in quarantine."""
    with operator.hub(tmp_path) as hub:
        sync_stream(hub, "billing", "bills", operator.estate.as_of)

    def run(*words: str) -> Result:
        where = ["--operator", str(operator.folder), "--workspace", str(tmp_path)]
        return CliRunner().invoke(app, ["quarantine", *words, *where], env=operator.environment)

    return run


@pytest.fixture
def numbers(operator: LumenValley) -> list[str]:
    return [row["billNumber"] for row in operator.running.books.billing["bills"][:2]]


def notes(operator: LumenValley, workspace: Path) -> list[tuple[str, str, object]]:
    with operator.hub(workspace) as hub, hub.database.reading() as connection:
        return [(row.actor, row.action, json.loads(row.detail)) for row in connection.execute(select(AUDIT))]


def test_the_list_names_each_record_with_its_reason(splice: Run, numbers: list[str], operator: LumenValley) -> None:
    told = splice("list")
    assert told.exit_code == 0
    assert all(number in told.output for number in numbers)
    assert "2 in quarantine" in told.output
    assert f"{operator.estate.as_of:%Y-%m-%d %H:%M}" in told.output
    assert splice("list", "crm").output == "nothing is in quarantine\n"


def test_the_list_as_json_is_for_other_programs(splice: Run, numbers: list[str], operator: LumenValley) -> None:
    records = json.loads(splice("list", "billing", "bills", "--json").output)
    assert {record["record"] for record in records} == set(numbers)
    assert {record["stream"] for record in records} == {"bills"}
    assert {record["first_seen_at"] for record in records} == {operator.estate.as_of.isoformat()}
    assert all("PARKED" in record["reason"] or "characters" in record["reason"] for record in records)
    assert json.loads(splice("list", "crm", "--json").output) == []


def test_a_record_is_shown_as_its_source_spelled_it_and_cannot_speak_to_the_terminal(
    splice: Run, numbers: list[str]
) -> None:
    told = splice("show", "billing", "bills", numbers[1]).output
    assert "status" in told
    assert "[red]PARKED[/] \\x9b2J\\u202e" in told
    assert not set(told) & {"\x9b", "\u202e"}


def test_a_release_says_who_and_why(splice: Run, numbers: list[str], operator: LumenValley, tmp_path: Path) -> None:
    assert splice("release", "billing", "bills", numbers[0]).exit_code == 2  # without a reason
    told = splice("release", "billing", "bills", numbers[0], "--why", "a test bill", "--as", "ana")
    assert (told.exit_code, told.output) == (0, "1 released\n")
    assert splice("release", "billing", "bills", numbers[1], "--why", "another").exit_code == 0
    assert splice("list").output == "nothing is in quarantine\n"
    assert notes(operator, tmp_path) == [
        ("ana", "quarantine.release", {"landed_ids": [numbers[0]], "why": "a test bill"}),
        (getpass.getuser(), "quarantine.release", {"landed_ids": [numbers[1]], "why": "another"}),
    ]


def test_a_retry_tells_what_is_still_refused_and_ends_with_a_status(
    splice: Run, numbers: list[str], operator: LumenValley
) -> None:
    told = splice("retry", "billing", "bills")
    assert told.exit_code == 1
    assert "0 accepted, 2 still refused" in told.output
    assert numbers[0] in told.output
    change(operator.folder / "mappings" / "billing-bills.yaml", "PAID: settled}", "PAID: settled, PARKED: onHold}")
    one = splice("retry", "billing", "bills", numbers[0], "--why", "the state is known now")
    assert (one.exit_code, one.output) == (0, "1 accepted, 0 still refused\n")
    assert numbers[0] not in splice("list").output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["list", "biling"], "nearest: billing"),
        (["show", "billing", "bills", "RB0"], "not in quarantine of billing.bills: 'RB0'"),
        (["release", "billing", "bills", "RB0", "--why", "x"], "not in quarantine of billing.bills: 'RB0'"),
        (["retry", "billing", "bils"], "nearest: bills"),
    ],
)
def test_what_does_not_exist_is_named(splice: Run, words: list[str], told: str) -> None:
    error = splice(*words).exception
    assert isinstance(error, ConfigurationError)
    assert told in str(error)
