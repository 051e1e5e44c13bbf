"""KPIs of a run that judged only what changed are those of a run over everything."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from canonical_model.entities import ENTITIES
from reconciliation.kpis.definition import our_kpis
from reconciliation.kpis.measure import FINDING_MONTH, RECOVERY, measure
from reconciliation.kpis.results import KpiResult
from reconciliation.snapshot.manifest import read_manifest
from tests.fakes.small_hub import SmallHub
from tests.integration.hub.test_runs_of_changes import OF_ANY_SIZE, judged


def kpis_of(folder: Path) -> list[KpiResult]:
    """KPIs of a snapshot without findings, all of its feeds taken for bringing every entity."""
    manifest = read_manifest(folder)
    feeds = dict.fromkeys(ENTITIES, manifest.feeds)
    months, recoveries = FINDING_MONTH.empty_table(), RECOVERY.empty_table()
    assert isinstance(months, pa.Table)
    return measure(folder, manifest, our_kpis(), months, recoveries, feeds)


@pytest.fixture
def hub_in(tmp_path: Path) -> Callable[[str], SmallHub]:
    return lambda name: SmallHub(tmp_path / name, engine=OF_ANY_SIZE)


def test_they_are_of_all_accounts_and_not_only_of_those_that_changed(hub_in: Callable[[str], SmallHub]) -> None:
    by_changes, by_whole = hub_in("changes"), hub_in("whole")
    populations = set()
    for step in (0, 1, 2):
        changed, whole = judged(by_changes, step), judged(by_whole, step, whole=True)
        assert (read_manifest(changed.snapshot).changes is None) == (step == 0)
        found, true = kpis_of(changed.snapshot), kpis_of(whole.snapshot)
        assert [one.whole for one in found] == [one.whole for one in true]
        assert [one.groups for one in found] == [one.groups for one in true]
        assert not any(one.unknown for one in found)
        populations.add(max(one.whole.population for one in found))
    assert len(populations) > 1, "nothing changed"
