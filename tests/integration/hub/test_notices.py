"""Notices: what no mail server can tell afterwards, and what a text message gateway can."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from canonical_model.errors import ConfigurationError
from hub.effects.decisions import retry
from hub.effects.drain import drain
from hub.effects.enqueue import enqueue
from hub.sync import systems_of
from storage.effect_steps import steps_of
from tests.fakes.effects import START, HandClock, Stages, now_of, story
from tests.fakes.mail_server import RESET, scripted_mail
from tests.fakes.notices import notice, notices_hub
from tests.fakes.scripted_http import Asked, Reply, scripted_server


def test_a_message_that_was_taken_over_is_done_for_nobody_can_tell_more(
    tmp_path: Path, clock: HandClock, stages: Stages
) -> None:
    with scripted_mail() as mail, notices_hub(tmp_path, mail.port) as hub:
        effect = enqueue(hub, notice(1), START, stages, system="post")
        drain(hub, clock, stages)
        assert now_of(hub, effect).state == "done"
        with hub.database.reading() as connection:
            assert steps_of(connection, effect.id)[-1].sight == "unobservable"
    assert len(mail.messages) == 1


def test_a_message_that_may_have_gone_waits_for_a_person_who_may_let_it_out_again(
    tmp_path: Path, clock: HandClock, stages: Stages
) -> None:
    with scripted_mail({"message": RESET}) as mail, notices_hub(tmp_path, mail.port) as hub:
        effect = enqueue(hub, notice(1), START, stages, system="post")
        drain(hub, clock, stages)
        clock.move(hours=9)
        drain(hub, clock, stages)
        assert (now_of(hub, effect).state, len(mail.messages)) == ("parked", 1)
        retry(hub, effect.id, clock.now, actor="ada", why="she says it never came")
        drain(hub, clock, stages)
        assert (now_of(hub, effect).state, len(mail.messages)) == ("parked", 1), "a look cannot tell either"
        retry(hub, effect.id, clock.now, actor="ada", why="she says it never came", send_again=True)
        drain(hub, clock, stages)
        assert len(mail.messages) == 2


def test_at_most_one_message_where_that_is_what_the_operator_wants(
    tmp_path: Path, clock: HandClock, stages: Stages
) -> None:
    with scripted_mail({"message": RESET}) as mail, notices_hub(tmp_path, mail.port, unsure="drop") as hub:
        first = enqueue(hub, notice(1), START, stages, system="post")
        behind = enqueue(hub, replace(notice(2), subject="account/1"), START, stages, "post")
        drain(hub, clock, stages)
        assert (now_of(hub, first).state, now_of(hub, behind).state) == ("discarded", "discarded")
    assert len(mail.messages) == 2, "one each: what was dropped holds nothing back"


def test_a_server_that_is_away_is_tried_so_often_and_then_a_person_is_asked(
    tmp_path: Path, clock: HandClock, stages: Stages
) -> None:
    with scripted_mail({"RCPT": "451 greylisted"}) as mail, notices_hub(tmp_path, mail.port) as hub:
        effect = enqueue(hub, notice(1), START, stages, system="post")
        states = []
        for _ in range(4):
            drain(hub, clock, stages)
            states.append(now_of(hub, effect).state)
            clock.move(hours=1)
        assert states == ["queued", "queued", "parked", "parked"]
        assert now_of(hub, effect).reason.startswith("tried 3 times; post: send notify_subscriber: SMTP 451")
        assert story(hub, effect) == ["enqueued", *["sending", "sent"] * 3]
        retry(hub, effect.id, clock.now, actor="ada", why="they fixed it")
        drain(hub, clock, stages)
        assert (now_of(hub, effect).state, now_of(hub, effect).sends) == ("queued", 1)
    assert mail.messages == []


class Gateway:
    """A text message gateway that keeps what it was given, and loses its answer if it is told to."""

    def __init__(self) -> None:
        self.held: list[dict[str, str]] = []
        self.status = "sent"
        self.loses_answers = False

    def __call__(self, asked: Asked) -> Reply:
        if asked.headers.get("Authorization") != "Bearer texts-token-0815":
            return Reply(401)
        if asked.method == "POST":
            (message,) = json.loads(asked.body)["messages"]
            self.held.append({**message, "id": f"m-{len(self.held)}", "status": self.status})
            return Reply(ending="reset", promised=10) if self.loses_answers else self._told(self.held[-1:], 202)
        wanted = asked.path.partition("client_ref=")[2].replace("%2F", "/")
        return self._told([message for message in self.held if message["client_ref"] == wanted])

    def _told(self, messages: list[dict[str, str]], status: int = 200) -> Reply:
        return Reply(status, json.dumps({"messages": messages}).encode(), {"Content-Type": "application/json"})


@pytest.mark.parametrize("loses_answers", [False, True])
def test_a_text_message_is_sent_once_and_found_by_our_reference(
    tmp_path: Path, clock: HandClock, stages: Stages, loses_answers: bool
) -> None:
    gateway = Gateway()
    gateway.loses_answers = loses_answers
    with scripted_server(gateway) as server, notices_hub(tmp_path, gateway=server.url) as hub:
        effect = enqueue(hub, notice(1, "+1 (555) 010-0199"), START, stages, system="texts")
        drain(hub, clock, stages)
        assert (now_of(hub, effect).state, now_of(hub, effect).reference) == ("done", "m-0")
    assert [(message["to"], message["text"]) for message in gateway.held] == [("+15550100199", "Your line is up.")]


def test_a_text_message_that_is_on_its_way_is_pending_until_it_is_delivered_or_rejected(
    tmp_path: Path, clock: HandClock, stages: Stages
) -> None:
    gateway = Gateway()
    gateway.status = "queued"
    with scripted_server(gateway) as server, notices_hub(tmp_path, gateway=server.url) as hub:
        effect = enqueue(hub, notice(1, "+15550100199"), START, stages, system="texts")
        drain(hub, clock, stages)
        assert (now_of(hub, effect).state, now_of(hub, effect).told) == ("unknown", "accepted")
        gateway.held[0]["status"] = "rejected"
        clock.move(minutes=1)
        drain(hub, clock, stages)
        assert now_of(hub, effect).state == "refused"
    assert len(gateway.held) == 1


def test_a_text_message_that_cannot_be_found_is_not_sent_twice(
    tmp_path: Path, clock: HandClock, stages: Stages
) -> None:
    gateway = Gateway()
    gateway.loses_answers = True
    with scripted_server(gateway) as server, notices_hub(tmp_path, gateway=server.url) as hub:
        effect = enqueue(hub, notice(1, "+15550100199"), START, stages, system="texts")
        held, gateway.held = gateway.held, Forgetful()
        for _ in range(4):
            drain(hub, clock, stages)
            clock.move(hours=1)
        assert (now_of(hub, effect).state, now_of(hub, effect).sends) == ("parked", 1)
        assert "might do it twice" in now_of(hub, effect).reason
    assert held == []


class Forgetful(list[dict[str, str]]):
    """Keeps nothing."""

    def append(self, message: dict[str, str]) -> None:
        del message


def test_which_of_two_systems_is_meant_must_be_said(tmp_path: Path, stages: Stages) -> None:
    with notices_hub(tmp_path) as hub:
        with pytest.raises(ConfigurationError, match="notify_subscriber in oldtown: several systems take it"):
            enqueue(hub, notice(1), START, stages)
        with pytest.raises(ConfigurationError, match="not nobody; in commands/ there are: post, texts"):
            enqueue(hub, notice(1), START, stages, system="nobody")
        assert systems_of(hub, "oldtown") == ("texts",), "a mail server is not pulled from"
