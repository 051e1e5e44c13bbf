"""The workbook as a spreadsheet program reads it: types, formats, filters, print set-up, sums."""

from collections import Counter
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from hub.reports.wording import CLASS_NAMES, DIRECTION_NAMES
from hub.reports.workbook import write_workbook
from reconciliation.findings import DIRECTIONS, EXPOSURE_CLASSES, NotJudged
from reconciliation.report import MarketReport, RuleInReport
from tests.unit.hub.market_reports import HOSTILE, finding, line, market_report, reports

SHEETS = ["Summary", "By rule", "By month", "Findings", "Finding lines", "Cases", "Not judged", "About"]
MONEY = "[$$]#,##0.00;-[$$]#,##0.00"


def written(report: MarketReport, folder: Path, row_limit: int | None = None) -> Workbook:
    path = folder / "report.xlsx"
    if row_limit is None:
        write_workbook(report, path)
    else:
        write_workbook(report, path, row_limit)
    return load_workbook(path)


def rows_of(sheet: Worksheet) -> list[dict[str, object]]:
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime.combine(date(year, month, day), time())


def cents(value: object) -> int:
    assert isinstance(value, int | float)
    return int((Decimal(repr(value)) * 100).to_integral_exact())


def test_the_sheets_stand_in_the_order_in_which_they_are_read(tmp_path: Path) -> None:
    assert written(market_report(finding()), tmp_path).sheetnames == SHEETS


def test_a_finding_is_one_row_of_real_numbers_and_real_dates(tmp_path: Path) -> None:
    item = finding(
        lines=[line("2026-09", 1806), line("2026-10", 2000)],
        evidence_from=date(2026, 9, 4),
    )
    report = market_report(item, first_seen={item.fingerprint: datetime(2026, 10, 5, 12, tzinfo=UTC)})
    sheet = written(report, tmp_path)["Findings"]
    (row,) = rows_of(sheet)
    assert row == {
        "Rule": "RL-C03",
        "Title": "Title of RL-C03",
        "Subject": "RB-1",
        "Kind": "Service",
        "Direction": "Under-billed",
        "Class": "Recoverable",
        "Exposure to date": 38.06,
        "Monthly run rate": 20,
        "First month": midnight(2026, 9, 1),
        "Last month": midnight(2026, 10, 1),
        "Evidence from": midnight(2026, 9, 4),
        "Evidence to": midnight(2026, 10, 31),
        "Age of the money, days": 59,
        "First found": midnight(2026, 10, 5),
        "Explained by": None,
        "Remedy": "Change subscription",
        "Owner": "Finance",
        "Lines": "2 lines",
        "Finding": item.fingerprint,
        "Evidence": "fsm/completion/FC-1; billing/charge/CH-1",
    }
    assert sheet["G2"].number_format == MONEY
    assert sheet["I2"].number_format == "mmm yyyy"
    assert sheet["K2"].number_format == "yyyy-mm-dd"


def test_the_lines_show_the_arithmetic_of_each_month_where_the_link_of_their_finding_leads(tmp_path: Path) -> None:
    large = finding("RB-1", lines=[line("2026-09", 1806), line("2026-10", 2000)])
    small = finding("RB-2", lines=[line("2026-10", 700, "rental", 0)])
    book = written(market_report(small, large), tmp_path)
    rows = rows_of(book["Finding lines"])
    assert [row["Exposure"] for row in rows] == [18.06, 20, 7]
    assert [(row["Expected"], row["Billed"], row["Expected minus billed"]) for row in rows] == [
        (88.05, 69.99, 18.06),
        (89.99, 69.99, 20),
        (7, 0, 7),
    ]
    link = book["Findings"]["R3"].hyperlink
    assert link.location == "'Finding lines'!A4"
    assert book["Finding lines"]["A4"].value == small.fingerprint


@pytest.mark.parametrize("name", SHEETS[1:])
def test_every_table_keeps_its_header_filters_and_prints_one_page_wide(name: str, tmp_path: Path) -> None:
    sheet = written(market_report(finding()), tmp_path)[name]
    assert sheet.freeze_panes.endswith("2")
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToWidth in (None, "1", 1)  # 1 is what the format takes where nothing is said
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"
    assert all(sheet.column_dimensions[column].width >= 9 for column in ("A", "B"))


def test_the_summary_prints_one_page_wide_under_its_title(tmp_path: Path) -> None:
    sheet = written(market_report(finding()), tmp_path)["Summary"]
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$1:$2")
    assert sheet["A1"].value == "Riverbend: revenue leakage"
    assert "as of 2026-11-02 06:00 America/Chicago" in sheet["A2"].value


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(report=reports)
def test_the_sheets_add_up_to_the_findings(report: MarketReport, tmp_path: Path) -> None:
    book = written(report, tmp_path)
    expected: Counter[tuple[str, str]] = Counter()
    for item in report.findings:
        expected[DIRECTION_NAMES[item.direction], CLASS_NAMES[item.exposure_class]] += item.exposure_minor
    for name, amount in (
        ("By rule", "Exposure to date"),
        ("Findings", "Exposure to date"),
        ("Finding lines", "Exposure"),
    ):
        sums: Counter[tuple[str, str]] = Counter()
        for row in rows_of(book[name]):
            if row["Direction"]:
                sums[str(row["Direction"]), str(row["Class"])] += cents(row[amount])
        assert +sums == +expected, name
    head, *months = book["By month"].iter_rows(values_only=True)
    for place, title in enumerate(head[1:], start=1):
        direction, name = str(title).split("\n")
        whole = months.index(next(row for row in months if row[0] == "All months"))
        assert sum(cents(row[place]) for row in months[:whole]) == cents(months[whole][place])
        assert cents(months[whole][place]) == expected[direction, name.capitalize()]


