"""A run begins with the golden accounts: where a cent differs it ends there, and finds nothing."""

from pathlib import Path

import pytest
from sqlalchemy import text

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from hub.reconcile import reconcile_market
from storage.runs import run_with
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

GOLDEN = """accounts:
- name: silver from the middle of January
  market: {market}
  delivered: [{{product: silver, starts_on: 2026-01-16}}]
  bills: {{2026-01: {{access: {amount}}}, 2026-02: {{access: 60.00}}}}
"""


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    operator = SmallOperator()
    operator.installed("1")
    operator.whole_months("1", "SLV", "50.00", (1, 2, 3))
    hub = SmallHub(tmp_path)
    hub.pull(operator, AS_OF)
    return hub


def golden(small: SmallHub, amount: str, market: str = "oldtown") -> None:
    (small.folder / "golden-accounts.yaml").write_text(GOLDEN.format(amount=amount, market=market))


def test_a_run_goes_on_where_every_cent_is_right(small: SmallHub) -> None:
    golden(small, "30.97")  # 60.00 x 16 / 31
    with small.open() as hub:
        outcome = reconcile_market(hub, "oldtown", AS_OF, AS_OF)
    assert len(outcome.report.findings) == 1


def test_a_cent_that_differs_ends_the_run_and_nothing_is_found(small: SmallHub) -> None:
    golden(small, "30.96")
    told = "silver from the middle of January, 2026-01: access is rated 30.97, its known bill says 30.96"
    with small.open() as hub:
        with pytest.raises(UnsafeToContinue, match=told):
            reconcile_market(hub, "oldtown", AS_OF, AS_OF)
        with hub.database.reading() as connection:
            run = run_with(connection, 1)
            assert connection.execute(text("SELECT count(*) FROM finding")).scalar_one() == 0
    assert run is not None
    assert told in run.message


def test_an_account_of_a_market_that_is_not_there_is_told_before_anything(small: SmallHub) -> None:
    golden(small, "30.97", market="newtown")
    with (
        pytest.raises(ConfigurationError, match=r"golden-accounts\.yaml:\d+: .*there is no market newtown"),
        small.open(),
    ):
        pass
