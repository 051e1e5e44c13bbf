"""Many questions: by pattern, with a sample, answered at once, each answer kept, all of them undone."""

import csv
import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from canonical_model.billing import ChargeLine
from canonical_model.errors import ConfigurationError
from storage.schema.audit import AUDIT
from tests.fakes.command_line import CommandLine
from tests.fakes.identities import NOON, Believed, believed_in
from tests.fakes.small_operator import MARKET
from tests.postgresql import PostgresServer

pytestmark = pytest.mark.peer("splink")

FORMULA = "=1+1"


@pytest.fixture(scope="module")
def sqlite_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was asked, of which each test gets a copy."""
    folder = tmp_path_factory.mktemp("asked")
    shutil.copy(sqlite_template, folder / "hub.db")
    ask(folder, f"sqlite:///{folder}/hub.db")
    return folder / "hub.db"


@pytest.fixture(scope="module")
def postgres_template(
    postgres: PostgresServer, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Likewise."""
    name = postgres.create_database(postgres_template)
    ask(tmp_path_factory.mktemp("asked"), postgres.url(name))
    return name


@pytest.fixture
def asked(believed: Believed) -> Believed:
    """Three questions of one pattern (another telephone), one of another (one system has both), billed more."""
    tell(believed)
    return believed


def ask(folder: Path, address: str) -> None:
    """Bring what is told to a database, and match it."""
    believed = believed_in(folder, address)
    tell(believed)
    believed.pull()
    CommandLine(believed.hub).told("match")


def tell(believed: Believed) -> None:
    for number in (1, 2, 3):
        home = {"address": f"{number} Elm Street", "postal_code": "55101"}
        name = f"{('Ana', 'Ben', 'Cora')[number - 1]} {('Reyes', 'Lund', 'Holm')[number - 1]}"
        believed.customer("crm", f"1{number}", name, phone=f"612 555 010{number}", **home)
        believed.customer("fsm", f"2{number}", name, phone=f"612 555 090{number}", **home)
    twice = {"address": "9 Mill Lane", "postal_code": "55102", "phone": "612 555 0199"}
    believed.customer("crm", "31", "Wes Thorne", **twice)
    believed.customer("crm", "32", "Wes Thorne", city=FORMULA, **twice)
    believed.records += [bill_line("31", 4500, 1), bill_line("31", 9900, 2), bill_line("11", 700, 1)]


def bill_line(account: str, amount: int, month: int) -> ChargeLine:
    return ChargeLine(
        market=MARKET.id,
        source_system="billing",
        source_object="line",
        source_id=f"{account}-{month}",
        account_number=account,
        billing_code="F100",
        rate_minor=amount,
        amount_minor=amount,
        currency="USD",
        covers_from=date(2026, month, 1),
        covers_to=date(2026, month + 1, 1),
        billed_on=date(2026, month + 1, 1),
    )


def questions(splice: CommandLine, *states: str) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = splice.json(
        "review", "list", *(word for one in states for word in ("--state", one))
    )
    return asked


def pattern_with(splice: CommandLine, count: int) -> dict[str, Any]:
    (found,) = [each for each in splice.json("review", "patterns") if each["questions"] == count]
    return dict(found)


def test_patterns_come_with_what_is_billed_behind_them(asked: Believed, splice: CommandLine) -> None:
    first, second = splice.json("review", "patterns")
    assert (first["questions"], first["billed_minor"]) == (1, {"USD": 9900}), "the newest bill, not the one before"
    assert (second["questions"], second["billed_minor"]) == (3, {"USD": 700})
    assert first["says"].startswith("one system has both of them; agree: given_name, surname")
    assert second["says"].startswith("different in phone; agree: given_name, surname")
    told = splice.told("review", "patterns")
    assert "99.00" in told
    assert told.index(first["pattern"]) < told.index(second["pattern"])
    assert splice.json("review", "patterns", "--subject", "premise") == []


