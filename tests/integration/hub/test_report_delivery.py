"""A finished report goes out once: to people by mail, into a folder whole; what may have arrived only once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError
from connectors.ports import Receipt, SystemSettings, Write
from console.main import app
from hub.delivery.deliver import Delivered, deliver
from hub.reconcile import MarketOutcome, reconcile_market
from hub.workplace import Hub
from storage.report_deliveries import BROKEN_OFF, begin_delivery
from tests.contract.connectors.test_mail_sink import Inbox
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF
from tests.integration.hub.test_reports_again import leaking
from tests.ports import free_port

NOW = AS_OF + timedelta(hours=1)
BOARD, FINANCE = "board@operator.example", "finance@operator.example"


@contextmanager
def post() -> Iterator[tuple[int, Inbox]]:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port, inbox
    finally:
        controller.stop()


def told(small: SmallHub, port: int, **said: Any) -> None:
    """Let ``operator.yaml`` say who gets reports."""
    path = small.folder / "operator.yaml"
    file = json.loads(path.read_text(encoding="utf-8"))
    options = {"sender": "hub@operator.example", "security": "none", "login": "none"}
    file["systems"]["post"] = {
        "kind": "smtp",
        "role": "crm",
        "address": f"127.0.0.1:{port}",
        "options": options,
    }
    file["reports"] = {"deliver": said}
    path.write_text(json.dumps(file), encoding="utf-8")


def mail(*to: str, **said: Any) -> dict[str, Any]:
    return {"email": {"system": "post", "to": list(to), **said}}


@contextmanager
def judged(small: SmallHub, moment: datetime = AS_OF) -> Iterator[tuple[Hub, MarketOutcome]]:
    small.pull(leaking("10"), moment)
    with small.open() as hub:
        yield hub, reconcile_market(hub, "oldtown", moment, moment)


def sent(hub: Hub, outcome: MarketOutcome, **how: Any) -> list[tuple[str, str, bool]]:
    return [(one.target, one.state, one.is_new) for one in deliver(hub, outcome, lambda: NOW, **how)]


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    return SmallHub(tmp_path)


def test_everyone_gets_the_page_and_the_workbook_once(small: SmallHub) -> None:
    with post() as (port, inbox):
        told(small, port, **mail(BOARD, FINANCE, link="https://reports.operator.example/oldtown/"))
        with judged(small) as (hub, outcome):
            assert sent(hub, outcome) == [(f"email {to}", "sent", True) for to in (BOARD, FINANCE)]
            assert sent(hub, outcome) == [(f"email {to}", "sent", False) for to in (BOARD, FINANCE)]
            wanted = {path.name: path.read_bytes() for path in (outcome.files.board, outcome.files.workbook)}
    assert [envelope.rcpt_tos for envelope in inbox.envelopes] == [[BOARD], [FINANCE]]
    for message in inbox.messages:
        assert message["Subject"] == "Revenue leakage: Old Town, March 2026"
        attached = {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}
        assert attached == wanted
    ids = [message["Message-ID"] for message in inbox.messages]
    assert len(set(ids)) == 2
    assert not any(BOARD in name for name in ids)


def test_the_text_of_the_message_names_no_customer_and_no_amount(small: SmallHub) -> None:
    with post() as (port, inbox):
        told(small, port, **mail(BOARD, link="https://reports.operator.example"))
        with judged(small) as (hub, outcome):
            deliver(hub, outcome, lambda: NOW)
    body = inbox.messages[0].get_body()
    assert body is not None
    text = body.get_content()
    subjects = {finding.subject for finding in outcome.report.findings}
    assert "GHST00000001" in subjects
    assert not [subject for subject in subjects if f" {subject} " in text or (len(subject) > 3 and subject in text)]
    assert "$" not in text
    assert "https://reports.operator.example/oldtown-2026-03.pdf" in text
    assert "Not judged: " in text


def test_what_is_too_large_stays_behind_and_is_named(small: SmallHub) -> None:
    with post() as (port, inbox):
        told(small, port, **mail(BOARD, largest_mb=0))
        with judged(small) as (hub, outcome):
            deliver(hub, outcome, lambda: NOW)
    (message,) = inbox.messages
    assert not list(message.iter_attachments())
    assert "Too large to attach: oldtown-2026-03.pdf, oldtown-2026-03.xlsx" in message.get_content()


def test_a_folder_gets_every_file_whole(small: SmallHub, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    told(small, 9, folder=str(folder))
    with judged(small) as (hub, outcome):
        assert sent(hub, outcome) == [(f"folder {folder}", "sent", True)]
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
            path.name: path.read_bytes() for path in outcome.files.all
        }


def test_a_folder_that_is_not_there_is_told_and_not_made(small: SmallHub, tmp_path: Path) -> None:
    told(small, 9, folder=str(tmp_path / "unmounted"))
    with judged(small) as (hub, outcome):
        (one,) = deliver(hub, outcome, lambda: NOW)
        assert one.state == "unsent"
        assert "there is no folder" in one.reason
        assert not (tmp_path / "unmounted").exists()
        (tmp_path / "unmounted").mkdir()
        assert sent(hub, outcome) == [(one.target, "sent", True)]


class Fickle:
    """A mail server that fails for some people, a given number of times."""

    def __init__(self, **failures: list[Exception | Receipt]) -> None:
        self.failures = failures
        self.taken: list[str] = []

    def __call__(self, _settings: SystemSettings) -> "Fickle":
        return self

    def send(self, write: Write) -> Receipt:
        to = write.parts[0].values["to"]
        answers = self.failures.get(to.partition("@")[0], [])
        answer = answers.pop(0) if answers else Receipt(is_refusal=False, said="SMTP 250")
        if isinstance(answer, Exception):
            raise answer
        if not answer.is_refusal:
            self.taken.append(to)
        return answer

    def observe(self, _look: object) -> None:
        """Nobody asks."""

    def close(self) -> None:
        """Nothing is held."""


def test_a_retry_sends_only_what_did_not_go_out(small: SmallHub) -> None:
    server = Fickle(board=[RetryableError("the server is busy")])
    told(small, 9, **mail(BOARD, FINANCE))
    with judged(small) as (hub, outcome):
        with pytest.raises(RetryableError, match=f"email {BOARD}: the server is busy"):
            deliver(hub, outcome, lambda: NOW, open_sink=server)
        assert server.taken == [FINANCE]
        assert sent(hub, outcome, open_sink=server) == [
            (f"email {BOARD}", "sent", True),
            (f"email {FINANCE}", "sent", False),
        ]
    assert server.taken == [FINANCE, BOARD]


def test_what_may_have_arrived_is_sent_again_only_where_a_person_wants_it(small: SmallHub) -> None:
    server = Fickle(board=[OutcomeUnknown("the connection broke")])
    told(small, 9, **mail(BOARD))
    with judged(small) as (hub, outcome):
        assert sent(hub, outcome, open_sink=server) == [(f"email {BOARD}", "unknown", True)]
        assert sent(hub, outcome, open_sink=server) == [(f"email {BOARD}", "unknown", False)]
        assert server.taken == []
        assert sent(hub, outcome, open_sink=server, anyway=True) == [(f"email {BOARD}", "sent", True)]
    assert server.taken == [BOARD]


def test_a_process_that_died_while_it_sent_leaves_an_unknown(small: SmallHub) -> None:
    server = Fickle()
    told(small, 9, **mail(BOARD))
    with judged(small) as (hub, outcome):
        with hub.database.journaling() as connection:
            begin_delivery(connection, outcome.run_id, f"email {BOARD}", NOW, repeats=False)
        assert deliver(hub, outcome, lambda: NOW, open_sink=server) == (
            Delivered(f"email {BOARD}", "unknown", is_new=False, reason=BROKEN_OFF),
        )
    assert server.taken == []


def test_a_refusal_is_told_and_the_others_get_theirs(small: SmallHub) -> None:
    server = Fickle(board=[Receipt(is_refusal=True, said="SMTP 550: the recipient is refused")])
    told(small, 9, **mail(BOARD, FINANCE))
    with judged(small) as (hub, outcome):
        first, second = deliver(hub, outcome, lambda: NOW, open_sink=server)
    assert (first.state, first.reason) == ("unsent", "SMTP 550: the recipient is refused")
    assert second.state == "sent"


def test_a_second_run_over_one_moment_that_says_the_same_is_not_sent_and_one_that_says_more_is(
    small: SmallHub,
) -> None:
    server = Fickle(finance=[RetryableError("the server is busy")])
    told(small, 9, **mail(BOARD, FINANCE))
    with judged(small) as (hub, first):
        with pytest.raises(RetryableError):
            deliver(hub, first, lambda: NOW, open_sink=server)
        second = reconcile_market(hub, "oldtown", AS_OF, AS_OF + timedelta(hours=2))
        assert second.run_id != first.run_id
        # what the first run could not send to one place goes there now
        assert sent(hub, second, open_sink=server) == [
            (f"email {BOARD}", "sent", False),
            (f"email {FINANCE}", "sent", True),
        ]
        later = NOW + timedelta(hours=3)
        wanted = {"anyway": True, "asked_at": later, "open_sink": server}
        assert [one.is_new for one in deliver(hub, second, lambda: later, **wanted)] == [True, True]
        assert [one.is_new for one in deliver(hub, second, lambda: later, **wanted)] == [False, False], "a retry"
        assert server.taken == [BOARD, FINANCE, BOARD, FINANCE]
        small.pull(leaking("10", "11"), AS_OF)
        third = reconcile_market(hub, "oldtown", AS_OF, AS_OF + timedelta(hours=4))
        assert len(third.report.findings) > len(second.report.findings)
        assert [is_new for _, _, is_new in sent(hub, third, open_sink=server)] == [True, True]


def test_the_next_run_is_sent_for_itself_and_an_older_moment_is_not(small: SmallHub) -> None:
    server = Fickle()
    told(small, 9, **mail(BOARD), markets=["oldtown"])
    with judged(small) as (hub, outcome):
        deliver(hub, outcome, lambda: NOW, open_sink=server)
    with judged(small, AS_OF + timedelta(days=1)) as (hub, outcome):
        deliver(hub, outcome, lambda: NOW, open_sink=server)
        past = reconcile_market(hub, "oldtown", AS_OF, NOW)
        assert deliver(hub, past, lambda: NOW, open_sink=server) == ()
    assert server.taken == [BOARD, BOARD]


def test_the_command_sends_once_and_again_when_it_is_told_to(small: SmallHub) -> None:
    places = ["--operator", str(small.folder), "--workspace", str(small.workspace)]
    with post() as (port, inbox):
        told(small, port, **mail(BOARD))
        with judged(small):
            pass
        said = [
            CliRunner().invoke(app, ["report", "oldtown", option, *places], catch_exceptions=False).output
            for option in ("--deliver", "--deliver", "--deliver-again")
        ]
    ends = [" ".join(each.split()).rpartition("email ")[2] for each in said]
    assert ends == [f"{BOARD}: sent", f"{BOARD}: sent before", f"{BOARD}: sent"]
    assert len(inbox.messages) == 2


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (mail("Board <board@operator.example>"), "one mail address in plain letters is expected"),
        ({"email": {"system": "crm", "to": [BOARD]}}, "crm is no system of kind smtp; of that kind are: post"),
        ({"markets": ["oldtwn"]}, "there is no market oldtwn"),
    ],
)
def test_a_wrong_setting_is_told_before_anything_runs(small: SmallHub, said: dict[str, Any], fault: str) -> None:
    told(small, 9, **said)
    with pytest.raises(ConfigurationError) as caught, small.open():
        pass
    assert fault in str(caught.value)
    assert "operator.yaml" in str(caught.value)
