"""Pulls from real databases: every row once, in any order of changes, whatever breaks under way."""

import json
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from connectors.ports import Page, Source, StreamRead, SystemSettings
from tests.fakes.sql_databases import SqlDatabase

Open = Callable[[SystemSettings], Source]
STAMPS = {"sqlite": "text", "postgresql": "timestamptz", "mariadb": "datetime"}
READ = StreamRead(
    "lines",
    "line",
    ("bill", "number", "amount", "changed"),
    ("bill", "number"),
    "changed",
    timedelta(0),
    page_size=7,
    options={"rows_per_statement": 9},
)


def stamp(minute: int) -> str:
    return f"2026-01-01 {minute // 60:02}:{minute % 60:02}:00"


def make_lines(database: SqlDatabase, count: int, minutes: Callable[[int], int] = lambda number: number) -> None:
    """Lines of bills, five to a bill, changed at some minute of a day."""
    database.run(
        f"CREATE TABLE line (bill varchar(9) NOT NULL, number int NOT NULL, amount numeric(10,2), "
        f"changed {STAMPS[database.kind]}, gone int, PRIMARY KEY (bill, number))"
    )
    database.fill(
        "line",
        [(f"B{number // 5:03}", number % 5, "1.10", stamp(minutes(number)), None) for number in range(count)],
    )


def pull(source: Source, read: StreamRead, after: Page | None = None) -> list[Page]:
    return list(source.pages(read, json.loads(json.dumps(after.resume)) if after else None))


def keys(pages: Iterable[Page], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(record[name] for name in names or ("bill", "number")) for page in pages for record in page.records]


