"""Names, telephones and codes: what is only a spelling goes, what means something stays."""

from datetime import date

import pytest

from identity.contacts import birth_date_form, email_form, phone_form, postal_form
from identity.names import NameForm, full_names, name_form
from identity.standard_forms import without_doubtful_units


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Ana Reyes", ("ANA", "REYES", "")),
        ("Reyes, Ana M.", ("ANA", "REYES", "")),
        ("ANA MARIA REYES", ("ANA", "REYES", "")),
        ("Dr. José Núñez Jr.", ("JOSE", "NUNEZ", "JR")),
        ("de la Cruz, Rosa", ("ROSA", "DE LA CRUZ", "")),
        ("O'Brien", (None, "OBRIEN", "")),
        ("Robert Holm III", ("ROBERT", "HOLM", "III")),
        ("Holm Jr, Robert", ("ROBERT", "HOLM", "JR")),
        ("Ana García-López", ("ANA", "GARCIA LOPEZ", "")),
        ("Jean-Luc Moreau", ("JEAN LUC", "MOREAU", "")),
        ("", (None, None, "")),
        (" . ", (None, None, "")),
    ],
)
def test_names_of_people(name: str, form: tuple[str | None, str | None, str]) -> None:
    found = name_form(name)
    assert (found.given, found.surname, found.suffix) == form


def test_a_surname_with_a_hyphen_has_parts() -> None:
    assert name_form("Ana García-López").surnames == ("GARCIA", "LOPEZ")
    assert name_form("García-López, Ana").surnames == ("GARCIA", "LOPEZ")
    assert name_form("de la Cruz, Rosa").surnames == ("DE LA CRUZ",)
    assert name_form("").surnames == ()


def test_a_short_form_stands_for_full_names() -> None:
    bob, robert, bert, ana = (full_names(name) for name in ("BOB", "ROBERT", "BERT", "ANA"))
    assert (bob, robert, ana) == (["BOB", "ROBERT"], ["ROBERT"], ["ANA"])
    assert set(bert or ()) >= {"BERT", "ROBERT", "ALBERT"}
    assert full_names(None) is None


def test_a_company_is_its_name_without_its_legal_form() -> None:
    bakery = NameForm(None, "THORNE BAKERY", "", ("THORNE BAKERY",))
    assert name_form("Thorne Bakery, Inc.", is_person=False) == bakery
    assert name_form("Thorne Bakery LLC", is_person=False) == bakery
    assert name_form("Inc.", is_person=False) == NameForm(None, None)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("+1 (612) 555-0143", "6125550143"),
        ("612.555.0143", "6125550143"),
        ("555-0143", None),
        ("612-555-0143 ext. 27", "6125550143"),
        ("(612) 555-0143 x3", "6125550143"),
        ("000 000 0000", None),
        (None, None),
        ("٦١٢٥٥٥٠١٤٣", None),
    ],
)
def test_telephones(text: str | None, form: str | None) -> None:
    assert phone_form(text) == form


def test_addresses_for_mail() -> None:
    assert email_form(" Ana@Example.ORG ") == "ana@example.org"
    assert email_form("ana+bills@example.org") == "ana@example.org"
    assert email_form("A.na.Reyes@googlemail.com") == email_form("anareyes@gmail.com") == "anareyes@gmail.com"
    assert email_form("ana.reyes@example.org") == "ana.reyes@example.org"
    assert [email_form(text) for text in ("none", "@x.y", "a@", "", None)] == [None] * 5


def test_dates_of_birth_that_stand_for_none() -> None:
    assert birth_date_form(date(1984, 3, 1)) == "1984-03-01"
    assert [birth_date_form(day) for day in (date(1900, 1, 1), date(1970, 1, 1), None)] == [None] * 3


def test_postal_codes() -> None:
    assert [postal_form(text) for text in ("55113-1234", "551131234", "r3c 1a1", "55113", "-")] == [
        "55113",
        "55113",
        "R3C1A1",
        "55113",
        None,
    ]


def test_no_unit_means_unknown_where_others_at_the_address_have_one() -> None:
    rows = [
        {"street": "ELM ST", "house": "1", "unit": ""},
        {"street": "ELM ST", "house": "1", "unit": "4B"},
        {"street": "ELM ST", "house": "2", "unit": ""},
    ]
    assert [row["unit"] for row in without_doubtful_units(rows, "house", "street")] == [None, "4B", ""]
