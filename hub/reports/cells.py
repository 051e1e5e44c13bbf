"""How the cells of the workbook look, and how a table becomes a sheet that can be filtered and printed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Literal

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from hub.reports.amounts import cell_format
from hub.reports.source_text import printable

ROW_LIMIT = 1_048_576
"""Rows of one sheet, by the file format."""
LINK_LIMIT = 65_500
"""Links of one sheet, by the program that most people open it with, less those of its header."""

Style = Literal["text", "long_text", "money", "money_or_dash", "count", "figure", "date", "month"]
Value = str | int | Decimal | date | None

INK, QUIET, RULE, HEAD = "#1A2326", "#566267", "#D5DAD7", "#0B4F5C"
WARN, WARN_PAPER, GOOD, GOOD_PAPER, PAPER = "#8A5200", "#FDF5E6", "#2C6E49", "#EDF5F0", "#EEF4F5"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its header, its width in characters, and what its cells are.

    A width of 0 leaves the column as the sheet has it: several tables stand on one sheet there.
    """

    title: str
    width: int = 0
    style: Style = "text"


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a cell of another sheet: ``place`` is ``'Finding lines'!A7``."""

    text: str
    place: str


class Looks:
    """The cell formats of one workbook, each made once.

    ``definitions`` has the cell that defines what stands under a header, where one does.

    Texts of other systems carry the quote prefix, so that a cell that holds ``=1+1`` stays a text even when
    somebody edits it.
    """

    def __init__(self, book: Workbook, currency: str) -> None:
        def look(**properties: object) -> Format:
            return book.add_format({"font_color": INK, "valign": "top", **properties})

        money = cell_format(currency)
        ruled = {"bottom": 1, "bottom_color": RULE, "indent": 1}
        right = {**ruled, "align": "right"}
        left = {**ruled, "align": "left"}
        total = {"bold": True, "top": 1, "top_color": INK, "indent": 1}
        head = {"bold": True, "font_color": "#FFFFFF", "bg_color": HEAD, "valign": "vcenter", "text_wrap": True}
        self.definitions: Mapping[str, str] = {}
        self.title = look(bold=True, font_size=18, font_color=HEAD)
        self.section = look(bold=True, font_size=13, font_color=HEAD)
        self.quiet = look(font_color=QUIET)
        self.result = look(bold=True, font_size=12, bg_color=PAPER)
        self.good = look(bold=True, font_size=12, font_color=GOOD, bg_color=GOOD_PAPER)
        self.warning = look(bold=True, font_size=12, font_color=WARN, bg_color=WARN_PAPER)
        self.gap = look(bold=True, font_color=WARN, **left)
        self.link = look(font_color=HEAD, underline=1, **ruled)
        self.head = look(**head, indent=1)
        self.head_right = look(**head, align="right", indent=1)
        self.percent = look(num_format="0.00%", **right)
        self.money_total = look(num_format=money, align="right", **total)
        self.text_total = look(align="left", **total)
        self.of_style: dict[Style, Format] = {
            "text": look(quote_prefix=True, **left),
            "long_text": look(quote_prefix=True, text_wrap=True, **left),
            "money": look(num_format=money, **right),
            "money_or_dash": look(num_format=f'{money};"–"', **right),
            "count": look(num_format="#,##0", **right),
            "figure": look(**right),
            "date": look(num_format="yyyy-mm-dd", **left),
            "month": look(num_format="mmm yyyy", **left),
        }


def put(sheet: Worksheet, row: int, column: int, value: Value | Link, style: Format) -> None:
    """Write one cell by the type of its value; a text is never read as a formula, a number or a link."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, Link):
        sheet.write_url(row, column, f"internal:{value.place}", style, string=value.text)
    elif isinstance(value, str):
        sheet.write_string(row, column, printable(value), style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


def put_head(sheet: Worksheet, row: int, columns: Sequence[Column], looks: Looks) -> None:
    """Write a header row; amounts and counts have theirs above the digits, and lead to what they mean."""
    for place, column in enumerate(columns):
        right = column.style in ("money", "money_or_dash", "count", "figure")
        style = looks.head_right if right else looks.head
        if (cell := looks.definitions.get(column.title)) is not None:
            sheet.write_url(row, place, f"internal:{cell}", style, string=column.title, tip="Leads to its definition")
        else:
            sheet.write_string(row, place, column.title, style)


def put_row(
    sheet: Worksheet, row: int, columns: Sequence[Column], values: Sequence[Value | Link], looks: Looks
) -> None:
    """Write one row of a table, each cell as its column says."""
    for place, (column, value) in enumerate(zip(columns, values, strict=True)):
        put(sheet, row, place, value, looks.link if isinstance(value, Link) else looks.of_style[column.style])


def write_table(
    sheet: Worksheet,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value | Link]],
    looks: Looks,
    row_limit: int = ROW_LIMIT,
    frozen_columns: int = 0,
) -> int:
    """Make a sheet of a table: frozen header, filter, widths, and the row behind it that is free.

    Where there are more rows than a sheet can hold, its last row says how many are left out and where they are.

    Returns:
        The first row below the table, counted from 0.
    """
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
    sheet.set_row(0, 34)
    put_head(sheet, 0, columns, looks)
    ahead = iter(rows)
    last = 0
    for last, row in enumerate(islice(ahead, row_limit - 2), start=1):
        if (lines := _lines_needed(columns, row)) > 1:
            sheet.set_row(last, 15 * lines)
        put_row(sheet, last, columns, row, looks)
    left_out = sum(1 for _ in ahead)
    sheet.freeze_panes(1, frozen_columns)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    if left_out:
        last += 1
        note = f"{left_out:,} more rows do not fit a sheet of {row_limit:,} rows; the JSON file has all of them."
        sheet.write_string(last, 0, note, looks.warning)
    return last + 1


def _lines_needed(columns: Sequence[Column], row: Sequence[Value | Link]) -> int:
    """How many lines the long texts of a row take; the programs that open a workbook do not measure them."""
    longs = [
        -(-len(value) * 10 // (column.width * 9))
        for column, value in zip(columns, row, strict=True)
        if column.style == "long_text" and isinstance(value, str)
    ]
    return min(max(longs, default=1), 20)


def set_up_print(sheet: Worksheet, title: str, repeated_rows: int = 1, pages_tall: int = 0) -> None:
    """Landscape, one page wide, header repeated, the title above and the page number below.

    Args:
        sheet: the sheet.
        title: what stands above every page.
        repeated_rows: rows that every page begins with.
        pages_tall: pages that the sheet has to fit; 0 for as many as it takes.
    """
    sheet.set_landscape()
    sheet.fit_to_pages(1, pages_tall)
    sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.6)
    sheet.repeat_rows(0, repeated_rows - 1)
    above = printable(title).replace("&", "&&")[:180]
    sheet.set_header(f"&L{above}&R&A")
    sheet.set_footer("&RPage &P of &N")
    sheet.hide_gridlines(2)
