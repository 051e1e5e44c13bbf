"""The bill-to-bill comparison as a workbook: by class, by cause, and account by account.

Differences up and down stand in two columns, and no cell adds two charge classes.
"""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxFileError

from canonical_model.errors import RetryableError
from hub.reports.amounts import major
from hub.reports.cells import Column, Looks, Value, put, set_up_print, write_table
from hub.reports.source_text import file_stem, printable
from hub.reports.whole_files import whole_files
from reconciliation.bill_to_bill import CHARGE_CLASSES, BillToBill
from reconciliation.bill_totals import causes_of, up_and_down
from reconciliation.snapshot.manifest import Manifest

_BY_CLASS = (
    Column("Charge class", 16),
    Column("Services", 10, "count"),
    Column("Legacy bills", 16, "money"),
    Column("Expected", 16, "money"),
    Column("Target bills", 16, "money"),
    Column("Target is higher by", 16, "money"),
    Column("Target is lower by", 16, "money"),
    Column("of it unexplained, higher", 16, "money"),
    Column("of it unexplained, lower", 16, "money"),
)
_BY_CAUSE = (
    Column("Charge class", 16),
    Column("Cause", 34),
    Column("In which bill", 14),
    Column("Services", 10, "count"),
    Column("Target is higher by", 16, "money"),
    Column("Target is lower by", 16, "money"),
)
_ACCOUNTS = (
    Column("Service", 20),
    Column("Charge class", 16),
    Column("Legacy month", 11, "month"),
    Column("Target month", 11, "month"),
    Column("Legacy bill", 14, "money"),
    Column("Expected", 14, "money"),
    Column("Target bill", 14, "money"),
    Column("Target minus legacy", 14, "money"),
    Column("Cause", 34),
    Column("In which bill", 14),
    Column("Explained", 14, "money"),
    Column("Unexplained", 14, "money"),
)
_NOT_COMPARED = (Column("Service", 20), Column("Why it is not compared", 80, "long_text"))

Row = tuple[Value, ...]


def write_bill_to_bill(comparison: BillToBill, manifest: Manifest, folder: Path) -> Path:
    """Write the workbook ``bill-to-bill-MARKET-DAY.xlsx``, replaced where it exists.

    Raises:
        RetryableError: the disk takes no more.
    """
    market = manifest.market
    path = folder / f"bill-to-bill-{file_stem(market.id)}-{manifest.as_of:%Y-%m-%d}.xlsx"
    title = f"{market.name}: bill-to-bill of accounts that were moved, as of {manifest.as_of:%Y-%m-%d}"
    try:
        with (
            whole_files(path) as (half,),
            Workbook(str(half), {"constant_memory": True, "strings_to_formulas": False}) as book,
        ):
            created = manifest.as_of.astimezone(UTC).replace(tzinfo=None)
            book.set_properties({"title": printable(title), "author": manifest.operator, "created": created})
            looks = Looks(book, market.currency)
            for name, columns, rows in (
                ("By class", _BY_CLASS, _by_class(comparison, market.currency)),
                ("By cause", _BY_CAUSE, _by_cause(comparison, market.currency)),
                ("Accounts", _ACCOUNTS, _accounts(comparison, market.currency)),
                ("Not compared", _NOT_COMPARED, iter(comparison.not_compared)),
            ):
                sheet = book.add_worksheet(name)
                below = write_table(sheet, columns, rows, looks, frozen_columns=1)
                if below == 1:
                    put(sheet, 1, 0, "None.", looks.quiet)
                set_up_print(sheet, title)
    except (OSError, XlsxFileError) as error:
        raise RetryableError(f"the bill-to-bill comparison of {market.id} could not be written: {error}") from error
    return path


def _by_class(comparison: BillToBill, currency: str) -> Iterator[Row]:
    for charge_class in CHARGE_CLASSES:
        rows = comparison.of_class(charge_class)
        amounts = (
            sum(row.legacy_minor for row in rows),
            sum(row.expected_minor for row in rows),
            sum(row.target_minor for row in rows),
            *up_and_down(row.difference_minor for row in rows),
            *up_and_down(row.unexplained_minor for row in rows),
        )
        yield (charge_class, len(rows), *(major(amount, currency) for amount in amounts))


def _by_cause(comparison: BillToBill, currency: str) -> Iterator[Row]:
    for charge_class in CHARGE_CLASSES:
        for (name, side), amounts in causes_of(comparison.of_class(charge_class)).items():
            both = (major(amount, currency) for amount in up_and_down(amounts))
            yield (charge_class, name, side, len(amounts), *both)


def _accounts(comparison: BillToBill, currency: str) -> Iterator[Row]:
    """One row a class without a cause or with one; a row more for each further cause, its bills left empty."""
    for row in comparison.classes:
        bills = (row.legacy_minor, row.expected_minor, row.target_minor, row.difference_minor)
        head = (row.service, row.charge_class, row.legacy_month, row.target_month)
        rest = major(row.unexplained_minor, currency)
        causes: list[Row] = [(cause.name, cause.side, major(cause.amount_minor, currency)) for cause in row.causes]
        first, *others = causes or [(None, None, None)]
        yield (*head, *(major(amount, currency) for amount in bills), *first, rest)
        for other in others:
            yield (*head, None, None, None, None, *other, None)
