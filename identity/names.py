"""Names of people and companies in one form, and the full names that a short form may stand for."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

_MARKS = re.compile(r"[^A-Z0-9& ]")
_SUFFIXES = {"JR": "JR", "JUNIOR": "JR", "SR": "SR", "SENIOR": "SR", "II": "II", "III": "III", "IV": "IV"}
_TITLES = frozenset(("MR", "MRS", "MS", "DR", "PROF"))
_LEGAL_FORMS = frozenset(
    ("INC", "INCORPORATED", "LLC", "LLP", "LTD", "LIMITED", "CORP", "CORPORATION", "CO", "COMPANY", "ULC", "PLLC")
)
_SHORT_FORMS = "short_forms.yaml"


@dataclass(frozen=True, slots=True)
class NameForm:
    """A name as it is compared.

    Attributes:
        given: the first given name; None of a company, and where there is one word alone.
        surname: of a company all of it, without its legal form.
        suffix: JR, SR, II, III or IV; empty where there is none.
        surnames: the parts of a surname with a hyphen, else the surname alone.
    """

    given: str | None
    surname: str | None
    suffix: str = ""
    surnames: tuple[str, ...] = ()


def name_form(name: str | None, *, is_person: bool = True) -> NameForm:
    """Bring a name to the form in which it is compared.

    ``Reyes, Ana M.`` and ``Ana M Reyes`` are ANA and REYES: names in the middle are left out, which systems shorten
    or forget. One word alone is a surname; with a hyphen it stays one.
    """
    if not name:
        return NameForm(None, None)
    last_first = name.split(",", 1) if is_person else [name]
    words = _words(" ".join(reversed(last_first)))
    if not is_person:
        whole = " ".join(part for word in words for part in word.split("-") if part not in _LEGAL_FORMS)
        return NameForm(None, whole or None, "", (whole,) if whole else ())
    suffix = next((_SUFFIXES[word] for word in words if word in _SUFFIXES), "")
    words = [word for word in words if word not in _SUFFIXES and word not in _TITLES]
    if len(words) < 2:
        return _with_surname(None, words, suffix)
    surnames = [word for word in _words(last_first[0]) if word not in _SUFFIXES] if len(last_first) == 2 else []
    return _with_surname(words[0].replace("-", " "), surnames or words[-1:], suffix)


def plain(text: str | None) -> str | None:
    """Upper case, without accents and marks; None where nothing is left."""
    bare = unicodedata.normalize("NFKD", text or "").encode("ascii", "ignore").decode("ascii")
    return " ".join(_MARKS.sub(" ", bare.upper().replace("'", "").replace(".", " ")).split()) or None


def full_names(given: str | None) -> list[str] | None:
    """A given name and what it may be short for: BOB is BOB or ROBERT; None for none."""
    return None if given is None else [given, *_full_names().get(given, ())]


@lru_cache(maxsize=1)
def _full_names() -> Mapping[str, tuple[str, ...]]:
    """Full names by short form."""
    text = files("identity").joinpath("defaults").joinpath(_SHORT_FORMS).read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for full, shorts in yaml.safe_load(text).items():
        for short in shorts.split():
            found[short] = (*found.get(short, ()), full)
    return found


def _words(text: str) -> list[str]:
    """Words of a name in plain letters; a hyphen within one stays."""
    words = ("-".join(filter(None, (plain(part) for part in word.split("-")))) for word in text.split())
    return [one for word in words for one in word.split() if one]


def _with_surname(given: str | None, words: list[str], suffix: str) -> NameForm:
    surname = " ".join(words).replace("-", " ")
    parts = tuple(part for word in words for part in word.split("-")) if any("-" in word for word in words) else ()
    return NameForm(given, surname or None, suffix, parts or ((surname,) if surname else ()))
