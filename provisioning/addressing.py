"""Which premise an address means: one, several, or none with those that come nearest; pure.

Never one of several: a flat is not guessed, for whoever guesses sends a technician to a neighbour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from canonical_model.places import Premise
from identity.addresses import AddressForm, address_form

MOST_CANDIDATES = 5
_SAME_HOUSE = 0.5
"""Added to the likeness of the street, which is 1 at most."""


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """What an address means.

    Attributes:
        premise: the one that it means; None where that is nobody's guess.
        is_ambiguous: it means several.
        candidates: these, or those that come nearest, the likeliest first.
    """

    premise: Premise | None = None
    is_ambiguous: bool = False
    candidates: tuple[Premise, ...] = ()


def match_address(text: str, premises: Iterable[Premise]) -> AddressMatch:
    """Hold an address against premises.

    Args:
        text: house number and street, with the unit where there is one.
        premises: of the market.

    Raises:
        ConfigurationError: the library that takes addresses apart is not installed.
    """
    asked = address_form(text)
    known = [(address_form(each.address, each.unit), each) for each in premises]
    here = [pair for pair in known if (pair[0].house, pair[0].street) == (asked.house, asked.street)]
    same = [premise for form, premise in here if form.unit == asked.unit or not asked.unit]
    if len(same) == 1:
        return AddressMatch(premise=same[0])
    if same:
        return AddressMatch(is_ambiguous=True, candidates=tuple(same))
    ranked = sorted(known, key=lambda pair: (-_likeness(asked, pair[0]), pair[1].address, pair[1].unit or ""))
    return AddressMatch(candidates=tuple(premise for _, premise in ranked[:MOST_CANDIDATES]))


def words_to_find(text: str) -> tuple[str | None, str | None]:
    """House number, and longest word of the street, by which a database finds what may be meant."""
    form = address_form(text)
    words = sorted((form.street or "").split(), key=len)
    return form.house, words[-1] if words else None


def told(premise: Premise) -> str:
    """A premise on one line."""
    unit = f" {premise.unit}" if premise.unit else ""
    rest = " ".join(part for part in (premise.city, premise.postal_code) if part)
    return f"{premise.address}{unit}" + (f", {rest}" if rest else "")


def _likeness(asked: AddressForm, known: AddressForm) -> float:
    street = SequenceMatcher(None, asked.street or "", known.street or "").ratio()
    return street + (_SAME_HOUSE if asked.house is not None and asked.house == known.house else 0)
