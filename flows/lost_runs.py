"""Runs whose process was lost: nobody else would ever end them, and each holds the only slot of its deployment."""

PAGE = 200


def end_lost_runs() -> int:
    """Mark every run that is said to be under way as crashed, and give back every slot; gives their number.

    To be called when no worker runs, before one starts and after it ended, on a server that only workers of ours
    have used: whatever is under way then was lost with the machine or with the worker that ran it. Without this a
    deployment that runs one at a time would cancel every later run. Speaks to the server that this process
    reports to.
    """
    # a second that only this needs
    from prefect.client.orchestration import get_client  # noqa: PLC0415
    from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate  # noqa: PLC0415
    from prefect.client.schemas.filters import (  # noqa: PLC0415
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType  # noqa: PLC0415
    from prefect.states import Crashed  # noqa: PLC0415

    under_way = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    lost = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=under_way)))
    ended = 0
    with get_client(sync_client=True) as client:
        while runs := client.read_flow_runs(flow_run_filter=lost, limit=PAGE):
            for run in runs:
                message = "lost with the process that ran it; the next run goes on from what was stored"
                client.set_flow_run_state(run.id, Crashed(message=message), force=True)
            ended += len(runs)
        for limit in client.read_global_concurrency_limits(limit=PAGE):
            if limit.active_slots:
                client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=0))
    return ended
