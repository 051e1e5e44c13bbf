"""Sheets that a pivot table is made of: one header, no merged cell, typed columns, one line a fact."""

from datetime import timedelta
from decimal import Decimal

import pytest
from openpyxl import Workbook

from reconciliation.cohorts.cohort import Cohort, CohortMoney
from reconciliation.kpis.definition import named_kpi
from reconciliation.kpis.results import KpiResult, Measured
from reconciliation.report import CaseInReport, MarketReport
from reconciliation.run_history import PastRun, RuleTotal
from tests.integration.reports.test_report_workbook import cents, midnight, rows_of, written
from tests.unit.hub.market_reports import AS_OF, finding, line, market_report

PIVOTED = ("By rule", "Findings", "Finding lines", "Cases", "Trend", "Cohorts")


def eventful() -> MarketReport:
    lost = finding("RB-1", "RL-A01", exposure_class="lost", lines=[line("2026-09", 1806), line("2026-10", 2000)])
    owed = finding("RB-2", "RL-B04", "over_billed", "refund_due")
    accuracy = KpiResult(named_kpi("invoice_accuracy"), "riverbend", "", Measured(8, {}, 7, 8))
    totals = (
        RuleTotal("RL-A01", "field_to_billing", "under_billed", "lost", 1, 1, 3806, 2000),
        RuleTotal("RL-B04", "", "over_billed", "refund_due", 1, 0, 2000, 2000),
    )
    history = (
        PastRun(1, AS_OF - timedelta(days=30), 1, 0, totals[:1], new=1, silent=("RL-B04",)),
        PastRun(4, AS_OF, 2, 1, totals, new=1, again=2, recovered=3, vanished=4, kpis={accuracy.kpi.id: accuracy}),
    )
    cohorts = (
        Cohort("hub", "", 2, 0),
        Cohort("hub", "H-1", 9, 1, (CohortMoney("under_billed", "lost", 1, 3806),), 41_500_000, -87_250_000),
        Cohort("month", "2026-03", 11, 2, (CohortMoney("over_billed", "refund_due", 1, 2000),)),
    )
    case = CaseInReport(
        lost.fingerprint, "RL-A01", "RB-1", "under_billed", "lost", "open", "", AS_OF, AS_OF, 3806, 3806
    )
    return market_report(lost, owed, history=history, cohorts=cohorts, cases=(case,))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return written(eventful(), tmp_path_factory.mktemp("pivot"))


@pytest.mark.parametrize("name", PIVOTED)
def test_a_sheet_is_one_table_of_typed_columns(book: Workbook, name: str) -> None:
    sheet = book[name]
    head, *rows = sheet.iter_rows(values_only=True)
    assert rows
    assert not sheet.merged_cells.ranges
    assert all(isinstance(title, str) and title for title in head)
    assert len(set(head)) == len(head)
    assert sheet.auto_filter.ref == sheet.dimensions
    for title, column in zip(head, zip(*rows, strict=True), strict=True):
        kinds = {int if isinstance(value, float) else type(value) for value in column if value is not None}
        assert len(kinds) <= 1, f"{name}: {title} holds {kinds}"
    assert not [row for row in rows if not any(value is not None for value in row)]


def test_the_trend_has_one_line_a_run_and_figure(book: Workbook) -> None:
    rows = rows_of(book["Trend"])
    money = {
        (row["Run"], row["Rule"], row["Direction"], row["Class"], row["Hand-off"]): cents(row["Value"])
        for row in rows
        if row["Measure"] == "Exposure"
    }
    assert money == {
        (1, "RL-A01", "Under-billed", "Lost", "Field to billing"): 3806,
        (4, "RL-A01", "Under-billed", "Lost", "Field to billing"): 3806,
        (4, "RL-B04", "Over-billed", "Refund due", None): 2000,
    }
    told = {row["Measure"]: row["Value"] for row in rows if row["Run"] == 4 and row["Rule"] is None}
    assert told == {
        "New findings": 1,
        "Findings there again": 2,
        "Findings whose money came": 3,
        "Findings vanished": 4,
        "KPI: Invoice accuracy": 0.875,
    }
    assert {(row["Run"], row["Rules that could not judge"]) for row in rows} == {(1, 1), (4, 0)}
    assert {row["Unit"] for row in rows} == {"USD", "count", "share"}
    assert {row["Day"] for row in rows if row["Run"] == 4} == {midnight(2026, 11, 2)}


def test_cohorts_have_one_line_a_cohort_and_figure_with_the_place_of_hubs(book: Workbook) -> None:
    rows = rows_of(book["Cohorts"])
    assert {(row["Name"], row["Value"]) for row in rows if row["Measure"] == "Services"} == {
        ("not known, or on no service", 2),
        ("H-1", 9),
        ("2026-03", 11),
    }
    (hub,) = (row for row in rows if row["Name"] == "H-1" and row["Measure"] == "Exposure")
    assert (hub["Value"], hub["Unit"], hub["Latitude"], hub["Longitude"]) == (38.06, "USD", 41.5, -87.25)
    assert cents(hub["Value"]) == 3806


def test_lines_are_one_a_finding_and_month_and_know_their_hand_off(book: Workbook) -> None:
    rows = rows_of(book["Finding lines"])
    assert len({(row["Finding"], row["Month"], row["Charge"]) for row in rows}) == len(rows) == 3
    assert sum(Decimal(str(row["Exposure"])) for row in rows) == Decimal("58.06")


def test_a_header_leads_to_what_it_means(book: Workbook) -> None:
    about = {row[0].coordinate: row[0].value for row in book["About"].iter_rows()}
    wanted = {("Findings", "Exposure to date"), ("Trend", "Rules that could not judge"), ("Cohorts", "Cohort")}
    for name, title in wanted:
        (cell,) = (cell for cell in book[name][1] if cell.value == title)
        place = cell.hyperlink.location.removeprefix("'About'!")
        assert about[place] in {"Exposure to date", "Inconclusive", "Services of a cohort"}
