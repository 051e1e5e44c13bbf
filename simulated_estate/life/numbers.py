"""Numbers that belong to one subscriber and nobody else, whatever the size of the estate."""

from hashlib import blake2b
from random import Random

from simulated_estate.markets import Element

_ACCOUNTS, _ORDERS, _JOBS, _SUBSCRIPTIONS, _DEVICES = 4, 24, 24, 12, 8
_MAC_OUI = {"sm": "0A003E", "router": "D4A0FB"}


class Numbers:
    """Hands out the numbers of subscriber ``position`` of the world ``seed``, each once."""

    def __init__(self, seed: int, position: int) -> None:
        self._position = position
        self._salt = int.from_bytes(blake2b(str(seed).encode(), digest_size=4).digest(), "big")
        self._given: dict[str, int] = {}

    def account(self) -> str:
        """An account number, canonical: digits without leading zeros."""
        return str(10_000 + self._next("account", _ACCOUNTS))

    def order(self) -> str:
        """An order number, canonical: digits without leading zeros."""
        return str(100_000 + self._next("order", _ORDERS))

    def job(self) -> int:
        """A work order's number, below 2 ** 28."""
        return scrambled(self._next("job", _JOBS), 28, ~self._salt)

    def subscription(self) -> str:
        """A subscription's number in billing."""
        return f"SUB{500_000 + self._next('subscription', _SUBSCRIPTIONS):08d}"

    def premise(self) -> int:
        """A premise's number in the CRM."""
        return 1 + self._next("premise", _ORDERS)

    def serial(self, element: Element) -> str:
        """The serial of a new access device on an element: letters and hex, or a MAC."""
        if not element.vendor:
            return self.mac("sm")
        number = scrambled(self._next("device", _DEVICES), 28, self._salt)
        return element.vendor + with_check_digit(f"{number:07X}")

    def mac(self, kind: str) -> str:
        """The MAC of a new device without a vendor's serial, 12 hex digits."""
        number = scrambled(self._next("device", _DEVICES), 20, self._salt)
        return _MAC_OUI[kind] + with_check_digit(f"{number:05X}")

    def on_port(self) -> int:
        """A number for a new device that no other one has; which one it gets on its port is told in ``on_ports``."""
        return 1 + self._next("port", _DEVICES)

    def _next(self, kind: str, room: int) -> int:
        given = self._given.get(kind, 0)
        if given >= room:
            raise ValueError(f"one subscriber wants more than {room} {kind} numbers")
        self._given[kind] = given + 1
        return self._position * room + given


def spare_account(position: int) -> str:
    """An account number of a subscriber that no plot uses: the last of its room."""
    return str(10_000 + position * _ACCOUNTS + _ACCOUNTS - 1)


def spare_premise(position: int) -> int:
    """A premise's number of a subscriber that no plot uses: the last of its room."""
    return 1 + position * _ORDERS + _ORDERS - 1


def scrambled(number: int, bits: int, salt: int) -> int:
    """Another number of so many bits for each number, without a visible order.

    Raises:
        ValueError: the number has more bits.
    """
    if number >> bits:
        raise ValueError(f"the estate has room for 2 ** {bits} such numbers")
    mask = (1 << bits) - 1
    for _ in range(2):
        number = (number ^ salt) * 0x45D9F3B & mask
        number ^= number >> bits // 2
    return number


def with_check_digit(digits: str) -> str:
    """The hex digits and one more, so that no two results differ by one wrong digit or two swapped neighbours.

    Each digit is weighted with another power of 2 in GF(16).
    """
    check = 0
    for digit in digits:
        check = _doubled(check ^ int(digit, 16))
    return f"{digits}{check:X}"


def _doubled(element: int) -> int:
    return element << 1 ^ (0b10011 if element & 0b1000 else 0)


def dice(seed: int, position: int) -> Random:
    """The chance that rules one subscriber's life."""
    return Random(f"lumen valley {seed} {position}")
