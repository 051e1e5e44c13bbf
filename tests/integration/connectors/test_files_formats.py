"""What files look like in the wild, and what of it arrives."""

import csv
import gzip
import io
import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from file_pulls import FileFeed, ids, told

from canonical_model.errors import ConfigurationError, UnsafeToContinue

TEXT = 'id;amount;note\nL1;1.234,50;"Grüße, ""Otto"""\nL2;5,00;"two\nlines"\n'
RECORDS = [
    {"id": "L1", "amount": "1.234,50", "note": 'Grüße, "Otto"'},
    {"id": "L2", "amount": "5,00", "note": "two\nlines"},
]


@pytest.fixture
def feed(tmp_path: Path) -> FileFeed:
    return FileFeed(tmp_path / "feed", ("id", "amount", "note"))


def records(feed: FileFeed, **options: Any) -> list[dict[str, Any]]:
    found = [record for page in feed.pages(**options) for record in page.records]
    assert json.loads(json.dumps(found)) == found
    return found


@pytest.mark.parametrize(
    ("encoding", "found_out"),
    [("utf-8", False), ("utf-8-sig", False), ("utf-16", True), ("utf-32", True), ("cp1252", True)],
)
def test_encoding_and_delimiter_are_found_out_and_told(feed: FileFeed, encoding: str, found_out: bool) -> None:
    feed.lay("lines-1.csv", TEXT.encode(encoding))
    pages = feed.pages()
    assert [record for page in pages for record in page.records] == RECORDS
    assert "delimiter ; found out; declare it under options" in told(pages)
    assert ("encoding" in told(pages)) is found_out
    feed.resume = None
    declared = feed.pages(encoding=encoding, delimiter=";")
    assert ([record for page in declared for record in page.records], told(declared)) == (RECORDS, "")


def test_a_byte_order_mark_is_no_part_of_the_first_name(feed: FileFeed) -> None:
    feed.lay("lines-1.csv", TEXT.encode("utf-8-sig"))
    assert records(feed, encoding="utf-8") == RECORDS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_finds_the_columns(feed: FileFeed, delimiter: str) -> None:
    rows = [["id", "amount", "note"], *([f"L{n}", "1,50; 2|3\t4", "a;b,c"] for n in range(5))]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(rows)
    feed.lay("lines-1.csv", written.getvalue())
    assert [list(record.values()) for record in records(feed)] == rows[1:]


def test_a_file_without_a_header_takes_its_names_from_the_options(feed: FileFeed) -> None:
    feed.lay("lines-1.csv", "# made by billing\n\nL1|1.00|x\nL2|2.00|y\n")
    found = records(feed, header=False, columns=["id", "amount", "note"], skip_lines=1)
    assert [record["id"] for record in found] == ["L1", "L2"]


def test_text_that_is_not_of_the_declared_encoding_concerns_its_record_alone(feed: FileFeed) -> None:
    feed.lay("lines-1.csv", b"id,amount,note\nL1,1,caf\xe9\nL2,2,x\n")
    assert [record["note"] for record in records(feed, encoding="utf-8")] == ["caf\udce9", "x"]


def test_rows_of_another_width_are_given_as_what_they_are(feed: FileFeed) -> None:
    feed.lay("lines-1.csv", "id,amount,note\nL1,1,x\nL2,1,50,y\nL3,3,z\n\nL4\n")
    pages = feed.pages()
    problems = [{"#line": 3, "#problem": "4 fields, where 3 are expected"}]
    problems += [{"#line": 6, "#problem": "1 fields, where 3 are expected"}]
    found = [record for page in pages for record in page.records]
    assert [record for record in found if "id" not in record] == problems
    assert "2 of 4 rows cannot be read; the first is line 3" in told(pages)


def test_quotes_that_do_not_fit_are_told_with_the_way_out(feed: FileFeed) -> None:
    feed.lay("lines-1.csv", 'id,amount,note\nL1,1,"12" pipe"\nL2,2,y\n')
    with pytest.raises(ConfigurationError, match=r"lines-1.csv: line 2 cannot be read.*quote: none"):
        feed.pull()
    assert [record["note"] for record in records(feed, quote="none")] == ['"12" pipe"', "y"]


