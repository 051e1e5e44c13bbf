"""The view ``cross_reference``: who in which system speaks of an account number, an order number, a serial.

It is a view over the canonical tables and the indexes of their identifiers, so that it can never disagree with
them, keeps their history, and costs a page nothing.
"""

from sqlalchemy import Text, column, table

from storage.schema.columns import UtcInstant

CROSS_REFERENCE = table(
    "cross_reference",
    *(
        column(name, Text())
        for name in ("kind", "value", "entity", "market", "source_system", "source_object", "source_id")
    ),
    column("known_from", UtcInstant()),
    column("known_to", UtcInstant()),
)
