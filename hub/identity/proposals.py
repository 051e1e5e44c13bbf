"""What no exact key joins, with the account that a link leads to: a hint for a person, never a judgement."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from reconciliation.findings import NotJudged
from storage.identity_partners import LinkedAccount, linked_accounts

_ACCOUNT = "account/"
_SHOWN = 3


def with_proposals(connection: Connection, not_judged: Iterable[NotJudged]) -> tuple[NotJudged, ...]:
    """Entries about an account that the order system does not know, with what links say of its customer."""
    entries = tuple(not_judged)
    if not any(_account_of(entry) for entry in entries):
        return entries
    accounts = linked_accounts(connection)
    return tuple(_told(entry, accounts.get(_account_of(entry) or "", [])) for entry in entries)


def _account_of(entry: NotJudged) -> str | None:
    if entry.scope != "record" or not entry.subject.startswith(_ACCOUNT):
        return None
    return entry.subject.removeprefix(_ACCOUNT)


def _told(entry: NotJudged, accounts: list[LinkedAccount]) -> NotJudged:
    if not accounts:
        return entry
    hints = ", ".join(_hint(each) for each in accounts[:_SHOWN])
    return replace(entry, reason=f"{entry.reason}; the same customer has {hints}")


def _hint(account: LinkedAccount) -> str:
    certainty = "" if account.state == "linked" else "perhaps "
    return f"{certainty}account {account.account_number} of {account.record} (link {account.link_id})"
