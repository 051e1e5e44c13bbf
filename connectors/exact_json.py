"""JSON without binary floats: a number with a fraction or an exponent stays the text the source wrote.

Nothing of a body is lost on the way: a name that stands twice in one object keeps all its values, and octets that are
no text stay in the one value that holds them, so that a mapping sets that record aside and no other.
"""

import json
import re
from typing import Any, NoReturn

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([A-Za-z0-9_.:-]+)', re.IGNORECASE)
_MOST_DIGITS = 1000
_ONE_OCTET = re.compile(r"(iso-?8859-\d{1,2}|latin-?1|(windows-|cp)125\d)", re.IGNORECASE)


def loads(body: str | bytes) -> Any:
    """Parse a JSON text; whole numbers become int, all others stay their own text (``79.90`` is ``"79.90"``).

    A name that stands with two values in one object has the list of them; a whole number of a thousand digits and
    more stays text.

    Raises:
        ValueError: the body is no JSON (NaN and Infinity are none either), or is nested beyond reason.
    """
    try:
        try:
            return json.loads(body, parse_float=str, parse_constant=_refuse, object_pairs_hook=_object)
        except ValueError:  # a whole number beyond what Python reads may be the reason
            return json.loads(
                body, parse_float=str, parse_constant=_refuse, parse_int=_whole, object_pairs_hook=_object
            )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def loads_answer(body: bytes, content_type: str) -> Any:
    """Parse the body of an answer; see ``loads``.

    JSON is UTF-8 (RFC 8259), whatever the header says; where the body is not, the header is believed if it names an
    encoding of one octet, and otherwise each octet that is no text becomes half of a character (a surrogate), which
    no mapping lets pass.

    Raises:
        ValueError: as ``loads``.
    """
    encoding = json.detect_encoding(body)
    try:
        return loads(body.decode(encoding))
    except UnicodeDecodeError:
        pass
    declared = _CHARSET.search(content_type)
    if declared and _ONE_OCTET.fullmatch(declared[1]):
        try:
            return loads(body.decode(declared[1]))
        except (UnicodeDecodeError, LookupError):
            pass
    return loads(body.decode("utf-8-sig", "surrogateescape"))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) == len(pairs):
        return whole
    values: dict[str, list[Any]] = {}
    for name, value in pairs:
        held = values.setdefault(name, [])
        if value not in held:
            held.append(value)
    return {name: held if len(held) > 1 else held[0] for name, held in values.items()}


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) < _MOST_DIGITS else digits


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")
