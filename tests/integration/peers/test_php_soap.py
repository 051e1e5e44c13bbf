"""RPC style encoded with a stack that nobody here wrote: PHP's SOAP server shares values and types its faults."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.discovery import open_sink, open_source
from connectors.ports import Page, Part, StreamRead, SystemSettings, Write
from tests.fakes.old_ledger import PASSWORD, USER, line_record, wsdl_text
from tests.peers import require_peer
from tests.ports import free_port
from tests.waiting import wait_until

READ = StreamRead(
    "lines",
    "listLines",
    tuple(line_record(1)),
    ("lineId",),
    "modified",
    page_size=4,
    options={
        "rows": "listLinesReturn",
        "total": "total",
        "paging": "offset",
        "page_token": "window.first",
        "page_size": "window.most",
        "since": "since",
    },
    lists={"devices": ("serial", "kind")},
)
SESSION = {
    "login": "session",
    "username": USER,
    "session_operation": "logIn",
    "session_username": "user",
    "session_password": "pass",
    "session_id": "logInReturn.id",
    "session_header": "session.id",
    "session_faults": ["SessionEnded"],
    "longest_wait_s": 0.02,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(Path(__file__).with_name("php") / "ledger.php", tmp_path)
    (tmp_path / "ledger.wsdl").write_bytes(wsdl_text())
    return tmp_path


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    port = free_port()
    command = [str(require_peer("php-soap")["php"]), "-S", f"127.0.0.1:{port}", "ledger.php"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            wait_until(lambda: _listens(port), "PHP listens")
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def settings(url: str, tenant: str = "north", **secrets: str) -> SystemSettings:
    held = {name: SecretStr(value) for name, value in ({"password": PASSWORD} | secrets).items()}
    return SystemSettings("ledger", "soap", url, {**SESSION, "session_arguments": {"tenant": tenant}}, held, 60.0)


def pulled(known: SystemSettings, read: StreamRead = READ, resume: Any = None) -> list[Page]:
    with closing(open_source(known)) as source:
        return list(source.pages(read, resume))


def test_rows_with_shared_values_come_page_by_page_in_a_session(url: str) -> None:
    pages = pulled(settings(url))
    assert [len(page.records) for page in pages] == [4, 4, 2]
    assert [record for page in pages for record in page.records] == [line_record(row) for row in range(10)]
    later = pulled(settings(url), replace(READ, overlap=READ.overlap * 0), pages[-1].resume)
    assert [record for page in later for record in page.records] == [line_record(9)]


def test_a_write_is_done_and_a_typed_fault_is_a_refusal(url: str, folder: Path) -> None:
    def write(line: str, amount: str, **options: Any) -> Write:
        return Write("pay", "r", "harmful", (Part("payLine", {}, {"lineId": line, "amount": amount}, options),))

    with closing(open_sink(settings(url))) as sink:
        assert not sink.send(write("L01", "5.00")).is_refusal
        refused = sink.send(write("L02", "0"))
        assert (refused.is_refusal, refused.said) == (True, "Busy (seconds 3)")
        with pytest.raises(RetryableError, match=r"Busy \(seconds 3\)"):
            sink.send(write("L02", "0", retry_faults=["Busy"]))
    assert (folder / "paid").read_text() == "L01\n"


def test_a_session_that_is_not_taken_and_a_wrong_password_are_for_a_person(url: str) -> None:
    with pytest.raises(ConfigurationError, match="refused right after login"):
        pulled(settings(url, tenant="south"))
    with pytest.raises(ConfigurationError, match=r"login: logIn: .*check username, password"):
        pulled(settings(url, password="not-the-right-one"))
