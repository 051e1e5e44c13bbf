"""The section of the page that tells what findings have in common."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.reports.cause_words import (
    DIMENSION_NAMES,
    chance_text,
    definition_of,
    elsewhere_text,
    headline,
    here_text,
    member_text,
    relation_text,
)
from hub.reports.tables import rule_of
from hub.reports.wording import slug
from reconciliation.causes.groups import Group, InDimension
from reconciliation.report import MarketReport

SHOWN_GROUPS = 60


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group as the page has it.

    Attributes:
        goes_with: what it has of another one; empty where it stands for itself.
        counted_by: name of the definition of what its share is of.
    """

    group: Group
    member: str
    title: str
    here: str
    elsewhere: str
    chance: str
    goes_with: str
    counted_by: str


def cause_content(report: MarketReport) -> Mapping[str, object]:
    """What the template needs; nothing where nobody looked for common causes."""
    causes = report.causes
    if causes is None:
        return {"common": None}
    shown = [
        ShownGroup(
            group,
            member_text(group.kind, group.member),
            rule_of(report, group.rule_id).title,
            _unbroken(here_text(group)),
            _unbroken(elsewhere_text(group)),
            chance_text(group),
            relation_text(group, causes),
            slug(definition_of(group.kind)),
        )
        for group in causes.groups[:SHOWN_GROUPS]
    ]
    return {
        "common": causes,
        "common_headline": headline(causes),
        "common_shown": shown,
        "common_dimensions": [each for each in causes.dimensions if _tells(each)],
        "dimension_names": DIMENSION_NAMES,
    }


def _unbroken(share: str) -> str:
    """A percent sign stays with its number."""
    return share.replace(" %", "\N{NO-BREAK SPACE}%")


def _tells(each: InDimension) -> bool:
    """One in which everything lies is not compared with anything."""
    return each.members > 1
