"""Names, telephones and codes: what is only a spelling goes, what means something stays."""

import pytest

from identity.standard_forms import email_form, name_form, phone_form, postal_form, without_doubtful_units


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
        ("", (None, None, "")),
        (" . ", (None, None, "")),
    ],
)
def test_names_of_people(name: str, form: tuple[str | None, str | None, str]) -> None:
    assert name_form(name) == form


def test_a_company_is_its_name_without_its_legal_form() -> None:
    assert name_form("Thorne Bakery, Inc.", is_person=False) == (None, "THORNE BAKERY", "")
    assert name_form("Thorne Bakery LLC", is_person=False) == (None, "THORNE BAKERY", "")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("+1 (612) 555-0143", "6125550143"),
        ("612.555.0143", "6125550143"),
        ("555-0143", None),
        ("000 000 0000", None),
        (None, None),
        ("٦١٢٥٥٥٠١٤٣", None),
    ],
)
def test_telephones(text: str | None, form: str | None) -> None:
    assert phone_form(text) == form


def test_addresses_for_mail() -> None:
    assert email_form(" Ana@Example.ORG ") == "ana@example.org"
    assert [email_form(text) for text in ("none", "@x.y", "a@", "", None)] == [None] * 5


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
