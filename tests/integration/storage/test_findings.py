"""Findings live over runs: seen first, seen last, vanished, back again."""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from reconciliation.findings import Finding, FindingLine, NotJudged, Reconciliation, fingerprint
from storage.database import Database
from storage.findings import StoredFinding, findings_named, findings_of, first_seen, not_judged_in, record_findings
from storage.runs import (
    Run,
    end_lost_runs,
    finish_run,
    judged_markets,
    latest_run,
    may_record,
    run_with,
    start_run,
)
from storage.schema.reconciliation import FINDING, FINDING_LINE

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def finding(rule_id: str, subject: str, exposure_minor: int = 2000, market: str = "valley") -> Finding:
    half = exposure_minor // 2
    return Finding(
        fingerprint(rule_id, market, subject, "under_billed", "recoverable"),
        rule_id,
        market,
        "service",
        subject,
        "under_billed",
        "recoverable",
        exposure_minor,
        half,
        "USD",
        date(2026, 4, 1),
        date(2026, 6, 1),
        explained_by=None,
        lines=(
            FindingLine(date(2026, 4, 1), "access", 8999, 8999 - half, half),
            FindingLine(date(2026, 5, 1), "access", 8999, 8999 - (exposure_minor - half), exposure_minor - half),
        ),
        evidence=("crm/Order/801", "billing/rate/L1"),
    )


JUDGED = {"RL-A01": "clean", "RL-B01": "clean"}
"""Both rules judged; whether they found something does not matter to the life of a finding."""


def run(
    database: Database,
    day: int,
    findings: Sequence[Finding] = (),
    not_judged: Sequence[NotJudged] = (),
    market: str = "valley",
    outcomes: Mapping[str, str] = JUDGED,
    unjudged: Collection[str] = (),
) -> int:
    """Reconcile on a day of June; returns the run."""
    as_of = JUNE + day * DAY
    found = Reconciliation(tuple(findings), tuple(not_judged), 40, 123_456, dict(outcomes), frozenset(unjudged))
    with database.writing() as connection:
        run_id = start_run(connection, market, as_of, f"snapshots/{day}", f"sum-{day}", {"rules": "r1"}, as_of)
        record_findings(connection, run_id, found)
        finish_run(connection, run_id, as_of + timedelta(minutes=5), "succeeded")
    return run_id


def stored(database: Database, market: str = "valley") -> dict[str, StoredFinding]:
    with database.reading() as connection:
        return {each.finding.subject: each for each in findings_of(connection, market, status=None)}


def test_a_finding_comes_back_as_it_was_recorded(database: Database) -> None:
    recorded = finding("RL-A01", "A1")
    run_id = run(database, 1, [recorded])

    assert stored(database)["A1"] == StoredFinding(recorded, "open", JUNE + DAY, JUNE + DAY, run_id)


def test_a_finding_that_is_seen_again_keeps_its_first_day_and_takes_the_new_amounts(database: Database) -> None:
    run(database, 1, [finding("RL-A01", "A1", 2000)])
    second = run(database, 2, [finding("RL-A01", "A1", 3001)])

    found = stored(database)["A1"]
    assert found.finding == finding("RL-A01", "A1", 3001)
    assert (found.first_seen, found.last_seen, found.last_seen_run) == (JUNE + DAY, JUNE + 2 * DAY, second)
    with database.reading() as connection:
        assert first_seen(connection, "valley") == {found.finding.fingerprint: JUNE + DAY}


def rewrite_lines(database: Database) -> None:
    """Make every stored line say something that no run said."""
    with database.writing() as connection:
        connection.execute(update(FINDING_LINE).values(billed_minor=-1))


