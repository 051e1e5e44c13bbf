"""Whoever is asked, or asked again, can take the step: what does not pass any more is void, and told no more."""

import json
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from canonical_model.errors import UnsafeToContinue
from connectors.commands import thawed
from handoffs.questions import Question
from hub.decision import Decision
from hub.effects.decisions import retry
from hub.effects.drain import drain
from hub.reports.go_no_go.files import report_path
from hub.takeover.authority import authority_of
from hub.takeover.leading import Look, look_on
from hub.takeover.moves import Wish, move
from hub.takeover.powers import VerdictGate, people_of
from hub.takeover.questions import answer, open_question
from hub.takeover.watching import watch_takeover
from hub.workplace import Hub
from storage.effects import Effect, effects
from storage.takeover_questions import question_with
from tests.fakes.acted_works import NOW, ActedWorks
from tests.fakes.mail_server import ScriptedMail, scripted_mail
from tests.fakes.reconciled_market import reconciled
from tests.fakes.small_operator import MARKET

HANDOFF = "field_to_billing"
OFF = "{off: {owner: lee, reason: a test of the paper, until: 2099-01-01}}"
PLAN = f"""
markets:
  oldtown:
    approvers: [lee]
    tell: [lee@operator.example, kim@operator.example]
    plan: {{field_to_billing: {{canary: [{{percent: 10}}, {{}}]}}}}
    gates:
      field_to_billing:
        observe: {{key_coverage: {OFF}, feed_age: {OFF}, feeds_whole: {OFF}, unmapped_revenue: {OFF}}}
"""
STALE = timedelta(days=9)
"""By then the market was reconciled too long ago."""


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    works = ActedWorks(tmp_path)
    works.staff_by_mail()
    works.handoffs(PLAN)
    works.good(1)
    return works


@pytest.fixture
def hub(works: ActedWorks) -> Iterator[Hub]:
    with works.hub() as opened:
        reconciled(opened)
        yield opened


def look(hub: Hub, later: timedelta = timedelta()) -> Look:
    return look_on(hub, MARKET.id, HANDOFF, NOW + later)


def asked(hub: Hub) -> Question:
    question = look(hub).question
    assert question is not None
    return question


def kept(hub: Hub, question: Question) -> Question:
    with hub.database.reading() as connection:
        found = question_with(connection, question.id)
    assert found is not None
    return found


def mails(hub: Hub) -> list[Effect]:
    """Reminders of questions, as the journal holds them."""
    with hub.database.reading() as connection:
        return [each for each in effects(connection) if each.idempotency_key.startswith("question-")]


def test_a_question_ends_with_the_gate_that_it_rests_on(hub: Hub) -> None:
    question = asked(hub)
    seen = look(hub, STALE)
    ended = kept(hub, question)

    assert seen.question is None
    assert (ended.state, ended.answered_by, ended.answered_at) == ("lapsed", "hub", NOW + STALE)
    assert ended.why.startswith("its gate does not pass any more: stays in observe: ")
    assert open_question(hub, MARKET.id, HANDOFF) is None
    decision, people = Decision("lee", NOW + STALE, "seen"), people_of(hub, MARKET.id)
    with pytest.raises(UnsafeToContinue, match="is void, nothing was moved: its gate does not pass any more"):
        answer(hub, question.id, decision, people, VerdictGate(hub), approves=True)


def test_it_is_asked_anew_once_the_gate_passes_again(hub: Hub) -> None:
    question = asked(hub)
    look(hub, STALE)
    again = asked(hub)
    assert again.id != question.id


def test_a_question_ends_where_the_line_is_stopped(hub: Hub) -> None:
    question = asked(hub)
    move(hub, Wish(MARKET.id, HANDOFF, "held"), Decision("guard", NOW, "two bills for one month"))
    assert look(hub, timedelta(minutes=1)).question is None
    assert kept(hub, question).state == "lapsed"


def test_nobody_is_reminded_of_what_does_not_pass_any_more(hub: Hub) -> None:
    question = asked(hub)
    assert watch_takeover(hub, MARKET.id, NOW).reminded == 1
    assert watch_takeover(hub, MARKET.id, NOW + timedelta(minutes=5)).reminded == 0
    told = mails(hub)
    assert watch_takeover(hub, MARKET.id, NOW + STALE).reminded == 0

    assert kept(hub, question).state == "lapsed"
    assert mails(hub) == told


def test_a_reminder_carries_the_report_of_its_day_and_the_journal_holds_it_once(hub: Hub) -> None:
    question = asked(hub)
    for day in (0, 1):
        assert watch_takeover(hub, MARKET.id, NOW + timedelta(days=day)).reminded == 1
    attached = [thawed(each.write).parts[1] for each in mails(hub)]

    assert [each.subject for each in mails(hub)] == ["staff/lee@operator.example", "staff/kim@operator.example"] * 2
    assert [set(each.values) for each in attached] == [{"name", "content"}, {"name", "content_of"}] * 2
    first, _, second, _ = (each.values["name"] for each in attached)
    assert first != second != report_path(hub, MARKET.id, HANDOFF, question.verdict_id).name
    assert attached[0].values["content"] != attached[2].values["content"]


def test_a_disk_that_is_full_keeps_nobody_from_being_guarded_and_nothing_counts_as_told(hub: Hub) -> None:
    question = asked(hub)
    folder = hub.reports / MARKET.id
    folder.rename(folder.with_name("aside"))
    folder.write_text("no folder", encoding="utf-8")
    assert watch_takeover(hub, MARKET.id, NOW).reminded == 0
    assert kept(hub, question).reminded_at is None
    folder.unlink()
    assert watch_takeover(hub, MARKET.id, NOW).reminded == 1


@pytest.fixture
def post(works: ActedWorks) -> Iterator[ScriptedMail]:
    """The operator's mail server."""
    with scripted_mail() as server:
        file = works.small.folder / "operator.yaml"
        told = json.loads(file.read_text(encoding="utf-8"))
        told["systems"]["post"]["address"] = f"127.0.0.1:{server.port}"
        file.write_text(json.dumps(told), encoding="utf-8")
        yield server


def pdfs(server: ScriptedMail) -> list[bytes]:
    """What each mail carried."""
    parts = [part for mail in server.messages for part in message_from_bytes(mail).walk()]
    return [bytes(each.get_payload(decode=True)) for each in parts if each.get_content_type() == "application/pdf"]


def drained(hub: Hub) -> None:
    drain(hub, lambda: NOW, authority_of(hub, lambda: NOW))


def test_everybody_gets_the_same_file(post: ScriptedMail, hub: Hub) -> None:
    asked(hub)
    watch_takeover(hub, MARKET.id, NOW)
    drained(hub)
    first, second = pdfs(post)
    assert first == second
    assert first.startswith(b"%PDF")


def test_who_is_sent_it_again_gets_the_file_again(works: ActedWorks, post: ScriptedMail, hub: Hub) -> None:
    asked(hub)
    watch_takeover(hub, MARKET.id, NOW)
    with scripted_mail({"MAIL": "550 not now"}) as refusing:
        file = works.small.folder / "operator.yaml"
        kind = file.read_text(encoding="utf-8")
        file.write_text(kind.replace(f":{post.port}", f":{refusing.port}"), encoding="utf-8")
        with works.small.open() as refused:
            drained(refused)
        file.write_text(kind, encoding="utf-8")
    for each in mails(hub):
        retry(hub, each.id, NOW, actor="lee", why="the server was mended")
    drained(hub)
    first, second = pdfs(post)
    assert first == second
