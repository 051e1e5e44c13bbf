"""Judges small operators by the rules that ship, and one session of Spark for all tests of a process."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from judged import JudgeAll, Judged

from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.run import reconcile
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import SmallOperator
from tests.fakes.spark_sessions import small_session
from tests.peers import require_peer


@pytest.fixture
def judge_all(tmp_path: Path) -> JudgeAll:
    numbers = count(1)

    def judge(operator: SmallOperator, *rules: str, limits: EngineLimits | None = None, **request: Any) -> Judged:
        number = next(numbers)
        folder, output = tmp_path / f"snapshot-{number}", tmp_path / f"output-{number}"
        operator.snapshot(folder, rules_text(*rules), **({"buckets": 1} | request))
        return Judged(folder, output, reconcile(folder, output, limits))

    return judge


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    require_peer("spark")
    with small_session(tmp_path_factory.mktemp("spark")) as session:
        yield session
