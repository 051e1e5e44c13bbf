"""What a NAK means, as a table over its Error-Cause (RFC 5176, 3.5)."""

from dataclasses import dataclass
from typing import Any, Literal

from connectors.radius.dictionary import ERROR_CAUSES
from connectors.radius.exchange import BROKEN

Meaning = Literal["for good", "later", "unclear"]
"""It will not be done; it was not done now; it may have been done, or is on its way."""

_LATER = ("Request-Not-Routable", "Resources-Unavailable")
_UNCLEAR = ("Other-Proxy-Processing-Error", "Request-Initiated")
MEANINGS: dict[int, Meaning] = {
    **dict.fromkeys(ERROR_CAUSES.values(), "for good"),
    **{ERROR_CAUSES[name]: "later" for name in _LATER},
    **{ERROR_CAUSES[name]: "unclear" for name in _UNCLEAR},
}
_NAMES = {number: name for name, number in ERROR_CAUSES.items()}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A NAK: what follows from it, and its cause in the words of RFC 5176."""

    meaning: Meaning
    told: str


def refusal_of(reply: Any) -> Refusal:
    """What a NAK says; one without a cause, or with one that nobody listed, is for good."""
    try:
        (cause, *_) = reply.get("Error-Cause") or (None,)
    except BROKEN:
        cause = None
    number = ERROR_CAUSES.get(cause, None) if isinstance(cause, str) else cause
    if not isinstance(number, int):
        return Refusal("for good", "it tells no cause")
    name = _NAMES.get(number)
    return Refusal(MEANINGS.get(number, "for good"), f"Error-Cause {number}{f' {name}' if name else ''}")
