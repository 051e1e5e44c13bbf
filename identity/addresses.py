"""Addresses in one form: house number, street and unit, by the spelling of USPS Publication 28.

``usaddress-scourgify`` takes a line apart with a trained model that is part of its package, and spells directions,
street types and units alike. What it cannot take apart keeps its words, so that it can still be compared. No service
is asked.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from canonical_model.errors import ConfigurationError

_UNWANTED = re.compile(r"[^A-Z0-9/ ]")
_UNREADABLE = re.compile(r"[^A-Z0-9/#, ]")
_HOUSE = re.compile(r"(?P<house>[0-9][0-9A-Z]*(?: [0-9]+/[0-9]+)?) +(?P<street>.+)")
_DESIGNATORS = frozenset(
    ("APT", "APARTMENT", "UNIT", "STE", "SUITE", "RM", "ROOM", "FL", "FLOOR", "LOT", "SPC", "TRLR", "DEPT", "NO")
)
_DIRECTIONS = frozenset(("N", "S", "E", "W", "NE", "NW", "SE", "SW"))
_STREET_TYPES = frozenset(
    (
        *(
            "ALY",
            "AVE",
            "BLVD",
            "BND",
            "CIR",
            "CT",
            "CRES",
            "CV",
            "DR",
            "EXPY",
            "GLN",
            "GRV",
            "HL",
            "HTS",
            "HWY",
            "LN",
        ),
        *(
            "LOOP",
            "MDWS",
            "MNR",
            "PARK",
            "PASS",
            "PATH",
            "PIKE",
            "PKWY",
            "PL",
            "PLZ",
            "PT",
            "RD",
            "RDG",
            "ROW",
            "RUN",
        ),
        *("SQ", "ST", "TER", "TRCE", "TRL", "TPKE", "VIS", "VLG", "WALK", "WAY"),
    )
)
"""By the abbreviations of USPS Publication 28."""
MISSING = "splice was installed without what matching needs: install its extra 'identity'"


@dataclass(frozen=True, slots=True)
class AddressForm:
    """An address as it is compared.

    Attributes:
        house: number, with its letter or fraction; None where the line begins with none.
        street: name with directions and type; None where nothing is said.
        unit: without the word for it (``4B`` of ``Apt. 4-B``); empty where there is none.
    """

    house: str | None
    street: str | None
    unit: str

    @property
    def kind(self) -> str | None:
        """What tells streets of almost one name apart: directions, type and number (``N 5 ST``); None for none."""
        words = (self.street or "").split()
        told = [word for word in words if word in _DIRECTIONS or any(map(str.isdigit, word))]
        told += [word for word in words[-2:] if word in _STREET_TYPES and len(words) > 1]
        return " ".join(told) or None


@lru_cache(maxsize=200_000)
def address_form(address: str | None, unit: str | None = None) -> AddressForm:
    """Bring an address to the form in which it is compared.

    Args:
        address: house number and street, the unit too where ``unit`` does not say it.
        unit: the unit alone, however it is spelled.

    Raises:
        ConfigurationError: the library is not installed.
    """
    line, second = _taken_apart(_joined_words(address))
    found = _HOUSE.fullmatch(line)
    house, street = (found["house"], found["street"]) if found else (None, line or None)
    return AddressForm(house, street, _unit(_plain(unit) or second))


def _taken_apart(line: str) -> tuple[str, str]:
    try:
        from scourgify import normalize_address_record  # noqa: PLC0415 - heavy, and part of an extra
        from scourgify.exceptions import AddressNormalizationError  # noqa: PLC0415
    except ImportError as error:
        raise ConfigurationError(MISSING) from error
    try:
        parts = normalize_address_record(line)
    except AddressNormalizationError:
        return _plain(line), ""
    return _plain(parts["address_line_1"]), _plain(parts["address_line_2"])


def _joined_words(text: str | None) -> str:
    """Upper case, with the marks that tell a unit; a hyphen within a number goes, as it goes in a unit."""
    return " ".join(_UNREADABLE.sub(" ", (text or "").upper().replace("-", "").replace("'", "")).split())


def _plain(text: str | None) -> str:
    """The same without any mark but the stroke of a fraction."""
    return " ".join(_UNWANTED.sub(" ", _joined_words(text)).split())


def _unit(text: str) -> str:
    words = [word for word in text.split() if word not in _DESIGNATORS]
    return "".join(words).lstrip("0")
