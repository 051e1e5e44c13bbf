"""Files at the other end of SFTP: logins, the pinned key, and servers that mean no good."""

import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from file_pulls import FileFeed, ids, told
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError
from connectors.discovery import open_source
from connectors.ports import REPLAY, SystemSettings
from tests.fakes.sftp_server import PASSPHRASE, PASSWORD, USER, SftpServer, sftp_server
from tests.fakes.tcp_relay import tcp_relay


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    (tmp_path / "served").mkdir()
    with sftp_server(tmp_path / "served") as running:
        yield running


@pytest.fixture
def feed(server: SftpServer) -> FileFeed:
    opened = FileFeed(server.root)
    opened.settings = SystemSettings(
        "feed",
        "files",
        f"sftp://{USER}@127.0.0.1:{server.port}/",
        {"settle_s": 0, "host_key": server.host_key},
        {"password": SecretStr(PASSWORD)},
        timeout_s=30.0,
    )
    opened.lines("lines-1.csv", range(25))
    return opened


def failure(feed: FileFeed) -> SpliceError:
    with pytest.raises(SpliceError) as failed:
        feed.pull()
    shown = "".join(traceback.format_exception(failed.value))
    assert not [value for value in feed.settings.secrets.values() if value.get_secret_value() in shown]
    return failed.value


def test_files_come_over_the_wire_once_and_go_on_within(feed: FileFeed) -> None:
    feed.pages(stop_after=1)
    assert feed.pull() == [f"L{n}" for n in range(10, 25)]
    assert feed.pull() == []


def test_a_connection_that_breaks_at_any_moment_is_no_refused_login(feed: FileFeed, server: SftpServer) -> None:
    told = set()
    with tcp_relay(server.port, seed=3) as relay:
        feed.settings = replace(feed.settings, address=f"sftp://{USER}@127.0.0.1:{relay.port}/")
        relay.reset = 0.15
        for _ in range(30):
            try:
                feed.pages()
            except RetryableError as error:
                told.add(str(error).rpartition(": ")[2])
    assert "the connection was cut during the login; try again later" in told


def test_what_lies_in_the_archive_at_the_other_end_is_read_again(feed: FileFeed) -> None:
    feed.pull(archive="old/lines")
    feed.lines("lines-2.csv", [25])
    feed.pull(archive="old/lines")
    assert not (feed.folder / "lines-1.csv").exists()
    feed.resume = {**REPLAY}
    assert ids(feed.pages(stop_after=2, archive="old/lines")) == [f"L{n}" for n in range(20)]
    assert feed.pull(archive="old/lines") == [f"L{n}" for n in range(20, 26)]
    # the same file under its own name is nothing new
    (archived,) = (feed.folder / "old/lines").glob("lines-1-*.csv")
    feed.lay("lines-1.csv", archived.read_bytes())
    assert feed.pull(archive="old/lines") == []


def test_a_file_that_is_being_written_at_the_other_end_is_left_for_the_next_pull(feed: FileFeed) -> None:
    feed.lines("lines-2.csv.part", [9])
    with feed.being_written(feed.lines("lines-2.csv", [2])):
        pages = feed.pages(settle_s=0.2)
    assert ids(pages) == [f"L{n}" for n in range(25)]
    assert "still being written: lines-2.csv" in told(pages)
    assert set(feed.pull(settle_s=0.05)) == {"L2", "L3"}


def test_a_file_of_any_format_comes_over_the_wire(feed: FileFeed) -> None:
    rows = [("L1", "1.10"), ("L2", "2.20")]
    feed.lay("a.csv", "id;amount\nL1;1.10\nL2;2.20\n".encode("utf-16"))
    feed.lay("b.dat", "".join(f"{name:<4}{amount:>8}\n" for name, amount in rows))
    workbook = openpyxl.Workbook()
    for row in [("id", "amount"), *rows]:
        workbook.worksheets[0].append(row)
    workbook.save(feed.folder / "c.xlsx")
    pq.write_table(pa.table({"id": ["L1", "L2"], "amount": ["1.10", "2.20"]}), feed.folder / "d.parquet")
    places = {"format": "fixed", "columns": {"id": "1-4", "amount": "5-12"}, "header": False}
    for pattern, options in (("a.csv", {}), ("b.dat", places), ("c.xlsx", {}), ("d.parquet", {})):
        feed.pattern, feed.resume = pattern, None
        pages = feed.pages(**options)
        assert [tuple(record.values()) for page in pages for record in page.records] == rows


