"""How each system writes what the others write differently.

| what | CRM | billing | field service | network (see ``servers.snmp_tables``) |
|---|---|---|---|---|
| account 1234 | ``LV-0001234`` | ``0000001234`` | - | - |
| order 12345 | ``00012345`` | - | ``SO-12345`` | - |
| serial | - | - | as typed: plain, lower case, with a dash, ``0x`` and hex | each vendor's own |
| access offering | ``fiber-500`` | ``INT-FBR-0500`` | ``Fiber 500``, ``fiber500`` ... | ``500/500`` |
| premise | Id | ``RB:`` and that Id, where it keeps one | an address | - |
| market | ``Riverbend`` | ``RB`` | ``RIV`` | one element belongs to one market |
| a moment | UTC | UTC, ``Z`` | local with offset; ``created_at`` and ``updated_at`` UTC, ``Z`` | per vendor |
| last day | inclusive | inclusive | - | - |
"""

import re
from datetime import UTC, date, datetime, timedelta
from random import Random

from simulated_estate.catalogue import ACCESS
from simulated_estate.life.records import Premise
from simulated_estate.markets import Market

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT_KINDS = {"Street": "ST", "Avenue": "AVE", "Road": "RD", "Lane": "LN", "Drive": "DR"}
_MAC = re.compile(r"[0-9A-F]{12}")


def case_number(account: str, place: int) -> str:
    """The number of a case of customer care: eight digits."""
    return f"{int(account) * 4 + place:08d}"


def call_number(account: str, place: int) -> str:
    """The number of a case in which no credit was promised: ten digits, a nine first."""
    return f"9{int(account):07d}{place:02d}"


def crm_account(account: str) -> str:
    """An account number on a CRM page."""
    return f"LV-{account:0>7}"


def billing_account(account: str) -> str:
    """An account number on a bill."""
    return f"{account:0>10}"


def target_account(account: str) -> str:
    """An account number in the billing system that takes accounts over."""
    return f"A-{account:0>7}"


def bill_number(market: Market, account: str, billed_on: date, *, has_cycle: bool = False) -> str:
    """The number of the bill that an account gets on a day; one with a cycle of its own may get two in a month."""
    return f"{market.billing_code}{billed_on:{'%y%m%d' if has_cycle else '%y%m'}}-{account:0>8}"


def stray_payment(market: Market, account: str, place: int) -> str:
    """The id of a payment that names no bill; others have their bill's number behind the P."""
    return f"P{market.billing_code}S{place}-{account:0>8}"


def adjustment_id(bill: str, place: int) -> str:
    """The id of a correction that was posted with a bill."""
    return f"C{place}{bill}"


def crm_order(order: str) -> str:
    """An order number as the CRM's auto number gives it."""
    return f"{order:0>8}"


def field_order(order: str) -> str:
    """An order number as dispatchers write it."""
    return f"SO-{order}"


def mistyped(order_text: str) -> str:
    """An order number with a capital O for its first zero, or a letter more."""
    return order_text.replace("0", "O", 1) if "0" in order_text else f"{order_text}B"


def with_swapped_digits(serial: str) -> str:
    """A serial in which two neighbouring digits of the last ones changed places."""
    for place in range(len(serial) - 2, 5, -1):
        if serial[place] != serial[place + 1]:
            return serial[:place] + serial[place + 1] + serial[place] + serial[place + 2 :]
    raise ValueError(f"all digits of {serial} are alike")


def crm_id(prefix: str, number: int) -> str:
    """An 18-character Id: a three-letter prefix, the number in base 62, and three letters that tell capitals."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    short = f"{prefix}5f{digits:0>10}"
    return short + "".join(_check_letter(short[place : place + 5]) for place in (0, 5, 10))


def field_serial(rng: Random, serial: str) -> str:
    """A serial as a technician types or scans it: mostly plain."""
    drawn = rng.random()
    if drawn < 0.8:
        return serial
    if _MAC.fullmatch(serial):
        pairs = [serial[place : place + 2] for place in range(0, 12, 2)]
        return "-".join(pairs).lower() if drawn < 0.9 else ":".join(pairs)
    if drawn < 0.87:
        return serial.lower()
    if drawn < 0.94:
        return f"{serial[:4]}-{serial[4:]}"
    return f"0x{serial[:4].encode().hex()}{serial[4:].lower()}"


def field_plan(rng: Random, offering: str) -> str:
    """An access offering in one of the technicians' words for it."""
    return rng.choice(ACCESS[offering].words)


def billing_location(market: Market, premise: int) -> str:
    """Where a subscription's service is, as billing keeps it: its market's code and the CRM's Id."""
    return f"{market.billing_code}:{crm_id('a0P', premise)}"


def crm_street(premise: Premise) -> str:
    """The street line of an address as the CRM holds it."""
    return f"{premise.house} {premise.street} {premise.kind}"


def field_address(premise: Premise, market: Market) -> str:
    """An address as a dispatch sheet shows it, on one line in capitals."""
    unit = f" APT {premise.unit}" if premise.unit else ""
    line = f"{premise.house} {premise.street} {_SHORT_KINDS[premise.kind]}{unit}, {market.city[0]}"
    return f"{line} {market.city[1]} {premise.postal_code}".upper()


def utc_z(moment: datetime) -> str:
    """``2026-03-05T14:03:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(moment: datetime) -> str:
    """``2026-03-05T09:03:00-05:00``: the market's wall clock and its offset on that day."""
    return moment.isoformat(timespec="seconds")


def last_day(end: date | None) -> date | None:
    """The last day of a half-open interval, None while it lasts."""
    return None if end is None else end - timedelta(days=1)


def _check_letter(five: str) -> str:
    return _CHECK_LETTERS[sum(1 << place for place, sign in enumerate(five) if sign.isupper())]
