"""Every stream of Lumen Valley, pulled from a running estate by the real connectors and mapped by its own files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import SecretStr

from canonical_model.errors import Fault
from canonical_model.record import Record
from connectors.discovery import capabilities_by_kind, open_source
from connectors.mapping import MappedRaw, MappedSystem, PageMapper, StreamMapping, read_mappings
from connectors.ports import SystemSettings
from rules.rulebook import read_folder
from simulated_estate.servers.serve import RunningEstate

Entity = TypeVar("Entity", bound=Record)
OPERATOR = Path(__file__).parents[3] / "examples" / "lumen_valley"


@dataclass
class Pulled:
    """What came of one stream of one system."""

    mapping: StreamMapping
    raws: list[MappedRaw] = field(default_factory=list)
    drift: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    warnings: set[str] = field(default_factory=set)

    @property
    def rejected(self) -> list[tuple[str, str]]:
        return [(raw.landed_id, raw.rejection.reason) for raw in self.raws if raw.rejection is not None]

    def of(self, entity: type[Entity]) -> list[Entity]:
        return [record for raw in self.raws for record in raw.records if isinstance(record, entity)]


def blocks() -> dict[str, dict[str, Any]]:
    operator = yaml.safe_load((OPERATOR / "operator.yaml").read_text(encoding="utf-8"))
    return dict(operator["systems"])


def mapped_systems() -> dict[str, MappedSystem]:
    return {
        name: MappedSystem(
            name,
            capabilities_by_kind()[block["kind"]],
            block.get("market"),
            block.get("stream_options", {}),
            sends="webhook" in block,
        )
        for name, block in blocks().items()
    }


def read_lumen_valley() -> tuple[StreamMapping, ...]:
    faults: list[Fault] = []
    files = read_folder(OPERATOR / "mappings", "mappings", faults)
    mappings = read_mappings(files, faults, systems=mapped_systems(), markets=("riverbend", "mesa", "northshore"))
    assert [str(fault) for fault in faults] == []
    return mappings


def environment(estate: RunningEstate) -> dict[str, str]:
    """The variables that operator.yaml refers to, as the estate wants them."""
    known, addresses = estate.credentials, estate.addresses
    names = {"crm": "CRM", "billing": "BILLING", "field_service": "FSM", "target_billing": "NEWBILL"}
    where = {names.get(name, name.upper().replace("-", "_")): address for name, address in addresses.items()}
    secret = {
        "CRM_CLIENT_ID": known["crm"]["consumer_key"],
        "CRM_SECRET": known["crm"]["consumer_secret"],
        "BILLING_PASSWORD": known["billing"]["password"],
        "FSM_KEY": known["field_service"]["api_key"],
        "NEWBILL_KEY": known["target_billing"]["api_key"],
        "SNMP_COMMUNITY": known["network"]["community"],
    }
    return {f"env:LUMEN_VALLEY_{name}": value for name, value in {**where, **secret}.items()}


def settings(name: str, estate: RunningEstate) -> SystemSettings:
    block, known = blocks()[name], environment(estate)
    return SystemSettings(
        name=name,
        kind=block["kind"],
        address=known[block["address"]],
        options=block.get("stream_options", {})
        | {key: known.get(value, value) for key, value in block.get("options", {}).items()},
        secrets={key: SecretStr(known[value]) for key, value in block["secrets"].items()},
    )


def pull_all(
    estate: RunningEstate, mappings: tuple[StreamMapping, ...], pulled_at: datetime
) -> Mapping[tuple[str, str], Pulled]:
    """Pull and map every stream of every system."""
    each = ((system, mapping) for mapping in mappings for system in mapping.systems)
    return {(system, mapping.stream): _pull(system, mapping, estate, pulled_at) for system, mapping in each}


def _pull(system: str, mapping: StreamMapping, estate: RunningEstate, pulled_at: datetime) -> Pulled:
    source = open_source(settings(system, estate))
    mapper = PageMapper(mapping, mapped_systems()[system])
    pulled = Pulled(mapping)
    try:
        for page in source.pages(mapping.read, None):
            batch = mapper.map_page(page.records, pulled_at)
            pulled.raws += batch.raws
            pulled.drift.update(batch.drift.undeclared)
            pulled.absent.update(batch.drift.absent)
            pulled.warnings.update(warning.name for warning in batch.warnings)
    finally:
        mapper.close()
        source.close()
    return pulled
