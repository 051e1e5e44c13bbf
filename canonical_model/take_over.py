"""Accounts that are moved from one billing system to another, and what is to be the same on both sides."""

from datetime import date
from typing import ClassVar, Literal

from canonical_model.identifiers import AccountNumber, DeviceSerial
from canonical_model.money import Currency, MinorUnits
from canonical_model.record import Record, ShortText

BalanceType = Literal["receivable", "deposit", "unapplied"]
"""What the customer owes; what was left as security; what was paid and is of no bill yet."""
LifecycleJobKind = Literal["dunning", "disconnection", "promotion_expiry"]


class AccountCutOver(Record):
    """An account on the list of those that are moved; ``cut_over_on`` is the first day that the target bills.

    The systems are named as they are in the operator's file. ``serial`` is the access device that the target was told
    the account uses.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("account_number", "serial")

    account_number: AccountNumber
    wave: ShortText
    legacy_system: ShortText
    target_system: ShortText
    cut_over_on: date
    serial: DeviceSerial | None = None


class AccountBalance(Record):
    """A balance of an account (TMF666) as a day begins, in one billing system."""

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    account_number: AccountNumber
    balance_type: BalanceType
    amount_minor: MinorUnits
    currency: Currency
    as_of: date


class JobPause(Record):
    """Days on which a recurring job was switched off for the accounts of a wave; ``paused_to`` is exclusive."""

    job: LifecycleJobKind
    wave: ShortText
    paused_from: date
    paused_to: date | None = None
