"""Files that were damaged on their way: each is told as what it is, and nothing of it is taken."""

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from file_pulls import FileFeed, ids

from canonical_model.errors import SpliceError, UnsafeToContinue

ROWS = [(f"L{number}", f"{number * 7919 % 997}") for number in range(200)]
SHEET = "xl/worksheets/sheet1.xml"
BOMB = "".join(f'<!ENTITY {chr(97 + n)} "{f"&{chr(96 + n)};" * 10 if n else "aaaaaaaaaa"}">' for n in range(10))
ENTITIES = {"a bomb": (BOMB, "j"), "a file of this machine": ('<!ENTITY x SYSTEM "file:///etc/hostname">', "x")}


def packed() -> bytes:
    return gzip.compress("".join(f"{name},{amount}\n" for name, amount in [("id", "amount"), *ROWS]).encode())


def workbook() -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in [("id", "amount"), *ROWS]:
        book.worksheets[0].append(row)
    book.save(content)
    return content.getvalue()


def parquet() -> bytes:
    content = io.BytesIO()
    names, amounts = zip(*ROWS, strict=True)
    pq.write_table(pa.table({"id": names, "amount": amounts}), content, write_page_checksum=True)
    return content.getvalue()


SOUND: dict[str, Callable[[], bytes]] = {"lines.csv.gz": packed, "lines.xlsx": workbook, "lines.parquet": parquet}


def damaged(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 10))):
        changed[chance.randrange(len(changed))] ^= chance.randrange(1, 256)
    return bytes(changed[: chance.randrange(len(changed))] if chance.random() < 0.2 else changed)


@pytest.mark.parametrize("name", SOUND)
def test_damage_anywhere_ends_in_an_error_that_says_what_to_do(name: str, tmp_path: Path) -> None:
    feed, chance = FileFeed(tmp_path / "feed", pattern=name), random.Random(name)
    told: list[str] = []
    content = SOUND[name]()
    for _ in range(120):
        feed.lay(name, damaged(content, chance))
        feed.resume = None
        try:
            feed.pull(page_size=50)
        except SpliceError as error:
            told.append(f"{error} {feed.resume}")
    assert len(told) > 90  # some octets mean nothing
    assert [each for each in told if not each.startswith(f"lines: feed: file {name}: ") or "None" not in each] == []
    feed.resume = None
    feed.lay(name, content)
    assert feed.pull() == [row[0] for row in ROWS]


def in_sheet(change: Callable[[str], str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as sound, zipfile.ZipFile(content, "w") as written:
        for name in sound.namelist():
            part = sound.read(name)
            written.writestr(name, change(part.decode()) if name == SHEET else part)
    return content.getvalue()


@pytest.mark.parametrize("entities", ENTITIES)
def test_entities_of_a_workbook_are_refused(entities: str, tmp_path: Path) -> None:
    declared, name = ENTITIES[entities]

    def with_entities(text: str) -> str:
        row = f'<row r="1"><c r="A1" t="inlineStr"><is><t>&{name};</t></is></c></row>'
        return f"<!DOCTYPE x [{declared}]>" + text.replace("<sheetData>", f"<sheetData>{row}")

    feed = FileFeed(tmp_path / "feed", pattern="lines.xlsx")
    feed.lay("lines.xlsx", in_sheet(with_entities))
    with pytest.raises(UnsafeToContinue, match=r"lines\.xlsx: it is no sound workbook"):
        feed.pull()


def test_a_sheet_that_ends_in_the_middle_is_not_taken(tmp_path: Path) -> None:
    feed = FileFeed(tmp_path / "feed", pattern="lines.xlsx")
    feed.lay("lines.xlsx", in_sheet(lambda text: text[: len(text) // 2]))
    with pytest.raises(UnsafeToContinue, match=r"lines\.xlsx: it is no sound workbook"):
        feed.pull()
    feed.lay("lines.xlsx", workbook())
    assert len(ids(feed.pages(page_size=500))) == len(ROWS)
