"""Killed at any moment, or sent by several at once: a remedy moves its money once, and its case knows."""

import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from hub.cases.remedies import approve
from hub.cases.shown import shown_case
from hub.decision import Decision
from hub.effects.decisions import discard
from hub.reconcile import reconcile_market
from hub.sync import sync_system, systems_of
from hub.workplace import Hub
from reconciliation.remedies import MONEY_KINDS
from storage.case_list import CaseFilter, listed_cases
from storage.remedies import remedies_of_case, remedies_of_market
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.forked import PROCESSES
from tests.integration.conftest import DIALECTS, MakeDatabase
from tests.integration.hub.sender_process import send_and_drain

MARKET = "riverbend"
AHEAD_H = (0, 1, 2, 6)


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with small_estate(tmp_path) as running:
        yield running


def small_estate(parent: Path) -> AbstractContextManager[LumenValley]:
    return lumen_valley(parent / "operator", subscribers=60, months=3, seed=3)


@pytest.fixture(scope="module")
def judged_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace in which a remedy was approved, and its case; the estate is the same again for each test."""
    parent = tmp_path_factory.mktemp("approved")
    with small_estate(parent) as operator, operator.hub(parent / "work") as hub:
        return parent / "work", approved(operator, hub)


@pytest.fixture
def workspace(judged_once: tuple[Path, str], tmp_path: Path) -> Path:
    return shutil.copytree(judged_once[0], tmp_path / "work")


@pytest.fixture
def case(judged_once: tuple[Path, str]) -> str:
    return judged_once[1]


def sender(
    operator: LumenValley, workspace: Path, when: str = "never", ahead_h: Sequence[int] = (0,)
) -> ForkServerProcess:
    """A process that sends, at the moments that lie so many hours ahead, and dies when it is told to."""
    arguments = (operator.folder, workspace, dict(operator.environment), when, tuple(ahead_h))
    process = PROCESSES.Process(target=send_and_drain, args=arguments)
    process.start()
    return process


def sent(*processes: ForkServerProcess) -> list[int | None]:
    """The exit statuses of senders, waited for."""
    for process in processes:
        process.join(600)
    return [process.exitcode for process in processes]


def approved(operator: LumenValley, hub: Hub) -> str:
    """The largest credit: judged, proposed by the run, and approved by a person."""
    now = operator.estate.as_of
    for system in systems_of(hub, MARKET):
        sync_system(hub, system, now)
    reconcile_market(hub, MARKET, now, now)
    with hub.database.reading() as connection:
        found, _ = listed_cases(connection, CaseFilter(market=MARKET, least_minor=100))
        moved = remedies_of_market(connection, MARKET)
    due = next(case for case in found if moved[case.fingerprint][0].kind == "credit")
    approve(hub, due.fingerprint, Decision("finance-lead", now), 1)
    return due.fingerprint


def posted(operator: LumenValley, case: str) -> int:
    return sum(case in row["reason"] for row in operator.running.books.billing["adjustments"])


@pytest.mark.parametrize("when", ["in_the_transaction", "journaled", "before_send", "after_send"])
def test_killed_anywhere_a_remedy_moves_its_money_once(
    operator: LumenValley, workspace: Path, case: str, when: str
) -> None:
    assert sent(sender(operator, workspace, when)) == [-signal.SIGKILL]
    assert posted(operator, case) == (1 if when == "after_send" else 0)

    assert sent(sender(operator, workspace, ahead_h=AHEAD_H)) == [0]
    with operator.hub(workspace) as hub:
        after = shown_case(hub.archive, case)
    assert posted(operator, case) == 1
    assert len(operator.running.write_log.of("billing")) == 1
    assert (after.case.state, after.remedies[0].state) == ("in_remedy", "done")
    assert [event.kind for event in after.events].count("remedy_sent") == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_several_that_send_at_once_send_once(
    operator: LumenValley, tmp_path: Path, make_database: MakeDatabase, dialect: str
) -> None:
    workspace = tmp_path / "work"
    address = make_database(dialect)
    file = operator.folder / "operator.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "\ndatabase: env:CASES_DATABASE\n", encoding="utf-8")
    operator = replace(operator, environment=operator.environment | {"CASES_DATABASE": address})
    with operator.hub(workspace) as hub:
        case = approved(operator, hub)
    assert sent(*[sender(operator, workspace) for _ in range(2)]) == [0, 0]
    assert sent(sender(operator, workspace, ahead_h=AHEAD_H[1:])) == [0]
    with operator.hub(workspace) as hub:
        after = shown_case(hub.archive, case)
    assert posted(operator, case) == 1
    assert after.remedies[0].state == "done"


def test_what_waits_in_the_outbox_is_taken_back_when_its_finding_changes(
    operator: LumenValley, workspace: Path, case: str
) -> None:
    with operator.hub(workspace) as hub:
        shown = shown_case(hub.archive, case)
        assert sent(sender(operator, workspace, "journaled")) == [-signal.SIGKILL]
        number = shown.case.subject.zfill(10)
        for row in operator.running.books.billing["charge_lines"]:
            if row["accountNumber"] == number:
                row["amount"] = str(Decimal(row["amount"]) + 1)
                row["modified"] = "2026-11-05T20:00:00Z"
        now = operator.estate.as_of + timedelta(days=1)
        sync_system(hub, "billing", now)
        reconcile_market(hub, MARKET, now, now)
        after = shown_case(hub.archive, case)
    assert after.case.now_minor != shown.case.now_minor
    assert (after.remedies[0].state, after.remedies[0].revision) == ("proposed", 2)
    assert after.remedies[0].amount_minor == after.case.now_minor
    assert sent(sender(operator, workspace, ahead_h=(2,))) == [0]
    assert posted(operator, case) == 0


def test_a_remedy_that_was_given_up_in_the_outbox_is_not_proposed_again_by_a_run(
    operator: LumenValley, workspace: Path, case: str
) -> None:
    with operator.hub(workspace) as hub:
        assert sent(sender(operator, workspace, "journaled")) == [-signal.SIGKILL]
        with hub.database.reading() as connection:
            (remedy, *_) = remedies_of_case(connection, case)
        assert remedy.effect_id is not None
        discard(hub, remedy.effect_id, datetime.now(UTC), actor="dana", why="done by hand")
        now = operator.estate.as_of + timedelta(days=1)
        reconcile_market(hub, MARKET, now, now)
        after = shown_case(hub.archive, case)
    assert after.case.state == "open"
    assert [one.state for one in after.remedies if one.kind in MONEY_KINDS] == ["failed"]
