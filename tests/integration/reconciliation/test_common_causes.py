"""Common causes that are planted in a market are named with their money, and nobody else is."""

from collections import Counter
from pathlib import Path

import duckdb
import pytest
from judged import JudgeAll, Judged

from canonical_model.places import Premise
from reconciliation.causes.groups import CommonCauses, Group, Sum, sums
from reconciliation.causes.placing import measure_causes, read_places
from reconciliation.engines.duckdb_engine import EngineLimits
from tests.fakes.common_causes import (
    CATALOGUE,
    WRONG_CREW,
    WRONG_HUB,
    WRONG_RUN,
    is_of_the_eighth,
    market_with_common_causes,
)
from tests.fakes.small_operator import LAST_YEAR, SmallOperator, serial_of

RUN = str(WRONG_RUN)


@pytest.fixture
def market(judge_all: JudgeAll) -> Judged:
    return judge_all(market_with_common_causes(), catalogue=CATALOGUE)


@pytest.fixture
def causes(market: Judged) -> CommonCauses:
    return causes_of(market)


def causes_of(judged: Judged) -> CommonCauses:
    return measure_causes(judged.folder, judged.manifest, judged.outcome.findings)


def leaders(causes: CommonCauses) -> list[Group]:
    return [group for group in causes.groups if group.goes_with is None]


def test_what_was_planted_is_named_and_nothing_else_most_money_first(causes: CommonCauses) -> None:
    assert causes.unknown == ""
    assert [(group.kind, group.member, group.rule_id) for group in leaders(causes)] == [
        ("offering", "gold", "RL-C05"),
        ("crew", WRONG_CREW, "RL-E03"),
        ("hub", WRONG_HUB, "RL-C01"),
        ("bill_run", RUN, "RL-C07"),
    ]


def test_the_money_is_that_of_the_cause_to_the_cent_and_each_kind_stands_alone(causes: CommonCauses) -> None:
    # February from the tenth on at 90.00 is 61.07, the nine days before it 19.29; March is seen for six customers
    assert [group.money for group in leaders(causes)] == [
        (Sum("under_billed", "recoverable", 80, 40 * 20_00 + 40 * 10_00),),
        (Sum("cost", "cost", 8, 8 * 86_00),),
        (Sum("under_billed", "recoverable", 14, 14 * (61_07 + 19_29 - 60_00) + 6 * 30_00),),
        (Sum("under_billed", "recoverable", 12, 12 * 2_00),),
    ]


def test_the_share_of_a_group_is_told_beside_that_of_everybody_else(causes: CommonCauses) -> None:
    assert [(one.hit, one.subjects, one.hit_elsewhere, one.subjects_elsewhere) for one in leaders(causes)] == [
        (80, 80, 2, 160),
        (8, 49, 2, 230),  # customers at which a crew has worked; some saw two crews
        (14, 48, 0, 192),
        (12, 96, 2, 432),
    ]
    assert all(one.chance * causes.looked_at < 1 for one in leaders(causes))


def test_what_follows_from_another_group_is_told_as_that(causes: CommonCauses) -> None:
    """Who has gold is billed on two days: both runs have many of a plan's mistakes, and are no cause of them."""
    followers = [group for group in causes.groups if group.goes_with is not None]
    assert {(one.kind, one.rule_id, one.goes_with) for one in followers} == {
        ("bill_run", "RL-C05", ("offering", "gold"))
    }
    assert [(one.in_common, len(one.findings)) for one in followers] == [(40, 41), (40, 41)]
    assert causes.groups[1:3] == tuple(followers), "they stand below the group that they go with"


def test_each_finding_counts_once_in_the_money_of_a_dimension(market: Judged, causes: CommonCauses) -> None:
    standing = [one for one in market.outcome.findings if one.explained_by is None]
    for each in causes.dimensions:
        of_it = [name for group in causes.groups if group.dimension == each.dimension for name in group.findings]
        assert len(of_it) == len(set(of_it))
        assert each.in_groups == sums(one for one in standing if one.fingerprint in of_it)
        assert each.rest == sums(one for one in standing if one.fingerprint not in of_it)


