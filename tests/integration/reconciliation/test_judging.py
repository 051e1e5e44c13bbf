"""How a snapshot is judged: bucket by bucket, broken off and gone on with, confined, and the same every time."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from judged import JudgeAll, Judged, small_operator

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from reconciliation.engines.bucket import BucketTask, RuleSql, judge_bucket
from reconciliation.engines.duckdb_engine import EngineLimits, bucket_tasks, judge_snapshot
from reconciliation.run import judge, reconcile
from reconciliation.snapshot.manifest import read_manifest
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import SmallOperator, serial_of

FEBRUARY_MARCH = (2, 3)


def leaking() -> SmallOperator:
    """Something for most rules, spread over a dozen accounts."""
    operator = small_operator()
    for number in range(10, 22):
        account = str(number)
        operator.installed(account, offering="gold" if number % 3 else "silver", ordered="silver", router="leased")
        if number % 4:
            operator.whole_months(account, "SLV", "55.00" if number % 2 else "60.00", (1, 2, 3))
    operator.account("30")
    operator.order("30", "930", offering_id="silver", install_fee_waived=True)
    operator.job("930", operator_day(), "silver", serial_of("11"))
    operator.whole_months("30", "SLV", "60.00", FEBRUARY_MARCH)
    operator.seen("GHST00000001", "S", operator_day())
    return operator


def operator_day():  # noqa: ANN201
    from datetime import date

    return date(2026, 2, 1)
