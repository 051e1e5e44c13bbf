"""Accounts that are served for nothing: what is started for them is not billed; pure."""

from collections.abc import Iterable
from datetime import date

from canonical_model.orders import PriceAlteration

STARTS_BILLING = "start_billing"
"""The command that is left out; everybody else is told as for any other account."""


def served_for_nothing(alterations: Iterable[PriceAlteration], day: date) -> PriceAlteration | None:
    """The approval by which an account is served for nothing on a day; None where it pays.

    Args:
        alterations: of the account.
        day: local, from which the service counts.
    """
    return next(
        (
            each
            for each in alterations
            if each.kind == "courtesy_account"
            and each.valid_from <= day
            and (each.valid_to is None or day < each.valid_to)
        ),
        None,
    )