def test_what_everybody_shares_is_no_cause(causes: CommonCauses) -> None:
    """All devices are on one element, and all who left did so on one day."""
    assert {one.dimension: one.members for one in causes.dimensions}["element"] == 1
    assert not {"element", "work"} & {group.kind for group in causes.groups}


def test_mistakes_that_happen_anywhere_have_nothing_in_common(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    for number in range(120):
        account = str(1000 + number)
        operator.add(Premise, "crm", source_id=f"P{number}", address="Elm Street", hub=f"H{number % 4}")
        operator.account(account)
        operator.order(
            account, f"9{account}", effective_on=LAST_YEAR, offering_id="silver", premise_id=f"P{number}",
            install_fee_waived=True,
        )  # fmt: skip
        operator.job(f"9{account}", LAST_YEAR, "silver", serial_of(account), crew=f"Crew {number % 5}")
        operator.seen(serial_of(account), "S", LAST_YEAR)
        operator.whole_months(account, "SLV", "55.00" if number % 7 == 0 else "60.00", (1, 2, 3))
    judged = judge_all(operator)
    assert len(judged.outcome.findings) == 18
    found = causes_of(judged)
    assert found.groups == ()
    assert found.looked_at > 0


def test_that_everybody_has_a_plan_is_nothing_to_have_in_common(judge_all: JudgeAll) -> None:
    """Orders list the plan among their items; what is ordered beside it is another charge, and counts."""
    operator = SmallOperator()
    for number in range(40):
        account = str(1000 + number)
        operator.installed(account)
        operator.order_item(f"9{account}", "silver")
        operator.whole_months(account, "SLV", "55.00" if number < 12 else "60.00", (1, 2, 3))
        if number % 2:
            operator.order_item(f"9{account}", "voice")
            operator.whole_months(account, "VOI", "15.99" if number > 30 else "19.99", (1, 2, 3))
            operator.whole_months(account, "DUO", "-5.00", (1, 2, 3))
    judged = judge_all(operator)
    places, members = read_places(judged.folder, judged.manifest, judged.outcome.findings, EngineLimits())
    assert {each.member for each in members if each.kind == "charge"} == {"voice"}
    assert Counter((each.kind, each.member) for each in places if each.kind in ("charge", "offering")) == {
        ("offering", "silver"): 12,
        ("charge", "voice"): 5,
    }


def test_a_snapshot_without_its_rows_says_so(market: Judged) -> None:
    orders = next(market.folder.glob("by_service/*/service_order.parquet"))
    orders.unlink()
    assert "before common causes were told" in causes_of(market).unknown
    market.folder.joinpath("records").rename(market.folder / "gone")
    assert causes_of(market).unknown == f"the rows of snapshot {market.folder.name} are gone"


def test_an_order_of_a_second_service_is_that_services(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("7")
    for number, premise in (("91", "P1"), ("92", "P2")):
        operator.order("7", number, effective_on=LAST_YEAR, offering_id="silver", premise_id=premise)
        operator.job(number, LAST_YEAR, "silver", f"EFGH000000{number}")
    judged = judge_all(operator)
    assert orders_of(judged.folder) == [("7", "91"), ("7/92", "92"), ("7/97", "97")]


def orders_of(folder: Path) -> list[tuple[str, str]]:
    with duckdb.connect() as connection:
        return connection.execute(
            "SELECT service, order_number FROM read_parquet(?) ORDER BY ALL",
            [str(folder / "by_service/*/service_order.parquet")],
        ).fetchall()


def test_the_planted_market_is_what_its_tests_take_it_for() -> None:
    of_the_eighth = [number for number in range(240) if number % 3 == 0 and is_of_the_eighth(number)]
    assert len(of_the_eighth) == 40
