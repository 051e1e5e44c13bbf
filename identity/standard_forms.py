"""Customers and premises as rows that can be compared: names, telephones and addresses in one form.

Every system spells in its own way; what is only a spelling is taken away here, so that a difference that is left
means something.
"""

from collections.abc import Collection, Iterable
from typing import Any

from canonical_model.customers import Customer
from canonical_model.places import Premise
from identity.addresses import AddressForm, address_form
from identity.contacts import birth_date_form, email_form, phone_form, postal_form
from identity.names import full_names, name_form, plain

CUSTOMER_COLUMNS = (
    *(
        "account_number",
        "company",
        "given_name",
        "given_names",
        "surname",
        "surnames",
        "suffix",
        "email",
        "phone",
        "birth_date",
    ),
    *("address", "addresses", "house", "street_kind", "unit", "city", "postal_code"),
)
PREMISE_COLUMNS = (
    *("house", "street", "street_kind", "unit", "city", "postal_code", "latitude", "longitude", "place"),
)


def customer_row(customer: Customer, earlier: Collection[tuple[str | None, str | None]] = ()) -> dict[str, Any]:
    """A customer's row: ``CUSTOMER_COLUMNS``, with the record's name and its system.

    Args:
        customer: as its system knows it now.
        earlier: addresses and units that the system gave for it before.
    """
    name = name_form(customer.name, is_person=customer.segment == "residential")
    place = address_form(customer.address, customer.unit)
    places = [_line(place), *(_line(address_form(*each)) for each in earlier)]
    return {
        "record": str(customer.source),
        "system": customer.source_system,
        "account_number": customer.account_number,
        "company": name.surname if customer.segment != "residential" else None,
        "given_name": name.given,
        "given_names": full_names(name.given),
        "surname": name.surname,
        "surnames": list(name.surnames) or None,
        "suffix": name.suffix,
        "email": email_form(customer.email),
        "phone": phone_form(customer.phone),
        "birth_date": birth_date_form(customer.birth_date),
        "address": _line(place),
        "addresses": [line for line in dict.fromkeys(places) if line] or None,
        "house": place.house,
        "street_kind": place.kind,
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
        "street_kind": place.kind,
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


def _line(place: AddressForm) -> str | None:
    return f"{place.house or ''} {place.street}".strip() if place.street else None