def test_a_sample_shows_both_records_and_how_many_there_are(asked: Believed, splice: CommandLine) -> None:
    pattern = pattern_with(splice, 3)
    told = splice.told("review", "sample", pattern["pattern"], "--size", "2")
    assert "2 of 3 questions shown" in told
    assert f"accept --pattern {pattern['pattern']} --count 3" in told
    drawn = splice.json("review", "sample", pattern["pattern"], "--size", "2")["sample"]
    assert len(drawn) == 2
    assert all(one["fields"]["phone"][0] != one["fields"]["phone"][1] for one in drawn)
    assert splice.json("review", "sample", pattern["pattern"], "--size", "2")["sample"] == drawn
    other_draws = [
        splice.json("review", "sample", pattern["pattern"], "--size", "2", "--seed", str(seed))["sample"]
        for seed in range(1, 6)
    ]
    assert any(each != drawn for each in other_draws)


def test_a_pattern_is_answered_at_once_each_answer_kept_and_all_undone(asked: Believed, splice: CommandLine) -> None:
    pattern = pattern_with(splice, 3)["pattern"]
    before = {link["link"] for link in questions(splice)}
    words = ("review", "accept", "--pattern", pattern, "--why", "old numbers", "--as", "rosa")
    told = splice.told(*words, "--count", "3")
    assert "3 are linked" in told
    linked = [link for link in questions(splice, "linked") if link["decided_by"] == "rosa"]
    assert {(link["why"], link["pattern"]) for link in linked} == {("old numbers", pattern)}
    assert len(linked) == 3
    assert len(splice.json("groups")) == 3

    (batch,) = splice.json("review", "batches")
    assert (batch["actor"], batch["answer"], batch["source"], batch["answers"]) == (
        "rosa",
        "accept",
        f"pattern {pattern}",
        3,
    )
    one = str(linked[0]["link"])
    assert [step["by"] for step in splice.json("review", "show", one)["steps"]] == ["run", "rosa (batch 1)"]
    with asked.hub.open() as hub, hub.database.reading() as connection:
        noted = [(row.action, json.loads(row.detail).get("batch")) for row in connection.execute(select(AUDIT))]
    assert noted == [("identity.batch", None), *[("identity.accept", batch["id"])] * 3]

    splice.told("review", "reject", one, "--why", "two sisters", "--as", "rosa")
    told = splice.told("review", "undo", "--batch", str(batch["id"]), "--why", "wrong sample", "--as", "wes")
    assert "2 are review" in told
    assert f"link {one} stays as it is: somebody answered it since" in told
    assert {link["link"] for link in questions(splice)} == before - {int(one)}
    assert splice.json("groups") == []