def test_a_file_larger_than_a_window_comes_whole(feed: FileFeed) -> None:
    (feed.folder / "lines-1.csv").unlink()
    feed.lay("lines-2.csv", "id,amount\n" + "".join(f"L{n},{'1' * 200}\n" for n in range(20_000)))
    assert len(feed.pull(page_size=5_000)) == 20_000


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_key_logs_in_with_and_without_a_passphrase(
    feed: FileFeed, server: SftpServer, passphrase: str | None
) -> None:
    secrets = {"private_key": SecretStr(server.private_key)}
    if passphrase:
        secrets = {
            "private_key": SecretStr(server.locked_private_key.strip()),  # as a reference to a file gives it
            "passphrase": SecretStr(passphrase),
        }
    feed.settings = replace(feed.settings, options={**feed.settings.options, "login": "key"}, secrets=secrets)
    assert len(feed.pull()) == 25
    feed.settings = replace(feed.settings, secrets={"private_key": SecretStr("-----BEGIN NOTHING-----")})
    assert "private_key cannot be read" in str(failure(feed))


def test_a_fingerprint_may_be_pinned_instead_of_the_key(feed: FileFeed, server: SftpServer) -> None:
    feed.settings = replace(feed.settings, options={"settle_s": 0, "host_key": server.fingerprint})
    assert len(feed.pull()) == 25


def test_a_server_with_another_key_gets_no_password(feed: FileFeed, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with sftp_server(tmp_path / "other") as other:
        for pinned in (other.host_key, other.fingerprint):
            feed.settings = replace(feed.settings, options={"settle_s": 0, "host_key": pinned})
            found = failure(feed)
            assert type(found) is ConfigurationError
            assert "another host key than the one that is pinned" in str(found)


@pytest.mark.parametrize("host_key", ["", "ssh-ed25519", "ssh-ed25519 not-base64", "nonsense AAAA", "SHA257:abc"])
def test_a_host_key_that_will_not_do_is_named(feed: FileFeed, host_key: str) -> None:
    feed.settings = replace(feed.settings, options={"host_key": host_key})
    with pytest.raises(ConfigurationError, match="host_key"):
        feed.pull()


def test_files_are_archived_at_the_other_end(feed: FileFeed) -> None:
    feed.pull(archive="old/lines")
    feed.pull(archive="old/lines")
    assert len(list((feed.folder / "old/lines").glob("lines-1-*.csv"))) == 1
    assert not (feed.folder / "lines-1.csv").exists()


def test_names_that_lead_elsewhere_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    (tmp_path / "secret.csv").write_text("id,amount\nSECRET,1\n")
    names = ["../secret.csv", "/etc/lines-1.csv", "lines-../../secret.csv", "lines-\0.csv", "..", "lines-x/y.csv"]
    with sftp_server(tmp_path / "served", lambda: names) as server:
        feed = FileFeed(server.root, pattern="*.csv")
        feed.settings = SystemSettings(
            "feed",
            "files",
            f"sftp://{USER}@127.0.0.1:{server.port}/",
            {"settle_s": 0, "host_key": server.host_key},
            {"password": SecretStr(PASSWORD)},
            timeout_s=30.0,
        )
        feed.lines("lines-1.csv", [1])
        assert feed.pull() == ["L1"]


def test_a_file_that_the_server_lists_and_does_not_have_is_worth_another_try(tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    with sftp_server(tmp_path / "served", lambda: ["lines-9.csv"]) as server:
        feed = FileFeed(server.root)
        feed.settings = SystemSettings(
            "feed",
            "files",
            f"sftp://{USER}@127.0.0.1:{server.port}/",
            {"settle_s": 0, "host_key": server.host_key},
            {"password": SecretStr(PASSWORD)},
            timeout_s=30.0,
        )
        found = failure(feed)
        assert type(found) is RetryableError
        assert "lines-9.csv is gone or has changed" in str(found)


def test_a_folder_that_is_not_there_is_named(feed: FileFeed) -> None:
    feed.settings = replace(feed.settings, address=feed.settings.address + "nowhere")
    found = failure(feed)
    assert type(found) is ConfigurationError
    assert "/nowhere cannot be read" in str(found)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("sftp://hub:hush@files.example/x", "holds a password"),
        ("sftp://files.example/x", "sftp://user@host/folder is expected"),
        ("ftp://hub@files.example/x", "sftp://user@host/folder is expected"),
        ("sftp://hub@files.example:port/x", "is expected"),
    ],
)
def test_an_address_that_will_not_do_is_refused_without_repeating_it(address: str, told: str) -> None:
    settings = SystemSettings("feed", "files", address, {"host_key": "x"}, {"password": SecretStr("hush")})
    with pytest.raises(ConfigurationError, match=told) as refused:
        open_source(settings)
    assert "hush" not in str(refused.value)