def test_a_field_may_be_large(feed: FileFeed) -> None:
    large = "x" * 10_000_000
    feed.lay("lines-1.csv", f"id,amount,note\nL1,1,{large}\n")
    assert len(records(feed)[0]["note"]) == 10_000_000


def test_a_header_that_lacks_a_column_is_told_with_the_nearest(feed: FileFeed) -> None:
    feed.lay("lines-1.csv", "id,amount_net,note\nL1,1,x\n")
    with pytest.raises(
        ConfigurationError, match=r"lines-1.csv: column amount does not exist; did you mean amount_net"
    ):
        feed.pull()
    feed.lay("lines-1.csv", "id,amount,amount,note\nL1,1,1,x\n")
    with pytest.raises(ConfigurationError, match="two columns are called amount"):
        feed.pull()
    feed.lay("lines-1.csv", "")
    with pytest.raises(ConfigurationError, match="has no header"):
        feed.pull()


def test_packed_files_are_unpacked_whatever_their_name(feed: FileFeed) -> None:
    feed.lay("lines-1.csv", gzip.compress(TEXT.encode()))
    assert records(feed) == RECORDS
    feed.pattern = "more-*.csv.gz"
    feed.resume = None
    feed.lay("more-1.csv.gz", gzip.compress(TEXT.encode()))
    assert records(feed) == RECORDS


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_packed_file_that_was_cut_is_not_taken_at_all(feed: FileFeed, share: float) -> None:
    whole = gzip.compress(("id,amount,note\n" + "".join(f"L{n},{n * 7919 % 997},x\n" for n in range(5000))).encode())
    path = feed.lay("lines-1.csv", whole[: int(len(whole) * share)])
    with pytest.raises(UnsafeToContinue, match=r"lines-1.csv: it is packed and ends in the middle"):
        feed.pull()
    assert feed.resume is None
    path.write_bytes(whole)
    assert len(feed.pull(page_size=1000)) == 5000


TRAILER = {"first": "TRL", "count": 2, "sum": {"amount": 3}}


def test_a_trailer_is_held_against_the_rows(feed: FileFeed) -> None:
    feed.lay("lines-1.csv", "id,amount,note\nL1,1.10,x\nL2,2.20,y\nTRL,2,3.30\n\n")
    assert len(records(feed, trailer=TRAILER)) == 2


@pytest.mark.parametrize(
    ("ending", "error"),
    [
        ("", "ends without its trailer"),
        ("TRL,3,3.30\n", "counts 3 rows, and it holds 2"),
        ("TRL,2,3.31\n", "gives another sum of amount"),
        ("TRL,two,3.30\n", "a value of count is no number"),
        ("TRL,2,3.30\nL3,1.00,z\n", "rows follow behind its trailer"),
        ("L3,no,z\nTRL,3,3.30\n", "a value of amount is no number"),
    ],
)
def test_a_file_that_contradicts_its_trailer_is_not_taken_at_all(feed: FileFeed, ending: str, error: str) -> None:
    feed.lay("lines-1.csv", f"id,amount,note\nL1,1.10,x\nL2,2.20,y\n{ending}")
    with pytest.raises(UnsafeToContinue, match=f"lines-1.csv: .*{error}"):
        feed.pages(page_size=1, trailer=TRAILER)
    assert feed.resume is None


def test_files_before_a_broken_one_are_taken(feed: FileFeed) -> None:
    feed.lay("lines-1.csv", "id,amount,note\nL1,1.10,x\nTRL,1\n")
    feed.lay("lines-2.csv", "id,amount,note\nL2,1.10,x\nTRL,7\n")
    feed.lay("lines-3.csv", "id,amount,note\nL3,1.10,x\nTRL,1\n")
    for _ in range(2):
        with pytest.raises(UnsafeToContinue, match=r"lines-2\.csv"):
            feed.pull(trailer={"first": "TRL", "count": 2})
    assert feed.resume is not None
    assert list(feed.resume["taken"]) == ["lines-1.csv"]
    feed.lay("lines-2.csv", "id,amount,note\nL2,1.10,x\nTRL,1\n")
    assert feed.pull(trailer={"first": "TRL", "count": 2}) == ["L2", "L3"]


