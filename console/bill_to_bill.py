"""`splice bill-to-bill`: what the old billing system billed, what was due, and what the new one bills."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.identifiers import parse_number
from canonical_model.money import Money
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, opened_archive, screen
from hub.bill_to_bill import ComparedBills, compare_bills_of
from reconciliation.bill_to_bill import CHARGE_CLASSES, ComparedClass
from reconciliation.bill_totals import causes_of, up_and_down
from reconciliation.findings import period_text

_AMOUNTS = ("legacy", "expected", "target", "target higher by", "target lower by")


def bill_to_bill(
    market: Annotated[str, typer.Argument(help="The market whose accounts were moved.")],
    account: Annotated[str | None, typer.Option(help="Only this account, class by class and cause by cause.")] = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Compare bills before and after a move to another billing system, class by class; nothing is judged.

    The last whole month of the old system stands beside the first whole month of the new one, and what was due in
    that. Up and down are never netted, and no two classes are added.
    """
    with opened_archive(operator, workspace) as archive:
        compared = compare_bills_of(archive, market)
    if account is not None:
        _show_account(compared, account)
    else:
        _show_classes(compared)
    left_out = len(compared.comparison.not_compared)
    if left_out:
        screen.print(f"{left_out} services not compared, each with its reason in the workbook")
    screen.print(f"workbook  {compared.workbook}", highlight=False, markup=False)


def _show_classes(compared: ComparedBills) -> None:
    market, currency = compared.manifest.market, compared.manifest.market.currency
    services = len({row.service for row in compared.comparison.classes})
    table = Table(title=escape(f"{market.name}: {services} services, {currency}"), title_justify="left")
    for heading in ("class", "cause", *_AMOUNTS):
        table.add_column(heading, justify="right" if heading in _AMOUNTS else "left")
    for charge_class in CHARGE_CLASSES:
        rows = compared.comparison.of_class(charge_class)
        bills = (
            sum(row.legacy_minor for row in rows),
            sum(row.expected_minor for row in rows),
            sum(row.target_minor for row in rows),
            *up_and_down(row.difference_minor for row in rows),
        )
        table.add_row(charge_class.replace("_", " "), "", *(str(Money.from_minor(bill, currency)) for bill in bills))
        for (name, side), amounts in causes_of(rows).items():
            both = (str(Money.from_minor(amount, currency)) for amount in up_and_down(amounts))
            table.add_row("", escape(_cause(name, side)), "", "", "", *both)
    screen.print(table)


def _show_account(compared: ComparedBills, account: str) -> None:
    rows = [row for row in compared.comparison.classes if row.service.split("/")[0] == parse_number(account)]
    currency = compared.manifest.market.currency
    if not rows:
        screen.print(f"no service of account {account} was compared", highlight=False, markup=False)
        return
    months = f"{period_text(rows[0].legacy_month)} and {period_text(rows[0].target_month)}"
    table = Table(title=escape(f"account {account}, {months}, {currency}"), title_justify="left")
    for heading in ("service", "class", "cause", "legacy", "expected", "target", "target minus legacy"):
        table.add_column(heading, justify="left" if heading in ("service", "class", "cause") else "right")
    for row in rows:
        for cells in _account_rows(row, currency):
            table.add_row(*cells)
    screen.print(table)


def _account_rows(row: ComparedClass, currency: str) -> list[tuple[str, ...]]:
    bills = (row.legacy_minor, row.expected_minor, row.target_minor, row.difference_minor)
    head = (row.service, row.charge_class.replace("_", " "), "")
    causes = [(_cause(cause.name, cause.side), cause.amount_minor) for cause in row.causes]
    if row.unexplained_minor:
        causes.append(("unexplained", row.unexplained_minor))
    return [
        (*head, *(str(Money.from_minor(bill, currency)) for bill in bills)),
        *(("", "", escape(name), "", "", "", str(Money.from_minor(amount, currency))) for name, amount in causes),
    ]


def _cause(name: str, side: str) -> str:
    return f"{name}, {side} bill" if side else name