def test_no_cell_adds_directions_or_classes(tmp_path: Path) -> None:
    kinds = [(direction, name) for direction in DIRECTIONS for name in EXPOSURE_CLASSES][:12]
    # Each kind has its own decimal digit, so that a sum over kinds shows more than one digit that is not 0.
    items = [
        finding("RB-1", "RL-X01", direction, name, [line(exposure=10**place, billed=0)])
        for place, (direction, name) in enumerate(kinds, start=1)
    ]
    book = written(market_report(*items, billed_minor=0), tmp_path)
    seen = set()
    for sheet in book:
        for row in sheet.iter_rows():
            seen |= {cents(cell.value) for cell in row if "[$$]" in cell.number_format and cell.value is not None}
    assert seen == {0, *(10**place for place in range(1, 13))}


def test_no_cell_holds_a_formula_or_a_link_to_the_outside_whatever_the_sources_hold(tmp_path: Path) -> None:
    items = [
        finding(f"{text}{number}", f"R{number}{text}", lines=[line(charge=text)], evidence=(text, "x"))
        for number, text in enumerate(HOSTILE)
    ]
    report = market_report(
        *items,
        rules={
            it.rule_id: RuleInReport(it.rule_id, it.evidence[0], it.evidence[0], it.evidence[0], it.evidence[0])
            for it in items
        },
        not_judged=tuple(NotJudged("record", text, text) for text in HOSTILE),
        market_name="=1+1 & &P",
        operator=HOSTILE[0],
        versions=dict.fromkeys(HOSTILE, HOSTILE[0]),
    )
    book = written(report, tmp_path)
    for sheet in book:
        for row in sheet.iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "f"]
            assert not [cell.coordinate for cell in row if cell.hyperlink and cell.hyperlink.target]
    subjects = {row["Subject"]: row for row in rows_of(book["Not judged"])}
    assert HOSTILE[0] in subjects
    assert "0123456789012345" in subjects
    assert book["Not judged"]["B2"].quotePrefix
    assert "&&P" in book["Findings"].oddHeader.left.text.replace("& ", "&")


def test_what_does_not_fit_a_sheet_is_counted_in_its_last_row(tmp_path: Path) -> None:
    items = [finding(f"RB-{number}", lines=[line("2026-09"), line("2026-10")]) for number in range(30)]
    book = written(market_report(*items), tmp_path, row_limit=40)
    assert book["Findings"].max_row == 31
    lines = book["Finding lines"]
    assert lines.max_row == 40
    assert lines["A40"].value == "22 more rows do not fit a sheet of 40 rows; the JSON file has all of them."
    assert book["Findings"]["R31"].hyperlink is None


def test_what_was_not_judged_has_its_reason(tmp_path: Path) -> None:
    entry = NotJudged("difference", "RB-4", "Expected 89.99 and billed 94.99; no rule explains 5.00.")
    (row,) = rows_of(written(market_report(not_judged=(entry,)), tmp_path)["Not judged"])
    assert (row["What"], row["Subject"], row["Why"]) == ("Difference", entry.subject, entry.reason)


def test_a_market_that_was_not_judged_has_unknown_amounts_and_not_zeros(tmp_path: Path) -> None:
    summary = written(market_report(outcomes={"RL-A01": "inconclusive"}), tmp_path)["Summary"]
    column = {row[0]: row[1] for row in summary.iter_rows(values_only=True)}
    assert "Not judged: this is not a clean result" in column
    assert column["Under-billed, lost"] == column["Identified leakage rate"] == "unknown"
    assert "Unknown: nothing was judged." in column


def test_a_market_without_findings_is_a_whole_workbook(tmp_path: Path) -> None:
    book = written(market_report(outcomes={"RL-A01": "clean"}), tmp_path)
    assert book.sheetnames == SHEETS
    column = [row[0] for row in book["Summary"].iter_rows(values_only=True)]
    assert "Nothing found" in column


def test_a_currency_without_decimals_is_written_in_whole_units(tmp_path: Path) -> None:
    item = finding(lines=[line(exposure=1234)], currency="JPY")
    cell = written(market_report(item, currency="JPY"), tmp_path)["Findings"]["G2"]
    assert (cell.value, cell.number_format) == (1234, "[$¥]#,##0;-[$¥]#,##0")


def test_the_largest_amounts_stay_exact_to_the_cent(tmp_path: Path) -> None:
    item = finding(lines=[line(exposure=899_999_999_999_997, billed=0)])
    sheet = written(market_report(item), tmp_path)["Findings"]
    assert cents(sheet["G2"].value) == 899_999_999_999_997


def test_the_workbook_was_created_when_the_report_was_computed(tmp_path: Path) -> None:
    properties = written(market_report(finding()), tmp_path).properties
    assert properties.created == datetime.combine(date(2026, 11, 2), time(12))
    assert properties.title == "Riverbend: revenue leakage, 2026-08-01 to 2026-10-31"