def test_fixed_width_is_read_by_places(feed: FileFeed) -> None:
    feed.pattern = "lines-*.dat"
    lines = ["HDR20261101", "L1    000012.50Müller   ", "L2         3.00", "", "L3    1.00     x         TOO LONG"]
    feed.lay("lines-1.dat", "\r\n".join([*lines, "T0000000003", ""]).encode("cp1252"))
    options = {
        "format": "fixed",
        "encoding": "cp1252",
        "skip_lines": 1,
        "columns": {"id": "1-6", "amount": "7-15", "note": "16-25"},
        "trailer": {"first": "T0", "count": "2-11"},
    }
    found = records(feed, **options)
    assert found[:2] == [
        {"id": "L1", "amount": "000012.50", "note": "Müller"},
        {"id": "L2", "amount": "3.00", "note": ""},
    ]
    assert found[2]["#line"] == 5


def workbook(path: Path, change: Callable[[Any], None] = lambda sheet: None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "amount", "day", "at", "flag", "number", "note", None])
    sheet.append(["L1", 54.99, date(2026, 3, 1), datetime.fromisoformat("2026-03-01T10:30"), True, 10000000001, None])
    sheet.append([None] * 7)
    sheet.append(["L2", 60, date(2026, 3, 2), datetime.fromisoformat("2026-03-02"), False, 5.0, "Grüße"])
    sheet["C2"].number_format = sheet["C4"].number_format = "yyyy-mm-dd"
    sheet["D4"].number_format = "yyyy-mm-dd hh:mm"
    change(sheet)
    book.create_sheet("Other").append(["id"])
    book.save(path)
    return path


def test_workbooks_are_read_by_what_their_cells_show(tmp_path: Path) -> None:
    feed = FileFeed(tmp_path / "feed", ("id", "amount", "day", "at", "flag", "number", "note"), "lines-*.xlsx")
    workbook(feed.folder / "lines-1.xlsx")
    assert records(feed) == [
        {
            "id": "L1",
            "amount": "54.99",
            "day": "2026-03-01",
            "at": "2026-03-01T10:30:00",
            "flag": True,
            "number": 10000000001,
            "note": None,
        },
        {
            "id": "L2",
            "amount": 60,
            "day": "2026-03-02",
            "at": "2026-03-02T00:00:00",
            "flag": False,
            "number": 5,
            "note": "Grüße",
        },
    ]
    feed.resume = None
    with pytest.raises(ConfigurationError, match=r"lines-1.xlsx: it has no sheet Othr; did you mean Other"):
        feed.pull(sheet="Othr")


def test_a_cell_beside_the_named_columns_is_not_lost_in_silence(tmp_path: Path) -> None:
    feed = FileFeed(tmp_path / "feed", pattern="lines-*.xlsx")
    book = openpyxl.Workbook()
    for row in (("id", "amount"), ("L1", "1.10"), ("L2", "1", "10")):
        book.worksheets[0].append(row)
    book.save(feed.folder / "lines-1.xlsx")
    pages = feed.pages()
    problem = {"#line": 3, "#problem": "a cell beyond the 2 columns that have a name"}
    assert [record for page in pages for record in page.records] == [{"id": "L1", "amount": "1.10"}, problem]
    assert "1 of 2 rows cannot be read" in told(pages)


