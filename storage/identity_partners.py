"""Accounts that links between customers lead to."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, FromClause, and_, or_, select

from canonical_model.customers import Customer
from identity.answers import LinkState
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.identity import IDENTITY_LINK


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An account under another number that is of the same customer, or may be.

    Attributes:
        account_number: the other one.
        record: the customer that has it, ``system/object/id``.
        state: ``linked`` or ``review``.
    """

    link_id: int
    account_number: str
    record: str
    state: LinkState


def linked_accounts(connection: Connection) -> dict[str, list[LinkedAccount]]:
    """By account number the other accounts of the same customer, as links say now; those that are certain first."""
    link = IDENTITY_LINK
    one, other = (CANONICAL_TABLES[Customer].alias(side) for side in ("one", "other"))
    query = (
        select(
            link.c.id,
            link.c.state,
            one.c.account_number.label("from_account"),
            other.c.account_number.label("to_account"),
            other.c.source_system,
            other.c.source_object,
            other.c.source_id,
        )
        .select_from(link)
        .join(one, or_(_is(one, "left"), _is(one, "right")))
        .join(other, or_(_is(other, "left"), _is(other, "right")))
        .where(
            link.c.subject == "customer",
            link.c.state.in_(("linked", "review")),
            known(one, None),
            known(other, None),
            one.c.account_number != other.c.account_number,
        )
        .order_by(link.c.state, link.c.id)
    )
    found: dict[str, list[LinkedAccount]] = {}
    for row in connection.execute(query):
        record = f"{row.source_system}/{row.source_object}/{row.source_id}"
        found.setdefault(row.from_account, []).append(LinkedAccount(row.id, row.to_account, record, row.state))
    return found


def _is(customer: FromClause, side: str) -> ColumnElement[bool]:
    return and_(
        *(customer.c[f"source_{part}"] == IDENTITY_LINK.c[f"{side}_{part}"] for part in ("id", "object", "system"))
    )
