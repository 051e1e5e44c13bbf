"""Orders for sessions: done when the accounting shows it, once, whatever the equipment says or does not say."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from hub.effects.drain import drain
from hub.effects.enqueue import enqueue
from storage.effect_steps import steps_of
from storage.effects import Effect
from storage.inbox import inbox_events
from tests.fakes.effects import START, Stages, now_of, settled, story
from tests.fakes.session_operator import SECRET, SessionOperator, change_profile, end, session_operator

LATE_S = 20


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[SessionOperator]:
    with session_operator(tmp_path) as running:
        yield running


@pytest.fixture
def stages() -> Stages:
    return Stages()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LATE_S
    while not holds():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.05)


def in_the_end(operator: SessionOperator, stages: Stages, effect: Effect) -> Effect:
    return settled(operator.hub, operator.clock, stages, effect)


def ended(operator: SessionOperator, stages: Stages, effect: Effect) -> Effect:
    """What comes of an order that the equipment carries out, once the tables have been told, however late that is."""
    for _ in range(6):
        drain(operator.hub, operator.clock, stages)
        if operator.session.ended_at is not None:
            break
        operator.clock.move(seconds=121)
    eventually(lambda: operator.tables.stopped(operator.session.session_id) is not None)
    return in_the_end(operator, stages, effect)


def said(operator: SessionOperator, effect: Effect) -> str:
    with operator.hub.database.reading() as connection:
        return " | ".join(step.said or "" for step in steps_of(connection, effect.id))


def test_a_session_is_ended_once_and_believed_when_the_tables_show_it(
    operator: SessionOperator, stages: Stages
) -> None:
    operator.account_to_tables()
    effect = enqueue(operator.hub, end(), START, stages)
    done = ended(operator, stages, effect)
    assert (done.state, done.told, done.sends, done.reference) == ("done", "acknowledged", 1, "Admin-Reset")
    assert operator.done == ["Disconnect-Request"]
    assert operator.session.ended_at is not None
    assert story(operator.hub, effect)[:4] == ["enqueued", "sending", "sent", "looked"]


def test_an_acknowledgement_of_equipment_that_keeps_the_subscriber_on_is_never_done(
    operator: SessionOperator, stages: Stages
) -> None:
    operator.account_to_tables()
    operator.estate.set_faults("bng:hollow=1")
    parked = in_the_end(operator, stages, enqueue(operator.hub, end(), START, stages))
    assert (parked.state, parked.told, parked.sends) == ("parked", "acknowledged", 1)
    assert operator.done == []
    assert "looked 4 times" in parked.reason


def test_an_order_that_was_done_without_an_answer_is_found_done_by_looking(
    operator: SessionOperator, stages: Stages
) -> None:
    operator.account_to_tables()
    operator.estate.set_faults("bng:answer_lost=1")
    done = ended(operator, stages, enqueue(operator.hub, end(), START, stages))
    assert (done.state, done.told, done.sends) == ("done", "unknown", 1)
    assert operator.done == ["Disconnect-Request"]


def test_an_order_that_never_arrived_goes_out_again_after_two_looks_and_is_done_once(
    operator: SessionOperator, stages: Stages
) -> None:
    operator.account_to_tables()
    effect = enqueue(operator.hub, end(), START, stages)
    operator.estate.set_faults("bng:write_lost=1")
    drain(operator.hub, operator.clock, stages)
    assert (now_of(operator.hub, effect).state, operator.done) == ("unknown", [])
    operator.estate.set_faults("")
    done = ended(operator, stages, effect)
    assert (done.state, done.sends, operator.done) == ("done", 2, ["Disconnect-Request"])


def test_a_session_that_the_equipment_does_not_know_is_done_where_it_shows_as_ended_and_refused_where_not(
    operator: SessionOperator, stages: Stages
) -> None:
    operator.account_to_tables()
    operator.session.ended_at, operator.session.end_cause = START, "User-Request"
    refused = in_the_end(operator, stages, enqueue(operator.hub, end(attempt=1), START, stages))
    assert (refused.state, refused.told) == ("refused", "refused")
    assert "Error-Cause 503 Session-Context-Not-Found" in said(operator, refused)
    operator.tell("Stop")
    eventually(lambda: bool(operator.tables.stopped("S-0001")))
    operator.estate.books.sessions["bng"][1].ended_at = START
    operator.tables.stop("S-0002")
    done = in_the_end(operator, stages, enqueue(operator.hub, end(2), START, stages))
    assert (done.state, done.told) == ("done", "refused")
    assert operator.done == []


def test_equipment_that_is_busy_is_asked_later(operator: SessionOperator, stages: Stages) -> None:
    operator.account_to_tables()
    effect = enqueue(operator.hub, end(), START, stages)
    operator.estate.set_faults("bng:busy=1")
    drain(operator.hub, operator.clock, stages)
    waiting = now_of(operator.hub, effect)
    assert (waiting.state, waiting.told) == ("queued", "nothing")
    assert "506 Resources-Unavailable" in waiting.reason
    operator.estate.set_faults("")
    operator.clock.move(seconds=31)
    done = ended(operator, stages, effect)
    assert (done.state, operator.done) == ("done", ["Disconnect-Request"])


def test_a_wrong_shared_secret_is_silence_that_ends_with_a_person_and_is_never_told(
    tmp_path: Path, stages: Stages
) -> None:
    with session_operator(tmp_path, secret="not-the-shared-secret", timeout_s=0.5) as operator:
        parked = in_the_end(operator, stages, enqueue(operator.hub, end(), START, stages))
        assert (parked.state, parked.sends, operator.done) == ("parked", 3, [])
        told = said(operator, parked)
        assert "equipment drops what is signed with another secret" in told
        assert "not-the-shared-secret" not in told
        assert SECRET not in told


def test_nothing_is_sent_while_nobody_could_tell_what_became_of_it(operator: SessionOperator, stages: Stages) -> None:
    effect = enqueue(operator.hub, end(), START, stages)
    moved = operator.tables.file.rename(operator.tables.file.with_suffix(".away"))
    drain(operator.hub, operator.clock, stages)
    assert (now_of(operator.hub, effect).state, operator.done) == ("queued", [])
    moved.rename(operator.tables.file)
    operator.account_to_tables()
    operator.clock.move(seconds=31)
    assert ended(operator, stages, effect).state == "done"


def test_a_change_is_done_when_accounting_that_was_heard_since_shows_it(
    operator: SessionOperator, stages: Stages
) -> None:
    with operator.heard():
        effect = enqueue(operator.hub, change_profile("SVC-1000"), START, stages)
        operator.clock.move(minutes=1)
        drain(operator.hub, operator.clock, stages)
        eventually(lambda: heard(operator) == 1)
        done = in_the_end(operator, stages, effect)
    assert (done.state, done.sends, operator.session.profile) == ("done", 1, "SVC-1000")
    assert operator.done == ["CoA-Request"]


def test_accounting_from_before_the_order_shows_nothing_of_it(operator: SessionOperator, stages: Stages) -> None:
    with operator.heard():
        operator.session.profile = "SVC-1000"
        operator.tell("Interim-Update")
        eventually(lambda: heard(operator) == 1)
        operator.clock.move(minutes=10)
        operator.estate.set_faults("bng:hollow=1")
        effect = enqueue(operator.hub, change_profile("SVC-1000"), operator.clock(), stages)
        drain(operator.hub, operator.clock, stages)
        assert now_of(operator.hub, effect).state == "unknown"
        operator.clock.move(minutes=1)
        operator.tell("Interim-Update")
        eventually(lambda: heard(operator) == 2)
        done = in_the_end(operator, stages, effect)
    assert (done.state, done.told, done.sends) == ("done", "acknowledged", 1)


def heard(operator: SessionOperator) -> int:
    with operator.hub.database.reading() as connection:
        return len(inbox_events(connection))


def test_orders_for_one_line_go_one_after_the_other(operator: SessionOperator, stages: Stages) -> None:
    operator.account_to_tables()
    operator.estate.set_faults("bng:write_lost=1")
    first = enqueue(operator.hub, end(), START, stages)
    second = enqueue(operator.hub, end(attempt=2), START, stages)
    other = enqueue(operator.hub, end(2), START, stages)
    drain(operator.hub, operator.clock, stages, most=1)
    operator.estate.set_faults("")
    drain(operator.hub, operator.clock, stages)
    assert [now_of(operator.hub, each).sends for each in (first, second, other)] == [1, 0, 1]
    assert ended(operator, stages, first).state == "done"
    # the session is over, which the equipment says and the tables show
    assert in_the_end(operator, stages, second).state == "done"
    assert operator.done == ["Disconnect-Request"] * 2


@pytest.mark.parametrize(
    ("file", "changed", "told"),
    [
        ("end", ("object: disconnect", "object: reboot"), "object: is none of change, disconnect"),
        (
            "end",
            ("{User-Name: username, Acct", "{User-Nam: username, Acct"),
            "key.User-Nam: identifies no record here",
        ),
        ("end", ("system: aaa", "system: aab"), "look.system: there is no system aab in operator.yaml; nearest: aaa"),
        ("end", ("key: {acctsessionid: session_id}", "key: {}"), "look.key: is missing: without it every record"),
        ("end", ("  object: radacct\n", ""), "look: either object is expected, or stream"),
        ("end", ("    query: >", "    querry: >"), "look.options.querry: is no option here; nearest: query"),
        ("end", ("object: radacct", "object: radacct\n  stream: sessions"), "either object is expected, or stream"),
        (
            "change",
            ("stream: sessions", "stream: session"),
            "stream: there is no stream session of bng; nearest: sess",
        ),
        ("change", ("key: {Acct-Session-Id", "key: {User-Name"), "look.key: Acct-Session-Id is expected"),
        ("change", ("  expect:", "  fields: {a: username}\n  expect:"), "a stream is asked for nothing"),
        ("change", ("stream: sessions", "object: reject"), "look.object: is none of access"),
    ],
)
def test_a_command_file_that_is_wrong_is_told_with_its_place(
    operator: SessionOperator, file: str, changed: tuple[str, str], told: str
) -> None:
    written = operator.folder / "operator" / "commands" / f"{file}.yaml"
    text = written.read_text(encoding="utf-8")
    assert changed[0] in text
    written.write_text(text.replace(*changed, 1), encoding="utf-8")
    where = ["--operator", str(operator.folder / "operator")]
    result = CliRunner().invoke(app, ["check", *where], env={"BNG_SECRET": SECRET})
    assert isinstance(result.exception, ConfigurationError), result.output
    assert told in str(result.exception)


def test_the_outbox_shows_drains_and_explains_orders(tmp_path: Path, stages: Stages) -> None:
    with session_operator(tmp_path, clock=lambda: datetime.now(UTC)) as operator:
        operator.account_to_tables()
        effect = enqueue(operator.hub, end(), datetime.now(UTC), stages)

        def run(*words: str) -> str:
            where = ["--operator", str(tmp_path / "operator"), "--workspace", str(tmp_path / "work")]
            result = CliRunner().invoke(app, ["outbox", *words, *where], env={"BNG_SECRET": SECRET})
            assert result.exit_code == 0, (result.output, result.exception)
            return " ".join(result.output.replace("│", " ").split())

        assert "end_session" in run("list")
        run("drain")
        eventually(lambda: operator.tables.stopped("S-0001") is not None)
        run("drain", "--only", str(effect.id))
        assert now_of(operator.hub, effect).state == "done"
        shown = run("show", str(effect.id))
    assert [word in shown for word in ("end_session", "RADIUS: Disconnect-ACK", "Admin-Reset", "applied")] == [
        True
    ] * 4
