"""Open questions by pattern, and what is billed to the accounts that they are about."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from canonical_model.billing import ChargeLine
from canonical_model.customers import Customer
from identity.settings import Subject
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.identity import IDENTITY_LINK


@dataclass(frozen=True, slots=True)
class PatternCount:
    """Questions of one pattern.

    Attributes:
        questions: how many are open.
        least, most: probabilities; None where only keys speak for them.
    """

    subject: Subject
    pattern: str
    questions: int
    least: float | None
    most: float | None


def pattern_counts(connection: Connection, subject: Subject | None = None) -> list[PatternCount]:
    """Every pattern that has open questions, the most frequent first."""
    table = IDENTITY_LINK
    query = (
        select(
            table.c.subject,
            table.c.pattern,
            func.count().label("questions"),
            func.min(table.c.probability).label("least"),
            func.max(table.c.probability).label("most"),
        )
        .where(table.c.state == "review")
        .group_by(table.c.subject, table.c.pattern)
        .order_by(func.count().desc(), table.c.subject, table.c.pattern)
    )
    if subject is not None:
        query = query.where(table.c.subject == subject)
    return [PatternCount(*row) for row in connection.execute(query)]


def accounts_in_question(connection: Connection) -> dict[int, set[str]]:
    """By number of each open question about customers the accounts that its two records have."""
    link, customer = IDENTITY_LINK, CANONICAL_TABLES[Customer]
    is_end = or_(
        *(
            and_(*(customer.c[f"source_{part}"] == link.c[f"{side}_{part}"] for part in ("id", "object", "system")))
            for side in ("left", "right")
        )
    )
    query = (
        select(link.c.id, customer.c.account_number)
        .join_from(link, customer, is_end)
        .where(link.c.state == "review", link.c.subject == "customer", known(customer, None))
    )
    found: defaultdict[int, set[str]] = defaultdict(set)
    for link_id, account in connection.execute(query):
        found[link_id].add(account)
    return found


def newest_bills(connection: Connection, accounts: set[str]) -> Mapping[str, dict[str, int]]:
    """By account what its newest bill came to, tax excluded: minor units by currency; none for who has no bill."""
    if not accounts:
        return {}
    line = CANONICAL_TABLES[ChargeLine]
    newest = (
        select(line.c.account_number, func.max(line.c.billed_on).label("billed_on"))
        .where(known(line, None))
        .group_by(line.c.account_number)
        .subquery()
    )
    query = (
        select(line.c.account_number, line.c.currency, func.sum(line.c.amount_minor))
        .join_from(
            line,
            newest,
            and_(line.c.account_number == newest.c.account_number, line.c.billed_on == newest.c.billed_on),
        )
        .where(known(line, None))
        .group_by(line.c.account_number, line.c.currency)
    )
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for account, currency, amount in connection.execute(query):
        if account in accounts:
            found[account][currency] = int(amount)
    return found
