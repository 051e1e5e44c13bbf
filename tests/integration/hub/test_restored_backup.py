"""A database that was restored to an older state, while the systems show what the hub has told them since."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from canonical_model.errors import ConfigurationError
from handoffs.commands import Command
from hub.effects.decisions import doubt, retry
from hub.effects.drain import drain
from hub.effects.enqueue import enqueue
from hub.workplace import Hub, open_hub
from storage.effects import Effect
from tests.fakes.backups import PostgresBackups, SqliteBackups
from tests.fakes.effects import START, HandClock, Stages, billing_start, job, settled, status_of, story
from tests.fakes.lumen_valley import LumenValley, change
from tests.fakes.post_office import PostOffice, post_office
from tests.peers import require_peer
from tests.postgresql import PostgresServer

Backups = SqliteBackups | PostgresBackups


@pytest.fixture(params=["sqlite", "postgresql"])
def backups(request: pytest.FixtureRequest, tmp_path: Path, make_database: Callable[[str], str]) -> Backups:
    if request.param == "sqlite":
        return SqliteBackups(Path(make_database("sqlite").removeprefix("sqlite:///")), tmp_path / "backup")
    address = make_database("postgresql")
    server: PostgresServer = request.getfixturevalue("postgres")
    return PostgresBackups(server, require_peer("postgresql"), address, tmp_path / "backup")


@pytest.fixture
def post(small_operator: LumenValley) -> Iterator[PostOffice]:
    """Field service is told without a key, so that it would take the same job twice; notices go by mail."""
    file = small_operator.folder / "commands/fsm-create-work-order.yaml"
    change(file, "repeats: keyed[^\n]*", "repeats: harmful")
    change(file, ", key_header: Idempotency-Key", "")
    with post_office(small_operator.folder) as running:
        yield running


@contextmanager
def opened(small_operator: LumenValley, backups: Backups, tmp_path: Path) -> Iterator[Hub]:
    change(small_operator.folder / "operator.yaml", r"^(database: [^\n]*\n)?", f"database: {backups.address}\n")
    with open_hub(small_operator.folder, tmp_path / "work", small_operator.environment) as hub:
        yield hub


def notice(number: int) -> Command:
    given = {"recipient": "ada@example.net", "title": "Welcome", "body": f"Line {number}."}
    return Command(
        "notify_subscriber",
        "mesa",
        "field_to_billing",
        f"notice/{number}",
        {"account_number": f"{number}", **given},
        f"SO-{number}/welcome/1",
    )


def wishes(small_operator: LumenValley, number: int) -> list[Command]:
    """One of each kind: with a key, one that does no harm, one that does, and one that nobody can look for."""
    order = [row for row in small_operator.running.books.crm["Order"] if not row["IsDeleted"]][number]
    accounts = small_operator.running.books.crm["Account"]
    account = next(row for row in accounts if row["Id"] == order["AccountId"])
    order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
    status = status_of(account["AccountNumber"].removeprefix("LV-"), order["OrderNumber"])
    return [billing_start(number), status, job(number), notice(number)]


def told(small_operator: LumenValley, post: PostOffice) -> Counter[str]:
    """How often each thing was done in the world."""
    done = Counter(f"{each.operation} {each.subject}" for each in small_operator.running.write_log.applied)
    jobs = Counter(
        f"job of {row['order_reference']}"
        for row in small_operator.running.books.field_service["work_orders"]
        if row["order_reference"].startswith("SO-900")
    )
    notices = Counter(f"notice {body}" for _, body in post.to("ada@example.net"))
    return done + jobs + notices


def journaled(hub: Hub, commands: Sequence[Command], clock: HandClock, stages: Stages) -> list[Effect]:
    return [enqueue(hub, each, clock(), stages) for each in commands]


@pytest.fixture
def restored(
    small_operator: LumenValley,
    post: PostOffice,
    backups: Backups,
    clock: HandClock,
    stages: Stages,
    tmp_path: Path,
) -> tuple[list[Command], list[Command], Counter[str]]:
    """What waited when the backup was taken, what was planned since, and what the hub had told when it was lost."""
    waiting, since = wishes(small_operator, 1), wishes(small_operator, 2)
    with opened(small_operator, backups, tmp_path) as hub:
        journaled(hub, waiting, clock, stages)
        backups.take()
        clock.move(minutes=5)
        drain(hub, clock, stages)
        journaled(hub, since, clock, stages)
        drain(hub, clock, stages)
    before = told(small_operator, post)
    assert before["notice Line 1."] == before["job of SO-90002"] == 1
    backups.restore()
    clock.move(hours=2)
    return waiting, since, before


def test_in_doubt_nothing_that_was_told_is_told_again(
    small_operator: LumenValley,
    post: PostOffice,
    backups: Backups,
    clock: HandClock,
    stages: Stages,
    tmp_path: Path,
    restored: tuple[list[Command], list[Command], Counter[str]],
) -> None:
    waiting, since, before = restored
    with opened(small_operator, backups, tmp_path) as hub:
        doubt(hub, clock(), clock().replace(day=9), actor="ada", why="restored the backup of noon")
        effects = journaled(hub, [*waiting, *since], clock, stages)
        assert {each.state for each in effects} == {"queued"}, "the journal knows nothing of what happened"
        left = [settled(hub, clock, stages, each).state for each in effects]
        assert left == ["done", "done", "done", "discarded"] * 2
        assert story(hub, effects[0]) == ["enqueued", "lapsed", "looked"]
        assert told(small_operator, post) == before


def test_in_doubt_what_was_never_told_goes_out_once_it_is_seen_to_be_missing(
    small_operator: LumenValley,
    post: PostOffice,
    backups: Backups,
    clock: HandClock,
    stages: Stages,
    tmp_path: Path,
    restored: tuple[list[Command], list[Command], Counter[str]],
) -> None:
    before = restored[2]
    with opened(small_operator, backups, tmp_path) as hub:
        doubt(hub, clock(), clock().replace(day=9), actor="ada", why="restored the backup of noon")
        keyed, harmless, harmful, mail = journaled(hub, wishes(small_operator, 3), clock, stages)
        assert [settled(hub, clock, stages, each).state for each in (keyed, harmless, harmful, mail)] == [
            "done",
            "done",
            "parked",
            "discarded",
        ]
        assert story(hub, keyed) == ["enqueued", "lapsed", "looked", "looked", "sending", "sent", "looked"]
        retry(hub, harmful.id, clock(), actor="ada", why="there is no such job", send_again=True)
        assert settled(hub, clock, stages, harmful).state == "done"
        new = told(small_operator, post) - before
        assert set(new.values()) == {1}
        assert new["job of SO-90003"] == 1
        clock.now = START.replace(day=10)
        (late,) = journaled(hub, [job(4)], clock, stages)
        assert settled(hub, clock, stages, late).state == "done"
        assert "lapsed" not in story(hub, late), "the doubt is over"


def test_without_the_doubt_what_carries_no_key_is_told_twice(
    small_operator: LumenValley,
    post: PostOffice,
    backups: Backups,
    clock: HandClock,
    stages: Stages,
    tmp_path: Path,
    restored: tuple[list[Command], list[Command], Counter[str]],
) -> None:
    """Why the doubt is a step of every restore: what carries a key, or does no harm, is safe without it."""
    waiting, since, before = restored
    with opened(small_operator, backups, tmp_path) as hub:
        for each in journaled(hub, [*waiting, *since], clock, stages):
            settled(hub, clock, stages, each)
        twice = {name for name, number in (told(small_operator, post) - before).items() if number}
        assert {"job of SO-90001", "job of SO-90002", "notice Line 1.", "notice Line 2."} <= twice
        assert not any(name.startswith("StartBilling") for name in twice)


def test_a_doubt_has_a_reason_and_an_end(
    small_operator: LumenValley, backups: Backups, clock: HandClock, tmp_path: Path
) -> None:
    with opened(small_operator, backups, tmp_path) as hub:
        with pytest.raises(ConfigurationError, match="reason"):
            doubt(hub, clock(), clock().replace(day=9), actor="ada", why=" ")
        with pytest.raises(ConfigurationError, match="ends later"):
            doubt(hub, clock(), clock(), actor="ada", why="restored")
