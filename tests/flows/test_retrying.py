"""Only an error that says it is safe and useful makes Prefect try a task again."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect import Task, flow, task
from prefect.cache_policies import NO_CACHE

import flows
from canonical_model.errors import (
    ConfigurationError,
    OutcomeUnknown,
    RejectedRecord,
    RetryableError,
    UnsafeToContinue,
)
from flows.retrying import TRIES_AGAIN, is_retryable

pytestmark = pytest.mark.xdist_group("prefect")


def tasks_of_the_flows() -> Iterator[Task[..., Any]]:
    for path in Path(next(iter(flows.__path__))).glob("*.py"):
        module = importlib.import_module(f"flows.{path.stem}")
        yield from (value for value in vars(module).values() if isinstance(value, Task))


@pytest.mark.usefixtures("reporting")
@pytest.mark.parametrize(
    ("error", "runs"),
    [
        (RetryableError("away"), 1 + TRIES_AGAIN),
        (ConfigurationError("wrong"), 1),
        (RejectedRecord("unusable"), 1),
        (UnsafeToContinue("too much"), 1),
        (OutcomeUnknown("may have happened"), 1),
        (KeyError("a defect of ours"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_a_task_is_tried_again_only_after_a_retryable_error(error: Exception, runs: int) -> None:
    tried: list[int] = []

    @task(retries=TRIES_AGAIN, retry_delay_seconds=0, retry_condition_fn=is_retryable, cache_policy=NO_CACHE)
    def fail() -> None:
        tried.append(1)
        raise error

    @flow
    def call_it() -> None:
        fail()

    with pytest.raises(type(error)):
        call_it()
    assert len(tried) == runs


def test_every_task_tries_again_on_that_condition_and_remembers_no_result() -> None:
    found = {each.name: each for each in tasks_of_the_flows()}
    assert set(found) == {
        "pull_stream",
        "judge_market",
        "judge_buckets",
        "conclude",
        "write_market_assessment",
        "deliver_report",
        "drain_journal",
        "match_records",
        "write_question_files",
        "look_at_network",
        "look_for_resets",
        "make_orders_ready",
        "lead_what_is_due",
        "ask_for_change",
        "begin_adoption",
    }
    for each in found.values():
        assert (each.retry_condition_fn, each.retries) == (is_retryable, TRIES_AGAIN)
        assert each.cache_policy == NO_CACHE
        assert each.persist_result is False
