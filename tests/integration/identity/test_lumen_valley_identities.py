"""The example operator's own duplicates are found in what its systems serve, held against the estate's truth."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

import pytest

from hub.identity.match import match, streams_that_tell
from hub.sync import sync_stream
from hub.workplace import Hub
from identity.settings import SUBJECTS, Subject
from storage.identity_links import identity_links
from tests.fakes.lumen_valley import LumenValley, lumen_valley

pytestmark = pytest.mark.peer("splink")

Pairs = set[tuple[str, str]]


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path_factory.mktemp("operators") / "valley", subscribers=320, months=3) as running:
        yield running


@pytest.fixture(scope="module")
def hub(operator: LumenValley, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    workspace: Path = tmp_path_factory.mktemp("work")
    with operator.hub(workspace) as opened:
        for system, streams in streams_that_tell(opened.operator, SUBJECTS).items():
            for stream in streams:
                sync_stream(opened, system, stream, operator.estate.as_of)
        for subject in SUBJECTS:
            match(opened, subject, operator.estate.as_of)
        yield opened


def true_pairs(truth: Mapping[str, str]) -> Pairs:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for record, key in truth.items():
        groups[key].append(record)
    return {pair for names in groups.values() for pair in combinations(sorted(names), 2)}


def found(hub: Hub, subject: Subject, state: str) -> Pairs:
    with hub.database.reading() as connection:
        links = identity_links(connection, subject=subject)
    ends = (sorted((link.ends[0].id, link.ends[1].id)) for link in links if link.state == state)
    return {(one, other) for one, other in ends}


def test_customers_are_told_with_what_tells_them_apart(hub: Hub) -> None:
    with hub.database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT count(*), count(email), count(phone), count(birth_date), count(address), count(postal_code)"
            " FROM customer"
        ).one()
    known = dict(zip(("all", "email", "phone", "birth_date", "address", "postal_code"), rows, strict=True))
    assert known["all"] > 300
    assert known["address"] == known["postal_code"] == known["all"]
    assert all(0.4 * known["all"] < known[name] < known["all"] for name in ("email", "phone", "birth_date"))


def test_planted_customers_are_found_and_nobody_else_is_joined(hub: Hub, operator: LumenValley) -> None:
    truth = true_pairs(operator.estate.identities.person_of)
    linked, asked = found(hub, "customer", "linked"), found(hub, "customer", "review")
    assert len(truth) > 10
    assert linked <= truth, "nobody else is joined"
    assert truth <= linked | asked, "and nobody is overlooked"
    assert len(linked) > 0.6 * len(truth)
    assert len(asked) < len(truth)


def test_premises_surveyed_twice_are_found_and_flats_stay_apart(hub: Hub, operator: LumenValley) -> None:
    truth = true_pairs(operator.estate.identities.dwelling_of)
    assert len(truth) >= 7
    assert found(hub, "premise", "linked") == truth
    assert found(hub, "premise", "review") == set()