def test_a_formula_gives_the_value_that_was_last_computed(tmp_path: Path) -> None:
    feed = FileFeed(tmp_path / "feed", pattern="lines-*.xlsx")
    with xlsxwriter.Workbook(str(feed.folder / "lines-1.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row("A1", ["id", "amount"])
        sheet.write("A2", "L1")
        sheet.write_formula("B2", "=50+4.99", None, 54.99)
    assert records(feed) == [{"id": "L1", "amount": "54.99"}]


def test_a_formula_without_a_value_is_never_read_as_nothing(tmp_path: Path) -> None:
    feed = FileFeed(tmp_path / "feed", pattern="lines-*.xlsx")
    workbook(feed.folder / "lines-1.xlsx", lambda sheet: sheet.__setitem__("B4", "=B2*2"))
    with pytest.raises(UnsafeToContinue, match="row 4: a formula was never computed"):
        feed.pull()


def test_what_is_no_workbook_is_told(tmp_path: Path) -> None:
    feed = FileFeed(tmp_path / "feed", pattern="lines-*.xlsx")
    feed.lay("lines-1.xlsx", b"PK\x03\x04 cut")
    with pytest.raises(UnsafeToContinue, match=r"lines-1\.xlsx: it is no sound workbook"):
        feed.pull()


def test_parquet_keeps_what_is_exact(tmp_path: Path) -> None:
    feed = FileFeed(tmp_path / "feed", ("id", "amount"), "lines-*.parquet")
    table = pa.table(
        {
            "id": ["L1", "L2"],
            "amount": pa.array([Decimal("54.9900"), None], pa.decimal128(18, 4)),
            "half": [79.9, None],
            "day": pa.array([date(2026, 3, 1), None]),
            "local": pa.array([datetime.fromisoformat("2026-03-01T10:00"), None], pa.timestamp("ns")),
            "moment": pa.array([datetime(2026, 3, 1, 10, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
            "lists": [[{"x": 1.5}], []],
            "octets": [b"\x00\xff", None],
        }
    )
    pq.write_table(table, feed.folder / "lines-1.parquet")
    first, second = records(feed)
    assert first == {
        "id": "L1",
        "amount": "54.9900",
        "half": "79.9",
        "day": "2026-03-01",
        "local": "2026-03-01T10:00:00",
        "moment": "2026-03-01T10:00:00+00:00",
        "lists": [{"x": "1.5"}],
        "octets": "00ff",
    }
    assert second["amount"] is None
    feed.lay("lines-2.parquet", (feed.folder / "lines-1.parquet").read_bytes()[:-100])
    with pytest.raises(UnsafeToContinue, match=r"lines-2\.parquet: it is no sound Parquet file"):
        feed.pull()


def test_parquet_goes_on_within_a_file(tmp_path: Path) -> None:
    feed = FileFeed(tmp_path / "feed", ("id",), "lines-*.parquet")
    pq.write_table(pa.table({"id": [f"L{n}" for n in range(25)]}), feed.folder / "lines-1.parquet")
    before = ids(feed.pages(stop_after=1))
    assert before + feed.pull() == [f"L{n}" for n in range(25)]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_large_file_needs_no_more_memory_than_a_page(tmp_path: Path, form: str) -> None:
    feed = FileFeed(tmp_path / "feed", ("id", "note"), f"lines-*.{form}")
    count, note = 40_000, "n" * 200
    if form == "csv":
        feed.lay("lines-1.csv", "id,note\n" + "".join(f"L{n},{note}\n" for n in range(count)))
    else:
        table = pa.table({"id": [f"L{n}" for n in range(count)], "note": [f"{note}{n}" for n in range(count)]})
        pq.write_table(table, feed.folder / "lines-1.parquet", row_group_size=2_000)
        del table
    from connectors.discovery import open_source
    from connectors.ports import StreamRead

    read = StreamRead("lines", feed.pattern, ("id", "note"), ("id",), page_size=500)
    pages = open_source(feed.settings).pages(read, None)
    rows = len(next(pages).records)
    tracemalloc.start()
    for page in pages:
        rows += len(page.records)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == count
    assert peak < 4_000_000


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"format": "json"}, "format: 'json' is unknown"),
        ({"mode": "fll"}, "did you mean full"),
        ({"order": "size"}, "order: 'size' is unknown"),
        ({"encoding": "utf-88"}, "there is no utf-88"),
        ({"delimiter": ";;"}, "delimiter: one character is expected"),
        ({"quote": "nothing"}, "quote: one character is expected, or none"),
        ({"header": "no"}, "header is true or false"),
        ({"header": False}, "a list of names is needed"),
        ({"columns": ["a", "a"]}, "a name stands there twice"),
        ({"format": "fixed"}, "place of each column is needed"),
        ({"format": "fixed", "columns": {"id": "10-1"}}, "first-last is expected"),
        ({"trailer": {"count": 1}}, "first .* expected"),
        ({"trailer": {"first": "T", "cont": 1}}, "did you mean count"),
        ({"trailer": {"first": "T", "count": 0}}, "counted from 1"),
        ({"deleted_values": ["X"]}, "goes with deleted_column"),
        ({"settle_s": -1}, "settle_s is a number from 0"),
        ({"ignore": "*.x"}, "ignore is a list of texts"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(feed: FileFeed, options: dict[str, Any], error: str) -> None:
    feed.lay("lines-1.csv", TEXT)
    with pytest.raises(ConfigurationError, match=error):
        feed.pull(**options)
