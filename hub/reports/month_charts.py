"""The charts of the workbook: exposure by month, in the colours of the page."""

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from hub.reports.amounts import cell_format
from hub.reports.tables import Kind, MonthTable
from hub.reports.wording import CLASS_NAMES, DIRECTION_NAMES
from reconciliation.findings import DIRECTIONS

_SHADES = {
    "under_billed": ("#0B4F5C", "#2B93A1", "#93CDD3"),
    "over_billed": ("#8B3A6A", "#BD6F9D", "#E2BCD3"),
    "cost": ("#96590E", "#C48A3F", "#E7C898"),
    "tax": ("#47549C", "#7B87C9", "#C0C7E8"),
}


def draw_months(book: Workbook, sheet: Worksheet, table: MonthTable, currency: str, row: int) -> None:
    """Draw one chart for each direction below the table of the sheet, classes stacked.

    Args:
        book: the workbook.
        sheet: the sheet whose first row is the header of the table and whose first column its months.
        table: what the sheet shows.
        currency: of its amounts.
        row: where the first chart goes, counted from 0.
    """
    for direction in DIRECTIONS:
        kinds = [(column, kind) for column, kind in enumerate(table.kinds, start=1) if kind.direction == direction]
        if not kinds:
            continue
        chart = book.add_chart({"type": "column", "subtype": "stacked"})
        last = len(table.months)
        for column, kind in kinds:
            chart.add_series(
                {
                    "name": CLASS_NAMES[kind.exposure_class],
                    "categories": [sheet.get_name(), 1, 0, last, 0],
                    "values": [sheet.get_name(), 1, column, last, column],
                    **_paint(kind),
                    "gap": 60,
                }
            )
        chart.set_title({"name": f"{DIRECTION_NAMES[direction]} by month", "name_font": {"size": 12}})
        chart.set_x_axis({"date_axis": False, "text_axis": True, "num_format": "mmm yyyy"})
        chart.set_y_axis(
            {
                "num_format": cell_format(currency).replace(".00", ""),
                "major_gridlines": {"visible": True, "line": {"color": "#E2E5E2"}},
                "line": {"none": True},
            }
        )
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 760, "height": 270})
        sheet.insert_chart(row, 0, chart)
        row += 14


def _paint(kind: Kind) -> dict[str, object]:
    """The hue of the direction in the shade of the class, as on the page."""
    strong, middle, light = _SHADES[kind.direction]
    if kind.exposure_class == "at_risk":
        return {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": middle, "bg_color": light}}
    return {"fill": {"color": {"recoverable": middle, "deferred": light}.get(kind.exposure_class, strong)}}
