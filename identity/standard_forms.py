"""Customers and premises as rows that can be compared: names, telephones and addresses in one form.

Every system spells in its own way; what is only a spelling is taken away here, so that a difference that is left
means something.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from canonical_model.customers import Customer
from canonical_model.places import Premise
from identity.addresses import address_form

CUSTOMER_COLUMNS = (
    *("account_number", "given_name", "surname", "suffix", "email", "phone", "birth_date"),
    *("address", "unit", "city", "postal_code"),
)
PREMISE_COLUMNS = ("house", "street", "unit", "city", "postal_code", "latitude", "longitude", "place")

_MARKS = re.compile(r"[^A-Z0-9& ]")
_SUFFIXES = {"JR": "JR", "JUNIOR": "JR", "SR": "SR", "SENIOR": "SR", "II": "II", "III": "III", "IV": "IV"}
_TITLES = frozenset(("MR", "MRS", "MS", "DR", "PROF"))
_LEGAL_FORMS = frozenset(("INC", "INCORPORATED", "LLC", "LTD", "LIMITED", "CORP", "CORPORATION", "CO", "COMPANY"))
_PHONE_DIGITS = 10


def customer_row(customer: Customer) -> dict[str, Any]:
    """A customer's row: ``CUSTOMER_COLUMNS``, with the record's name and its system."""
    given_name, surname, suffix = name_form(customer.name, is_person=customer.segment != "business")
    place = address_form(customer.address, customer.unit)
    return {
        "record": str(customer.source),
        "system": customer.source_system,
        "account_number": customer.account_number,
        "given_name": given_name,
        "surname": surname,
        "suffix": suffix,
        "email": email_form(customer.email),
        "phone": phone_form(customer.phone),
        "birth_date": customer.birth_date.isoformat() if customer.birth_date else None,
        "address": f"{place.house or ''} {place.street}".strip() if place.street else None,
        "unit": place.unit if place.street else None,
        "city": plain(customer.city),
        "postal_code": postal_form(customer.postal_code),
    }


def premise_row(premise: Premise) -> dict[str, Any]:
    """A premise's row: ``PREMISE_COLUMNS``, with the record's name and its system."""
    place = address_form(premise.address, premise.unit)
    return {
        "record": str(premise.source),
        "system": premise.source_system,
        "house": place.house,
        "street": place.street,
        "unit": place.unit,
        "city": plain(premise.city),
        "postal_code": postal_form(premise.postal_code),
        "latitude": premise.latitude,
        "longitude": premise.longitude,
        "place": "stated" if premise.latitude is not None and premise.longitude is not None else None,
    }


def without_doubtful_units(rows: Iterable[dict[str, Any]], *place: str) -> list[dict[str, Any]]:
    """Rows in which no unit means no unit: where others have one at the same address, it is unknown instead.

    Args:
        rows: of all systems together.
        place: columns that name the building.
    """
    given = list(rows)
    divided = {tuple(row[name] for name in place) for row in given if row["unit"]}
    return [
        row | {"unit": None} if row["unit"] == "" and tuple(row[name] for name in place) in divided else row
        for row in given
    ]


def name_form(name: str | None, *, is_person: bool = True) -> tuple[str | None, str | None, str]:
    """Given name, surname and suffix; of a company all in the surname, without its legal form.

    ``Reyes, Ana M.`` and ``Ana M Reyes`` are ANA and REYES: names in the middle are left out, which systems shorten
    or forget. One word alone is a surname.
    """
    if not name:
        return None, None, ""
    last_first = name.split(",", 1) if is_person else [name]
    words = (plain(" ".join(reversed(last_first))) or "").split()
    if not is_person:
        return None, " ".join(word for word in words if word not in _LEGAL_FORMS) or None, ""
    suffix = next((_SUFFIXES[word] for word in words if word in _SUFFIXES), "")
    words = [word for word in words if word not in _SUFFIXES and word not in _TITLES]
    if len(words) < 2:
        return None, words[0] if words else None, suffix
    surnames = (plain(last_first[0]) or "").split() if len(last_first) == 2 else words[-1:]
    surname = " ".join(word for word in surnames if word not in _SUFFIXES)
    return words[0], surname or words[-1], suffix


def plain(text: str | None) -> str | None:
    """Upper case, without accents and marks; None where nothing is left."""
    bare = unicodedata.normalize("NFKD", text or "").encode("ascii", "ignore").decode("ascii")
    return " ".join(_MARKS.sub(" ", bare.upper().replace("'", "").replace(".", " ")).split()) or None


def phone_form(text: str | None) -> str | None:
    """The last ten digits; None for less, and for one digit repeated, which stands for none."""
    digits = "".join(character for character in text or "" if character.isascii() and character.isdigit())
    number = digits[-_PHONE_DIGITS:]
    return number if len(number) == _PHONE_DIGITS and len(set(number)) > 1 else None


def email_form(text: str | None) -> str | None:
    """Lower case; None for what is no address."""
    address = (text or "").strip().lower()
    local, at, domain = address.partition("@")
    return address if local and at and "." in domain else None


def postal_form(text: str | None) -> str | None:
    """Upper case without spaces; of a ZIP+4 code the five digits, which every system has."""
    code = re.sub(r"[^A-Z0-9]", "", (text or "").upper())
    return (code[:5] if code.isdigit() and len(code) == 9 else code) or None
