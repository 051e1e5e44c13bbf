"""Killed at any moment, or sent by several at once: a remedy moves its money once, and its case knows."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hub.cases.remedies import approve
from hub.cases.shown import ShownCase, shown_case
from hub.decision import Decision
from hub.effects.decisions import discard
from hub.reconcile import reconcile_market
from hub.sync import sync_system, systems_of
from hub.workplace import Hub
from reconciliation.remedies import MONEY_KINDS
from storage.case_list import CaseFilter, listed_cases
from storage.remedies import remedies_of_case, remedies_of_market
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.shipped_rules import ROOT
from tests.integration.conftest import DIALECTS, MakeDatabase

MARKET = "riverbend"
AHEAD_H = (0, 1, 2, 6)

SENDER = """
import os, sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from connectors.discovery import open_sink
from handoffs.stages import Authority
from hub.decision import Decision
from hub.cases.sending import note_outbox, send_approved
from hub.effects.drain import drain
from hub.workplace import open_hub
from tests.fakes.doomed import DoomedSink, Fate, kill_this_process

folder, workspace, when, *ahead = sys.argv[1:]
hours = [int(each) for each in ahead]

def clock():
    return datetime.now(UTC) + timedelta(hours=hours[0])

fate = Fate({"before_send": 1, "after_send": 2}.get(when, 0), "sending", kill_this_process)

def die(moment):
    if when == moment:
        os.kill(os.getpid(), 9)

def may_act(market, mandate, subject):
    die("in_the_transaction")
    return Authority("hub", False, "said by the test")

with open_hub(Path(folder), Path(workspace), os.environ) as hub:
    while hours:
        send_approved(hub, Decision("finance-lead", clock()), may_act)
        die("journaled")
        may = lambda market, mandate, subject: Authority("hub", False, "said by the test")
        drain(hub, clock, may, open_sink=lambda settings: DoomedSink(open_sink(settings), fate))
        die("drained")
        note_outbox(hub, clock())
        hours.pop(0)
"""


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator", subscribers=120, months=3, seed=3) as running:
        yield running


def sender(
    operator: LumenValley, workspace: Path, when: str = "never", ahead_h: Sequence[int] = (0,)
) -> subprocess.Popen[bytes]:
    """A process that sends, at the moments that lie so many hours ahead, and dies when it is told to."""
    arguments = [sys.executable, "-c", SENDER, str(operator.folder), str(workspace), when, *map(str, ahead_h)]
    return subprocess.Popen(arguments, cwd=ROOT, env={**os.environ, **operator.environment, "PYTHONPATH": str(ROOT)})


def approved(operator: LumenValley, hub: Hub) -> ShownCase:
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
    return shown_case(hub.archive, due.fingerprint)


def posted(operator: LumenValley, shown: ShownCase) -> int:
    rows = operator.running.books.billing["adjustments"]
    return sum(shown.case.fingerprint in row["reason"] for row in rows)


@pytest.mark.parametrize("when", ["in_the_transaction", "journaled", "before_send", "after_send"])
def test_killed_anywhere_a_remedy_moves_its_money_once(operator: LumenValley, tmp_path: Path, when: str) -> None:
    workspace = tmp_path / "work"
    with operator.hub(workspace) as hub:
        shown = approved(operator, hub)
    assert sender(operator, workspace, when).wait(600) == -signal.SIGKILL
    assert posted(operator, shown) == (1 if when == "after_send" else 0)

    assert sender(operator, workspace, ahead_h=AHEAD_H).wait(600) == 0
    with operator.hub(workspace) as hub:
        after = shown_case(hub.archive, shown.case.fingerprint)
    assert posted(operator, shown) == 1
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
        shown = approved(operator, hub)
    together = [sender(operator, workspace) for _ in range(2)]
    assert [each.wait(600) for each in together] == [0, 0]
    assert sender(operator, workspace, ahead_h=AHEAD_H[1:]).wait(600) == 0
    with operator.hub(workspace) as hub:
        after = shown_case(hub.archive, shown.case.fingerprint)
    assert posted(operator, shown) == 1
    assert after.remedies[0].state == "done"


def test_what_waits_in_the_outbox_is_taken_back_when_its_finding_changes(
    operator: LumenValley, tmp_path: Path
) -> None:
    workspace = tmp_path / "work"
    with operator.hub(workspace) as hub:
        shown = approved(operator, hub)
        assert sender(operator, workspace, "journaled").wait(600) == -signal.SIGKILL
        number = shown.case.subject.zfill(10)
        for row in operator.running.books.billing["charge_lines"]:
            if row["accountNumber"] == number:
                row["amount"] = str(Decimal(row["amount"]) + 1)
                row["modified"] = "2026-11-05T20:00:00Z"
        now = operator.estate.as_of + timedelta(days=1)
        sync_system(hub, "billing", now)
        reconcile_market(hub, MARKET, now, now)
        after = shown_case(hub.archive, shown.case.fingerprint)
    assert after.case.now_minor != shown.case.now_minor
    assert (after.remedies[0].state, after.remedies[0].revision) == ("proposed", 2)
    assert after.remedies[0].amount_minor == after.case.now_minor
    assert sender(operator, workspace, ahead_h=(2,)).wait(600) == 0
    assert posted(operator, shown) == 0


def test_a_remedy_that_was_given_up_in_the_outbox_is_not_proposed_again_by_a_run(
    operator: LumenValley, tmp_path: Path
) -> None:
    workspace = tmp_path / "work"
    with operator.hub(workspace) as hub:
        shown = approved(operator, hub)
        assert sender(operator, workspace, "journaled").wait(600) == -signal.SIGKILL
        with hub.database.reading() as connection:
            (sent, *_) = remedies_of_case(connection, shown.case.fingerprint)
        assert sent.effect_id is not None
        discard(hub, sent.effect_id, datetime.now(UTC), actor="dana", why="done by hand")
        now = operator.estate.as_of + timedelta(days=1)
        reconcile_market(hub, MARKET, now, now)
        after = shown_case(hub.archive, shown.case.fingerprint)
    assert after.case.state == "open"
    assert [one.state for one in after.remedies if one.kind in MONEY_KINDS] == ["failed"]
