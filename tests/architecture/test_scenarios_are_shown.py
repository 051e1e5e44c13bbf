"""Every situation that the page of failure scenarios promises to handle is shown by a test that names it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/failure-scenarios.md"
_ROW = re.compile(r"^\| (\d+) \|", re.MULTILINE)
_NAMED = re.compile(r"[Ss]cenarios? (\d+(?:(?:, | and )\d+)*)")


def shown() -> set[int]:
    texts = (
        file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py") if file != Path(__file__)
    )
    return {
        int(number) for text in texts for numbers in _NAMED.findall(text) for number in re.findall(r"\d+", numbers)
    }


def promised() -> set[int]:
    return {int(number) for number in _ROW.findall(PAGE.read_text(encoding="utf-8"))}


def test_every_scenario_that_is_promised_is_named_by_a_test() -> None:
    assert promised() == set(range(1, 49))
    assert promised() - shown() == set()


def test_no_test_names_a_scenario_that_the_page_does_not_tell() -> None:
    assert shown() - promised() == set()


def test_the_tests_that_a_row_names_are_there_and_one_of_them_names_it() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if _ROW.match(line) and ".py`" in line]
    assert len(rows) == len(range(41, 49))
    for row in rows:
        files = [next((ROOT / "tests").rglob(name)) for name in re.findall(r"`([\w/]+\.py)`", row)]
        told = [numbers for file in files for numbers in _NAMED.findall(file.read_text(encoding="utf-8"))]
        assert row.split()[1] in {number for numbers in told for number in re.findall(r"\d+", numbers)}, row