def test_a_finding_that_says_what_it_said_is_left_alone_but_for_who_saw_it(database: Database) -> None:
    same, other = finding("RL-A01", "A1"), finding("RL-A01", "A2")
    run(database, 1, [same, other])
    rewrite_lines(database)
    second = run(database, 2, [same, finding("RL-A01", "A2", 3001), finding("RL-A01", "A3")])

    found = stored(database)
    assert {line.billed_minor for line in found["A1"].finding.lines} == {-1}
    assert (found["A1"].last_seen, found["A1"].last_seen_run) == (JUNE + 2 * DAY, second)
    assert found["A2"].finding == finding("RL-A01", "A2", 3001)
    assert found["A3"].finding == finding("RL-A01", "A3")


@pytest.mark.parametrize(
    "said",
    [
        {"exposure_minor": 2001},
        {"run_rate_minor": 1},
        {"currency": "CAD"},
        {"evidence_from": date(2026, 3, 1)},
        {"evidence_to": date(2026, 7, 1)},
        {"explained_by": "0123456789abcdef"},
        {"lines": ()},
        {"lines": finding("RL-A01", "A1").lines[::-1]},
        {"lines": (FindingLine(date(2026, 4, 1), "rental", 8999, 7999, 1000), finding("RL-A01", "A1").lines[1])},
        {"evidence": ("crm/Order/801",)},
        {"evidence": ()},
    ],
    ids="-".join,
)
def test_whatever_a_finding_says_otherwise_is_written(database: Database, said: dict[str, Any]) -> None:
    run(database, 1, [finding("RL-A01", "A1")])
    changed = replace(finding("RL-A01", "A1"), **said)
    run(database, 2, [changed])

    assert stored(database)["A1"].finding == changed


def test_a_finding_of_which_nobody_knows_what_it_said_is_written(database: Database) -> None:
    run(database, 1, [finding("RL-A01", "A1")])
    with database.writing() as connection:
        connection.execute(update(FINDING).values(digest=None))
    rewrite_lines(database)
    run(database, 2, [finding("RL-A01", "A1")])

    assert stored(database)["A1"].finding == finding("RL-A01", "A1")


def test_a_finding_that_is_not_seen_any_more_has_vanished_and_may_return(database: Database) -> None:
    run(database, 1, [finding("RL-A01", "A1"), finding("RL-A01", "A2")])
    run(database, 2, [finding("RL-A01", "A2")])
    assert {subject: each.status for subject, each in stored(database).items()} == {"A1": "vanished", "A2": "open"}
    with database.reading() as connection:
        assert [each.finding.subject for each in findings_of(connection, "valley")] == ["A2"]

    run(database, 3, [finding("RL-A01", "A1"), finding("RL-A01", "A2")])
    assert stored(database)["A1"].status == "open"
    assert stored(database)["A1"].first_seen == JUNE + DAY


@pytest.mark.parametrize(
    ("outcomes", "not_judged"),
    [
        ({"RL-B01": "inconclusive"}, ()),
        ({}, (NotJudged("rule", "RL-B01", "the network feed is stale"),)),
        ({"RL-B01": "off"}, ()),
    ],
    ids=["inconclusive", "not judged", "off"],
)
def test_a_rule_that_did_not_judge_makes_none_of_its_findings_vanish(
    database: Database, outcomes: dict[str, str], not_judged: tuple[NotJudged, ...]
) -> None:
    run(database, 1, [finding("RL-A01", "A1"), finding("RL-B01", "A2")])
    run(database, 2, [], not_judged, outcomes=JUDGED | outcomes)

    assert {subject: each.status for subject, each in stored(database).items()} == {"A1": "vanished", "A2": "open"}


def test_a_rule_that_is_no_more_leaves_its_findings_as_they_were(database: Database) -> None:
    before = run(database, 1, [finding("RL-A01", "A1"), finding("XX-99", "A2")])
    run(database, 2, [])

    held = stored(database)["A2"]
    assert (held.status, held.last_seen, held.last_seen_run) == ("open", JUNE + DAY, before)
    assert stored(database)["A1"].status == "vanished"


