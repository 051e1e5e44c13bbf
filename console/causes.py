"""`splice causes`: what the findings of a market have in common, and the money of it."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from canonical_model.money import Money
from canonical_model.yaml_source import nearest
from console.as_json import write_json
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, opened_archive, screen
from hub.causes import MarketCauses, market_causes
from hub.reports.cause_words import chance_text, elsewhere_text, headline, here_text, member_text, relation_text
from hub.reports.wording import kind_words
from reconciliation.causes.dimensions import DIMENSIONS, Dimension
from reconciliation.causes.document import as_document, group_facts
from reconciliation.causes.groups import Group


def causes(
    market: Annotated[str, typer.Argument(help="The market.")],
    by: Annotated[
        str | None, typer.Option("--by", help=f"Only what is shared in this dimension: {', '.join(DIMENSIONS)}.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with the findings of each group.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show what the findings of a market have in common: the same hub, crew, plan, day or system.

    A group is shown where it is more than chance: how many of its subjects have a finding, against all others. Most
    money first; a finding may belong to groups of several dimensions, so that their amounts must not be added.
    """
    dimension = _dimension(by)
    with opened_archive(operator, workspace) as archive:
        found = market_causes(archive, market)
    groups = [group for group in found.causes.groups if dimension in (None, group.dimension)]
    if as_json:
        write_json(_facts(found, groups, dimension))
        return
    screen.print(headline(found.causes), highlight=False, markup=False)
    if groups:
        screen.print(_table(found, groups))
    elif found.causes.groups:
        screen.print(f"None of them is by {by}.", highlight=False, markup=False)


def _dimension(by: str | None) -> Dimension | None:
    for known in DIMENSIONS:
        if by == known:
            return known
    if by is None:
        return None
    raise ConfigurationError(f"--by: there is no dimension {by!r}{nearest(by, list(DIMENSIONS))}")


def _facts(found: MarketCauses, groups: list[Group], dimension: Dimension | None) -> dict[str, Any]:
    document = as_document(found.causes)
    return {
        "market": found.manifest.market.id,
        "currency": found.manifest.market.currency,
        "run": found.run.id,
        **document,
        "groups": [{"title": found.titles.get(group.rule_id, ""), **group_facts(group)} for group in groups],
        "dimensions": [each for each in document["dimensions"] if dimension in (None, each["dimension"])],
    }


def _table(found: MarketCauses, groups: list[Group]) -> Table:
    market = found.manifest.market
    table = Table(title=escape(f"{market.name}, run {found.run.id}, {market.currency}"), title_justify="left")
    for heading in ("in common", "rule", "with a finding", "elsewhere", "by chance", "money"):
        table.add_column(heading, justify="right" if heading == "money" else "left", overflow="fold")
    for group in groups:
        name = member_text(group.kind, group.member)
        told = relation_text(group, found.causes)
        money = "\n".join(
            f"{', '.join(kind_words((each.direction, each.exposure_class))).lower()}"
            f" {Money.from_minor(each.exposure_minor, market.currency)}"
            for each in group.money
        )
        cells = (
            f"{name}: {told}" if told else name,
            f"{group.rule_id} {found.titles.get(group.rule_id, '')}",
            here_text(group),
            elsewhere_text(group),
            chance_text(group),
        )
        table.add_row(*(escape(printable(cell)) for cell in cells), money)
    return table
