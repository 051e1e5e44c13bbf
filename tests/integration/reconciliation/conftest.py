"""Judges small operators by the rules that ship."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from judged import JudgeAll, Judged

from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.run import reconcile
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import SmallOperator


@pytest.fixture
def judge_all(tmp_path: Path) -> JudgeAll:
    numbers = count(1)

    def judge(operator: SmallOperator, *rules: str, limits: EngineLimits | None = None, **request: Any) -> Judged:
        number = next(numbers)
        folder, output = tmp_path / f"snapshot-{number}", tmp_path / f"output-{number}"
        operator.snapshot(folder, rules_text(*rules), **({"buckets": 1} | request))
        return Judged(folder, output, reconcile(folder, output, limits))

    return judge
