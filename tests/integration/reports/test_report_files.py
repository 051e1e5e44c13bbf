"""The files of a report: their names, their shapes, whole or not at all, the same bytes every time."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from canonical_model.errors import RetryableError, UnsafeToContinue
from hub.reports import write_reports
from reconciliation.findings import NotJudged
from reconciliation.report import MarketReport
from tests.unit.hub.market_reports import HOSTILE, finding, line, market_report

GOLDEN = Path(__file__).with_name("report.json")


def small_report() -> MarketReport:
    carrying = finding("RB-1", "RL-A01", lines=[line("2026-09", 1806), line("2026-10", 2000)])
    explained = finding("RB-1", lines=[line(exposure=0)], run_rate_minor=0, explained_by=carrying.fingerprint)
    refund = finding("RB-2", "RL-B04", "over_billed", "refund_due", evidence=())
    return market_report(
        carrying,
        explained,
        refund,
        outcomes={"RL-B02": "inconclusive"},
        not_judged=(NotJudged("rule", "RL-B02", "The network feed is 61 hours old."),),
        first_seen={carrying.fingerprint: datetime(2026, 10, 5, 12, tzinfo=UTC)},
    )


def test_files_are_named_for_the_market_and_the_last_judged_month(tmp_path: Path) -> None:
    files = write_reports(small_report(), tmp_path / "made" / "here")
    assert files.workbook == tmp_path / "made" / "here" / "riverbend-2026-10.xlsx"
    assert files.page.name == "riverbend-2026-10.html"
    assert files.findings_csv.name == "riverbend-2026-10.csv"
    assert files.report_json.name == "riverbend-2026-10.json"
    assert files.board.name == "riverbend-2026-10.pdf"
    assert sorted(path.name for path in files.page.parent.iterdir()) == sorted(
        path.name for path in (files.workbook, files.page, files.findings_csv, files.report_json, files.board)
    )


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write_reports(small_report(), tmp_path / name) for name in ("one", "two"))
    for name in ("workbook", "page", "findings_csv", "report_json", "board"):
        assert getattr(first, name).read_bytes() == getattr(second, name).read_bytes(), name


def test_the_order_of_findings_does_not_change_a_byte(tmp_path: Path) -> None:
    report = small_report()
    first = write_reports(report, tmp_path / "one")
    second = write_reports(replace(report, findings=report.findings[::-1]), tmp_path / "two")
    for name in ("workbook", "page", "findings_csv", "report_json", "board"):
        assert getattr(first, name).read_bytes() == getattr(second, name).read_bytes(), name


def test_a_report_that_does_not_add_up_leaves_the_last_good_files_alone(tmp_path: Path) -> None:
    files = write_reports(small_report(), tmp_path)
    before = files.page.read_bytes()
    with pytest.raises(UnsafeToContinue, match="does not add up"):
        write_reports(market_report(finding(exposure_minor=1)), tmp_path)
    assert files.page.read_bytes() == before


def test_a_file_that_cannot_be_written_leaves_no_part_of_itself(tmp_path: Path) -> None:
    (tmp_path / "riverbend-2026-10.html").mkdir()
    with pytest.raises(RetryableError, match=r"report of market riverbend could not be written: .*2026-10\.html"):
        write_reports(small_report(), tmp_path)
    assert not list(tmp_path.glob("*.partial"))


def test_the_json_has_the_documented_shape(tmp_path: Path) -> None:
    text = write_reports(small_report(), tmp_path).report_json.read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert list(json.loads(text)) == list(json.loads(GOLDEN.read_text(encoding="utf-8")))


def test_the_json_holds_amounts_as_whole_minor_units_and_texts_as_they_are(tmp_path: Path) -> None:
    items = [finding(f"{text}{number}", evidence=HOSTILE) for number, text in enumerate(HOSTILE)]
    shape = json.loads(write_reports(market_report(*items), tmp_path).report_json.read_text(encoding="utf-8"))
    assert {item["subject"] for item in shape["findings"]} == {item.subject for item in items}
    assert shape["findings"][0]["evidence"] == list(HOSTILE)

    def amounts(node: object) -> list[object]:
        if isinstance(node, dict):
            own = [value for key, value in node.items() if key.endswith("_minor")]
            return own + [it for value in node.values() for it in amounts(value)]
        return [it for value in node for it in amounts(value)] if isinstance(node, list) else []

    assert {type(amount) for amount in amounts(shape)} == {int}


def test_the_csv_has_one_row_a_finding_largest_first(tmp_path: Path) -> None:
    files = write_reports(small_report(), tmp_path)
    with files.findings_csv.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["rule_id"], row["exposure_to_date"]) for row in rows] == [
        ("RL-A01", "38.06"),
        ("RL-B04", "20.00"),
        ("RL-C03", "0.00"),
    ]
    assert rows[0]["first_month"] == "2026-09"
    assert (rows[0]["evidence_from"], rows[0]["evidence_to"]) == ("2026-10-01", "2026-10-31")
    assert rows[0]["first_found"] == "2026-10-05"
    assert rows[2]["explained_by"] == rows[0]["finding"]
    assert {row["currency"] for row in rows} == {"USD"}


def test_no_csv_cell_begins_a_formula(tmp_path: Path) -> None:
    items = [finding(f"{text}{number}", evidence=HOSTILE) for number, text in enumerate(HOSTILE)]
    files = write_reports(market_report(*items), tmp_path)
    with files.findings_csv.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert len(cells) == 19 * (len(items) + 1)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
