"""Customers of a wave who are, or may be, on another account, with what keeps the two from being made one."""

from dataclasses import dataclass

from canonical_model.take_over import AccountCutOver
from handoffs.acquisition.steps import OverlapLink
from hub.acquisition.bought import acquisition_of, checked_wave
from hub.acquisition.open_items import open_items
from hub.acquisition.overlaps import identity_facts
from hub.workplace import Hub
from storage.current_records import current_records


@dataclass(frozen=True, slots=True)
class OverlapShown:
    """Two accounts of one customer, or what may be so.

    Attributes:
        open_items: what is open on either, a sentence each; while there is any they are not made one.
    """

    link: OverlapLink
    open_items: tuple[str, ...]


def overlaps_of(hub: Hub, market: str, wave: str) -> tuple[OverlapShown, ...]:
    """All overlaps of a wave as of now, whatever was said of them.

    Raises:
        ConfigurationError: there is no such acquisition or wave.
        RetryableError: the database is out of reach.
    """
    checked_wave(acquisition_of(hub, market), wave)
    with hub.database.reading() as connection:
        listed = current_records(connection, AccountCutOver, market)
        accounts = {each.account_number for each in listed if each.wave == wave}
        found = identity_facts(connection, accounts).links
        return tuple(
            OverlapShown(
                each, tuple(str(item) for account in each.accounts for item in open_items(connection, account))
            )
            for each in found
        )
