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
from connectors.sql.access import Access, access_of
from connectors.sql.dialect import ValueOptions
from connectors.sql.other import dialect
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


def test_names_that_the_database_spells_in_capitals_are_small_in_a_mapping(tmp_path: Path) -> None:
    legacy_dialect.register()
    with closing(sqlite3.connect(tmp_path / "loud.db")) as owner, owner:
        owner.execute('CREATE TABLE LINE (BILL, "ORDER", "Mixed", CHANGED, PRIMARY KEY (BILL, "ORDER"))')
        owner.execute("CREATE TABLE TAX (BILL, LINE_NO, RATE)")
        owner.executemany("INSERT INTO LINE VALUES (?, ?, 'm', ?)", [("B1", n, f"2026-01-0{n}") for n in (1, 2, 3)])
        owner.execute("INSERT INTO TAX VALUES ('B1', 2, '0.07')")
    settings = SystemSettings(
        "books",
        "sql",
        f"{legacy_dialect.SHOUTING}://hub@host{tmp_path}/loud.db",
        {"read_only_login": True},
        {"password": SecretStr("legacy-password")},
    )
    read = StreamRead(
        "lines",
        "line",
        ("bill", "ORDER", "Mixed", "taxes"),
        ("bill", "ORDER"),
        page_size=2,
        options={"lists": {"taxes": {"object": "tax", "parent": ["bill", "line_no"]}}, "sweep_hours": "never"},
        lists={"taxes": ("rate",)},
    )
    records = [record for page in open_source(settings).pages(read, None) for record in page.records]
    assert [record["ORDER"] for record in records] == [1, 2, 3]  # a reserved word keeps its capitals
    assert records[1] == {"bill": "B1", "ORDER": 2, "Mixed": "m", "taxes": [{"rate": "0.07"}]}
    with pytest.raises(ConfigurationError, match="column BILL does not exist; did you mean bill"):
        list(open_source(settings).pages(replace(read, fields=("BILL", "Mixed"), options={}, lists={}), None))


def test_moments_whose_zone_a_driver_leaves_out_are_refused() -> None:
    reading = dialect(_access()).reading
    for kind in ("<DbType DB_TYPE_TIMESTAMP_TZ>", "<DbType DB_TYPE_TIMESTAMP_LTZ>"):
        with pytest.raises(ConfigurationError, match=r"read it by options.query as SYS_EXTRACT_UTC\(CHANGED\)"):
            reading(("CHANGED", kind), ValueOptions())
    assert reading(("CHANGED", "<DbType DB_TYPE_TIMESTAMP>"), ValueOptions()).form == "naive"


def _access() -> Access:
    settings = SystemSettings(
        "books", "sql", "oracle://hub@db.example/books", {"read_only_login": True}, {"password": SecretStr("x")}
    )
    return access_of(settings)


def test_it_is_read_only_where_the_operator_says_that_the_login_is(settings: SystemSettings) -> None:
    with pytest.raises(ConfigurationError, match="read_only_login: true"):
        open_source(replace(settings, options={}))


def test_a_wrong_login_cannot_be_told_from_a_database_out_of_reach(settings: SystemSettings) -> None:
    wrong = replace(settings, secrets={"password": SecretStr("not-the-right-one")})
    with pytest.raises(RetryableError, match="refuses the login") as refused:
        list(open_source(wrong).pages(READ, None))
    assert "not-the-right-one" not in str(refused.value)
