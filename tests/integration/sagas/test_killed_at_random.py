"""Processes killed at random: every service is in its one right state afterwards; a thousand by `make kill-test`."""

from pathlib import Path

import pytest

from tests.integration.conftest import DIALECTS, MakeDatabase
from tests.kill.rotating_seed import rotating_seed
from tests.kill.runs import planned, world
from tests.kill.use_cases import USE_CASES

RUNS = 20
"""On each database."""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_killed_at_random_every_service_ends_in_its_one_right_state(
    tmp_path: Path, make_database: MakeDatabase, dialect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first = rotating_seed() + RUNS * DIALECTS.index(dialect)
    with capsys.disabled():
        print(f"\nkilled at random on {dialect}: seeds {first} to {first + RUNS - 1}")
    address = make_database("postgresql") if dialect == "postgresql" else None
    with world(tmp_path, address) as place:
        found = [place.run(planned(seed)) for seed in range(first, first + RUNS)]
    wrong = [str(each) for each in found if each.wrong]
    assert not wrong, "\n".join(wrong)
    assert sum(each.killed.total() for each in found) > RUNS // 4


def test_a_seed_stands_for_one_run_and_all_seeds_for_all_use_cases() -> None:
    plans = [planned(seed) for seed in range(300)]
    assert plans == [planned(seed) for seed in range(300)]
    assert {plan.case.name for plan in plans} == {case.name for case in USE_CASES}
    assert {len(plan.doomed) for plan in plans} == {1, 2}
    assert {side for plan in plans for side, _, _ in plan.doomed} == {"planning", "sending", "reading", None}
