"""The rehearsal of a take-over: a market where all is well goes on, and a mistake is stopped before bills go out."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.rehearsal.campaign import Campaign
from benchmarks.rehearsal.operators import BEGAN_ON, Operator, handoffs_of
from benchmarks.rehearsal.regressions.billing import other_code
from benchmarks.rehearsal.regressions.regression import Regression
from benchmarks.rehearsal.told import Told, told_of
from benchmarks.rehearsal.year import rehearsed
from storage.sagas import sagas

MARKET = "aurora"


def lived(folder: Path, days: int, mistakes: Sequence[Regression] = ()) -> tuple[Told, set[str]]:
    """What some days came to, of a market in which the hub acts from the first one on; and how its sagas ended."""
    asked = Operator((MARKET,), (MARKET,), days, 3, "", at_once=True, keep=None)
    campaign = Campaign({MARKET: list(mistakes)})
    with rehearsed(folder, {MARKET: "America/New_York"}, handoffs_of(asked), BEGAN_ON, 3) as year:
        year.days(days, campaign.before)
        with year.hub.database.reading() as connection:
            states = {each.state for each in sagas(connection, market=MARKET)}
        return told_of(year, campaign), states


def test_where_all_is_well_the_hub_goes_on_and_nothing_is_done_twice(tmp_path: Path) -> None:
    told, states = lived(tmp_path, 14)
    assert (told.free, told.doubles, told.stages) == ({MARKET: 0}, [], {MARKET: ["active"] * 4})
    assert told.works["billed by hub"] >= 15
    assert "billed by legacy" not in told.works
    assert states <= {"done", "running"}


@pytest.mark.parametrize("tier", ["fiber-1000", "fiber-300"])
def test_a_mistake_of_billing_is_stopped_before_bills_go_out(tmp_path: Path, tier: str) -> None:
    told, _ = lived(tmp_path, 16, [other_code(tier)])
    (line,) = told.lines
    assert (line.is_caught, line.wrong, line.batches) == (True, 0, 0)
    assert line.by == "saga"
    assert line.deed.startswith("held at release: ")
    assert "start_billing in billing is unknown" in line.deed
