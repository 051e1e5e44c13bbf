"""How far two values agree, as DuckDB computes it: slips, lists, units, streets; and what stands for nothing."""

from contextlib import closing
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from identity.comparisons import degree_sql, idle_sql
from identity.matching import find_pairs, opened, with_records
from identity.settings import Level, MatchSettings
from identity.settings_file import default_settings
from identity.standard_forms import CUSTOMER_COLUMNS
from tests.fakes.pairs import degrees

CUSTOMER = default_settings("customer")
PREMISE = default_settings("premise")


def degree(settings: MatchSettings, name: str, left: dict[str, Any], right: dict[str, Any]) -> str:
    """The condition of the level that two records reach in a comparison; ``unknown`` where one says nothing."""
    values = {f"{column}_l": value for column, value in left.items()}
    values |= {f"{column}_r": value for column, value in right.items()}
    with closing(duckdb.connect()) as connection:
        connection.register("sides", pa.Table.from_pylist([values]))
        (found,) = (
            connection.execute(f"SELECT {degree_sql(name, settings.compare[name])} FROM sides").fetchone() or ()
        )
    words = ["unknown", *(_word(level) for level in settings.compare[name])]
    return next(word for word in words if degrees(settings, **{name: word})[name] == found)


def _word(level: Level) -> str:
    return next(iter(level.model_dump(exclude_none=True, exclude={"m", "u", "agrees", "alike", "where_equal"})))


@pytest.mark.parametrize(
    ("one", "other", "reached"),
    [
        ("1984-03-01", "1984-03-01", "equal"),
        ("1984-03-01", "1984-03-07", "slipped_years"),  # one digit
        ("1984-03-05", "1984-05-03", "slipped_years"),  # day and month
        ("1984-02-29", "1984-03-01", "slipped_years"),  # a day, as of another zone
        ("1984-12-31", "1985-01-01", "slipped_years"),
        ("1984-03-01", "1994-03-01", "slipped_years"),
        ("1954-03-01", "1974-03-01", "otherwise"),  # one digit, and another generation
        ("1984-03-01", "1984-07-15", "otherwise"),
        ("1984-03-01", None, "unknown"),
    ],
)
def test_dates_of_birth(one: str, other: str | None, reached: str) -> None:
    assert degree(CUSTOMER, "birth_date", {"birth_date": one}, {"birth_date": other}) == reached


@pytest.mark.parametrize(
    ("one", "other", "reached"),
    [
        (("BOB", ["BOB", "ROBERT"]), ("ROBERT", ["ROBERT"]), "shares"),
        (("BOB", ["BOB", "ROBERT"]), ("ROB", ["ROB", "ROBERT"]), "shares"),
        (("ROBERT", ["ROBERT"]), ("ROBRET", ["ROBRET"]), "similar"),
        (("R", ["R"]), ("ROBERT", ["ROBERT"]), "initial"),
        (("ROBERT", ["ROBERT"]), ("WES", ["WES"]), "otherwise"),
    ],
)
def test_given_names(one: tuple[str, list[str]], other: tuple[str, list[str]], reached: str) -> None:
    sides = [{"given_name": name, "given_names": names, "surname": "HOLM"} for name, names in (one, other)]
    assert degree(CUSTOMER, "given_name", *sides) == reached


def test_a_surname_with_a_hyphen_shares_a_part() -> None:
    sides = [
        {"surname": "REYES", "surnames": ["REYES"], "given_name": "ANA"},
        {"surname": "REYES LUND", "surnames": ["REYES", "LUND"], "given_name": "ANA"},
    ]
    assert degree(CUSTOMER, "surname", *sides) == "shares"


@pytest.mark.parametrize(
    ("one", "other", "reached"),
    [
        ("12 ELM ST", "12 ELM ST", "equal"),
        ("12 CEDARWOOD ST", "12 CEDARWOD ST", "similar"),
        ("12 CEDARWOOD ST", "112 CEDARWOOD ST", "otherwise"),  # another house
        ("12 CEDARWOOD ST", "12 CEDARWOOD CT", "otherwise"),  # another kind of street
        ("12 ELM ST", "9 MILL LN", "shares"),  # where the one lived before
    ],
)
def test_addresses(one: str, other: str, reached: str) -> None:
    def side(line: str) -> dict[str, Any]:
        earlier = ["12 ELM ST"] if line == "9 MILL LN" else []
        house, _, kind = line.split(" ")
        return {"address": line, "addresses": [line, *earlier], "house": house, "street_kind": kind}

    assert degree(CUSTOMER, "address", side(one), side(other)) == reached


@pytest.mark.parametrize(
    ("one", "other", "reached"),
    [
        ("4B", "4B", "equal"),
        ("", "", "both_empty"),
        ("4B", "", "one_empty"),
        ("4B", "5", "otherwise"),
        ("4B", None, "unknown"),
    ],
)
def test_units(one: str, other: str | None, reached: str) -> None:
    assert degree(PREMISE, "unit", {"unit": one}, {"unit": other}) == reached


def test_pairs_that_can_come_to_nothing_are_left_out() -> None:
    blank = dict.fromkeys(CUSTOMER.compare, -1)

    def is_idle(**words: str) -> bool:
        with closing(duckdb.connect()) as connection:
            connection.register("pair", pa.Table.from_pylist([blank | degrees(CUSTOMER, **words)]))
            return bool(connection.execute(f"SELECT {idle_sql(CUSTOMER)} FROM pair").fetchone() == (True,))

    assert is_idle(given_name="otherwise", surname="equal", phone="equal", address="equal")
    assert not is_idle(given_name="otherwise", email="equal"), "it may be asked about"
    assert not is_idle(given_name="equal", birth_date="otherwise", address="equal"), "it keeps two apart"
    assert not is_idle(given_name="equal", phone="otherwise", address="otherwise", email="otherwise"), "it is a rival"


def test_a_value_that_too_many_share_stands_for_none(tmp_path: Any) -> None:
    settings = CUSTOMER.model_copy(update={"most_sharing": {"email": 2}})
    rows = [
        {"record": f"crm/c/{number}", "system": "crm", "email": "none@none.com" if number < 3 else "a@b.example"}
        for number in range(5)
    ]
    with closing(opened(str(tmp_path), 200)) as connection:
        with_records(connection, pa.Table.from_pylist(rows), settings)
        found = connection.execute("SELECT email FROM record ORDER BY record").fetchall()
    assert found == [(None,), (None,), (None,), ("a@b.example",), ("a@b.example",)]


@pytest.mark.peer("splink")
def test_scores_depend_on_no_other_record() -> None:
    def row(system: str, number: int, given: str, **facts: Any) -> dict[str, Any]:
        blank: dict[str, Any] = dict.fromkeys(CUSTOMER_COLUMNS)
        names = {"given_name": given, "given_names": [given], "surname": "REYES", "surnames": ["REYES"], "suffix": ""}
        return blank | {"record": f"{system}/c/{number}", "system": system, "unit": "", **names, **facts}

    pair = [row("crm", 1, "ANA", phone="6125550143"), row("fsm", 1, "ANA", phone="6125550143")]
    more = [row("crm", number, "ANA", phone=f"612555{number:04d}") for number in range(2, 40)]
    settings = CUSTOMER.model_copy(update={"block_on": (("phone",),)})
    (alone,) = find_pairs(pa.Table.from_pylist(pair), settings)
    (among,) = find_pairs(pa.Table.from_pylist(pair + more), settings)
    assert alone == among
    assert Decimal(str(alone.probability)) > settings.thresholds.review
