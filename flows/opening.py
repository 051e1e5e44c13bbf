"""The hub that a run works with: opened once, so that nothing changes under it, and closed at its end."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from canonical_model.errors import ConfigurationError, RetryableError
from flows.asked import Place
from flows.retrying import WAITS_S
from flows.server_settings import OPERATOR_VARIABLE, WORKSPACE_VARIABLE
from hub.workplace import Hub, open_hub


class HubAtHand:
    """The hub that a flow has opened, for its tasks: Prefect looks through any dataclass that it is given."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub


@contextmanager
def opened(request: Place, waits_s: Sequence[float] = WAITS_S) -> Iterator[HubAtHand]:
    """The hub that a request is about, references resolved from the environment of the worker.

    Args:
        request: what a flow was asked for.
        waits_s: seconds before each further try where the database is out of reach; a task waits as long.

    Raises:
        ConfigurationError: no operator is named, or something in its folder is wrong.
        RetryableError: the database is out of reach, the last try included.
    """
    named = request.operator or os.environ.get(OPERATOR_VARIABLE)
    if not named:
        raise ConfigurationError(
            f"no operator is named: set {OPERATOR_VARIABLE} where the worker runs, or give the run an operator folder"
        )
    folder = Path(named)
    workspace = Path(request.workspace or os.environ.get(WORKSPACE_VARIABLE) or Path("var") / folder.resolve().name)
    with ExitStack() as closing:
        yield HubAtHand(_entered(closing, folder, workspace, waits_s))


def _entered(closing: ExitStack, folder: Path, workspace: Path, waits_s: Sequence[float]) -> Hub:
    for wait_s in waits_s:
        try:
            return closing.enter_context(open_hub(folder, workspace, os.environ))
        except RetryableError:
            time.sleep(wait_s)
    return closing.enter_context(open_hub(folder, workspace, os.environ))
