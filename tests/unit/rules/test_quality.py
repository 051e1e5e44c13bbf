"""Batches judged by Great Expectations: which rows fail what, in values of Python."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from canonical_model.errors import ConfigurationError, Fault
from canonical_model.yaml_source import read_yaml
from rules.expectations import EXPECTATIONS
from rules.quality import check_batch
from rules.quality_suite import QualitySuite, read_suite

SUITE = """\
- {name: line is given, expectation: expect_column_values_to_not_be_null, column: line_id}
- {name: line once, expectation: expect_column_values_to_be_unique, column: line_id}
- {name: amount plausible, expectation: expect_column_values_to_be_between, column: amount_minor, min_value: -50000,
   max_value: 50000, severity: warning}
- {name: code known, expectation: expect_column_values_to_match_regex, column: code, regex: "^[A-Z]{3}-"}
- {name: not before the system, expectation: expect_column_values_to_be_between, column: cover_from,
   min_value: 2020-01-01}
- {name: covers days, expectation: expect_column_pair_values_a_to_be_greater_than_b, column_A: cover_to,
   column_B: cover_from, or_equal: true}
- {name: something came, expectation: expect_table_row_count_to_be_between, min_value: 1}
"""


def suite_of(text: str) -> QualitySuite:
    faults: list[Fault] = []
    source = read_yaml(text, "q.yaml", faults)
    assert source is not None
    suite = read_suite(source, "charge_lines", faults)
    assert suite is not None, faults
    return suite


def batch(**changes: dict[int, Any]) -> pd.DataFrame:
    rows = 6
    columns: dict[str, list[Any]] = {
        "line_id": [f"L{number}" for number in range(rows)],
        "bill": list(range(rows)),
        "amount_minor": [999] * rows,
        "code": ["INT-FBR"] * rows,
        "cover_from": [date(2026, 3, 1)] * rows,
        "cover_to": [date(2026, 3, 31)] * rows,
    }
    for name, cells in changes.items():
        for number, value in cells.items():
            columns[name][number] = value
    return pd.DataFrame(columns)


def test_a_good_batch_passes() -> None:
    report = check_batch(suite_of(SUITE), batch(), ["line_id"])

    assert report.passed
    assert (report.stream, report.judged, report.failed) == ("charge_lines", 6, ())
    assert report.failing_rows() == {}


def test_failing_rows_are_told_by_their_keys_with_all_that_they_fail() -> None:
    frame = batch(
        line_id={1: None, 3: "L2"},
        code={3: "broken"},
        cover_from={4: date(2001, 1, 1)},
        cover_to={5: date(2026, 2, 1)},
    )

    report = check_batch(suite_of(SUITE), frame, ["line_id", "bill"])

    assert not report.passed
    assert report.failing_rows() == {
        (None, 1): ("line is given",),
        ("L2", 2): ("line once",),
        ("L2", 3): ("line once", "code known"),
        ("L4", 4): ("not before the system",),
        ("L5", 5): ("covers days",),
    }


def test_a_warning_is_told_and_lets_the_batch_pass() -> None:
    report = check_batch(suite_of(SUITE), batch(amount_minor={0: 99_999_999}), ["line_id"])

    assert report.passed
    assert report.failing_rows("critical") == {}
    assert report.failing_rows("warning") == {("L0",): ("amount plausible",)}
    assert [(one.name, one.observed) for one in report.failed] == [("amount plausible", "1 of 6 rows")]


def test_keys_are_values_of_python_that_json_takes() -> None:
    frame = batch(code={0: "x"})
    frame["bill"] = frame["bill"].astype(np.int64)

    (key,) = check_batch(suite_of(SUITE), frame, ["bill", "line_id"]).failing_rows()

    assert [type(part) for part in key] == [int, str]
    assert json.dumps(key) == '[0, "L0"]'


def test_what_concerns_the_whole_batch_says_what_was_observed() -> None:
    report = check_batch(suite_of(SUITE), batch().iloc[:0], ["line_id"])

    assert not report.passed
    assert [(one.name, one.observed, one.rows) for one in report.failed] == [("something came", "0", ())]


def test_a_share_of_failing_rows_may_be_tolerated() -> None:
    text = (
        "- {name: code, expectation: expect_column_values_to_match_regex, column: code, regex: '^I', mostly: 0.8}\n"
    )

    assert check_batch(suite_of(text), batch(code={0: "x"}), ["line_id"]).passed
    assert not check_batch(suite_of(text), batch(code={0: "x", 1: "x"}), ["line_id"]).passed


def test_a_column_that_vanished_from_the_batch_stops_it_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"charge_lines: code known: the batch has no column code"):
        check_batch(suite_of(SUITE), batch().drop(columns=["code"]), ["line_id"])
    with pytest.raises(ConfigurationError, match=r"the key of its rows: the batch has no column id"):
        check_batch(suite_of(SUITE), batch(), ["id"])


def test_a_column_may_be_asked_for_by_an_expectation() -> None:
    suite = suite_of("- {name: has code, expectation: expect_column_to_exist, column: code}\n")

    assert check_batch(suite, batch(), ["line_id"]).passed
    assert not check_batch(suite, batch().drop(columns=["code"]), ["line_id"]).passed


def test_what_cannot_be_judged_fails_and_says_why() -> None:
    report = check_batch(suite_of(SUITE), batch(cover_from=dict.fromkeys(range(6), "2026-03-01")), ["line_id"])

    observed = {one.name: one.observed for one in report.failed}
    assert not report.passed
    assert observed["not before the system"].startswith("could not be judged: ")


def test_the_table_of_expectations_is_what_the_library_has() -> None:
    from great_expectations import expectations as library

    for name, kind in EXPECTATIONS.items():
        fields = getattr(library, "".join(word.capitalize() for word in name.split("_"))).__fields__
        assert {*kind.columns, *kind.arguments, "severity", "meta"} <= fields.keys(), name
        required = {field for field, about in fields.items() if about.required}
        assert required <= {*kind.columns, *kind.required}, name


EVERY_ROW_FAILS = """\
- {name: not given, expectation: expect_column_values_to_not_be_null, column: empty}
- {name: given, expectation: expect_column_values_to_be_null, column: code}
- {name: unique, expectation: expect_column_values_to_be_unique, column: code}
- {name: between, expectation: expect_column_values_to_be_between, column: amount, max_value: 0}
- {name: in set, expectation: expect_column_values_to_be_in_set, column: code, value_set: [A]}
- {name: not in set, expectation: expect_column_values_to_not_be_in_set, column: code, value_set: [bad]}
- {name: regex, expectation: expect_column_values_to_match_regex, column: code, regex: "^[A-Z]"}
- {name: no regex, expectation: expect_column_values_to_not_match_regex, column: code, regex: "^b"}
- {name: format, expectation: expect_column_values_to_match_strftime_format, column: code, strftime_format: "%Y"}
- {name: lengths, expectation: expect_column_value_lengths_to_be_between, column: code, min_value: 9}
- {name: length, expectation: expect_column_value_lengths_to_equal, column: code, value: 9}
- {name: equal, expectation: expect_column_pair_values_to_be_equal, column_A: code, column_B: other}
- {name: greater, expectation: expect_column_pair_values_a_to_be_greater_than_b, column_A: amount, column_B: more}
- {name: compound, expectation: expect_compound_columns_to_be_unique, column_list: [code, other]}
- {name: tolerated, expectation: expect_column_values_to_match_regex, column: code, regex: "^[A-Z]", mostly: 0.5}
"""


def test_the_list_of_failing_rows_is_never_cut() -> None:
    rows = 100_000
    frame = pd.DataFrame(
        {
            "row": range(rows),
            "code": ["bad"] * rows,
            "other": ["worse"] * rows,
            "empty": pd.Series([None] * rows, dtype="object"),
            "amount": [1] * rows,
            "more": [2] * rows,
        }
    )
    suite = suite_of(EVERY_ROW_FAILS)
    of_rows = {name for name, kind in EXPECTATIONS.items() if "mostly" in kind.arguments}
    assert {one.kind for one in suite.expectations} == of_rows, "every kind that names rows is tried"
    report = check_batch(suite, frame, ["row"])
    every = tuple((row,) for row in range(rows))
    for one in report.counted:
        assert (one.evaluated, one.failed, one.is_met) == (rows, rows, False), one.expectation.name
        assert tuple(sorted(one.rows)) == every, one.expectation.name


def test_what_was_observed_never_quotes_what_a_record_says() -> None:
    text = (
        "- {name: known codes, expectation: expect_column_distinct_values_to_be_in_set, column: code,"
        " value_set: [A]}\n"
        "- {name: mean, expectation: expect_column_mean_to_be_between, column: code, max_value: 1}\n"
        "- {name: least, expectation: expect_column_min_to_be_between, column: code, max_value: 1}\n"
        "- {name: days, expectation: expect_column_values_to_be_between, column: code, max_value: 2026-01-01}\n"
        "- {name: share, expectation: expect_column_proportion_of_unique_values_to_be_between, column: bill,"
        " max_value: 0.1}\n"
        "- {name: first, expectation: expect_column_min_to_be_between, column: cover_from, min_value: 2027-01-01}\n"
    )
    report = check_batch(suite_of(text), batch(code=dict.fromkeys(range(6), "Ana Smith")), ["bill"])
    observed = {one.name: one.observed for one in report.failed}
    assert observed["known codes"] == "1 values that are not expected"
    assert observed["share"] == "1"
    assert observed["first"] == "2026-03-01"
    assert observed["mean"].startswith("could not be judged")
    assert set(observed) >= {"least", "days"}
    assert not [told for told in observed.values() if "Ana" in told or "Smith" in told]


ISOLATED = """
import os, sys
asked = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg", "socket.gethostbyname"):
        asked.append((event, str(arguments)))
sys.addaudithook(watch)
from tests.unit.rules.test_quality import SUITE, batch, check_batch, suite_of
assert "great_expectations" not in sys.modules
assert check_batch(suite_of(SUITE), batch(), ["line_id"]).passed
assert "great_expectations" in sys.modules
print(asked, sorted(os.listdir(os.environ["HOME"])))
"""


def test_judging_asks_nobody_on_a_network_and_leaves_nothing_at_home(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    environment = os.environ | {"HOME": str(tmp_path), "GX_ANALYTICS_ENABLED": "true", "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ISOLATED],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[] []"
    assert list(tmp_path.iterdir()) == []


def test_the_library_does_not_bring_spark_along_where_it_is_installed() -> None:
    judge_nothing = (
        "import sys; from rules.quality import _library; _library();"
        " assert not [name for name in sys.modules if name.split('.')[0] == 'pyspark']"
    )
    ended = subprocess.run([sys.executable, "-c", judge_nothing], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
