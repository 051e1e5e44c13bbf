"""The hub of a small operator, fed record by record: every pull says at which moment which system believed what."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from canonical_model.record import Record
from hub.workplace import Hub
from storage.pages import MappedPage, MappedRecord, store_page
from storage.pulls import Outcome, finish_pull, start_pull
from storage.streams import landed_ids
from tests.fakes.prepared_hub import prepared_hub
from tests.fakes.small_operator import MARKET, SmallOperator, catalogue

ROLES = {"crm": "crm", "billing": "billing", "fsm": "field", "olt": "network"}
STREAM = "all"
MAPPING = """
system: {system}
stream: all
market: "'oldtown'"
read:
  object: everything
  key: [id]
  options: {{rows: data}}
  fields: {{id: text}}
records:
  - entity: BillingAccount
    fields: {{account_number: id}}
"""


@dataclass
class SmallHub:
    """An operator's folder and its workspace; what is pulled comes from a ``SmallOperator``.

    Attributes:
        parent: gets the folder ``operator`` and the workspace ``work``.
        shrink_percent: of the operator's limits; few records are soon half of them.
        market_name: as the operator spells it.
    """

    parent: Path
    shrink_percent: int = 100
    market_name: str = MARKET.name
    database: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    engine: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "mappings").mkdir(parents=True)
        market = MARKET.model_dump(mode="json", exclude={"id"}) | {"name": self.market_name}
        self._write(
            "operator.yaml",
            {
                "operator": "Small",
                "markets": {MARKET.id: market},
                "systems": {
                    name: {"kind": "rest", "role": role, "address": "http://127.0.0.1:9"}
                    for name, role in ROLES.items()
                },
                "limits": {"shrink_percent": self.shrink_percent},
                "engine": self.engine,
            }
            | ({"database": self.database} if self.database else {}),
        )
        self._write("catalogue.yaml", catalogue().model_dump(mode="json", exclude_none=True))
        for system in ROLES:
            (self.folder / "mappings" / f"{system}.yaml").write_text(MAPPING.format(system=system))

    @property
    def folder(self) -> Path:
        """The operator's folder."""
        return self.parent / "operator"

    @property
    def workspace(self) -> Path:
        """The hub's workspace."""
        return self.parent / "work"

    @contextmanager
    def open(self) -> Iterator[Hub]:
        """The hub at work."""
        with prepared_hub(self.folder, self.workspace, self.environment) as hub:
            yield hub

    def pull(
        self,
        operator: SmallOperator,
        at: datetime,
        systems: Collection[str] = tuple(ROLES),
        outcome: Outcome = "succeeded",
    ) -> None:
        """Bring what the systems believe at a moment; what they believe no longer is closed."""
        with self.open() as hub:
            for system in systems:
                believed = [record for record in operator.records if record.source_system == system]
                pull_records(hub, system, believed, at, outcome)

    def _write(self, name: str, content: object) -> None:
        (self.folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")


def pull_records(
    hub: Hub, system: str, believed: Sequence[Record], at: datetime, outcome: Outcome = "succeeded"
) -> None:
    """Bring what one system believes at a moment; what it believes no longer is closed."""
    raws = [MappedRecord(_landed_id(record), record.model_dump(mode="json"), [record]) for record in believed]
    with hub.database.writing() as connection:
        pull_id = start_pull(connection, system, STREAM, at)
        gone = landed_ids(connection, system, STREAM) - {raw.landed_id for raw in raws}
    with hub.database.writing() as connection:
        store_page(connection, MappedPage(system, STREAM, pull_id, at, raws, sorted(gone)))
        finish_pull(connection, pull_id, at, outcome)


def _landed_id(record: Record) -> str:
    return f"{type(record).__name__}/{record.source_id}"
