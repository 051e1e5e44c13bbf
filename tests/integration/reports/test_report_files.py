"""The files of a report: their names, their shapes, whole or not at all, the same bytes every time."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from canonical_model.errors import RetryableError, UnsafeToContinue
from hub.reports import write_reports
from reconciliation.cohorts.cohort import Cohort, CohortMoney
from reconciliation.findings import NotJudged
from reconciliation.kpis.definition import our_kpis
from reconciliation.kpis.results import KpiResult, Measured
from reconciliation.report import MarketReport
from reconciliation.run_history import PastRun, RuleTotal
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


def test_the_json_has_what_is_kept_with_the_run_and_no_key_for_what_is_not(tmp_path: Path) -> None:
    total = RuleTotal("RL-C03", "field_to_billing", "under_billed", "recoverable", 3, 1, 6000, 2000)
    kpi = next(each for each in our_kpis() if each.id == "leakage_rate")
    result = KpiResult(kpi, "riverbend", "", Measured(population=4, numerator=1, denominator=3))
    run = PastRun(
        7, datetime(2026, 10, 1, 12, tzinfo=UTC), 3, 1, (total,), new=2, silent=("RL-B02",), kpis={kpi.id: result}
    )
    cohort = Cohort("hub", "RB-H01", 40, 3, (CohortMoney("under_billed", "recoverable", 3, 6000),), 37_271_000, -79)
    report = replace(small_report(), history=(run,), cohorts=(cohort,), kpis=(result,))

    shape = json.loads(write_reports(report, tmp_path / "kept").report_json.read_text(encoding="utf-8"))

    (told,) = shape["trend"]
    assert (told["run"], told["as_of"], told["new"], told["silent"]) == (7, "2026-10-01T12:00:00Z", 2, ["RL-B02"])
    assert told["totals"][0]["exposure_minor"] == 6000
    assert told["totals"][0]["handoff"] == "field_to_billing"
    assert told["kpis"] == shape["kpis"]
    assert (shape["kpis"][0]["kpi"], shape["kpis"][0]["value"]) == ("leakage_rate", "0.333333")
    money = {"direction": "under_billed", "exposure_class": "recoverable", "findings": 3, "exposure_minor": 6000}
    assert shape["cohorts"] == [
        {
            "kind": "hub",
            "name": "RB-H01",
            "services": 40,
            "services_found": 3,
            "money": [money],
            "latitude_micro": 37_271_000,
            "longitude_micro": -79,
        }
    ]
    bare = json.loads(write_reports(small_report(), tmp_path / "bare").report_json.read_text(encoding="utf-8"))
    assert not {"trend", "cohorts", "kpis"} & bare.keys()


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
