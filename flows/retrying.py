"""When Prefect tries a task again: only where the error says that it is safe and useful."""

from typing import Any

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from canonical_model.errors import RetryableError

TRIES_AGAIN = 3
WAITS_S = [5.0, 20.0, 60.0]


def is_retryable(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed task run may be tried again; a defect or a refused guard never is."""
    del task, run
    return isinstance(state.data, RetryableError)
