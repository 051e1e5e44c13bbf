"""A replay as files: a page, a workbook, and the differences as CSV.

CSV: UTF-8, comma, one header, one row a difference of the works that are shown as worst. Texts of other systems that
a spreadsheet could take for a formula have an apostrophe before them.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxFileError

from canonical_model.errors import RetryableError
from handoffs.comparison import SEVERITY
from handoffs.shadow.comparing import Compared, Difference
from hub.reports.amounts import amount_text, major
from hub.reports.cells import Column, Looks, Value, put, set_up_print, write_table
from hub.reports.replay_words import CLASS_NAMES, CLASS_TONES, HANDOFF_NAMES, percent, said
from hub.reports.source_text import file_stem, neutral, printable
from hub.reports.templating import page_style, page_templates
from hub.reports.whole_files import whole_files
from hub.takeover.shadow.replay import ReplayReport

SHOWN_CAUSES = 200

_WEEKS = (
    Column("Week from", 12, "date"),
    *(Column(name.capitalize(), 13, "count") for name in CLASS_NAMES.values()),
    Column("Speak for the hub", 12, "count"),
    Column("Of", 9, "count"),
    Column("Parity", 12, "figure"),
    Column("At least (95 %)", 12, "figure"),
    Column("At most (95 %)", 12, "figure"),
)
_CAUSES = (
    Column("Field", 18),
    Column("Class", 26),
    Column("The hub would have said", 30),
    Column("Legacy did", 30),
    Column("Works", 9, "count"),
    Column("Critical", 9, "count"),
    Column("Legacy took too little", 16, "money"),
    Column("Legacy took too much", 16, "money"),
    Column("For example", 22),
)
_CASES = (
    Column("Work", 22),
    Column("Class", 26),
    Column("Field", 18),
    Column("Of the field", 26),
    Column("The hub would have said", 26),
    Column("Legacy did", 26),
    Column("Money", 14, "money"),
    Column("Would have harmed", 12),
    Column("Evidence", 60, "long_text"),
)
CSV_COLUMNS = (
    "work", "counts_from", "class", "field", "field_class", "intent", "observed", "money", "currency", "critical",
    "evidence",
)  # fmt: skip

Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class ReplayFiles:
    """What was written."""

    page: Path
    workbook: Path
    differences_csv: Path


def write_replay(report: ReplayReport, operator: str, folder: Path) -> ReplayFiles:
    """Write page, workbook and CSV of a replay, replaced where they exist.

    Raises:
        RetryableError: the disk takes no more.
    """
    stem = f"replay-{file_stem(report.market.id)}-{report.handoff.replace('_', '-')}-{report.period.start:%Y-%m-%d}"
    files = ReplayFiles(*(folder / f"{stem}.{ending}" for ending in ("html", "xlsx", "csv")))
    try:
        with whole_files(files.page, files.workbook, files.differences_csv) as (page, workbook, differences):
            page.write_text(render_replay(report, operator, files.workbook.name), encoding="utf-8")
            _write_workbook(report, operator, workbook)
            _write_csv(report, differences)
    except (OSError, XlsxFileError) as error:
        raise RetryableError(f"the replay of {report.market.id} could not be written: {error}") from error
    return files


def render_replay(report: ReplayReport, operator: str, workbook: str) -> str:
    """The page as HTML; it needs nothing else: no request, no server, no script.

    Args:
        report: what was replayed.
        operator: its name.
        workbook: name of the file beside the page.
    """
    currency = report.market.currency
    templates = page_templates()
    templates.filters |= {
        "number": lambda number: f"{number:,}",
        "percent": percent,
        "money": lambda minor: amount_text(minor, currency),
        "said": said,
        "day": lambda day: f"{day.day} {day:%b %Y}",
    }
    return templates.get_template("replay.html.j2").render(
        style=page_style(),
        report=report,
        parity=report.parity,
        operator=operator,
        handoff=HANDOFF_NAMES[report.handoff],
        class_names=CLASS_NAMES,
        tones=CLASS_TONES,
        kinds=sorted(CLASS_NAMES, key=lambda kind: SEVERITY[kind]),
        causes=report.parity.causes[:SHOWN_CAUSES],
        workbook=workbook,
        headline=headline(report),
    )


def headline(report: ReplayReport) -> str:
    """What stands first: the parity that the hand-off would have had, with its interval."""
    parity = report.parity
    if not parity.compared:
        return "Nothing could be compared: no order of the period has both sides"
    low, high = parity.interval
    share = percent(parity.clean / parity.compared)
    return f"{share} of {parity.compared:,} works speak for the hub (95 %: {percent(low)} to {percent(high)})"


def _write_workbook(report: ReplayReport, operator: str, path: Path) -> None:
    title = f"{report.market.name}: {HANDOFF_NAMES[report.handoff]}, replayed from {report.period.start:%Y-%m-%d}"
    with Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        created = report.as_of.astimezone(UTC).replace(tzinfo=None)
        book.set_properties({"title": printable(title), "author": operator, "created": created})
        looks = Looks(book, report.market.currency)
        for name, columns, rows in (
            ("Parity by week", _WEEKS, _weeks(report)),
            ("Differences by cause", _CAUSES, _causes(report)),
            ("Worst cases", _CASES, _cases(report)),
        ):
            sheet = book.add_worksheet(name)
            if write_table(sheet, columns, rows, looks, frozen_columns=1) == 1:
                put(sheet, 1, 0, "None.", looks.quiet)
            set_up_print(sheet, title)


def _weeks(report: ReplayReport) -> Iterator[Row]:
    for week in report.parity.weeks:
        counts = (week.counts.get(kind, 0) for kind in CLASS_NAMES)
        shares = (Decimal(f"{share * 100:.2f}") for share in (week.share, week.low, week.high))
        yield (week.begins_on, *counts, week.clean, week.of, *shares)


def _causes(report: ReplayReport) -> Iterator[Row]:
    currency = report.market.currency
    for cause in report.parity.causes:
        yield (
            cause.field,
            CLASS_NAMES[cause.kind],
            said(cause.intent),
            said(cause.observed),
            cause.works,
            cause.critical,
            major(cause.too_little_minor, currency),
            major(cause.too_much_minor, currency),
            cause.example,
        )


def _cases(report: ReplayReport) -> Iterator[Row]:
    for compared, difference in _differences(report):
        yield (
            compared.work,
            CLASS_NAMES[compared.kind],
            difference.field,
            CLASS_NAMES[difference.kind],
            said(difference.intent),
            said(difference.observed),
            major(difference.money_minor, report.market.currency),
            "yes" if difference.critical else "",
            _evidence(difference),
        )


def _write_csv(report: ReplayReport, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(CSV_COLUMNS)
        for compared, difference in _differences(report):
            values = (
                compared.work,
                compared.at.isoformat(),
                compared.kind,
                difference.field,
                difference.kind,
                said(difference.intent),
                said(difference.observed),
                f"{major(difference.money_minor, report.market.currency)}",
                report.market.currency,
                str(difference.critical).lower(),
                _evidence(difference),
            )
            rows.writerow([values[7] if place == 7 else neutral(value) for place, value in enumerate(values)])


def _differences(report: ReplayReport) -> Iterator[tuple[Compared, Difference]]:
    for compared in report.parity.worst:
        for difference in compared.differences:
            yield compared, difference


def _evidence(difference: Difference) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {said(value)}" for name, value in difference.evidence.items())
