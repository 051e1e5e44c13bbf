"""What databases hold arrives as they spell it: nothing rounded, nothing guessed."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from connectors.ports import Source, StreamRead, SystemSettings
from tests.fakes.sql_databases import SqlDatabase

Open = Callable[[SystemSettings], Source]


def record_of(open_: Open, database: SqlDatabase, fields: list[str], **options: Any) -> dict[str, Any]:
    """The only row of table ``thing``."""
    read = StreamRead("things", "thing", fields, ("id",), options=options)
    ((record,),) = [page.records for page in open_(database.settings).pages(read, None)]
    assert json.loads(json.dumps(record)) == record
    return {name: value for name, value in record.items() if name != "id"}


def test_postgresql_values_are_the_servers_own_texts(postgresql: SqlDatabase, open_: Open) -> None:
    columns = {
        "price": ("numeric(30,10)", "12345678901234567890.1234567890", "12345678901234567890.1234567890"),
        "tiny": ("numeric", "0.00000001", "0.00000001"),
        "nan": ("numeric", "'NaN'", "NaN"),
        "big": ("bigint", "9223372036854775807", 9223372036854775807),
        "half": ("float8", "79.9", "79.9"),
        "single": ("float4", "0.1", "0.1"),
        "yes": ("boolean", "true", True),
        "day": ("date", "'2026-03-01'", "2026-03-01"),
        "never": ("date", "'infinity'", "infinity"),
        "long_ago": ("date", "'0044-03-15 BC'", "0044-03-15 BC"),
        "local": ("timestamp", "'2026-03-01 10:00:00.5'", "2026-03-01T10:00:00.5"),
        "moment": ("timestamptz", "'2026-03-01 10:00:00-05'", "2026-03-01T15:00:00+00:00"),
        "ever": ("timestamptz", "'infinity'", "infinity"),
        "clock": ("time", "'24:00:00'", "24:00:00"),
        "span": ("interval", "'1 mon 2 days 03:04:05'", "P1M2DT3H4M5S"),
        "octets": ("bytea", r"'\x00ff'::bytea", "00ff"),
        "wide": ("jsonb", """'{"price": 79.90, "list": [1, null]}'""", {"price": "79.90", "list": [1, None]}),
        "numbers": ("numeric[]", "'{1.10,NULL}'", ["1.10", None]),
        "moments": ("timestamptz[]", "'{2026-03-01 00:00:00+00}'", ["2026-03-01T00:00:00+00:00"]),
        "words": ("text[]", "'{{a,b},{c,d}}'", [["a", "b"], ["c", "d"]]),
        "name": (
            "uuid",
            "'123e4567-e89b-12d3-a456-426614174000'",
            "123e4567-e89b-12d3-a456-426614174000",
        ),
        "mood": ("mood", "'happy'", "happy"),
        "cash": ("money", "1234.5", "$1,234.50"),
        "padded": ("char(8)", "'AB'", "AB"),
        "host": ("inet", "'10.0.0.1/8'", "10.0.0.1/8"),
        "stretch": ("daterange", "'[2026-01-01,2026-02-01)'", "[2026-01-01,2026-02-01)"),
        "nothing": ("text", "NULL", None),
    }
    postgresql.run("CREATE TYPE mood AS ENUM ('sad', 'happy')")
    postgresql.run(
        f"CREATE TABLE thing (id int PRIMARY KEY, {', '.join(f'{name} {kind[0]}' for name, kind in columns.items())})"
    )
    postgresql.run(f"INSERT INTO thing VALUES (1, {', '.join(kind[1] for kind in columns.values())})")
    found = record_of(open_, postgresql, list(columns))
    assert found == {name: expected for name, (_, _, expected) in columns.items()}


def test_mariadb_values_are_the_servers_own_texts(mariadb: SqlDatabase, open_: Open) -> None:
    columns = {
        "price": ("decimal(30,10)", "12345678901234567890.1234567890", "12345678901234567890.1234567890"),
        "tiny": ("decimal(20,10)", "0.00000001", "0.0000000100"),
        "big": ("bigint unsigned", "18446744073709551615", 18446744073709551615),
        "half": ("double", "79.9", "79.9"),
        "flag": ("tinyint(1)", "1", 1),
        "bits": ("bit(10)", "b'1000000001'", 513),
        "day": ("date", "'2026-03-01'", "2026-03-01"),
        "no_day": ("date", "'0000-00-00'", "0000-00-00"),
        "local": ("datetime(6)", "'2026-03-01 10:00:00.5'", "2026-03-01T10:00:00.500000"),
        "no_time": ("datetime", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00"),
        "moment": ("timestamp NULL", "'2026-03-01 15:00:00'", "2026-03-01T15:00:00+00:00"),
        "clock": ("time", "'-100:00:01'", "-100:00:01"),
        "octets": ("varbinary(4)", "X'00ff'", "00ff"),
        "blank": ("blob", "''", ""),
        "text": ("longtext", "'Grüße 🙂'", "Grüße 🙂"),
        "kind": ("enum('a','b')", "'b'", "b"),
        "kinds": ("set('x','y')", "'x,y'", "x,y"),
        "padded": ("char(8)", "'AB'", "AB"),
        "made": ("year", "2026", 2026),
        "wide": ("json", """'{"price": 79.90}'""", {"price": "79.90"}),
        "nothing": ("text", "NULL", None),
    }
    mariadb.run("SET sql_mode = '', time_zone = '+00:00'")
    described = ", ".join(f"`{name}` {kind[0]}" for name, kind in columns.items())
    mariadb.run(f"CREATE TABLE thing (id int PRIMARY KEY, {described}) CHARACTER SET utf8mb4")
    mariadb.run(f"INSERT INTO thing VALUES (1, {', '.join(kind[1] for kind in columns.values())})")
    found = record_of(open_, mariadb, list(columns), json_columns=["wide"])
    assert found == {name: expected for name, (_, _, expected) in columns.items()}
    nulled = record_of(open_, mariadb, ["no_day", "no_time", "day"], zero_dates="null")
    assert nulled == {"no_day": None, "no_time": None, "day": "2026-03-01"}


def test_sqlite_values_are_read_by_the_type_that_each_of_them_has(sqlite: SqlDatabase, open_: Open) -> None:
    sqlite.run("CREATE TABLE thing (id INTEGER PRIMARY KEY, a NUMERIC, b NUMERIC, c NUMERIC, d, e TEXT, f)")
    sqlite.run("INSERT INTO thing VALUES (1, 79.9, 12, 'about ten', X'00ff', '{\"x\": 1.50}', CAST(X'ff41' AS TEXT))")
    found = record_of(open_, sqlite, ["a", "b", "c", "d", "e", "f"], json_columns=["e"])
    assert found == {"a": "79.9", "b": 12, "c": "about ten", "d": "00ff", "e": {"x": "1.50"}, "f": "\udcffA"}
    sqlite_latin = replace(sqlite, settings=replace(sqlite.settings, options={"encoding": "latin-1"}))
    assert record_of(open_, sqlite_latin, ["f"]) == {"f": "ÿA"}


def test_octets_may_be_asked_for_as_base64(source_database: SqlDatabase, open_: Open) -> None:
    kind = {"sqlite": "blob", "postgresql": "bytea", "mariadb": "blob"}[source_database.kind]
    value = r"'\x00ff'" if source_database.kind == "postgresql" else "X'00ff'"
    source_database.run(f"CREATE TABLE thing (id int PRIMARY KEY, octets {kind})")
    source_database.run(f"INSERT INTO thing VALUES (1, {value})")
    assert record_of(open_, source_database, ["octets"], binary="base64") == {"octets": "AP8="}


def test_a_zone_gives_date_times_without_one_their_offset(source_database: SqlDatabase, open_: Open) -> None:
    kind = {"sqlite": "text", "postgresql": "timestamp", "mariadb": "datetime"}[source_database.kind]
    source_database.run(f"CREATE TABLE thing (id int PRIMARY KEY, winter {kind}, summer {kind}, twice {kind})")
    source_database.run(
        "INSERT INTO thing VALUES (1, '2026-01-31 10:00:00', '2026-07-31 10:00:00', '2026-11-01 01:30:00')"
    )
    fields = ["winter", "summer", "twice"]
    assert record_of(open_, source_database, fields, zone="America/Denver") == {
        "winter": "2026-01-31T10:00:00-07:00",
        "summer": "2026-07-31T10:00:00-06:00",
        "twice": "2026-11-01T01:30:00-06:00",  # the first of the two
    }
    assert record_of(open_, source_database, ["winter"])["winter"].replace("T", " ") == "2026-01-31 10:00:00"


def test_columns_and_tables_keep_their_capitals_blanks_and_reserved_words(
    source_database: SqlDatabase, open_: Open
) -> None:
    names = ["Order", "group", "Bill No", "100%", "wert:netto"]
    quote = "`" if source_database.kind == "mariadb" else '"'
    columns = ", ".join(f"{quote}{name}{quote} varchar(9)" for name in names)
    source_database.run(f"CREATE TABLE {quote}Bill Lines{quote} ({columns})")
    mark = "?" if source_database.kind == "sqlite" else "%s"
    source_database.run(
        f"INSERT INTO {quote}Bill Lines{quote} VALUES ({', '.join([mark] * len(names))})", ["a", "b", "c", "d", "e"]
    )
    read = StreamRead("lines", "Bill Lines", names, ("Bill No",), "Order", options={"number_overlap": 0})
    read = replace(read, cursor_field=None)
    (page,) = open_(source_database.settings).pages(read, None)
    assert page.records == [dict(zip(names, "abcde", strict=True))]
