"""Groups of findings in words: shares, chances, and what one group has of another."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hub.reports.cause_words import (
    chance_text,
    elsewhere_text,
    headline,
    here_text,
    member_text,
    relation_text,
)
from hub.reports.page import render_page
from reconciliation.causes.dimensions import KINDS
from reconciliation.causes.groups import CommonCauses, Group, Sum
from tests.unit.hub.market_reports import HOSTILE, finding, market_report

PRINTS = tuple(f"{number:016x}" for number in range(14))
GROUP = Group(
    kind="hub",
    member="RB-H02",
    rule_id="RL-C03",
    hit=14,
    subjects=40,
    hit_elsewhere=3,
    subjects_elsewhere=600,
    chance=Decimal("7.29E-11"),
    money=(Sum("under_billed", "recoverable", 14, 140_00),),
    findings=PRINTS,
)


def test_a_share_is_told_beside_that_of_everybody_else() -> None:
    assert here_text(GROUP) == "14 of 40 services (35.0 %)"
    assert elsewhere_text(GROUP) == "3 of 600 (0.500 %)"


@pytest.mark.parametrize(
    ("chance", "told"),
    [
        ("7.29E-11", "1 in 13,000,000,000"),
        ("0.0009", "1 in 1,100"),
        ("0.04", "1 in 25"),
        ("1E-40", "less than 1 in a trillion"),
    ],
)
def test_a_chance_is_told_in_two_digits_and_never_as_smaller_than_it_is(chance: str, told: str) -> None:
    assert chance_text(replace(GROUP, chance=Decimal(chance))) == told


@pytest.mark.parametrize(
    ("kind", "member", "told"),
    [
        ("hub", "RB-H02", "Hub RB-H02"),
        ("crew", "Crew 3", "Crew 3"),
        ("bill_run", "2026-07-01", "Bill run of 1 Jul 2026"),
        ("work", "2026-03-14", "Day of work of 14 Mar 2026"),
    ],
)
def test_a_member_is_called_what_it_is_once(kind: str, member: str, told: str) -> None:
    assert member_text(kind, member) == told


@pytest.mark.parametrize(
    ("findings", "told"),
    [
        (PRINTS, "the same findings as Hub RB-H02"),
        (PRINTS[:9], "all of its findings are among those of Hub RB-H02"),
        (
            (*PRINTS[:9], "f" * 16),
            "9 of its 10 findings are those of Hub RB-H02: without them no more than chance",
        ),
    ],
)
def test_what_goes_with_another_group_says_what_it_has_of_it(findings: tuple[str, ...], told: str) -> None:
    common = len(set(findings) & set(PRINTS))
    crew = replace(
        GROUP, kind="crew", member="Crew 1", findings=findings, goes_with=("hub", "RB-H02"), in_common=common
    )
    causes = CommonCauses((GROUP, crew), looked_at=20)
    assert relation_text(crew, causes) == told
    assert relation_text(GROUP, causes) == ""
    assert headline(causes) == "1 group of findings is more than chance, of 20 that were looked at."


def test_nothing_found_and_nothing_known_are_two_things() -> None:
    assert (
        headline(CommonCauses(looked_at=7)) == "No group of findings is more than chance, of 7 that were looked at."
    )
    assert headline(CommonCauses(unknown="the rows are gone")) == (
        "What findings have in common is unknown: the rows are gone."
    )


def test_names_of_other_systems_stay_names_on_the_page() -> None:
    groups = tuple(replace(GROUP, member=text) for text in HOSTILE)
    page = render_page(market_report(finding(), causes=CommonCauses(groups, looked_at=9)), "book.xlsx")
    assert "<script>alert(1)" not in page
    assert "Hub &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<img src=x" not in page


def test_every_kind_has_its_own_noun() -> None:
    assert len({kind.noun for kind in KINDS.values()}) == len(KINDS)
