"""What goes wrong with databases, and which error says what to do about it."""

import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError
from connectors.ports import Source, StreamRead, SystemSettings
from tests.fakes.sql_databases import SqlDatabase, SqlServers
from tests.fakes.tcp_relay import tcp_relay
from tests.waiting import wait_until

Open = Callable[[SystemSettings], Source]
READ = StreamRead("things", "thing", ("id",), ("id",))
UNDER_WAY = {
    "postgresql": ("pg_sleep(600)", "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"),
    "mariadb": ("sleep(600)", "SELECT 1 FROM information_schema.processlist WHERE state = 'User sleep'"),
}
"""A value that takes long, and what has a row while a server works on it."""


def failure(open_: Open, settings: SystemSettings, read: StreamRead = READ) -> SpliceError:
    with pytest.raises(SpliceError) as failed:
        list(open_(settings).pages(read, None))
    secrets = [value.get_secret_value() for value in settings.secrets.values()]
    told = "".join(traceback.format_exception(failed.value))
    assert not [secret for secret in secrets if secret in told]
    return failed.value


def made(database: SqlDatabase) -> SqlDatabase:
    database.run("CREATE TABLE thing (id int)")
    database.run("INSERT INTO thing VALUES (1)")
    return database


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://hub:hush@db.example/books", "holds a password"),
        ("postgresql://hub@db.example/books?password=hush", "holds a password"),
        ("postgresql://db.example/books", "names no user"),
        ("no address", "expected a URL"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("postgresql+psycopg2://hub@db.example/books", "read through psycopg"),
        ("mssql+pyodbc://hub@db.example/books", "read_only_login"),
    ],
)
def test_an_address_that_will_not_do_is_refused_without_repeating_it(open_: Open, address: str, told: str) -> None:
    settings = SystemSettings("books", "sql", address, {}, {"password": SecretStr("hush")})
    with pytest.raises(ConfigurationError, match=f"system books.*{told}") as refused:
        open_(settings)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "package"),
    [
        ("oracle://hub@db.example/books", "oracledb"),
        ("mssql+pyodbc://hub@db.example/books", "pyodbc"),
        ("snowflake://hub@account/books", "snowflake-sqlalchemy"),
        ("nosuch://hub@db.example/books", "sqlalchemy-nosuch"),
    ],
)
def test_a_driver_that_is_not_installed_is_named(open_: Open, address: str, package: str) -> None:
    settings = SystemSettings("books", "sql", address, {"read_only_login": True}, {"password": SecretStr("hush")})
    with pytest.raises(ConfigurationError, match=f"install the package {package}"):
        open_(settings)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"statement_timeout_s": 0}, "statement_timeout_s is a number"),
        ({"ssl_mode": "preferred"}, "ssl_mode: 'preferred' is unknown"),
        ({"zone": "America/Nowhere"}, "there is no time zone"),
        ({"binary": "octal"}, "binary: 'octal' is unknown"),
        ({"deleted_values": [1]}, "goes with deleted_column"),
        ({"deleted_column": "id", "deleted_values": "1"}, "deleted_values is a list"),
        ({"json_columns": "id"}, "json_columns is a list"),
        ({"lists": ["x"]}, "lists is a table"),
        ({"lists": {"x": {"object": "y", "parent": ["id"]}}}, "x is not read"),
        ({"total": "no"}, "total is true or false"),
        ({"rows_per_statement": 0}, "rows_per_statement is a whole number"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(
    sqlite: SqlDatabase, open_: Open, options: dict[str, Any], told: str
) -> None:
    made(sqlite)
    address, secrets = "postgresql://hub@127.0.0.1/x", {"password": SecretStr("x")}
    settings = replace(sqlite.settings, address=address, secrets=secrets, options=options)
    with pytest.raises(ConfigurationError, match=told):
        list(open_(settings).pages(READ, None))


def test_a_locked_table_is_worth_another_try(source_database: SqlDatabase, open_: Open) -> None:
    made(source_database)
    if source_database.kind == "mariadb":
        source_database.run("LOCK TABLES thing WRITE")
    else:
        source_database.run("BEGIN EXCLUSIVE" if source_database.kind == "sqlite" else "BEGIN")
        if source_database.kind == "postgresql":
            source_database.run("LOCK TABLE thing IN ACCESS EXCLUSIVE MODE")
    found = failure(open_, replace(source_database.settings, timeout_s=2.0))
    assert type(found) is RetryableError


def test_a_statement_that_takes_too_long_is_ended_and_named(source_database: SqlDatabase, open_: Open) -> None:
    slow = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900000000) "
        "SELECT max(i) AS id FROM n",
        "postgresql": "SELECT 1 AS id FROM pg_sleep(600)",
        "mariadb": "SELECT sleep(600) AS id",
    }[source_database.kind]
    settings = replace(source_database.settings, options={"statement_timeout_s": 0.5})
    found = failure(open_, settings, replace(READ, options={"query": slow, "total": True}))
    assert type(found) is RetryableError
    assert "statement_timeout_s" in str(found)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_server_that_falls_silent_is_given_up_in_time(kind: str, servers: SqlServers, open_: Open) -> None:
    with servers.database(kind) as database, tcp_relay(database.port) as relay:
        made(database)
        database.fill("thing", [(number,) for number in range(2, 30)])
        settings = database.by_way_of(relay.port, timeout_s=2.0)
        pages = open_(settings).pages(replace(READ, page_size=2, options={"rows_per_statement": 3}), None)
        next(pages)
        relay.latency_s = 600
        with pytest.raises(RetryableError, match="cut the connection"):
            list(pages)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_server_that_restarts_under_way_is_worth_another_try(kind: str, servers: SqlServers, open_: Open) -> None:
    with servers.database(kind) as database, tcp_relay(database.port) as relay:
        made(database)
        source = open_(database.by_way_of(relay.port))
        wait, under_way = UNDER_WAY[kind]
        cutter = threading.Thread(
            target=lambda: (wait_until(lambda: database.run(under_way), "the query runs"), relay.cut_all())
        )
        cutter.start()
        found = None
        try:
            list(source.pages(replace(READ, options={"query": f"SELECT 1 AS id, {wait} AS x"}), None))
        except SpliceError as error:
            found = error
        cutter.join()
        assert type(found) is RetryableError


