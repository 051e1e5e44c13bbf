"""Whether a terminal that an element has found is the one that an order expects.

Serials are compared in their canonical form alone. What is one typing mistake away on the same PON (a digit wrong,
missing or too many, or two neighbours swapped: Damerau-Levenshtein distance 1) is proposed to a person and never
taken: the other terminal may be a neighbour's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.line import FoundDevice


@dataclass(frozen=True, slots=True)
class SerialMatch:
    """What was found for an order.

    Attributes:
        found: the terminal that was expected, on the expected port.
        elsewhere: the terminal that was expected, on another port of the element.
        alike: terminals on the expected port whose serial is one typing mistake away.
        others: other terminals without a service on the expected port.
    """

    found: FoundDevice | None
    elsewhere: FoundDevice | None
    alike: tuple[FoundDevice, ...]
    others: tuple[FoundDevice, ...]


def match_serial(expected: str, port: str, seen: Sequence[FoundDevice]) -> SerialMatch:
    """Compare what an element sees with what an order expects.

    Args:
        expected: serial in its canonical form.
        port: on which it is expected.
        seen: terminals that the element sees and has no service for.
    """
    exact = [device for device in seen if device.serial == expected]
    here = [device for device in seen if device.port == port and device.serial != expected]
    alike = tuple(device for device in here if is_one_mistake_apart(expected, device.serial))
    return SerialMatch(
        found=next((device for device in exact if device.port == port), None),
        elsewhere=next((device for device in exact if device.port != port), None),
        alike=alike,
        others=tuple(device for device in here if device not in alike),
    )


def is_one_mistake_apart(one: str, other: str) -> bool:
    """Whether two texts differ by one wrong, missing or surplus character, or by two neighbours swapped."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return True  # one is the other and a character more
    rest, other_rest = one[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    )
