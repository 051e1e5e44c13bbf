"""Customers of a wave whom we have already: links between two account numbers, and how old the comparison is."""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, select

from canonical_model.customers import Customer
from canonical_model.orders import ProductOrder
from handoffs.acquisition.steps import IdentityFacts, OverlapLink
from identity.answers import OPEN, LinkState
from identity.settings import SUBJECTS
from storage.history import known
from storage.identity_links import IdentityLink, identity_links
from storage.identity_runs import matched_at
from storage.schema.canonical import CANONICAL_TABLES

_SAID: tuple[LinkState, ...] = ("review", "linked", "apart")


def identity_facts(connection: Connection, accounts: Collection[str]) -> IdentityFacts:
    """Who of some accounts is, or may be, somebody on another account.

    Args:
        connection: of a transaction.
        accounts: of a wave.
    """
    account_of = _accounts_by_record(connection)
    links = tuple(overlaps(identity_links(connection, _SAID, "customer"), account_of, accounts))
    unknown = tuple(sorted(set(accounts) - set(account_of.values())))
    runs = [matched_at(connection, subject) for subject in SUBJECTS]
    oldest = None if None in runs else min(run for run in runs if run is not None)
    return IdentityFacts(oldest, links, unknown, tuple(_premise_questions(connection, accounts)))


def accounts_of_link(connection: Connection, link: IdentityLink) -> tuple[str | None, str | None]:
    """The account numbers of the two customers of a link; None where a record is not known any more."""
    account_of = _accounts_by_record(connection, {end.id for end in link.ends})
    left, right = link.names
    return account_of.get(left), account_of.get(right)


def overlaps(
    links: Collection[IdentityLink], account_of: dict[str, str], accounts: Collection[str]
) -> Iterator[OverlapLink]:
    """Links that join, or would join, an account of a wave with another one; the one of the wave first."""
    wanted = frozenset(accounts)
    for link in links:
        left, right = (account_of.get(name) for name in link.names)
        if left is None or right is None or left == right or wanted.isdisjoint((left, right)):
            continue
        pair = (left, right) if left in wanted else (right, left)
        yield OverlapLink(link.id, pair, link.state, link.is_decided, link.reason, link.probability)


def _premise_questions(connection: Connection, accounts: Collection[str]) -> Iterator[OverlapLink]:
    """Open questions about premises at which the accounts are served, by the orders that brought the services."""
    table = CANONICAL_TABLES[ProductOrder]
    query = select(table.c.premise_id, table.c.account_number).where(
        known(table, None), table.c.premise_id.is_not(None)
    )
    wanted = set(accounts)
    served = {premise: account for premise, account in connection.execute(query) if account in wanted}
    for link in identity_links(connection, OPEN, "premise"):
        for end, other in (link.ends, link.ends[::-1]):
            if end.id in served:
                pair = (served[end.id], str(other))
                yield OverlapLink(link.id, pair, link.state, link.is_decided, link.reason, link.probability)
                break


def _accounts_by_record(connection: Connection, ids: Collection[str] | None = None) -> dict[str, str]:
    table = CANONICAL_TABLES[Customer]
    columns = (table.c.source_system, table.c.source_object, table.c.source_id, table.c.account_number)
    query = select(*columns).where(known(table, None))
    if ids is not None:
        query = query.where(table.c.source_id.in_(sorted(ids)))
    return {f"{system}/{kind}/{name}": account for system, kind, name, account in connection.execute(query)}
