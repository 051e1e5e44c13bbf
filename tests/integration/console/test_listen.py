"""`splice listen` as a process: bursts, pulls at the same time, kill -9, TLS, and an orderly end."""

import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from canonical_model.field_work import FieldCompletion
from console.main import app
from hub.inbox import take_inbox
from hub.sync import sync_stream
from storage.database import open_database
from storage.inbox import inbox_events
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN
from storage.schema.inbox import INBOX
from tests.fakes.certificates import write_certificates
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.webhook_operator import ENVIRONMENT, SECRET, done, signed, webhook_hub, write_operator
from tests.waiting import wait_until

COMPLETIONS = CANONICAL_TABLES[FieldCompletion]
START_TIMEOUT_S = 60


@contextmanager
def splice_listen(
    operator: Path, workspace: Path, environment: dict[str, str], *options: str
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run the command; gives the address and the process, which is ended with the block."""
    command = [sys.executable, "-m", "console.main", "listen", "--port", "0", "--every", "0.2", *options]
    command += ["--operator", str(operator), "--workspace", str(workspace)]
    with subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield _address(process), process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=120)


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line)
        if found := re.search(r"(https?://\S+?)/webhooks", line):
            return found[1]
    raise AssertionError("".join(told))


def send(client: httpx.Client, address: str, number: int) -> bool:
    body = json.dumps(done(number)).encode()
    headers = signed(body, at=datetime.now(UTC))
    try:
        return client.post(f"{address}/webhooks/jobs/done", content=body, headers=headers).status_code == 202
    except httpx.TransportError:
        return False


def test_a_burst_through_the_webhook_while_the_same_is_pulled_gives_each_record_once(tmp_path: Path) -> None:
    with lumen_valley(tmp_path / "operator", subscribers=30) as operator:
        rows = operator.running.books.field_service["completions"]
        # each completion is changed once while its first state is on its way; what came first is stale then
        before = [dict(row) for row in rows]
        for row in rows:
            changed = datetime.fromisoformat(row["updated_at"]) + timedelta(seconds=30)
            row |= {"notes": "finished later", "updated_at": changed.strftime("%Y-%m-%dT%H:%M:%SZ")}
        operator.running.set_faults("fsm:duplicate=0.3,fsm:reorder=0.3")
        with (
            splice_listen(operator.folder, tmp_path / "work", operator.environment) as (address, process),
            operator.hub(tmp_path / "work") as hub,
            ThreadPoolExecutor(1) as pool,
        ):
            told = pool.submit(
                operator.running.send_changes, "completions", [*rows, *before], f"{address}/webhooks/fsm/completions"
            )
            for _ in range(2):
                sync_stream(hub, "fsm", "completions", operator.estate.as_of)
            delivery = told.result(300)
            assert (delivery.refused, delivery.given_up) == ({}, frozenset())
            assert len(delivery.acknowledged) == 2 * len(rows) < delivery.sent
            process.send_signal(signal.SIGTERM)
            process.wait(120)
            assert process.returncode == 0
            for outcome in take_inbox(hub, datetime.now(UTC)):
                assert outcome.fault is None
            again = sync_stream(hub, "fsm", "completions", operator.estate.as_of)
            assert again.counts.changed == 0
            with hub.database.reading() as connection:
                events = inbox_events(connection, most=10_000)
                notes = connection.execute(
                    select(COMPLETIONS.c.landed_id, COMPLETIONS.c.notes).where(COMPLETIONS.c.known_to == STILL_KNOWN)
                ).all()
    assert {event.event_id for event in events} == delivery.acknowledged
    assert len(events) == len(delivery.acknowledged)
    assert {event.state for event in events} == {"taken"}
    assert sorted(notes) == sorted((row["id"], "finished later") for row in rows)


@pytest.mark.parametrize("killed_after", [40, 300])
def test_whatever_was_acknowledged_before_a_kill_is_there_exactly_once(
    tmp_path: Path, database_address: str, killed_after: int
) -> None:
    with webhook_hub(tmp_path, database_address):
        pass
    environment = ENVIRONMENT | {"JOBS_DATABASE": database_address}
    acknowledged: set[str] = set()
    enough = threading.Event()
    with splice_listen(tmp_path / "operator", tmp_path / "work", environment) as (address, process):

        def bombard(first: int) -> None:
            with httpx.Client(trust_env=False, timeout=120) as client:
                number = first
                while send(client, address, number):
                    acknowledged.add(f"e{number}-0")
                    number += 1
                    if len(acknowledged) >= killed_after:
                        enough.set()

        with ThreadPoolExecutor(6) as pool:
            writers = [pool.submit(bombard, thousand * 10_000) for thousand in range(6)]
            assert enough.wait(300)
            process.kill()
            for writer in writers:
                writer.result(300)
    database = open_database(database_address)
    with database.reading() as connection:
        kept = connection.execute(select(INBOX.c.event_id, func.count()).group_by(INBOX.c.event_id)).all()
    database.close()
    assert process.returncode == -signal.SIGKILL
    assert {number for _, number in kept} == {1}
    assert len(acknowledged) >= killed_after
    assert acknowledged <= {event_id for event_id, _ in kept}


def test_tls_by_files_and_an_end_in_order(tmp_path: Path) -> None:
    operator = write_operator(tmp_path / "operator")
    write_certificates(tmp_path)
    chain, key = tmp_path / "server.crt", tmp_path / "server.plain.key"
    options = ("--tls-cert", str(chain), "--tls-key", str(key))
    with splice_listen(operator, tmp_path / "work", ENVIRONMENT, *options) as (address, process):
        assert address.startswith("https://127.0.0.1:")
        with httpx.Client(
            verify=ssl.create_default_context(cafile=str(tmp_path / "ca.pem")), trust_env=False, timeout=60
        ) as client:
            assert send(client, address, 1)
            stale = signed(b"{}", at=datetime.now(UTC) - timedelta(hours=1))
            assert client.post(f"{address}/webhooks/jobs/done", content=b"{}", headers=stale).status_code == 401
        database = open_database(f"sqlite:///{tmp_path / 'work' / 'hub.sqlite'}")

        def is_taken() -> bool:
            with database.reading() as connection:
                (event,) = inbox_events(connection)
            return event.state == "taken"

        wait_until(is_taken, "the event is taken in")
        database.close()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "1 taken in, 0 rejected" in output
    assert output.rstrip().endswith("ended")
    assert "not believed system='jobs' stream='done' cause='signed too long ago, or in the future'" in output
    assert SECRET not in output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--host", "0.0.0.0"], "unencrypted"),
        (["--tls-cert", "only.pem"], "--tls-cert and --tls-key go together"),
        (["--tls-cert", "no.pem", "--tls-key", "no.pem"], "no.pem"),
        (["--host", "203.0.113.7", "--plain-http"], "cannot be had"),
    ],
)
def test_what_cannot_be_listened_on_is_told_at_once(tmp_path: Path, options: list[str], told: str) -> None:
    where = ["--operator", str(write_operator(tmp_path / "operator")), "--workspace", str(tmp_path / "work")]
    result = CliRunner().invoke(app, ["listen", "--port", "0", *options, *where], env=ENVIRONMENT)
    assert isinstance(result.exception, ConfigurationError), result.output
    assert told in str(result.exception)


def test_the_inbox_is_listed_shown_and_tried_again(tmp_path: Path) -> None:
    with lumen_valley(tmp_path / "operator", subscribers=20) as operator:
        _listed_shown_and_tried_again(operator, tmp_path / "work")


def _listed_shown_and_tried_again(operator: LumenValley, workspace: Path) -> None:
    where = ["--operator", str(operator.folder), "--workspace", str(workspace)]
    row = operator.running.books.field_service["completions"][0]
    good = row["devices"][0]["serial"]
    bad = row | {"devices": [row["devices"][0] | {"serial": "unreadable"}]}
    with splice_listen(operator.folder, workspace, operator.environment) as (address, _):
        delivery = operator.running.send_changes("completions", [bad], f"{address}/webhooks/fsm/completions")
    assert len(delivery.acknowledged) == 1

    def said(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["inbox", *arguments, *where], terminal_width=200)
        assert result.exception is None, result.exception
        return " ".join(result.output.split())

    with operator.hub(workspace) as hub:
        take_inbox(hub, operator.estate.as_of)
    assert "rejected" in said("list", "--state", "rejected")
    assert "rejected" not in said("list", "--state", "taken", "--system", "fsm")
    shown = said("show", "1")
    assert "unreadable" in shown
    assert "serial" in shown
    assert "0 taken in, 1 rejected" in said("retry")
    mapping = operator.folder / "mappings" / "fsm-completions.yaml"
    text = mapping.read_text(encoding="utf-8")
    assert "      serial: serial\n" in text
    mended = f"      serial: \"CASE WHEN serial = 'unreadable' THEN '{good}' ELSE serial END\"\n"
    mapping.write_text(text.replace("      serial: serial\n", mended), encoding="utf-8")
    assert "1 taken in, 0 rejected" in said("retry", "1")
    with operator.hub(workspace) as hub, hub.database.reading() as connection:
        actions = connection.exec_driver_sql("SELECT action FROM audit").scalars().all()
    assert actions == ["inbox.retry", "inbox.retry"]
    missing = CliRunner().invoke(app, ["inbox", "show", "99", *where])
    assert isinstance(missing.exception, ConfigurationError)
