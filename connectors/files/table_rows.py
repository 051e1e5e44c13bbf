"""Rows of workbooks (XLSX) and of Parquet files."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.files.line_rows import problem
from connectors.files.plan import Plan
from connectors.importing import IMPORTING
from connectors.plain_values import binary_text, plain
from connectors.ports import RawRecord
from connectors.settings import near

_LARGEST_WORKBOOK = 1 << 30
_BATCH = 5_000
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, SyntaxError, LookupError, ValueError)
"""What the libraries under openpyxl raise of parts that are cut, encrypted, or no XML (a SyntaxError)."""

_CLOCK = frozenset("hHsS")


def sheet_records(file: BinaryIO, plan: Plan) -> Iterator[RawRecord]:
    """The rows of a sheet as raw records; formulas by the value that was last computed.

    Raises:
        ConfigurationError: no such sheet, or no header.
        UnsafeToContinue: no workbook, a damaged one, one that unpacks beyond reason, or a formula that was never
            computed.
    """
    try:
        yield from _sheet_records(file, plan)
    except _DAMAGED as error:
        raise UnsafeToContinue(f"it is no sound workbook ({type(error).__name__}); have it sent again") from error


def _sheet_records(file: BinaryIO, plan: Plan) -> Iterator[RawRecord]:
    with IMPORTING:
        from openpyxl import load_workbook  # noqa: PLC0415 - heavy

    with zipfile.ZipFile(file) as packed:
        if sum(part.file_size for part in packed.infolist()) > _LARGEST_WORKBOOK:
            raise UnsafeToContinue("it unpacks to more than a gigabyte; have it sent as CSV or Parquet")
    names: list[str] = []
    with (
        closing(load_workbook(file, read_only=True, data_only=True)) as values,
        closing(load_workbook(file, read_only=True)) as formulas,
    ):
        rows = zip(_rows(values, plan), _rows(formulas, plan), strict=True)
        for number, (row, written) in enumerate(rows, start=1):
            if number <= plan.skip_lines or all(cell.value is None for cell in written):
                continue
            if not names:
                names = _names(row, plan)
                if plan.has_header:
                    continue
            if any(cell.value is not None for cell in written[len(names) :]):
                yield problem(number, f"a cell beyond the {len(names)} columns that have a name")
                continue
            record = dict.fromkeys(names)
            for name, cell, source in zip(names, row, written, strict=False):
                record[name] = _cell(cell, source, number)
            yield record


def _rows(workbook: Any, plan: Plan) -> Iterator[Any]:
    if plan.sheet is not None and plan.sheet not in workbook.sheetnames:
        raise ConfigurationError(f"it has no sheet {plan.sheet}{near(plan.sheet, workbook.sheetnames)}")
    sheet = workbook[plan.sheet] if plan.sheet else workbook.worksheets[0]
    sheet.reset_dimensions()  # some programs write wrong ones
    rows: Iterator[Any] = sheet.iter_rows()
    return rows


def _names(row: Any, plan: Plan) -> list[str]:
    if not plan.has_header:
        return list(plan.columns)
    names = ["" if cell.value is None else str(cell.value).strip() for cell in row]
    while names and not names[-1]:
        names.pop()
    if not names or "" in names or len(set(names)) < len(names):
        raise ConfigurationError("its header lacks a name or has one twice; set header: false and name columns")
    return names


def _cell(cell: Any, source: Any, row: int) -> Any:
    value = cell.value
    if value is None and source.data_type == "f":
        raise UnsafeToContinue(
            f"row {row}: a formula was never computed; open it in a spreadsheet program and save it, or have values "
            "sent"
        )
    if isinstance(value, datetime) and not _CLOCK.intersection(str(cell.number_format)):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return int(value)
    if isinstance(value, timedelta | date | time):
        return str(value) if isinstance(value, timedelta) else value.isoformat()
    return plain(value, binary_text("hex"))


def parquet_records(file: BinaryIO, _plan: Plan) -> Iterator[RawRecord]:
    """The rows of a Parquet file as raw records, batch by batch.

    Raises:
        UnsafeToContinue: it is no Parquet file, or damaged.
    """
    with IMPORTING:
        import pyarrow as pa  # noqa: PLC0415 - heavy
        import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    binary = binary_text("hex")
    try:
        opened = pq.ParquetFile(file, page_checksum_verification=True)
        for batch in opened.iter_batches(batch_size=_BATCH):
            for row in _in_microseconds(batch, pa).to_pylist():
                yield {name: plain(value, binary) for name, value in row.items()}
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnsafeToContinue(f"it is no sound Parquet file ({type(error).__name__}); have it sent again") from error


def _in_microseconds(batch: Any, pa: Any) -> Any:
    """A batch whose moments fit into Python's; nanoseconds are cut."""
    columns = [
        column.cast(pa.timestamp("us", column.type.tz), safe=False)
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns"
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
