"""Quality suites as YAML: what they may say, checked without the library."""

import subprocess
import sys

import pytest

from canonical_model.errors import Fault
from canonical_model.yaml_source import read_yaml
from rules.quality_suite import QualitySuite, read_suite

COLUMNS = ["line_id", "amount_minor", "code", "cover_from", "cover_to"]


def read(text: str, columns: list[str] | None = COLUMNS) -> tuple[QualitySuite | None, list[str]]:
    faults: list[Fault] = []
    source = read_yaml(text, "q.yaml", faults)
    assert source is not None
    return read_suite(source, "charge_lines", faults, columns=columns), [str(fault) for fault in faults]


def test_a_suite_is_read_with_names_and_severities() -> None:
    suite, faults = read(
        "- {expectation: expect_column_values_to_not_be_null, column: line_id}\n"
        "- name: one line once\n"
        "  expectation: expect_compound_columns_to_be_unique\n"
        "  column_list: [line_id, code]\n"
        "  severity: warning\n"
    )

    assert faults == []
    assert suite is not None
    first, second = suite.expectations
    assert (first.name, first.severity) == ("expect_column_values_to_not_be_null line_id", "critical")
    assert (second.name, second.severity, second.columns) == ("one line once", "warning", ("line_id", "code"))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "{expectation: expect_column_values_to_be_nul, column: code}",
            "q.yaml:1: 0.expectation: there is no expectation expect_column_values_to_be_nul; nearest: expect_col",
        ),
        ("{column: code}", "q.yaml:1: 0.expectation: there is no expectation None"),
        (
            "{expectation: expect_column_values_to_not_be_null, column: cod}",
            "q.yaml:1: 0.column: there is no column cod; nearest: code",
        ),
        ("{expectation: expect_column_values_to_not_be_null}", "q.yaml:1: 0.column: a column must be named here"),
        (
            "{expectation: expect_compound_columns_to_be_unique, column_list: [code, x]}",
            "q.yaml:1: 0.column_list: there is no column x",
        ),
        (
            "{expectation: expect_column_values_to_be_between, column: code}",
            "q.yaml:1: 0: min_value or max_value must be given",
        ),
        (
            "{expectation: expect_column_values_to_be_between, column: code, min_valu: 1}",
            "q.yaml:1: 0.min_valu: unknown key; nearest: min_value",
        ),
        (
            "{expectation: expect_column_values_to_be_between, column: code, min_value: low}",
            "q.yaml:1: 0.min_value: int or decimal or date is expected",
        ),
        (
            "{expectation: expect_column_values_to_be_in_set, column: code, value_set: A}",
            "q.yaml:1: 0.value_set: list is expected",
        ),
        (
            "{expectation: expect_column_values_to_not_be_null, column: code, severity: fatal}",
            "q.yaml:1: 0.severity: critical or warning is expected",
        ),
        (
            "{expectation: unexpected_rows_expectation, column: code}",
            "q.yaml:1: 0.expectation: there is no expectation",
        ),
        (
            "{expectation: expect_column_values_to_not_be_null, column: code, mostly: 0.9, per: week}",
            "q.yaml:1: 0.per: pull or page is expected",
        ),
        (
            "{expectation: expect_column_values_to_not_be_null, column: code, per: page}",
            "q.yaml:1: 0.per: is of no use without mostly",
        ),
        ("just text", "q.yaml:1: 0: keys and values were expected here"),
    ],
)
def test_a_fault_is_told_where_it_stands(line: str, fault: str) -> None:
    suite, faults = read(f"- {line}\n")

    assert suite is None
    assert any(one.startswith(fault) for one in faults), faults


def test_a_share_is_one_of_the_pull_unless_it_is_asked_for_by_page() -> None:
    found = {}
    for more in ("", ", per: pull", ", per: page"):
        line = f"- {{expectation: expect_column_values_to_not_be_null, column: code, mostly: 0.9{more}}}\n"
        suite, faults = read(line)
        assert suite is not None, faults
        found[more] = (suite.expectations[0].is_of_the_pull, suite.version)

    assert [is_of_the_pull for is_of_the_pull, _ in found.values()] == [True, True, False]
    assert found[""][1] != found[", per: page"][1]


def test_a_name_stands_once() -> None:
    line = "- {name: a, expectation: expect_column_values_to_not_be_null, column: code}\n"

    assert read(line * 2)[1] == ["q.yaml:2: 1.name: the name 'a' stands twice"]


def test_a_suite_is_a_list_that_is_not_empty() -> None:
    assert read("a: 1\n")[1] == ["q.yaml:1: a list of expectations is expected"]
    assert read("[]\n")[1] == ["q.yaml:1: a list of expectations is expected"]


def test_columns_are_left_alone_where_nobody_knows_them() -> None:
    suite, faults = read("- {expectation: expect_column_to_exist, column: whatever}\n", columns=None)

    assert faults == []
    assert suite is not None


def test_checking_a_suite_does_not_import_the_library() -> None:
    program = "import sys, rules.quality, rules.quality_suite; print('great_expectations' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