def test_a_pattern_that_has_grown_is_looked_at_again(asked: Believed, splice: CommandLine) -> None:
    pattern = pattern_with(splice, 3)["pattern"]
    home = {"address": "4 Elm Street", "postal_code": "55101"}
    asked.customer("crm", "14", "Dev Quill", phone="612 555 0104", **home)
    asked.customer("fsm", "24", "Dev Quill", phone="612 555 0904", **home)
    asked.pull(NOON + timedelta(hours=1))
    splice.told("match")
    failed = splice.run("review", "accept", "--pattern", pattern, "--count", "3", "--why", "x").exception
    assert isinstance(failed, ConfigurationError)
    assert "has 4 questions now and not 3" in str(failed)
    assert len(questions(splice)) == 5


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_questions_go_out_as_a_file_and_come_back_answered(
    asked: Believed, splice: CommandLine, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"questions.{ending}"
    assert "4 questions are in" in splice.told("review", "export", str(path))
    rows = read(path)
    assert {row["phone, one"] for row in rows} >= {"612 555 0101"}
    assert all(FORMULA not in (row["city, one"], row["city, other"]) for row in rows if ending == "csv")
    by_link = {int(float(str(row["link"]))): row for row in rows}
    wanted = [link["link"] for link in questions(splice)]
    assert list(by_link) == wanted
    fill_in(path, {wanted[0]: ("accept", "the same signature"), wanted[1]: ("Reject", "")})

    told = splice.told("review", "import", str(path), "--as", "rosa", "--why", "by list")
    assert "1 are apart, 1 are linked" in told
    answered = {link["link"]: (link["state"], link["why"]) for link in questions(splice, "linked", "apart")}
    assert answered == {wanted[0]: ("linked", "the same signature"), wanted[1]: ("apart", "by list")}
    (batch,) = splice.json("review", "batches")
    assert (batch["answer"], batch["source"]) == ("several", f"file {path.name}")

    again = splice.run("review", "import", str(path), "--why", "by list").exception
    assert isinstance(again, ConfigurationError)
    assert "2 lines are wrong, and nothing was recorded" in str(again)
    assert f"link {wanted[0]} has changed since the file was written" in str(again)


def test_a_file_with_wrong_lines_is_refused_as_a_whole(asked: Believed, splice: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    splice.told("review", "export", str(path))
    one, two, three, four = (link["link"] for link in questions(splice))
    fill_in(path, {one: ("accept", "sure"), two: ("perhaps", "x"), three: ("reject", ""), four: ("accept", "=x")})
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([*lines, lines[1]]), encoding="utf-8")
    failed = splice.run("review", "import", str(path)).exception
    assert isinstance(failed, ConfigurationError)
    told = str(failed)
    assert "questions.csv: 3 lines are wrong, and nothing was recorded" in told
    assert "line 3: 'perhaps' is no answer; expected: accept, reject, undo" in told
    assert f"line 4: link {three}: an answer needs a reason" in told
    assert f"line 6: link {one} stands there twice" in told
    assert len(questions(splice)) == 4


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.txt", "", "a file that ends with .csv or .xlsx was expected"),
        ("x.csv", "link;answer\n1;accept\n", "there is no column why, seen in its first line"),
        ("x.csv", "link;answer;why;seen\n77;accept;x;y\n", "line 2: there is no link '77'"),
        ("x.xlsx", "no workbook", "cannot be read as a workbook"),
        ("missing.csv", None, "cannot be read as a CSV file"),
    ],
)
def test_a_file_that_is_none_is_told(
    asked: Believed, splice: CommandLine, tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    failed = splice.run("review", "import", str(path)).exception
    assert isinstance(failed, ConfigurationError)
    assert said in str(failed)


def test_what_a_person_can_mend_is_said(asked: Believed, splice: CommandLine) -> None:
    for words, said in (
        (("accept", "--why", "x"), "nothing to accept: numbers of links were expected"),
        (("accept", "--pattern", "abcdef", "--why", "x"), "give --count"),
        (
            ("accept", "--pattern", "abcdef", "--count", "1", "--why", "x"),
            "no open question has the pattern 'abcdef'",
        ),
        (("undo", "--batch", "7", "--why", "x"), "there is no batch 7"),
        (("undo", "1", "--batch", "7", "--why", "x"), "links or a batch"),
    ):
        failed = splice.run("review", *words).exception
        assert isinstance(failed, ConfigurationError), words
        assert said in str(failed)


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    rows = list(load_workbook(path).worksheets[0].iter_rows(values_only=True))
    return [
        dict(zip(map(str, rows[0]), ("" if cell is None else cell for cell in row), strict=True)) for row in rows[1:]
    ]


def fill_in(path: Path, answers: dict[int, tuple[str, str]]) -> None:
    """Answer and reason by link, as a person would write them into the file."""
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        sheet = book.worksheets[0]
        columns = {cell.value: cell.column for cell in sheet[1]}
        for row in range(2, sheet.max_row + 1):
            said = answers.get(int(sheet.cell(row, columns["link"]).value), ("", ""))
            for name, text in zip(("answer", "why"), said, strict=True):
                sheet.cell(row, columns[name]).value = text
        book.save(path)
        return
    rows = read(path)
    for row in rows:
        row["answer"], row["why"] = answers.get(int(row["link"]), ("", ""))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
