"""When Prefect tries a task again: only where the error says that it is safe and useful."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from canonical_model.errors import RetryableError

P = ParamSpec("P")
R = TypeVar("R")

TRIES_AGAIN = 3
WAITS_S = [5.0, 20.0, 60.0]


def is_retryable(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed task run may be tried again; a defect or a refused guard never is."""
    del task, run
    return isinstance(state.data, RetryableError)


def step(name: str) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a task of a function; what it did lies in the hub, and nothing of it in Prefect.

    Args:
        name: of its runs, as Prefect fills it in from the parameters.
    """

    def made(work: Callable[P, R]) -> Task[P, R]:
        return Task(
            work,
            task_run_name=name,
            retries=TRIES_AGAIN,
            retry_delay_seconds=WAITS_S,
            retry_condition_fn=is_retryable,
            cache_policy=NO_CACHE,
            persist_result=False,
        )

    return made
