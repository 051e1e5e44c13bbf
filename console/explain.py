"""`splice explain`: the arithmetic of a finding, the services of an account or a device, line by line."""

from decimal import Decimal
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.money import Money, minor_digits
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, opened_archive, screen
from hub.explain import Explained, explain_finding, explain_subject
from reconciliation.explanation import MonthExplained, Piece
from reconciliation.findings import DOCUMENTS, period_text


def explain(
    subject: Annotated[
        str, typer.Argument(help="Fingerprint of a finding (or its start), account, service or serial.")
    ],
    market: Annotated[
        str | None, typer.Option("--market", "-m", help="For an account, service or serial: its market.")
    ] = None,
    every_month: Annotated[bool, typer.Option("--all", help="Also charges that agree.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show how the money of a finding, of an account or of a device was computed, from its snapshot alone."""
    with opened_archive(operator, workspace) as archive:
        if market is None:
            _show(explain_finding(archive, subject), every_month)
            return
        for explained in explain_subject(archive, subject, market):
            _show(explained, every_month)


def _show(explained: Explained, every_month: bool) -> None:
    manifest, currency = explained.manifest, explained.manifest.market.currency
    screen.print(f"[bold]{escape(manifest.market.name)}[/], snapshot {escape(manifest.snapshot_id)}")
    if (finding := explained.finding) is not None:
        money = Money.from_minor(finding.exposure_minor, currency)
        # the name of a document begins with its kind
        subject = finding.subject.replace("/", " ", 1)
        if finding.subject_kind not in DOCUMENTS:
            subject = f"{finding.subject_kind} {finding.subject}"
        kind = f"{finding.direction.replace('_', ' ')}, {finding.exposure_class.replace('_', ' ')}"
        screen.print(f"[bold]{escape(finding.rule_id)}[/] {escape(subject)}: [bold]{money}[/] ({kind})")
    for name, value in explained.explanation.facts:
        screen.print(f"  {name.replace('_', ' '):<18} {value}", highlight=False, markup=False)
    for month in explained.explanation.months:
        if every_month or month.parts or "suspended" in month.charge:
            screen.print(_table(month, currency))
    for posted in explained.explanation.adjustments:
        amount = Money.from_minor(posted.amount_minor, currency)
        reason = f" ({posted.reason})" if posted.reason else ""
        screen.print(f"adjustment of {posted.posted_on}{reason}: {amount}  {posted.source}", markup=False)
    proration = manifest.catalogue.proration[manifest.market.id]
    screen.print(f"proration {proration}; versions {manifest.content_versions()}", markup=False)
    for reference in explained.explanation.evidence:
        screen.print(f"  proof: {reference}", highlight=False, markup=False)


def _table(month: MonthExplained, currency: str) -> Table:
    table = Table(title=escape(f"{period_text(month.period)} {month.charge}"), title_justify="left", show_edge=False)
    for heading in ("", "product", "from", "to (excl.)", "share", "per month", "amount"):
        table.add_column(heading, justify="right" if heading in ("share", "per month", "amount") else "left")
    for piece in month.expected:
        table.add_row("delivered", *_cells(piece, currency))
    for piece in month.billed:
        table.add_row("billed", *_cells(piece, currency))
    table.add_section()
    difference = month.expected_minor - month.billed_minor
    table.add_row("difference", *[""] * 5, str(Money.from_minor(difference, currency)))
    for name, minor in month.parts:
        table.add_row("", escape(name), *[""] * 4, str(Money.from_minor(minor, currency)))
    return table


def _cells(piece: Piece, currency: str) -> tuple[str, ...]:
    share = f"{piece.days}/{piece.of}" + ("" if piece.percent == "100" else f" x {piece.percent} %")
    return (
        escape(f"{piece.product} ({piece.source})"),
        piece.starts_on.isoformat(),
        piece.ends_on.isoformat(),
        share,
        f"{Decimal(piece.unit_minor).scaleb(-minor_digits(currency)):f}",
        str(Money.from_minor(piece.amount_minor, currency)),
    )
