"""The sheet of common causes: what findings share, how often elsewhere, and the money of each direction and class."""

from collections.abc import Iterator

from hub.reports.amounts import major
from hub.reports.cause_words import (
    DIMENSION_NAMES,
    chance_text,
    headline,
    member_text,
    percent_text,
    relation_text,
)
from hub.reports.cells import Column, put
from hub.reports.sheets import Place, Row
from hub.reports.tables import rule_of
from hub.reports.wording import kind_words
from reconciliation.causes.dimensions import KINDS
from reconciliation.causes.groups import CommonCauses
from reconciliation.report import MarketReport

_CAUSES = (
    Column("Dimension", 18),
    Column("In common", 30),
    Column("Rule", 9),
    Column("Title", 44),
    Column("Direction", 13),
    Column("Class", 13),
    Column("Findings", 10, "count"),
    Column("Exposure to date", 16, "money"),
    Column("With a finding", 14, "count"),
    Column("Of", 10, "count"),
    Column("What is counted", 20),
    Column("Share", 10),
    Column("Elsewhere with a finding", 17, "count"),
    Column("Elsewhere of", 12, "count"),
    Column("Share elsewhere", 13),
    Column("Chance", 24),
    Column("Goes with", 60, "long_text"),
)
_HOW = (
    "Each amount is of one direction and class. The same finding may stand under several dimensions: amounts of"
    " different dimensions must not be added."
)


def write_causes(place: Place) -> None:
    """One row a group, direction and class, most money first."""
    causes = place.report.causes or CommonCauses()
    below = place.table(_CAUSES, _rows(place.report, causes), frozen_columns=2)
    for line, text in enumerate((headline(causes), _HOW)):
        put(place.sheet, below + line, 0, text, place.looks.quiet)


def _rows(report: MarketReport, causes: CommonCauses) -> Iterator[Row]:
    for group in causes.groups:
        for each in group.money:
            yield (
                DIMENSION_NAMES[group.dimension],
                member_text(group.kind, group.member),
                group.rule_id,
                rule_of(report, group.rule_id).title,
                *kind_words((each.direction, each.exposure_class)),
                each.findings,
                major(each.exposure_minor, report.currency),
                group.hit,
                group.subjects,
                KINDS[group.kind].subjects,
                percent_text(group.hit, group.subjects),
                group.hit_elsewhere,
                group.subjects_elsewhere,
                percent_text(group.hit_elsewhere, group.subjects_elsewhere),
                chance_text(group),
                relation_text(group, causes),
            )