@pytest.mark.parametrize("minutes", [lambda n: n, lambda n: 60 - n, lambda n: 0, lambda n: n // 12], ids="abcd")
def test_rows_with_one_cursor_value_are_told_apart_by_their_key(
    source_database: SqlDatabase, open_: Open, minutes: Callable[[int], int]
) -> None:
    make_lines(source_database, 50, minutes)
    pages = pull(open_(source_database.settings), READ)
    found = keys(pages)
    assert len(found) == len(set(found)) == 50
    assert max(len(page.records) for page in pages) <= READ.page_size
    changed = [record["changed"] for page in pages for record in page.records]
    assert changed == sorted(changed)


def test_a_pull_that_breaks_anywhere_goes_on_without_loss_and_without_doubles(
    source_database: SqlDatabase, open_: Open
) -> None:
    make_lines(source_database, 50, lambda number: number // 12)
    source = open_(source_database.settings)
    whole = pull(source, READ)
    for position in range(len(whole) - 1):
        after = pull(source, READ, whole[position])
        found = keys([*whole[: position + 1], *after])
        assert len(found) == len(set(found)) == 50, position


def test_a_killed_connection_is_worth_another_try_and_the_pull_goes_on(
    source_database: SqlDatabase, open_: Open
) -> None:
    if source_database.kind == "sqlite":
        return  # nobody stands between
    make_lines(source_database, 50)
    source = open_(source_database.settings)
    before: list[Page] = []
    pages = source.pages(READ, None)
    with pytest.raises(RetryableError, match="books: pull line"):  # noqa: PT012 - it breaks at some page, not at the first
        while True:
            before.append(next(pages))
            source_database.kill()
    assert 1 <= len(before) < 8
    found = keys([*before, *pull(source, READ, before[-1])])
    assert len(found) == len(set(found)) == 50


def test_rows_that_change_while_they_are_read_are_given_again_and_none_is_lost(
    source_database: SqlDatabase, open_: Open
) -> None:
    make_lines(source_database, 50)
    found: list[tuple[Any, ...]] = []
    pages = []
    for number, page in enumerate(open_(source_database.settings).pages(READ, None)):
        pages.append(page)
        found += keys([page])
        if number == 2:
            source_database.run(f"UPDATE line SET changed = '{stamp(700)}', amount = 2.20 WHERE number = 0")
    again = pull(open_(source_database.settings), replace(READ, overlap=timedelta(hours=12)), pages[-1])
    newest = {
        key: record["amount"]
        for page in [*pages, *again]
        for key, record in zip(keys([page]), page.records, strict=True)
    }
    assert set(found) | set(newest) == {(f"B{n // 5:03}", n % 5) for n in range(50)}
    assert {float(amount) for (_, number), amount in newest.items() if number == 0} == {2.2}


def test_a_large_table_needs_no_more_memory_than_a_statement(source_database: SqlDatabase, open_: Open) -> None:
    source_database.run("CREATE TABLE wide (id int PRIMARY KEY, note varchar(300))")
    source_database.fill("wide", [(0, "n" * 300)])
    for doubling in range(15):
        source_database.run(f"INSERT INTO wide SELECT id + {2**doubling}, note FROM wide")
    # a cursor of the server streams however many rows; elsewhere each statement gives so many at once
    options = {} if source_database.kind == "postgresql" else {"rows_per_statement": 2_000}
    read = StreamRead("wide", "wide", ("id", "note"), ("id",), page_size=500, options=options)
    pages = open_(source_database.settings).pages(read, None)
    rows = len(next(pages).records)
    if source_database.kind == "postgresql":
        asked = "SELECT query FROM pg_stat_activity WHERE application_name = 'splice' AND query LIKE 'FETCH FORWARD%'"
        assert source_database.run(asked)
    tracemalloc.start()
    for page in pages:
        rows += len(page.records)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 2**15
    assert peak < 4_000_000


def test_without_a_cursor_everything_comes_in_the_order_of_the_key(source_database: SqlDatabase, open_: Open) -> None:
    make_lines(source_database, 50)
    read = replace(READ, cursor_field=None)
    source = open_(source_database.settings)
    pages = pull(source, read)
    assert keys(pages) == sorted(keys(pages))
    assert len(keys(pages)) == 50
    assert len(keys(pull(source, read, pages[-1]))) == 50
    assert keys(pull(source, read, pages[2])) == keys(pages)[len(keys(pages[:3])) :]


def test_only_what_changed_since_is_read_again_with_its_overlap(source_database: SqlDatabase, open_: Open) -> None:
    make_lines(source_database, 50)
    source = open_(source_database.settings)
    (*_, last) = pull(source, READ)
    assert keys(pull(source, READ, last)) == [("B009", 4)]
    assert len(keys(pull(source, replace(READ, overlap=timedelta(minutes=10)), last))) == 11
    # a transaction that began before and committed after
    source_database.run(f"INSERT INTO line VALUES ('B100', 0, 1, '{stamp(41)}', NULL)")
    assert ("B100", 0) in keys(pull(source, replace(READ, overlap=timedelta(minutes=10)), last))


def test_a_number_may_be_the_cursor_and_may_reach_back(source_database: SqlDatabase, open_: Open) -> None:
    source_database.run("CREATE TABLE event (id int PRIMARY KEY, version numeric(20,0))")
    source_database.fill("event", [(number, 9007199254740993 + number) for number in range(30)])
    read = StreamRead("events", "event", ("id", "version"), ("id",), "version", page_size=7)
    source = open_(source_database.settings)
    pages = pull(source, read)
    assert len(keys(pages, "id")) == 30
    assert str(pages[0].records[0]["version"]) == "9007199254740993"
    assert keys(pull(source, read, pages[-1]), "id") == [(29,)]
    back = replace(read, options={"number_overlap": 3})
    assert keys(pull(source, back, pages[-1]), "id") == [(26,), (27,), (28,), (29,)]


def test_rows_without_a_cursor_value_come_with_every_pull(source_database: SqlDatabase, open_: Open) -> None:
    make_lines(source_database, 30)
    source_database.run("UPDATE line SET changed = NULL WHERE number IN (1, 2)")
    if source_database.kind == "mariadb":
        source_database.run("SET sql_mode = ''")
        source_database.run("UPDATE line SET changed = '0000-00-00 00:00:00' WHERE number = 2")
    source = open_(source_database.settings)
    for options in (READ.options, {**READ.options, "total": False}):
        read = replace(READ, options=options)
        pages = pull(source, read)
        assert len(set(keys(pages))) == len(keys(pages)) == 30
        assert {page.source_total for page in pages} == ({30} if "total" not in options else {None})
        again = keys(pull(source, read, pages[-1]))
        assert len(again) == 12 + 1
        for position in range(len(pages) - 1):
            found = keys([*pages[: position + 1], *pull(source, read, pages[position])])
            assert len(found) == len(set(found)) == 30


def test_rows_without_a_key_are_given_so_that_somebody_hears_of_them(
    source_database: SqlDatabase, open_: Open
) -> None:
    source_database.run(f"CREATE TABLE loose (id varchar(9), changed {STAMPS[source_database.kind]})")
    source_database.fill("loose", [("a", stamp(1)), (None, stamp(2)), ("b", None), (None, None), ("c", stamp(3))])
    for options in ({}, {"total": False}):
        read = StreamRead("loose", "loose", ("id", "changed"), ("id",), "changed", page_size=2, options=options)
        pages = pull(open_(source_database.settings), read)
        assert sorted(str(key) for (key,) in keys(pages, "id")) == ["None", "None", "a", "b", "c"]


def test_a_key_that_identifies_no_row_is_told(source_database: SqlDatabase, open_: Open) -> None:
    make_lines(source_database, 50, lambda _: 0)
    read = replace(READ, key=("bill",))
    pages = pull(open_(source_database.settings), read)
    assert any("share their key (bill)" in told for page in pages for told in page.warnings)
    with pytest.raises(UnsafeToContinue, match="share one key"):
        pull(open_(source_database.settings), replace(read, page_size=2, options={"rows_per_statement": 3}))


def test_keys_that_only_a_collation_holds_for_equal_are_all_read(mariadb: SqlDatabase, open_: Open) -> None:
    mariadb.run("CREATE TABLE word (id varchar(9), KEY (id)) COLLATE utf8mb4_general_ci")
    mariadb.fill("word", [(word,) for word in ("a", "A", "b", "B", "c", "C", "d", "D", "e", "E")])
    read = StreamRead("words", "word", ("id",), ("id",), page_size=2, options={"rows_per_statement": 3})
    assert len(set(keys(pull(open_(mariadb.settings), read), "id"))) == 10


def test_deleted_rows_come_as_keys_and_count_no_more(source_database: SqlDatabase, open_: Open) -> None:
    make_lines(source_database, 20)
    source = open_(source_database.settings)
    read = replace(READ, options={**READ.options, "deleted_column": "gone"})
    first = pull(source, read)
    source_database.run(f"UPDATE line SET gone = 0, changed = '{stamp(100)}' WHERE bill = 'B001' AND number = 3")
    again = pull(source, read, first[-1])
    assert [page.deleted for page in again] == [[("B001", "3")]]
    assert ("B001", 3) not in keys(again)
    assert {page.source_total for page in again} == {19}
    assert "gone" not in again[0].records[0]
    # with values, only these say so
    by_value = replace(read, options={**read.options, "deleted_values": [1, 2]})
    assert [page.deleted for page in pull(source, by_value, first[-1])] == [[]]


def test_a_query_is_read_like_a_table(source_database: SqlDatabase, open_: Open) -> None:
    make_lines(source_database, 20)
    query = (
        "SELECT bill, count(*) AS line_count, max(changed) AS changed, '10:30 %' AS note\n"
        "FROM line WHERE bill LIKE 'B%' AND '12:45' > '10:00' GROUP BY bill -- one row a bill"
    )
    read = StreamRead(
        "bills", "bills", ("bill", "line_count", "note"), ("bill",), "changed", page_size=3, options={"query": query}
    )
    pages = pull(open_(source_database.settings), read)
    assert keys(pages, "bill", "line_count", "note") == [(f"B{number:03}", 5, "10:30 %") for number in range(4)]
    assert {page.source_total for page in pages} == {4}


def test_lists_of_other_tables_hang_on_their_rows(source_database: SqlDatabase, open_: Open) -> None:
    make_lines(source_database, 20)
    source_database.run("CREATE TABLE tax (its_bill varchar(9), its_number int, position int, rate varchar(9))")
    source_database.fill(
        "tax", [(f"B{n // 5:03}", n % 5, place, f"0.0{place}00") for n in range(0, 20, 3) for place in (2, 1)]
    )
    lists = {"taxes": {"object": "tax", "parent": ["its_bill", "its_number"], "order": ["position"]}}
    notes = {"notes": {"query": "SELECT bill AS b, number AS n, 'x' AS word FROM line", "parent": ["b", "n"]}}
    options = {**READ.options, "lists": lists | notes, "children_touch_parent": True}
    read = replace(READ, fields=(*READ.fields, "taxes", "notes"), options=options)
    records = [record for page in pull(open_(source_database.settings), read) for record in page.records]
    assert len(records) == 20
    for number, record in enumerate(records):
        wanted = [{"position": place, "rate": f"0.0{place}00"} for place in (1, 2)] if number % 3 == 0 else []
        assert record["taxes"] == wanted
        assert record["notes"] == [{"word": "x"}]


def test_a_list_behind_a_cursor_that_its_changes_do_not_move_is_refused(
    source_database: SqlDatabase, open_: Open
) -> None:
    make_lines(source_database, 5)
    source_database.run("CREATE TABLE tax (bill varchar(9), number int)")
    lists = {"lists": {"taxes": {"object": "tax", "parent": ["bill", "number"]}}}
    read = replace(READ, fields=(*READ.fields, "taxes"), options=lists)
    with pytest.raises(ConfigurationError, match="inside taxes does not move changed of line, and would be missed"):
        pull(open_(source_database.settings), read)
    (page,) = pull(open_(source_database.settings), replace(read, cursor_field=None))
    assert all(record["taxes"] == [] for record in page.records)


def test_more_parents_than_fit_into_one_question_get_their_lists(source_database: SqlDatabase, open_: Open) -> None:
    source_database.run("CREATE TABLE parent (id int PRIMARY KEY)")
    source_database.run("CREATE TABLE child (parent_id int, word varchar(9))")
    source_database.fill("parent", [(number,) for number in range(1200)])
    source_database.fill("child", [(number, f"w{number}") for number in range(1200)])
    lists = {"children": {"object": "child", "parent": ["parent_id"]}}
    read = StreamRead("p", "parent", ("id", "children"), ("id",), page_size=1200, options={"lists": lists})
    (page,) = pull(open_(source_database.settings), read)
    assert all(record["children"] == [{"word": f"w{record['id']}"}] for record in page.records)


def test_a_cursor_far_ahead_hides_no_later_change(source_database: SqlDatabase, open_: Open) -> None:
    make_lines(source_database, 20)
    source_database.run("UPDATE line SET changed = '9999-12-31 00:00:00' WHERE bill = 'B000' AND number = 0")
    read = replace(READ, hub_clock=datetime(2026, 1, 1, 12, tzinfo=UTC))
    source = open_(source_database.settings)
    first = pull(source, read)
    assert len(keys(first)) == 20
    source_database.run(f"UPDATE line SET changed = '{stamp(30)}' WHERE bill = 'B001' AND number = 1")
    assert ("B001", 1) in keys(pull(source, read, first[-1]))


def test_an_infinite_cursor_hides_no_later_change(postgresql: SqlDatabase, open_: Open) -> None:
    make_lines(postgresql, 20)
    postgresql.run("UPDATE line SET changed = 'infinity' WHERE bill = 'B000' AND number = 0")
    source = open_(postgresql.settings)
    first = pull(source, READ)
    postgresql.run(f"UPDATE line SET changed = '{stamp(30)}' WHERE bill = 'B001' AND number = 1")
    assert ("B001", 1) in keys(pull(source, READ, first[-1]))


def test_an_hour_that_comes_twice_is_read_twice(source_database: SqlDatabase, open_: Open) -> None:
    kind = {"sqlite": "text", "postgresql": "timestamp", "mariadb": "datetime"}[source_database.kind]
    source_database.run(f"CREATE TABLE visit (id int PRIMARY KEY, changed {kind})")
    source_database.fill("visit", [(1, "2026-11-01 01:50:00")])
    options = {"zone": "America/Denver"}
    read = StreamRead("visits", "visit", ("id", "changed"), ("id",), "changed", timedelta(minutes=5), 10, options)
    source = open_(source_database.settings)
    (first,) = pull(source, read)
    source_database.fill("visit", [(2, "2026-11-01 01:10:00")])  # forty minutes later, by the clock set back
    assert keys(pull(source, read, first), "id") == [(2,), (1,)]


def test_a_resume_point_of_another_key_says_nothing(source_database: SqlDatabase, open_: Open) -> None:
    make_lines(source_database, 20)
    source = open_(source_database.settings)
    first = pull(source, READ)
    assert len(keys(pull(source, replace(READ, key=("number", "bill")), first[1]))) == 20
    assert len(keys(list(source.pages(READ, {"high": "2026", "position": 3})))) == 20


def test_columns_that_vanish_or_are_renamed_are_named_with_their_neighbours(
    source_database: SqlDatabase, open_: Open
) -> None:
    make_lines(source_database, 5)
    source = open_(source_database.settings)
    pull(source, READ)
    source_database.run("ALTER TABLE line RENAME COLUMN amount TO amount_net")
    source_database.run("ALTER TABLE line RENAME COLUMN changed TO changed_at")
    with pytest.raises(
        ConfigurationError, match=r"column amount .*did you mean amount_net.*column changed .*changed_at"
    ):
        pull(source, READ)
    with pytest.raises(ConfigurationError, match=r"no such table or view; did you mean line"):
        pull(source, replace(READ, source_object="lines"))
    with pytest.raises(ConfigurationError, match=r"two columns are called bill|bill:1|Duplicate column"):
        pull(source, replace(READ, options={"query": "SELECT a.bill, b.bill FROM line a, line b"}))


def test_a_schema_may_stand_in_the_name_or_beside_it(postgresql: SqlDatabase, open_: Open) -> None:
    postgresql.run("CREATE SCHEMA crm")
    postgresql.run("CREATE TABLE crm.customer (id int PRIMARY KEY)")
    postgresql.run("CREATE VIEW crm.customers AS SELECT * FROM crm.customer")
    postgresql.run("INSERT INTO crm.customer VALUES (7)")
    source = open_(postgresql.settings)
    for name, options in (("crm.customer", {}), ("customer", {"schema": "crm"}), ("crm.customers", {})):
        assert keys(pull(source, StreamRead("c", name, ("id",), ("id",), options=options)), "id") == [(7,)]
    with pytest.raises(ConfigurationError, match=r"did you mean .*crm\.customer"):
        pull(source, StreamRead("c", "crm.custommer", ("id",), ("id",)))


def test_the_list_options_are_held_against_the_tables(source_database: SqlDatabase, open_: Open) -> None:
    make_lines(source_database, 5)
    source_database.run("CREATE TABLE tax (bill varchar(9), number int)")
    source = open_(source_database.settings)

    def pulled(written: Any) -> None:
        read = replace(READ, fields=(*READ.fields, "taxes"), cursor_field=None)
        pull(source, replace(read, options={"lists": {"taxes": written}}))

    for written, told in (
        ({"object": "tax", "parent": ["bill", "numbr"]}, "numbr does not exist; did you mean number"),
        ({"object": "taxi", "parent": ["bill", "number"]}, "pull taxi.*did you mean tax"),
        ({"object": "tax", "parent": ["bill"]}, "parent names the columns that hold bill, number"),
        ({"object": "tax", "parents": ["bill"]}, "parents.*did you mean parent"),
        ({"parent": ["bill", "number"]}, "either object or query"),
        ({"query": "DROP TABLE tax", "parent": ["bill", "number"]}, "one SELECT is expected"),
    ):
        with pytest.raises(ConfigurationError, match=told):
            pulled(written)
