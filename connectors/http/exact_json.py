"""JSON without binary floats: a number with a fraction or an exponent stays the text the source wrote."""

import json
from typing import Any, NoReturn


def loads(body: str | bytes) -> Any:
    """Parse a JSON text; whole numbers become int, all others stay their own text (``79.90`` is ``"79.90"``).

    Raises:
        ValueError: the body is no JSON (NaN and Infinity are none either), or is nested beyond reason.
    """
    try:
        return json.loads(body, parse_float=str, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")
