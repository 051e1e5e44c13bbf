"""A simulated estate judged market by market, from its records to the findings, without a wire in between."""

from collections.abc import Iterable
from pathlib import Path

from canonical_model.catalogue import Catalogue
from canonical_model.errors import Fault
from canonical_model.markets import Market
from canonical_model.record import Record
from canonical_model.yaml_source import YamlSource, read_yaml
from reconciliation.findings import Reconciliation
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import Feed
from reconciliation.snapshot.write import SnapshotRequest, write_snapshot
from simulated_estate.estate import Estate
from tests.fakes.estate_records import estate_records
from tests.fakes.shipped_rules import ROOT, rules_text
from tests.fakes.small_operator import batches_by_entity

ROLES = ("crm", "billing", "field", "network")


def parsed(name: str) -> YamlSource:
    faults: list[Fault] = []
    source = read_yaml((ROOT / "examples/lumen_valley" / name).read_text(encoding="utf-8"), name, faults)
    assert source, faults
    return source


CATALOGUE = Catalogue.model_validate(parsed("catalogue.yaml").data)
MARKETS = tuple(Market(id=name, **facts) for name, facts in parsed("operator.yaml").part("markets").data.items())


def reconciled(estate: Estate, folder: Path) -> dict[str, Reconciliation]:
    """What each market's reconciliation says, from the records to the findings, without a wire in between."""
    records = estate_records(estate)
    feeds = tuple(Feed(role=role, system=role, stream="all", last_success_at=estate.as_of) for role in ROLES)
    outcomes = {}
    for market in MARKETS:
        request = SnapshotRequest(
            "Lumen Valley", market, estate.as_of, CATALOGUE, rules_text(), {}, feeds, months=estate_months(estate)
        )
        write_snapshot(folder / market.id, request, batches_by_entity(in_market(records, market.id)))
        outcomes[market.id] = reconcile(folder / market.id, folder / "judged" / market.id)
    return outcomes


def in_market(records: Iterable[Record], market: str) -> list[Record]:
    return [record for record in records if record.market == market]


def estate_months(estate: Estate) -> int:
    first, last = estate.window.start, estate.window.end
    return (last.year - first.year) * 12 + last.month - first.month
