"""The name of a run tells how it stands: lists of runs show names, and no messages."""

from textwrap import shorten

from prefect import get_client
from prefect.runtime import flow_run

_LONGEST = 150
"""Characters; lists show no more of them."""


def named(said: str) -> None:
    """Give the run that this is part of a name; nothing where it is part of none."""
    run_id = flow_run.id
    if run_id is None:
        return
    with get_client(sync_client=True) as client:
        client.update_flow_run(run_id, name=shorten(said, _LONGEST))
