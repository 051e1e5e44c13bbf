"""Premises that an address may mean, narrowed down by the database before anybody compares them."""

from sqlalchemy import Connection, func, or_, select

from canonical_model.places import Premise
from canonical_model.record_fields import fields_of
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

MOST_PREMISES = 2000


def premises_alike(connection: Connection, market: str, house: str | None, word: str | None) -> list[Premise]:
    """Premises whose address begins with a house number, or has a word of the street in it.

    Args:
        connection: of a transaction.
        market: of them.
        house: number; None for any.
        word: of the street, in capitals; None for any.

    Returns:
        At most ``MOST_PREMISES``, those first that have both.
    """
    table = CANONICAL_TABLES[Premise]
    address = func.upper(table.c.address)
    alike = []
    if house is not None:
        alike.append(address.startswith(f"{house} ", autoescape=True))
    if word is not None:
        alike.append(address.contains(word, autoescape=True))
    names = [field.name for field in fields_of(Premise)]
    query = select(*(table.c[name] for name in names)).where(known(table, None), table.c.market == market)
    if alike:
        query = query.where(or_(*alike)).order_by(*(each.desc() for each in alike))
    found = connection.execute(query.order_by(table.c.address, table.c.source_id).limit(MOST_PREMISES))
    return [Premise.model_validate(dict(row._mapping)) for row in found]  # noqa: SLF001