@pytest.mark.parametrize(
    ("unjudged", "held"),
    [
        ([], set()),
        (["A1"], {"A1"}),
        (["A2/900"], {"A2", "A2/900"}),
        (["A2"], {"A2", "A2/900", "A2/901"}),
        (["CXNK12AB34CD"], {"CXNK12AB34CD"}),
        (["A", "2", "crm/Order/7"], set()),
    ],
    ids=["all judged", "an account", "one service of an account", "a whole account", "a device", "others"],
)
def test_a_subject_that_was_not_judged_keeps_its_findings_open(
    database: Database, unjudged: list[str], held: set[str]
) -> None:
    subjects = ["A1", "A2", "A2/900", "A2/901", "CXNK12AB34CD"]
    run(database, 1, [finding("RL-A01", subject) for subject in subjects])
    run(database, 2, unjudged=unjudged)

    assert {subject for subject, each in stored(database).items() if each.status == "open"} == held
    run(database, 3)
    assert {each.status for each in stored(database).values()} == {"vanished"}


def test_a_run_says_nothing_of_other_markets(database: Database) -> None:
    run(database, 1, [finding("RL-A01", "A1", market="coast")], market="coast")
    run(database, 2, [])

    assert stored(database, "coast")["A1"].status == "open"


def test_recording_a_run_again_changes_nothing(database: Database) -> None:
    run_id = run(database, 1, [finding("RL-A01", "A1")], [NotJudged("record", "crm/Order/9", "joins nothing")])
    before = stored(database)
    again = Reconciliation(
        (finding("RL-A01", "A1"),), (NotJudged("record", "crm/Order/9", "joins nothing"),), 40, 123_456
    )
    with database.writing() as connection:
        record_findings(connection, run_id, again)

    assert stored(database) == before
    with database.reading() as connection:
        assert not_judged_in(connection, run_id) == list(again.not_judged)


def test_what_was_not_judged_is_kept_in_order(database: Database) -> None:
    told = [NotJudged("record", str(number), "joins nothing") for number in range(12)]
    run_id = run(database, 1, [], told)

    with database.reading() as connection:
        assert not_judged_in(connection, run_id) == told


def test_a_finding_is_named_by_the_beginning_of_its_fingerprint(database: Database) -> None:
    run(database, 1, [finding("RL-A01", f"A{number}") for number in range(30)])
    wanted = stored(database)["A7"].finding.fingerprint

    with database.reading() as connection:
        assert [each.finding.subject for each in findings_named(connection, wanted)] == ["A7"]
        assert len(findings_named(connection, "")) == 30
        begin_alike = [each.finding.fingerprint for each in findings_named(connection, wanted[:1])]
        assert begin_alike == sorted(each for each in first_seen(connection, "valley") if each[0] == wanted[0])
        assert findings_named(connection, "%") == []


def test_findings_of_a_run_are_those_it_saw_last(database: Database) -> None:
    first = run(database, 1, [finding("RL-A01", "A1"), finding("RL-B01", "A2")])
    run(database, 2, [finding("RL-A01", "A1")], outcomes={"RL-A01": "findings", "RL-B01": "inconclusive"})

    with database.reading() as connection:
        assert [each.finding.subject for each in findings_of(connection, "valley", run_id=first)] == ["A2"]


def test_a_run_is_kept_with_snapshot_versions_and_outcome(database: Database) -> None:
    run_id = run(database, 1, [finding("RL-A01", "A1")], outcomes={"RL-A01": "findings"})

    with database.reading() as connection:
        kept = run_with(connection, run_id)
    assert kept == Run(
        id=run_id,
        market="valley",
        as_of=JUNE + DAY,
        snapshot_path="snapshots/1",
        manifest_checksum="sum-1",
        versions={"rules": "r1"},
        started_at=JUNE + DAY,
        finished_at=JUNE + DAY + timedelta(minutes=5),
        compared=40,
        billed_minor=123_456,
        rule_outcomes={"RL-A01": "findings"},
        outcome="succeeded",
        message="",
    )


