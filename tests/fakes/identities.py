"""Customers and premises as several systems know them, in a small hub."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from canonical_model.customers import Customer
from canonical_model.places import Premise
from canonical_model.record import Record
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import MARKET, SmallOperator

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)


@dataclass
class Believed:
    """What the systems of a small hub say of customers and premises: crm, billing and, as a bought company, fsm."""

    hub: SmallHub
    records: list[Record] = field(default_factory=list)

    def customer(self, system: str, number: str, name: str, **facts: Any) -> str:
        """Add a customer; gives the record's name."""
        born = facts.pop("born", None)
        return self._add(
            Customer(
                market=MARKET.id,
                source_system=system,
                source_object="customer",
                source_id=number,
                account_number=facts.pop("account_number", number),
                name=name,
                birth_date=date.fromisoformat(born) if born else None,
                **facts,
            )
        )

    def premise(self, system: str, number: str, address: str, **facts: Any) -> str:
        """Add a premise; gives the record's name."""
        return self._add(
            Premise(
                market=MARKET.id,
                source_system=system,
                source_object="premise",
                source_id=number,
                address=address,
                **facts,
            )
        )

    def forget(self, name: str) -> None:
        """Let a system say no longer what it said."""
        self.records = [record for record in self.records if str(record.source) != name]

    def pull(self, at: datetime = NOON) -> None:
        """Bring all of it to the hub."""
        operator = SmallOperator()
        operator.records[:] = self.records
        self.hub.pull(operator, at)

    def _add(self, record: Record) -> str:
        self.records.append(record)
        return str(record.source)


def believed_in(folder: Path, address: str) -> Believed:
    """A small hub in an empty folder, whose database lies at an address."""
    return Believed(SmallHub(folder, database="env:HUB_DATABASE", environment={"HUB_DATABASE": address}))
