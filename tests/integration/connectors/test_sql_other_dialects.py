"""A database that nobody has prepared for is read through its SQLAlchemy dialect alone."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.discovery import open_source
from connectors.ports import StreamRead, SystemSettings
from tests.fakes import legacy_dialect

READ = StreamRead(
    "lines",
    "line",
    ("bill", "number", "amount", "octets"),
    ("bill", "number"),
    "changed",
    page_size=4,
    options={"rows_per_statement": 5},
)


@pytest.fixture
def settings(tmp_path: Path) -> SystemSettings:
    legacy_dialect.register()
    with closing(sqlite3.connect(tmp_path / "legacy.db")) as owner, owner:
        owner.execute("CREATE TABLE line (bill, number, amount REAL, octets, changed, PRIMARY KEY (bill, number))")
        owner.executemany(
            "INSERT INTO line VALUES (?, ?, 54.99, ?, ?)",
            [(f"B{n // 5}", n % 5, b"\x00\xff", f"2026-01-01 00:{n // 12:02}:00") for n in range(37)],
        )
    return SystemSettings(
        "books",
        "sql",
        f"{legacy_dialect.NAME}://hub@host{tmp_path}/legacy.db",
        {"read_only_login": True},
        {"password": SecretStr("legacy-password")},
    )


def test_every_row_comes_once_with_exact_values(settings: SystemSettings) -> None:
    source = open_source(settings)
    pages = list(source.pages(READ, None))
    found = [(record["bill"], record["number"]) for page in pages for record in page.records]
    assert len(found) == len(set(found)) == 37
    assert pages[0].records[0]["amount"] == "54.99"
    assert pages[0].records[0]["octets"] == "00ff"
    for position in range(len(pages) - 1):
        rest = [record for page in source.pages(READ, pages[position].resume) for record in page.records]
        assert len(rest) + sum(len(page.records) for page in pages[: position + 1]) == 37


def test_it_is_read_only_where_the_operator_says_that_the_login_is(settings: SystemSettings) -> None:
    with pytest.raises(ConfigurationError, match="read_only_login: true"):
        open_source(replace(settings, options={}))


def test_a_wrong_login_cannot_be_told_from_a_database_out_of_reach(settings: SystemSettings) -> None:
    wrong = replace(settings, secrets={"password": SecretStr("not-the-right-one")})
    with pytest.raises(RetryableError, match="refuses the login") as refused:
        list(open_source(wrong).pages(READ, None))
    assert "not-the-right-one" not in str(refused.value)