def test_a_login_without_rights_on_a_table_is_for_a_person(servers: SqlServers, open_: Open) -> None:
    with servers.database("postgresql") as database:
        made(database)
        database.run("CREATE ROLE guest LOGIN")
        settings = replace(
            database.settings,
            address=database.settings.address.replace("reader@", "guest@"),
            options={"login": "none"},
            secrets={},
        )
        try:
            found = failure(open_, settings)
        finally:
            database.run("DROP ROLE guest")
    assert type(found) is ConfigurationError
    assert "access is refused" in str(found)


def test_a_database_that_does_not_exist_is_for_a_person(source_database: SqlDatabase, open_: Open) -> None:
    if source_database.kind == "sqlite":
        return
    address = source_database.settings.address + "x"
    found = failure(open_, replace(source_database.settings, address=address))
    assert type(found) is ConfigurationError


def test_a_connection_must_be_encrypted_where_that_is_asked(source_database: SqlDatabase, open_: Open) -> None:
    if source_database.kind == "sqlite":
        return
    made(source_database)
    found = failure(open_, replace(source_database.settings, options={"ssl_mode": "require"}))
    assert type(found) is ConfigurationError
    assert "no TLS" in str(found)
    plain = replace(source_database.settings, options={"ssl_mode": "disable"})
    assert [page.records for page in open_(plain).pages(READ, None)] == [[{"id": 1}]]


def test_a_value_of_the_source_is_in_no_message(source_database: SqlDatabase, open_: Open) -> None:
    source_database.run("CREATE TABLE thing (id varchar(20))")
    source_database.run("INSERT INTO thing VALUES ('secret-4711')")
    queries = {
        "sqlite": "SELECT json_extract(id, '$.x') AS id FROM thing",
        "postgresql": "SELECT id::int AS id FROM thing",
        "mariadb": "SELECT 1 AS id FROM thing WHERE id REGEXP '('",
    }
    read = replace(READ, options={"query": queries[source_database.kind]})
    found = failure(open_, source_database.settings, read)
    assert "4711" not in str(found)


def test_text_in_an_encoding_that_is_not_told_right(servers: SqlServers, open_: Open) -> None:
    with servers.database("postgresql") as database:
        with psycopg.connect(servers.postgres.url("postgres"), autocommit=True) as owner:
            owner.execute("CREATE DATABASE old ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        with psycopg.connect(servers.postgres.url("old"), autocommit=True, client_encoding="latin1") as owner:
            owner.execute("CREATE TABLE thing (id varchar(9))")
            owner.execute(b"INSERT INTO thing VALUES (E'caf\\351')")
        settings = replace(
            database.settings, address=database.settings.address.rpartition("/")[0] + "/old", options={}
        )
        found = failure(open_, settings)
        assert type(found) is ConfigurationError
        assert "encoding" in str(found)
        told = replace(settings, options={"encoding": "LATIN1"})
        assert [page.records for page in open_(told).pages(READ, None)] == [[{"id": "café"}]]
        servers.postgres.drop_database("old")