def test_the_latest_run_is_the_newest_that_succeeded(database: Database) -> None:
    good = run(database, 1)
    run(database, 2, market="coast")
    with database.writing() as connection:
        bad = start_run(connection, "valley", JUNE, "snapshots/3", "abc", {}, JUNE)
        finish_run(connection, bad, JUNE, "failed", "out of memory")
        start_run(connection, "valley", JUNE, "snapshots/4", "abc", {}, JUNE)

    with database.reading() as connection:
        latest = latest_run(connection, "valley")
        assert latest is not None
        assert latest.id == good
        assert latest_run(connection, "hills") is None
        assert run_with(connection, 999) is None
        assert judged_markets(connection) == ["coast", "valley"]


def begun(database: Database, day: int, checksum: str) -> int:
    as_of = JUNE + day * DAY
    with database.writing() as connection:
        return start_run(connection, "valley", as_of, f"snapshots/{day}", checksum, {}, as_of)


@pytest.mark.parametrize(
    ("day", "checksum", "may"),
    [
        (3, "new", True),
        (2, "sum-2", True),
        (2, "taken after a price was mended", True),
        (1, "sum-1", False),
        (1, "never seen", False),
    ],
)
def test_only_a_newer_moment_or_snapshot_takes_the_place_of_what_stands(
    database: Database, day: int, checksum: str, may: bool
) -> None:
    run(database, 1)
    run(database, 2)
    run_id = begun(database, day, checksum)

    with database.writing() as connection:
        assert may_record(connection, run_id) is may


def test_of_two_snapshots_of_one_moment_the_one_taken_first_does_not_come_back(database: Database) -> None:
    run(database, 1)
    second = begun(database, 1, "sum-1b")
    with database.writing() as connection:
        record_findings(connection, second, Reconciliation((), (), 40, 123_456, dict(JUDGED)))
        finish_run(connection, second, JUNE, "succeeded")
    again = begun(database, 1, "sum-1")

    with database.writing() as connection:
        assert not may_record(connection, again)


def test_of_two_runs_that_end_together_the_newer_moment_stands(database: Database) -> None:
    """The older one waits for its turn, and sees then that it comes too late."""
    older, newer = begun(database, 1, "sum-1"), begun(database, 2, "sum-2")
    holding, told = threading.Event(), []

    def record_the_older() -> None:
        holding.wait(120)
        with database.writing() as connection:
            told.append(may_record(connection, older))

    waiting = threading.Thread(target=record_the_older)
    waiting.start()
    with database.writing() as connection:
        assert may_record(connection, newer)
        holding.set()
        record_findings(connection, newer, Reconciliation((), (), 40, 123_456, dict(JUDGED)))
        finish_run(connection, newer, JUNE, "succeeded")
        waiting.join(0.3)
        assert told == []
    waiting.join(120)
    assert told == [False]


def test_a_run_that_was_reported_only_is_not_what_stands(database: Database) -> None:
    standing = run(database, 2)
    reported = begun(database, 1, "old")
    with database.writing() as connection:
        finish_run(connection, reported, JUNE, "succeeded")

    with database.reading() as connection:
        latest = latest_run(connection, "valley")
    assert latest is not None
    assert latest.id == standing


def test_runs_over_the_same_snapshot_that_never_ended_are_told_as_broken_off(database: Database) -> None:
    lost, other = begun(database, 1, "same"), begun(database, 1, "another")
    this = begun(database, 1, "same")
    with database.writing() as connection:
        end_lost_runs(connection, this, JUNE)

    with database.reading() as connection:
        told = {run_id: run_with(connection, run_id) for run_id in (lost, other, this)}
    assert {run_id: each.outcome for run_id, each in told.items() if each} == {
        lost: "failed",
        other: "running",
        this: "running",
    }
    assert told[lost] is not None
    assert told[lost].message == f"was broken off; run {this} took its place"
