"""What all systems say of customers or premises now, as rows that can be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import pyarrow as pa
from sqlalchemy import Connection

from canonical_model.customers import Customer
from canonical_model.places import Premise
from canonical_model.record import Record, SourceReference
from identity.settings import Subject
from identity.standard_forms import customer_row, premise_row, without_doubtful_units
from storage.earlier_addresses import earlier_addresses
from storage.extract import entity_batches

ENTITIES_OF: Mapping[Subject, type[Record]] = {"customer": Customer, "premise": Premise}

Kind = TypeVar("Kind", bound=Record)


@dataclass(frozen=True, slots=True)
class Compared:
    """Records of all systems.

    Attributes:
        rows: in the forms that are compared.
        sources: which record each row is of.
    """

    rows: list[dict[str, Any]]
    sources: Mapping[str, SourceReference]

    def table(self) -> pa.Table:
        """The rows as ``identity.matching.find_pairs`` takes them."""
        return pa.Table.from_pylist(self.rows)


def compared_records(connection: Connection, subject: Subject) -> Compared:
    """What is known now; of customers also where they lived before."""
    if subject == "customer":
        customers = _all(connection, Customer)
        earlier = earlier_addresses(connection)
        rows = [customer_row(each, earlier.get(str(each.source), ())) for each in customers]
        rows = without_doubtful_units(rows, "address", "postal_code")
        return Compared(rows, {str(each.source): each.source for each in customers})
    premises = _all(connection, Premise)
    rows = without_doubtful_units(map(premise_row, premises), "house", "street")
    return Compared(rows, {str(each.source): each.source for each in premises})


def _all(connection: Connection, entity: type[Kind]) -> list[Kind]:
    batches = entity_batches(connection, entity)
    return [entity.model_construct(**row) for batch in batches for row in batch.to_pylist()]  # type: ignore[misc]
